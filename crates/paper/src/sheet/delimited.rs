//! CSV, whatever separates it.

use super::{Budget, Sheet, tidy};
use crate::error::PaperError;
use crate::plain;

/// Lines looked at to find the separator.
const LOOK: usize = 20;

pub(super) fn read(bytes: &[u8]) -> Result<Sheet, PaperError> {
    let (text, _) = plain::decode(bytes)?;
    // The reader counts lines by `\n`.
    let text = text.replace("\r\n", "\n");
    // Excel's own way to name the separator.
    let (separator, text) = match text.strip_prefix("sep=") {
        Some(rest) => {
            let (line, rest) = rest.split_once('\n').unwrap_or((rest, ""));
            (line.bytes().next().unwrap_or(b','), rest)
        }
        None => (separator(&text).unwrap_or_else(|| likeliest(&text)), text.as_str()),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut budget = Budget::default();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| PaperError::Damaged)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = record.iter().map(tidy).collect();
        rows.extend(budget.row(u32::try_from(line).unwrap_or(u32::MAX), cells)?);
    }
    Ok(Sheet { name: None, rows })
}

/// The likelier one last: where decimals have commas, a comma separates least.
const SEPARATORS: [u8; 4] = [b'|', b',', b';', b'\t'];

/// For a table whose rows are of different lengths: what its first line has most of.
fn likeliest(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    SEPARATORS
        .into_iter()
        .max_by_key(|separator| count(*separator))
        .filter(|best| count(*best) > 0)
        .unwrap_or(b',')
}

/// The separator that stands in every of the first lines the same number of times; `None` if there is none,
/// as in prose. A line inside quotation marks does not count as one.
pub(crate) fn separator(text: &str) -> Option<u8> {
    SEPARATORS
        .into_iter()
        .filter_map(|separator| {
            let counts = counts(text, separator);
            let first = *counts.first().filter(|count| **count > 0)?;
            (counts.len() > 1 && counts.iter().all(|count| *count == first)).then_some((first, separator))
        })
        .max_by_key(|(count, _)| *count)
        .map(|(_, separator)| separator)
}

/// How often it stands in each of the first lines that are whole.
fn counts(text: &str, separator: u8) -> Vec<usize> {
    let mut counts = Vec::new();
    let (mut count, mut quoted, mut any) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                if any {
                    counts.push(count);
                }
                if counts.len() == LOOK {
                    return counts;
                }
                (count, any) = (0, false);
                continue;
            }
            _ if byte == separator && !quoted => count += 1,
            _ => {}
        }
        any |= !byte.is_ascii_whitespace();
    }
    // The last line is whole only if the text was short enough to be seen whole.
    if any && !quoted && text.len() < 4096 {
        counts.push(count);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        read(bytes).unwrap().rows.into_iter().map(|row| (row.number, row.cells)).collect()
    }

    #[test]
    fn separators_are_found_and_prose_has_none() {
        assert_eq!(separator("a;b\n1,5;2\n"), Some(b';'));
        assert_eq!(separator("a\tb,c\n1\t2,3"), Some(b'\t'));
        assert_eq!(separator("a,b\n\"x,y\n,z\",2\n"), Some(b','));
        assert_eq!(separator("Kính gửi: các sở, ban, ngành;\nCăn cứ Công văn số 5;\nSở đề nghị:"), None);
    }

    #[test]
    fn rows_keep_their_line_and_empty_ones_go() {
        let rows = cells("\u{feff}Tên;Mã\r\n Sở A ;1;\r\n;;\r\n\"Xã\nB\";2\r\nC;3".as_bytes());
        let want: [(u32, &[&str]); 4] =
            [(1, &["Tên", "Mã"]), (2, &["Sở A", "1"]), (4, &["Xã\nB", "2"]), (6, &["C", "3"])];
        assert_eq!(rows, want.map(|(n, row)| (n, row.iter().map(|cell| (*cell).to_owned()).collect())));
        assert_eq!(cells(b"sep=|\na|b\n"), [(1, vec!["a".to_owned(), "b".to_owned()])]);
    }

    #[test]
    fn utf_16_is_read() {
        let bytes: Vec<u8> = "\u{feff}Tên\tMã\nSở\t1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(cells(&bytes).len(), 2);
    }
}
