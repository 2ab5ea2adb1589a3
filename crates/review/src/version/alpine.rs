//! As `apk version -t`: numbers, a letter, suffixes, a commit's hash (no order), `-r` and the package's own number.

use std::cmp::Ordering;

use super::number::{digits, take};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::of(a), Version::of(b));
    if !a.valid && !b.valid {
        return a.whole.cmp(b.whole);
    }
    a.numbers(&b)
        .then_with(|| a.letter.cmp(b.letter))
        .then_with(|| a.suffixes(&b))
        .then_with(|| digits(a.package, b.package))
        .then_with(|| b.left.is_empty().cmp(&a.left.is_empty()).reverse())
}

/// In their order; none at all stands between `rc` and `cvs`.
const SUFFIXES: &[(&str, u8)] = &[
    ("alpha", 0),
    ("beta", 1),
    ("pre", 2),
    ("rc", 3),
    ("cvs", 5),
    ("svn", 6),
    ("git", 7),
    ("hg", 8),
    ("p", 9),
];
const NO_SUFFIX: u8 = 4;

struct Version<'a> {
    whole: &'a str,
    numbers: Vec<&'a str>,
    letter: &'a str,
    suffixes: Vec<(u8, &'a str)>,
    package: &'a str,
    left: &'a str,
    valid: bool,
}

impl<'a> Version<'a> {
    fn of(whole: &'a str) -> Self {
        let (mut numbers, mut rest) = (Vec::new(), whole);
        while rest.starts_with(|c: char| c.is_ascii_digit()) {
            let (number, after) = take(rest, |c| c.is_ascii_digit());
            numbers.push(number);
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        let (letter, mut rest) = match rest.chars().next() {
            Some(c) if c.is_ascii_lowercase() => rest.split_at(1),
            _ => ("", rest),
        };
        let mut suffixes = Vec::new();
        while let Some((weight, after)) = suffix(rest) {
            let (number, after) = take(after, |c| c.is_ascii_digit());
            suffixes.push((weight, number));
            rest = after;
        }
        if let Some(hash) = rest.strip_prefix('~') {
            rest = take(hash, |c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase()).1;
        }
        let (package, left, valid) = match rest.strip_prefix("-r") {
            Some(after) => {
                let (package, left) = take(after, |c| c.is_ascii_digit());
                (package, left, true)
            }
            None => ("", rest, rest.is_empty()),
        };
        Self { whole, numbers, letter, suffixes, package, left, valid }
    }

    /// A later number with a leading zero is read as digits behind a point are.
    fn numbers(&self, other: &Self) -> Ordering {
        (0..self.numbers.len().max(other.numbers.len()))
            .map(|i| {
                let there = (self.numbers.get(i), other.numbers.get(i));
                let (a, b) = (there.0.unwrap_or(&"0"), there.1.unwrap_or(&"0"));
                let fraction = i > 0
                    && there.0.is_some()
                    && there.1.is_some()
                    && (a.starts_with('0') || b.starts_with('0'));
                if fraction { a.cmp(b) } else { digits(a, b) }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn suffixes(&self, other: &Self) -> Ordering {
        let of = |list: &Vec<(u8, &'a str)>, i| list.get(i).copied().unwrap_or((NO_SUFFIX, ""));
        (0..self.suffixes.len().max(other.suffixes.len()))
            .map(|i| {
                let (a, b) = (of(&self.suffixes, i), of(&other.suffixes, i));
                a.0.cmp(&b.0).then_with(|| digits(a.1, b.1))
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn suffix(rest: &str) -> Option<(u8, &str)> {
    let rest = rest.strip_prefix('_')?;
    SUFFIXES.iter().find_map(|(name, weight)| Some((*weight, rest.strip_prefix(name)?)))
}
