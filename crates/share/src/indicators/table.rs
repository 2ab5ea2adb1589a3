//! One a line, and tables.

use domain::request::filter::Why;
use jiff::Timestamp;

use super::{Taker, Unreadable};

/// Columns that hold what is looked for, as people and programs call them.
const VALUES: [&str; 20] = [
    "value",
    "indicator",
    "indicators",
    "ioc",
    "iocs",
    "domain",
    "url",
    "ip",
    "ip_address",
    "address",
    "hash",
    "md5",
    "sha1",
    "sha256",
    "md5_hash",
    "sha1_hash",
    "sha256_hash",
    "chỉ dấu",
    "giá trị",
    "dst_ip",
];
/// Columns that say until when.
const UNTIL: [&str; 4] = ["valid_until", "until", "expires", "hết hạn"];

fn columns(head: &str) -> impl Iterator<Item = String> {
    head.split([',', ';', '\t']).map(|c| c.trim().trim_matches('"').to_lowercase())
}

/// Whether the first line that is no remark names columns.
pub(super) fn has_heading(text: &str) -> bool {
    let first = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with("# "));
    let first = first.map(|l| l.trim_start_matches('#').trim()).unwrap_or_default();
    columns(first).any(|c| VALUES.contains(&c.as_str()))
}

/// Entries stand on lines of their own or between blanks, commas and semicolons; `#` begins a remark.
pub(super) fn lines(text: &str, taker: &mut Taker<'_>) {
    for (n, line) in text.lines().enumerate() {
        let line = line.split_once(" #").map_or(line, |(head, _)| head).trim();
        if line.starts_with('#') {
            continue;
        }
        for piece in line.split(|c: char| c.is_whitespace() || c == ';' || c == '"') {
            let cut = if piece.contains('/') { &[][..] } else { &[','][..] };
            for entry in piece.split(cut).map(|p| p.trim_matches([',', '\''])).filter(|p| !p.is_empty()) {
                taker.take(n + 1, entry, None);
            }
        }
    }
}

/// A table: of each row the columns that hold indicators.
pub(super) fn rows(text: &str, taker: &mut Taker<'_>) -> Result<(), Unreadable> {
    // Remarks before the heading; a heading may begin with the mark of one.
    let skipped = text.lines().take_while(|l| l.trim().is_empty() || l.starts_with("# ")).count();
    let from: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
    let text = text.get(from..).unwrap_or_default();
    let text = text.strip_prefix('#').unwrap_or(text);
    let head = text.lines().next().unwrap_or_default();
    let mark = [b',', b';', b'\t'].into_iter().max_by_key(|m| head.bytes().filter(|b| b == m).count());
    let names: Vec<String> = columns(head).collect();
    let at = |known: &[&str]| -> Vec<usize> {
        names.iter().enumerate().filter(|(_, c)| known.contains(&c.as_str())).map(|(n, _)| n).collect()
    };
    let (values, until) = (at(&VALUES), at(&UNTIL));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(mark.unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    for (n, row) in reader.records().enumerate() {
        let row = row.map_err(|e| Unreadable(e.to_string()))?;
        let place = skipped + n + 2;
        if row.get(0).is_some_and(|first| first.starts_with('#')) {
            continue;
        }
        let end = match until.first().and_then(|c| row.get(*c)).filter(|t| !t.is_empty()) {
            None => None,
            Some(text) => match moment(text) {
                Some(end) => Some(end),
                None => {
                    taker.fault(place, text, Why::Unreadable);
                    continue;
                }
            },
        };
        for value in values.iter().filter_map(|c| row.get(*c)).filter(|v| !v.is_empty()) {
            taker.take(place, value, end);
        }
    }
    Ok(())
}

/// A moment, or a day's end.
fn moment(text: &str) -> Option<Timestamp> {
    let day =
        || text.parse::<jiff::civil::Date>().ok().map(|d| domain::time::start_of(d.tomorrow().unwrap_or(d)));
    text.parse().ok().or_else(day)
}
