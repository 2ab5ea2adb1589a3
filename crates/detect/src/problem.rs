//! What is wrong with a rule: where, what, and what to write instead.

use crate::yaml::At;

/// How grave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It would read better otherwise.
    Advice,
    /// It may not do what its author meant.
    Warning,
    /// It cannot be used.
    Error,
}

/// Something wrong. Programs say it in words by its code.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Problem {
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// How grave.
    pub weight: Weight,
    /// Which of the problems there are: the key of its text.
    pub code: &'static str,
    /// What stands there.
    pub what: String,
    /// What to write instead, as it would stand in the rule; empty where only the author can know.
    pub instead: String,
}

impl Problem {
    /// Something for which a rule cannot be used.
    pub fn error(at: At, code: &'static str, what: impl Into<String>, instead: impl Into<String>) -> Problem {
        Problem { at, weight: Weight::Error, code, what: what.into(), instead: instead.into() }
    }

    /// As [`Problem::error`], but it can be used.
    pub fn warning(
        at: At,
        code: &'static str,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) -> Problem {
        Problem { weight: Weight::Warning, ..Problem::error(at, code, what, instead) }
    }

    /// A matter of form.
    pub fn advice(
        at: At,
        code: &'static str,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) -> Problem {
        Problem { weight: Weight::Advice, ..Problem::error(at, code, what, instead) }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.at, self.code, self.what)?;
        if !self.instead.is_empty() {
            write!(f, " → {}", self.instead)?;
        }
        Ok(())
    }
}

/// Of several words the one a mistyped word was meant to be, if it is near enough.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the word may be wrong: of five letters two, which is one pair exchanged.
    let most = typed.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(far, _)| *far <= most)
        .min()
        .map(|(_, w)| w)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], n: usize| row.get(n).copied().unwrap_or(usize::MAX - 1);
            let swap = at(&row, j) + usize::from(x != *y);
            next.push(swap.min(at(&row, j + 1) + 1).min(at(&next, j) + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_word_that_was_meant() {
        let known = ["contains", "startswith", "endswith", "re"];
        assert_eq!(nearest("contain", known), Some("contains"));
        assert_eq!(nearest("endwith", known), Some("endswith"));
        assert_eq!(nearest("regex", known), None);
    }
}
