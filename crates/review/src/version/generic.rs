//! Versions of nobody knows which kind, and R's.

use std::cmp::Ordering;

use super::number::{digits, is_number, lists};

/// Numbers as numbers, words as words; `alpha`, `beta`, `rc`, `dev` … stand before the version they lead to.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (runs(a), runs(b));
    for i in 0..a.len().max(b.len()) {
        let order = match (a.get(i), b.get(i)) {
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => digits(a, b),
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => trial(a).cmp(&trial(b)).reverse().then_with(|| a.cmp(b)),
            },
            (Some(more), None) => alone(more),
            (None, Some(more)) => alone(more).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// As R does: points and hyphens are one, and the longer is the newer.
pub fn compare_cran(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<String> { text.split(['.', '-']).map(str::to_owned).collect() };
    let (a, b) = (numbers(a), numbers(b));
    let (x, y): (Vec<&str>, Vec<&str>) =
        (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
    lists(&x, &y).then_with(|| a.len().cmp(&b.len()))
}

/// What one more part makes of a version: `1.0.0` is `1.0`, `1.0.1` newer, `1.0rc` older, `1.0a` newer.
fn alone(part: &str) -> Ordering {
    match is_number(part) {
        true => digits(part, ""),
        false if trial(part) => Ordering::Less,
        false => Ordering::Greater,
    }
}

fn trial(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "alpha" | "beta" | "rc" | "pre" | "preview" | "dev" | "snapshot" | "cr" | "m" | "milestone"
    )
}

/// Numbers and words in turn; zeros before a word or the end say nothing.
fn runs(version: &str) -> Vec<&str> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let mut found = Vec::new();
    for piece in version.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()) {
        let mut rest = piece;
        while let Some(first) = rest.chars().next() {
            let number = first.is_ascii_digit();
            let (run, after) = super::number::take(rest, |c| c.is_ascii_digit() == number);
            if !number {
                drop_zeros(&mut found);
            }
            found.push(run);
            rest = after;
        }
    }
    drop_zeros(&mut found);
    found
}

fn drop_zeros(runs: &mut Vec<&str>) {
    while runs.last().is_some_and(|run| run.bytes().all(|b| b == b'0')) {
        runs.pop();
    }
}
