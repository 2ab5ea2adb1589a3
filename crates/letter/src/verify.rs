//! Whether every value of a reading is what the text says at its spans.

use crate::reading::Reading;
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A value that its spans do not bear out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the value.
    pub path: String,
    /// What is wrong with it.
    pub what: &'static str,
    /// The value.
    pub value: String,
    /// The words at the spans.
    pub words: String,
}

/// Checks a reading against the text it was read from: every value that is not null has spans; the words there, composed,
/// with blanks and end marks evened out and case aside, equal the value, or a reason says why not.
///
/// `problems`, `items` and the item a duty or deadline stands under are not values of the paper's words and are passed over.
pub fn verify(text: &str, reading: &Reading) -> Vec<Violation> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let Ok(Value::Object(fields)) = serde_json::to_value(reading) else { return out };
    for (key, value) in &fields {
        if !matches!(key.as_str(), "spans" | "problems" | "items" | "kind") {
            walk(&format!("/{key}"), value, &chars, reading, false, &mut out);
        }
    }
    for (path, evidence) in &reading.spans {
        let wrong = if fields_at(&fields, path).is_none() {
            Some("spans of no value")
        } else if !(0.0..=1.0).contains(&evidence.confidence) {
            Some("confidence outside 0 to 1")
        } else if evidence.ranges.is_empty()
            || evidence.ranges.iter().any(|(s, e)| s >= e || *e > chars.len())
        {
            Some("ranges outside the text")
        } else {
            None
        };
        if let Some(what) = wrong {
            out.push(Violation { path: path.clone(), what, value: String::new(), words: String::new() });
        }
    }
    out
}

fn fields_at<'a>(fields: &'a serde_json::Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let mut parts = pointer.strip_prefix('/')?.splitn(2, '/');
    let value = fields.get(parts.next()?)?;
    match parts.next() {
        Some(rest) => value.pointer(&format!("/{rest}")),
        None => Some(value),
    }
}

fn walk(
    path: &str,
    value: &Value,
    chars: &[char],
    reading: &Reading,
    covered: bool,
    out: &mut Vec<Violation>,
) {
    let evidence = reading.spans.get(path);
    // A value that was read as a whole with a reason covers its parts.
    let covered = covered || evidence.is_some_and(|e| e.reason.is_some());
    match value {
        Value::Null | Value::Bool(false) => {}
        Value::Array(all) => {
            for (at, one) in all.iter().enumerate() {
                walk(&format!("{path}/{at}"), one, chars, reading, covered, out);
            }
        }
        Value::Object(all) => {
            for (key, one) in all {
                if key != "path" {
                    walk(&format!("{path}/{key}"), one, chars, reading, covered, out);
                }
            }
        }
        _ if covered => {}
        value => {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            // The fields of one indicator or deadline share its span.
            let evidence = evidence
                .or_else(|| path.rfind('/').and_then(|at| path.get(..at)).and_then(|p| reading.spans.get(p)));
            let Some(evidence) = evidence else {
                out.push(Violation { path: path.to_owned(), what: "no span", value, words: String::new() });
                return;
            };
            let words = words_at(&evidence.ranges, chars);
            let kind_of_indicator = path.starts_with("/indicators/") && path.ends_with("/type");
            if !kind_of_indicator && !same(&value, &words) {
                out.push(Violation { path: path.to_owned(), what: "differs from the text", value, words });
            }
        }
    }
}

/// The words of some ranges: with a blank between, but for ranges that only unseen marks part.
fn words_at(ranges: &[(usize, usize)], chars: &[char]) -> String {
    let mut out = String::new();
    let mut last: Option<usize> = None;
    for (start, end) in ranges {
        let unseen = |c: &char| {
            domain::text::is_invisible(*c)
                || is_combining_mark(*c)
                || matches!(c, '*' | '`' | '_' | '\\' | '#')
        };
        let between = last.and_then(|last| chars.get(last..*start)).unwrap_or_default();
        if last.is_some() && (between.is_empty() || !between.iter().all(unseen)) {
            out.push(' ');
        }
        out.extend(chars.get(*start..*end).unwrap_or_default());
        last = Some(*end);
    }
    out
}

/// Whether words and value say the same: as text, as a date, or as digits.
fn same(value: &str, words: &str) -> bool {
    let (a, b) = (plain(value), plain(words));
    // Lines and columns put together leave a blank more or less, a hash cut at the end of a line has lost one.
    if a == b || a.replace(' ', "") == b.replace(' ', "") {
        return true;
    }
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
    };
    let date = value.len() >= 4 && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | 'T' | ':'));
    if date {
        let mut wanted = numbers(value);
        let there = numbers(words);
        wanted.retain(|n| !there.contains(n));
        if wanted.is_empty() && value.contains('-')
            || value.len() == 4 && there.iter().any(|n| n.to_string() == value)
        {
            return true;
        }
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let dialled = value.len() >= 6 && value.chars().all(|c| c.is_ascii_digit());
    if dialled {
        let there = digits(words);
        return there == value
            || there.strip_prefix("84").is_some_and(|rest| value.strip_prefix('0') == Some(rest));
    }
    // "CVE-2021- 44228"
    value.starts_with("CVE-") && digits(value) == digits(words)
}

fn plain(text: &str) -> String {
    let shown =
        text.chars().filter(|c| !domain::text::is_invisible(*c) && !matches!(c, '*' | '`' | '\\' | '#'));
    // A mark that composes with nothing stands on no letter.
    let visible: String = shown.nfc().filter(|c| !is_combining_mark(*c)).collect();
    let one_dash: String =
        visible.chars().map(|c| if matches!(c, '–' | '—' | '‑' | '‐') { '-' } else { c }).collect();
    one_dash
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(['.', ';', ',', ':'])
        .to_lowercase()
}
