//! Text with wildcards: `*` any run of characters, `?` one; a backslash before either, or before a backslash, takes
//! its meaning away.

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// This text.
    Text(String),
    /// Any run of characters.
    Any,
    /// One character.
    One,
    /// One of the dashes and the slash that programs on Windows take for an option's first character.
    Dash,
    /// A word to be put in by a pipeline (`%name%`).
    Placeholder(String),
}

/// What Windows programs take for an option's first character.
pub const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Pattern(pub Vec<Part>);

/// One character in lower case: itself where lower case has more than one, so that lengths stay.
pub fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

impl Pattern {
    /// Exactly this text.
    pub fn literal(text: &str) -> Pattern {
        Pattern(if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] })
    }

    /// Reads wildcards; with `placeholders` also `%name%`.
    pub fn read(text: &str, placeholders: bool) -> Pattern {
        let mut out = Pattern::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.peek() {
                    Some(&next @ ('*' | '?' | '\\')) => {
                        chars.next();
                        out.push(next);
                    }
                    _ => out.push('\\'),
                },
                '*' => out.any(),
                '?' => out.0.push(Part::One),
                '%' if placeholders => {
                    let ahead = chars.clone();
                    let name: String = ahead.take_while(|&c| c != '%').collect();
                    let closed = chars.clone().nth(name.chars().count()) == Some('%');
                    if closed && !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                        chars.nth(name.chars().count());
                        out.0.push(Part::Placeholder(name));
                    } else {
                        out.push('%');
                    }
                }
                c => out.push(c),
            }
        }
        out
    }

    fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.0.push(Part::Text(c.to_string())),
        }
    }

    fn any(&mut self) {
        if self.0.last() != Some(&Part::Any) {
            self.0.push(Part::Any);
        }
    }

    /// The text, where there is no wildcard.
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// With any run of characters before it.
    pub fn open_start(mut self) -> Pattern {
        if self.0.first() != Some(&Part::Any) {
            self.0.insert(0, Part::Any);
        }
        self
    }

    /// With any run of characters after it.
    pub fn open_end(mut self) -> Pattern {
        if self.0.last() != Some(&Part::Any) || self.0.is_empty() {
            self.0.push(Part::Any);
        }
        self
    }

    /// The words a pipeline has to put in.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether a whole text is as the pattern says: the plain way, one character after the other.
    pub fn matches(&self, text: &str, cased: bool) -> bool {
        let same = |a: char, b: char| if cased { a == b } else { fold(a) == fold(b) };
        let pattern: Vec<Sign> = self.0.iter().flat_map(Sign::of).collect();
        let text: Vec<char> = text.chars().collect();
        let (mut p, mut t) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while t < text.len() {
            let here = text.get(t).copied().unwrap_or_default();
            let fits = match pattern.get(p) {
                Some(Sign::Any) => {
                    back = Some((p, t));
                    p += 1;
                    continue;
                }
                Some(Sign::One) => true,
                Some(Sign::Dash) => DASHES.contains(&here),
                Some(Sign::Char(c)) => same(*c, here),
                Some(Sign::Never) | None => false,
            };
            if fits {
                (p, t) = (p + 1, t + 1);
            } else if let Some((star, from)) = back {
                back = Some((star, from + 1));
                (p, t) = (star + 1, from + 1);
            } else {
                return false;
            }
        }
        pattern.iter().skip(p).all(|sign| matches!(sign, Sign::Any))
    }
}

enum Sign {
    Char(char),
    Any,
    One,
    Dash,
    Never,
}

impl Sign {
    fn of(part: &Part) -> Vec<Sign> {
        match part {
            Part::Text(text) => text.chars().map(Sign::Char).collect(),
            Part::Any => vec![Sign::Any],
            Part::One => vec![Sign::One],
            Part::Dash => vec![Sign::Dash],
            // Nothing was put in for it: nothing can be like it.
            Part::Placeholder(_) => vec![Sign::Never],
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Any => f.write_str("*")?,
                Part::One => f.write_str("?")?,
                Part::Dash => f.write_str("-")?,
                Part::Placeholder(name) => write!(f, "%{name}%")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_what_takes_their_meaning_away() {
        let is = |pattern: &str, text: &str| Pattern::read(pattern, false).matches(text, false);
        assert!(is(r"C:\Windows\\*.exe", r"c:\windows\system32\CMD.EXE"));
        assert!(is(r"a\*b", "a*b") && !is(r"a\*b", "axb"));
        assert!(is(r"a\\*b", r"a\xyzb"), "an escaped backslash, then a wildcard");
        assert!(is(r"\\\\server\\share", r"\\server\share") && is(r"\\server", r"\server"));
        assert!(is("a?c", "aĐc") && !is("a?c", "ac"));
        assert!(is("*", "") && is("", "") && !is("", "x"));
        assert!(is("a*b*c", "a1b2b3c") && !is("a*b*c", "a1b2b3"));
        assert!(is("ĐƯỜNG", "đường"), "folded beyond ASCII");
        assert!(!Pattern::read("A", false).matches("a", true));
    }

    #[test]
    fn placeholders_are_words_between_percent_signs() {
        let names = |text| Pattern::read(text, true).placeholders().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names(r"C:\%dir%\x%a%"), ["dir", "a"]);
        assert!(names("100% sure").is_empty() && names("%%").is_empty());
        assert!(Pattern::read("%a%", false).matches("%a%", true));
    }
}
