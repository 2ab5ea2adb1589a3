//! Tables: CSV and XLSX to rows of text, and rows back to files.

mod delimited;
mod excel;
mod leases;
mod write;

use crate::error::PaperError;
use crate::kind::{FileKind, sniff};
use crate::{limits, work};
pub(crate) use delimited::separator;
use serde::{Deserialize, Serialize};
pub use write::{Cell, to_csv, to_xlsx};

/// A file of tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// What the file was: [`FileKind::Csv`], [`FileKind::Text`] (a CSV of one column) or [`FileKind::Xlsx`].
    pub kind: FileKind,
    /// The sheets people can see, in their order; never empty.
    pub sheets: Vec<Sheet>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name; a CSV has none.
    pub name: Option<String>,
    /// Rows that have anything in them.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The row as Excel counts it, or the line of a CSV at which it begins; from 1. For messages to people.
    pub number: u32,
    /// Its cells, trimmed, from column A on; empty ones are empty, those after the last filled one left out.
    /// Numbers as typed (`1000`, `0.5`), dates `2027-02-06` or `2027-02-06T08:30:00`, booleans `true` and
    /// `false`, formulas as last computed.
    pub cells: Vec<String>,
}

/// Reads a table in a child process. `worker` starts a program that answers with [`crate::work`].
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn open(worker: &sandbox::Worker, bytes: &[u8]) -> Result<Book, PaperError> {
    work::ask(worker, work::SHEET, bytes).await
}

/// As [`open`], and lease files of DHCP servers (ISC, dnsmasq) become tables too.
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn open_leases(worker: &sandbox::Worker, bytes: &[u8]) -> Result<Book, PaperError> {
    work::ask(worker, work::LEASES, bytes).await
}

/// Reads a lease file or a table. Call it in the worker only, as [`crate::read`].
///
/// # Errors
/// As [`read`].
pub fn read_leases(bytes: &[u8]) -> Result<Book, PaperError> {
    if bytes.len() > limits::FILE {
        return Err(PaperError::too_large());
    }
    if matches!(sniff(bytes), FileKind::Text | FileKind::Csv | FileKind::Unknown)
        && let Some(sheet) = leases::read(bytes)?
    {
        return Ok(Book { kind: FileKind::Text, sheets: vec![sheet] });
    }
    read(bytes)
}

/// Reads a table. Call it in the worker only, as [`crate::read`].
///
/// # Errors
/// [`PaperError`]; [`PaperError::Unsupported`] for kinds other than CSV and XLSX.
pub fn read(bytes: &[u8]) -> Result<Book, PaperError> {
    if bytes.len() > limits::FILE {
        return Err(PaperError::too_large());
    }
    let kind = sniff(bytes);
    let sheets = match kind {
        FileKind::Xlsx => excel::read(bytes)?,
        FileKind::Csv | FileKind::Text => vec![delimited::read(bytes)?],
        FileKind::OfficeEncrypted => return Err(PaperError::Encrypted),
        FileKind::Unknown if crate::plain::may_be_text(bytes) => return Err(PaperError::UnknownEncoding),
        kind => return Err(PaperError::Unsupported { kind }),
    };
    if sheets.iter().all(|sheet| sheet.rows.is_empty()) {
        return Err(PaperError::Empty);
    }
    Ok(Book { kind, sheets })
}

/// Counts what comes out against the limits.
#[derive(Default)]
struct Budget {
    rows: usize,
    bytes: usize,
}

impl Budget {
    /// A row of the table, made tidy; `None` when nothing is in it.
    fn row(&mut self, number: u32, mut cells: Vec<String>) -> Result<Option<Row>, PaperError> {
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(None);
        }
        let row = u64::from(number);
        if cells.len() > limits::COLUMNS {
            return Err(PaperError::TooManyColumns { row, limit: limits::COLUMNS as u64 });
        }
        if cells.iter().any(|cell| cell.len() > limits::CELL) {
            return Err(PaperError::CellTooLong { row, limit: limits::CELL as u64 });
        }
        self.rows += 1;
        self.bytes = cells.iter().fold(self.bytes, |sum, cell| sum.saturating_add(cell.len()));
        if self.rows > limits::ROWS {
            return Err(PaperError::TooManyRows { limit: limits::ROWS as u64 });
        }
        if self.bytes > limits::CELLS {
            return Err(PaperError::too_much(limits::CELLS as u64));
        }
        Ok(Some(Row { number, cells }))
    }
}

/// NFC and trimmed: what people type into tables has both wrong.
fn tidy(cell: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}').nfc().collect()
}
