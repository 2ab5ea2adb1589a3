//! XLSX to rows.

use super::{Budget, Row, Sheet, tidy};
use crate::error::PaperError;
use crate::limits;
use crate::zipped::Zipped;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use std::io::Cursor;

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Sheet>, PaperError> {
    Zipped::new(bytes)?.check()?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| PaperError::Damaged)?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut budget = Budget::default();
    let mut sheets = Vec::new();
    for name in names {
        let rows = rows(&mut book, &name, &mut budget)?;
        sheets.push(Sheet { name: Some(name), rows });
    }
    Ok(sheets)
}

/// Cell by cell: the library's own table would be as large as its farthest cell says.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, budget: &mut Budget) -> Result<Vec<Row>, PaperError> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| PaperError::Damaged)?;
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut number = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| PaperError::Damaged)? {
        let (at, column) = cell.get_position();
        let value = text(cell.get_value());
        if value.is_empty() {
            continue;
        }
        if at != number {
            // Rows come in their order; a file that has them otherwise was not written by a table program.
            if at < number {
                return Err(PaperError::Damaged);
            }
            rows.extend(budget.row(number.saturating_add(1), std::mem::take(&mut row))?);
            number = at;
        }
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        if place >= limits::COLUMNS {
            return Err(PaperError::TooManyColumns { row: u64::from(at) + 1, limit: limits::COLUMNS as u64 });
        }
        if row.len() <= place {
            row.resize(place + 1, String::new());
        }
        if let Some(cell) = row.get_mut(place) {
            *cell = value;
        }
    }
    rows.extend(budget.row(number.saturating_add(1), row)?);
    Ok(rows)
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => tidy(text),
        DataRef::SharedString(text) => tidy(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => date(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        // `#N/A` and the like: as people see it.
        DataRef::Error(error) => error.to_string(),
    }
}

/// ISO 8601; a duration in days stays a number, a time of day has no date.
fn date(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    match (time.as_f64() < 1.0, hour == 0 && minute == 0 && second == 0) {
        (true, _) => clock,
        (false, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02}T{clock}"),
    }
}
