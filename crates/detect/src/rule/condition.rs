//! `selection and not 1 of filter_*`.

use super::Expr;
use super::selection::Selection;
use crate::problem::{Problem, nearest};
use crate::yaml::At;

/// The deepest nesting of parentheses and *not*.
const DEPTH: usize = 64;
/// The most words of a condition.
const WORDS: usize = 4096;

/// What a condition's names stand for.
pub trait Names {
    /// What one name stands for.
    fn one(&self, name: &str) -> Option<Expr>;
    /// All whose names fit a pattern; `them` are all but those that begin with an underscore.
    fn fitting(&self, pattern: &str) -> Vec<Expr>;
    /// The names there are.
    fn all(&self) -> Vec<&str>;
}

impl Names for [Selection] {
    fn one(&self, name: &str) -> Option<Expr> {
        self.iter().find(|s| s.name == name).map(|s| s.expr.clone())
    }

    fn fitting(&self, pattern: &str) -> Vec<Expr> {
        let fits = |name: &str| match pattern {
            "them" => !name.starts_with('_'),
            pattern => super::Pattern::read(pattern, false).matches(name, true),
        };
        self.iter().filter(|s| fits(&s.name)).map(|s| s.expr.clone()).collect()
    }

    fn all(&self) -> Vec<&str> {
        self.iter().map(|s| s.name.as_str()).collect()
    }
}

/// Reads a condition that begins at a place.
///
/// # Errors
/// Where it is none, with the place of the word.
pub fn read(text: &str, at: At, names: &(impl Names + ?Sized)) -> Result<Expr, Problem> {
    let words = words(text, at);
    if words.len() > WORDS {
        return Err(Problem::error(at, "condition-long", words.len().to_string(), ""));
    }
    if words.is_empty() {
        return Err(Problem::error(at, "condition-empty", "", names.all().join(" and ")));
    }
    let mut reader = Reader { words: &words, next: 0, names, end: at, depth: 0 };
    let expr = reader.or()?;
    match reader.peek() {
        None => Ok(expr),
        Some((at, "|")) => Err(Problem::error(at, "condition-pipe", text, "")),
        Some((at, word)) => Err(Problem::error(at, "condition-word", word, "and")),
    }
}

fn words(text: &str, at: At) -> Vec<(At, &str)> {
    let mut out = Vec::new();
    let mut here = at;
    let mut start: Option<(usize, At)> = None;
    for (byte, c) in text.char_indices() {
        let single = matches!(c, '(' | ')' | '|');
        if (c.is_whitespace() || single)
            && let Some((from, place)) = start.take()
            && let Some(word) = text.get(from..byte)
        {
            out.push((place, word));
        }
        if single && let Some(word) = text.get(byte..byte + 1) {
            out.push((here, word));
        } else if !c.is_whitespace() && start.is_none() {
            start = Some((byte, here));
        }
        here.column += 1;
        if c == '\n' {
            here = At { line: here.line + 1, column: 1 };
        }
    }
    if let Some((from, place)) = start
        && let Some(word) = text.get(from..)
    {
        out.push((place, word));
    }
    out
}

struct Reader<'a, N: ?Sized> {
    words: &'a [(At, &'a str)],
    next: usize,
    names: &'a N,
    end: At,
    depth: usize,
}

impl<'a, N: Names + ?Sized> Reader<'a, N> {
    fn peek(&self) -> Option<(At, &'a str)> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<(At, &'a str)> {
        let word = self.peek()?;
        self.next += 1;
        self.end = word.0;
        Some(word)
    }

    fn is(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|(_, own)| own.eq_ignore_ascii_case(word));
        if is {
            self.take();
        }
        is
    }

    fn or(&mut self) -> Result<Expr, Problem> {
        let mut any = vec![self.and()?];
        while self.is("or") {
            any.push(self.and()?);
        }
        Ok(if any.len() == 1 { any.swap_remove(0) } else { Expr::Or(any) })
    }

    fn and(&mut self) -> Result<Expr, Problem> {
        let mut all = vec![self.not()?];
        while self.is("and") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Expr::And(all) })
    }

    fn not(&mut self) -> Result<Expr, Problem> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Problem::error(self.end, "condition-deep", DEPTH.to_string(), ""));
        }
        let out = if self.is("not") { Expr::Not(Box::new(self.not()?)) } else { self.primary()? };
        self.depth -= 1;
        Ok(out)
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        let Some((at, word)) = self.take() else {
            return Err(Problem::error(self.end, "condition-end", "", self.names.all().join(", ")));
        };
        match word {
            "(" => {
                let inner = self.or()?;
                match self.take() {
                    Some((_, ")")) => Ok(inner),
                    _ => Err(Problem::error(at, "condition-open", "(", ")")),
                }
            }
            ")" => Err(Problem::error(at, "condition-word", ")", "")),
            "|" => Err(Problem::error(at, "condition-pipe", "|", "")),
            _ => self.name(at, word),
        }
    }

    fn name(&mut self, at: At, word: &str) -> Result<Expr, Problem> {
        let counted = word.eq_ignore_ascii_case("all")
            || word.eq_ignore_ascii_case("any")
            || word.chars().all(|c| c.is_ascii_digit());
        if counted && self.is("of") {
            let Some((place, pattern)) = self.take() else {
                return Err(Problem::error(at, "condition-end", "of", "them"));
            };
            let pattern = if pattern.eq_ignore_ascii_case("them") { "them" } else { pattern };
            let found = self.names.fitting(pattern);
            if found.is_empty() {
                return Err(Problem::error(place, "condition-none", pattern, self.names.all().join(", ")));
            }
            return match word.to_ascii_lowercase().as_str() {
                "all" => Ok(Expr::And(found)),
                "1" | "any" => Ok(Expr::Or(found)),
                _ => Err(Problem::error(at, "condition-count", word, format!("1 of {pattern}"))),
            };
        }
        self.names.one(word).ok_or_else(|| {
            let all = self.names.all();
            let meant = nearest(word, all.iter().copied()).unwrap_or_default();
            Problem::error(at, "condition-name", word, meant)
        })
    }
}
