//! PHP's `version_compare`, which Composer uses.

use std::cmp::Ordering;

use super::number::{digits, is_number};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    for i in 0..a.len().max(b.len()) {
        let order = match (a.get(i), b.get(i)) {
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => digits(a, b),
                _ => weight(a).cmp(&weight(b)),
            },
            // A number more is newer; a word more is judged against a release.
            (Some(a), None) => {
                if is_number(a) {
                    Ordering::Greater
                } else {
                    weight(a).cmp(&NUMBER)
                }
            }
            (None, Some(b)) => {
                if is_number(b) {
                    Ordering::Less
                } else {
                    NUMBER.cmp(&weight(b))
                }
            }
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

const NUMBER: u8 = 4;

fn weight(part: &str) -> u8 {
    match part {
        _ if is_number(part) || part.starts_with('#') => NUMBER,
        _ if part.starts_with("dev") => 0,
        _ if part.starts_with('a') => 1,
        _ if part.starts_with('b') => 2,
        _ if part.starts_with("RC") || part.starts_with("rc") => 3,
        _ if part.starts_with('p') => 5,
        _ => 0,
    }
}

/// A point between everything that differs in kind.
fn parts(version: &str) -> Vec<String> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let mut parts = vec![String::new()];
    let mut was_digit = None;
    for c in version.chars() {
        if matches!(c, '.' | '-' | '_' | '+') {
            parts.push(String::new());
            was_digit = None;
            continue;
        }
        let is_digit = c.is_ascii_digit();
        if was_digit.is_some_and(|was| was != is_digit) {
            parts.push(String::new());
        }
        was_digit = Some(is_digit);
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}
