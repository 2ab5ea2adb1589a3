//! Semantic versions and what is like them.

use std::cmp::Ordering;

use super::number::{digits, is_number, lists};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::of(a, 3), Version::of(b, 3));
    lists(&a.numbers, &b.numbers).then_with(|| labels(&a.label, &b.label))
}

/// Up to four numbers; labels without case.
pub fn compare_nuget(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::of(a, 4), Version::of(b, 4));
    lists(&a.numbers, &b.numbers).then_with(|| labels(&a.label.to_lowercase(), &b.label.to_lowercase()))
}

/// Among equals, the build's label decides.
pub fn compare_pub(a: &str, b: &str) -> Ordering {
    let build = |version: &str| version.split_once('+').map_or(String::new(), |(_, build)| build.to_owned());
    compare(a, b).then_with(|| build(a).cmp(&build(b)))
}

/// Any count of numbers, and the longer is the newer.
pub fn compare_hackage(a: &str, b: &str) -> Ordering {
    let (a, b) = (Version::of(a, usize::MAX), Version::of(b, usize::MAX));
    lists(&a.numbers, &b.numbers)
        .then_with(|| labels(&a.label.to_lowercase(), &b.label.to_lowercase()))
        .then_with(|| a.numbers.len().cmp(&b.numbers.len()))
}

struct Version<'a> {
    numbers: Vec<&'a str>,
    /// What follows the numbers, further numbers than are allowed included.
    label: String,
}

impl<'a> Version<'a> {
    fn of(version: &'a str, most: usize) -> Self {
        let version = version.strip_prefix('v').unwrap_or(version);
        let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        let (numbers, label) = version.split_at(end);
        let mut numbers: Vec<&str> = numbers.split('.').filter(|n| !n.is_empty()).collect();
        let mut label = label.to_owned();
        for extra in numbers.split_off(most.min(numbers.len())) {
            label.push('.');
            label.push_str(extra);
        }
        Self { numbers, label }
    }
}

/// A label makes a version older; what follows a plus has no order.
fn labels(a: &str, b: &str) -> Ordering {
    let clean = |label: &str| -> String {
        let label = label.split('+').next().unwrap_or_default();
        label.strip_prefix('-').unwrap_or(label).to_owned()
    };
    let (a, b) = (clean(a), clean(b));
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => digits(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}
