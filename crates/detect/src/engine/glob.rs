//! Patterns made ready: folded once, cut at the runs of any characters, searched by bytes.

use crate::rule::pattern::{DASHES, Part, Pattern, fold};

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    One,
    Dash,
}

/// A pattern made ready.
#[derive(Debug)]
pub struct Glob {
    /// What stands between runs of any characters.
    runs: Vec<Vec<Piece>>,
    open_start: bool,
    open_end: bool,
    never: bool,
}

/// A text in lower case, character for character.
pub fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

impl Glob {
    /// Makes a pattern ready; `cased` keeps its case.
    pub fn new(pattern: &Pattern, cased: bool) -> Glob {
        let mut runs = vec![Vec::new()];
        let mut never = false;
        for part in &pattern.0 {
            let piece = match part {
                Part::Any => {
                    runs.push(Vec::new());
                    continue;
                }
                Part::Text(text) => {
                    Piece::Text(if cased { text.as_str().into() } else { folded(text).into() })
                }
                Part::One => Piece::One,
                Part::Dash => Piece::Dash,
                Part::Placeholder(_) => {
                    never = true;
                    continue;
                }
            };
            if let Some(run) = runs.last_mut() {
                run.push(piece);
            }
        }
        let any = |part: Option<&Part>| part == Some(&Part::Any);
        let (open_start, open_end) = (any(pattern.0.first()), any(pattern.0.last()));
        Glob { runs, open_start, open_end, never }
    }

    /// Whether a whole text, folded if the pattern is, is as it says.
    pub fn matches(&self, text: &str) -> bool {
        if self.never {
            return false;
        }
        let count = self.runs.len();
        let mut rest = text;
        for (n, run) in self.runs.iter().enumerate() {
            let (first, last) = (n == 0, n + 1 == count);
            if run.is_empty() {
                if first && last {
                    return rest.is_empty();
                }
                continue;
            }
            if first && last {
                return here(run, rest).is_some_and(str::is_empty);
            }
            if first && !self.open_start {
                let Some(after) = here(run, rest) else { return false };
                rest = after;
            } else if last && !self.open_end {
                return ends(run, rest);
            } else {
                let Some(after) = find(run, rest) else { return false };
                rest = after;
            }
        }
        true
    }
}

/// What is left after a run that begins here.
fn here<'t>(run: &[Piece], text: &'t str) -> Option<&'t str> {
    run.iter().try_fold(text, |rest, piece| match piece {
        Piece::Text(own) => rest.strip_prefix(&**own),
        Piece::One => {
            let mut chars = rest.chars();
            chars.next().map(|_| chars.as_str())
        }
        Piece::Dash => rest.strip_prefix(DASHES),
    })
}

/// What is left after the first place a run is found at.
fn find<'t>(run: &[Piece], text: &'t str) -> Option<&'t str> {
    let mut rest = text;
    loop {
        if let Some(Piece::Text(own)) = run.first() {
            let at = rest.find(&**own)?;
            rest = rest.get(at..)?;
        }
        if let Some(after) = here(run, rest) {
            return Some(after);
        }
        let mut chars = rest.chars();
        chars.next()?;
        rest = chars.as_str();
    }
}

/// Whether a text ends with a run.
fn ends(run: &[Piece], text: &str) -> bool {
    run.iter()
        .rev()
        .try_fold(text, |rest, piece| match piece {
            Piece::Text(own) => rest.strip_suffix(&**own),
            Piece::One => {
                let mut chars = rest.chars();
                chars.next_back().map(|_| chars.as_str())
            }
            Piece::Dash => rest.strip_suffix(DASHES),
        })
        .is_some()
}
