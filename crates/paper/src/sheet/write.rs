//! Rows to files for table programs.

use crate::error::PaperError;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// What stands in a cell that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text; never a formula, whatever it begins with.
    Text(String),
    /// A number that a table program can add up.
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

/// A CSV as Excel opens it: UTF-8 with its mark, commas, CRLF. Text that a table program would take for a
/// formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) gets an apostrophe before it.
#[must_use]
pub fn to_csv(header: &[&str], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    let head = header.iter().map(|name| defused(name));
    // Writing to memory does not fail, and rows may be of any length.
    let _ = writer.write_record(head);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => defused(text),
            Cell::Number(number) => number.to_string(),
        }));
    }
    writer.into_inner().unwrap_or_default()
}

fn defused(text: &str) -> String {
    let start = text.trim_start_matches(' ');
    if start.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// An XLSX of one sheet: bold header that stays in sight, columns as wide as what they hold. Cells are typed,
/// so text is never a formula.
///
/// # Errors
/// [`PaperError::TooManyRows`] and the like beyond what Excel can hold (1,048,576 rows, 16,384 columns,
/// 32,767 characters a cell).
pub fn to_xlsx(name: &str, header: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, PaperError> {
    written(name, header, rows).map_err(|error| match error {
        XlsxError::RowColumnLimitError => PaperError::TooManyRows { limit: 1_048_576 },
        XlsxError::MaxStringLengthExceeded => PaperError::CellTooLong { row: 0, limit: 32_767 },
        error => PaperError::Failed { how: error.to_string() },
    })
}

fn written(name: &str, header: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(name))?;
    let bold = Format::new().set_bold();
    for (column, title) in (0..).zip(header) {
        sheet.write_string_with_format(0, column, *title, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.write_string(line, column, text)?,
                Cell::Number(number) => sheet.write_number(line, column, *number)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}

/// Excel's rules for names: at most 31 characters, none of `[]:*?/\`, no apostrophe at the ends, not empty.
fn sheet_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
    let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if name.is_empty() { "1".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let rows = vec![vec!["=1+1".into(), Cell::Number(-2.0)], vec![" @x".into(), "a,\"b\"".into()]];
        let text = String::from_utf8(to_csv(&["Tên", "+84"], &rows)).unwrap();
        assert_eq!(text, "\u{feff}Tên,'+84\r\n'=1+1,-2\r\n' @x,\"a,\"\"b\"\"\"\r\n");
    }

    #[test]
    fn a_sheet_reads_back_as_written() {
        let rows = vec![vec!["=1+1".into(), Cell::Number(1.5), "Sở A".into()]];
        let bytes = to_xlsx("Bảng: 1/2", &["A", "B", "C"], &rows).unwrap();
        let book = crate::sheet::read(&bytes).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(sheet.name.as_deref(), Some("Bảng 12"));
        assert_eq!(sheet.rows[0].cells, ["A", "B", "C"]);
        assert_eq!(
            (sheet.rows[1].number, sheet.rows[1].cells.clone()),
            (2, vec!["=1+1".into(), "1.5".into(), "Sở A".into()])
        );
    }
}
