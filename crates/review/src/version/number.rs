//! Digits of any length as numbers, without turning them into any.

use std::cmp::Ordering;

/// Two runs of digits. Empty is zero.
pub fn digits(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Lists of numbers; what is missing at the end is zero.
pub fn lists(a: &[&str], b: &[&str]) -> Ordering {
    (0..a.len().max(b.len()))
        .map(|i| digits(a.get(i).unwrap_or(&""), b.get(i).unwrap_or(&"")))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Numbers between points; anything else between them counts as zero.
pub fn dotted(a: &str, b: &str) -> Ordering {
    let numbers =
        |text| -> Vec<&str> { str::split(text, '.').map(|n| if is_number(n) { n } else { "" }).collect() };
    lists(&numbers(a), &numbers(b))
}

/// The longest beginning whose characters are all `wanted`, and the rest.
pub fn take(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}
