//! `rpmvercmp`, with epoch and release.

use std::cmp::Ordering;

use super::number::{digits, is_number, take};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    // No release at all is older than one without anything in it.
    let release = || a.2.is_some().cmp(&b.2.is_some());
    digits(a.0, b.0)
        .then_with(|| part(a.1, b.1))
        .then_with(|| part(a.2.unwrap_or_default(), b.2.unwrap_or_default()))
        .then_with(release)
}

fn parts(version: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = match version.split_once(':') {
        Some(("(none)", rest)) => ("", rest),
        Some((epoch, rest)) if is_number(epoch) => (epoch, rest),
        _ => ("", version),
    };
    match rest.split_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

fn part(mut a: &str, mut b: &str) -> Ordering {
    let counts = |c: char| c.is_ascii_alphanumeric() || c == '~' || c == '^';
    loop {
        a = a.trim_start_matches(|c| !counts(c));
        b = b.trim_start_matches(|c| !counts(c));
        match (a.strip_prefix('~'), b.strip_prefix('~')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        // A caret is more than the end and less than anything else.
        match (a.strip_prefix('^'), b.strip_prefix('^')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return if b.is_empty() { Ordering::Greater } else { Ordering::Less },
            (None, Some(_)) => return if a.is_empty() { Ordering::Less } else { Ordering::Greater },
            (None, None) => {}
        }
        if a.is_empty() || b.is_empty() {
            return b.is_empty().cmp(&a.is_empty());
        }
        let number = a.starts_with(|c: char| c.is_ascii_digit());
        let wanted = |c: char| if number { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let (run_a, rest_a) = take(a, wanted);
        let (run_b, rest_b) = take(b, wanted);
        if run_b.is_empty() {
            return if number { Ordering::Greater } else { Ordering::Less };
        }
        let order = if number { digits(run_a, run_b) } else { run_a.cmp(run_b) };
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}
