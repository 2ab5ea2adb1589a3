//! `Gem::Version`.

use std::cmp::Ordering;

use super::number::{digits, is_number};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (segments(a), segments(b));
    for i in 0..a.len().max(b.len()) {
        let (a, b) = (a.get(i).map_or("0", String::as_str), b.get(i).map_or("0", String::as_str));
        let order = match (is_number(a), is_number(b)) {
            (true, true) => digits(a, b),
            (false, false) => a.cmp(b),
            // Words are of trial versions.
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Numbers, then whatever follows the first word; zeros at the end of either say nothing.
fn segments(version: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for piece in version.replace('-', ".pre.").split('.') {
        let mut was_digit = None;
        for c in piece.chars() {
            let is_digit = c.is_ascii_digit();
            if was_digit != Some(is_digit) {
                all.push(String::new());
            }
            was_digit = Some(is_digit);
            if let Some(last) = all.last_mut() {
                last.push(c);
            }
        }
    }
    let words = all.iter().position(|s| !is_number(s)).unwrap_or(all.len());
    let mut tail = all.split_off(words);
    for list in [&mut all, &mut tail] {
        while list.last().is_some_and(|s| is_number(s) && s.bytes().all(|b| b == b'0')) {
            list.pop();
        }
    }
    all.append(&mut tail);
    all
}
