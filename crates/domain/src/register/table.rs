//! What the three tables have in common: finding the columns.

use crate::{person::Lang, text::fold};

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its stable name; screens translate it as `register-col-KEY`. The API names it so in problems.
    pub key: &'static str,
    /// Its heading in Vietnamese exports.
    pub vi: &'static str,
    /// Its heading in English exports.
    pub en: &'static str,
    /// Other headings that are understood, folded.
    pub also: &'static [&'static str],
    /// Whether the table makes no sense without it.
    pub required: bool,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Row of the file, from 1, as table programs count.
    pub row: u32,
    /// Key of the column.
    pub column: &'static str,
    /// Which error; screens translate it as `error-CODE`.
    pub code: &'static str,
    /// What stands in the cell.
    pub value: String,
}

/// What a table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The good rows, each with its number in the file.
    pub rows: Vec<(u32, T)>,
    /// What is wrong with the others.
    pub problems: Vec<Problem>,
    /// Headings that mean nothing to us; their columns were left out.
    pub ignored: Vec<String>,
}

impl<T> Default for Parsed<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), problems: Vec::new(), ignored: Vec::new() }
    }
}

/// The headings of an export.
pub fn headings(columns: &'static [Column], lang: Lang) -> Vec<&'static str> {
    columns.iter().map(|c| if lang == Lang::En { c.en } else { c.vi }).collect()
}

/// One row while it is being read: cells by column key, problems as they turn up.
pub(super) struct Reader<'a> {
    row: u32,
    places: &'a [(&'static str, usize)],
    cells: &'a [String],
    problems: &'a mut Vec<Problem>,
    good: bool,
}

impl Reader<'_> {
    /// The text of a cell; `None` if it is empty or the column is not there.
    pub fn text(&self, key: &'static str) -> Option<&str> {
        let place = self.places.iter().find(|(k, _)| *k == key).map(|(_, p)| *p)?;
        // Exports put an apostrophe before what a table program would take for a formula.
        let cell = self.cells.get(place)?.trim();
        let cell = match cell.strip_prefix('\'') {
            Some(rest) if rest.trim_start().starts_with(['=', '+', '-', '@']) => rest.trim(),
            _ => cell,
        };
        (!cell.is_empty()).then_some(cell)
    }
    /// The text of a cell, owned.
    pub fn owned(&self, key: &'static str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }
    /// The value of a cell, as `read` understands it; what it does not understand is a problem.
    pub fn value<T>(
        &mut self,
        key: &'static str,
        code: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?.to_owned();
        let value = read(&text);
        if value.is_none() {
            self.problem(key, code, &text);
        }
        value
    }
    /// The value of a cell that must not be empty.
    pub fn needed<T>(
        &mut self,
        key: &'static str,
        code: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if self.text(key).is_none() {
            self.problem(key, "import-cell-empty", "");
            return None;
        }
        self.value(key, code, read)
    }
    /// Notes a problem: the row is not taken.
    pub fn problem(&mut self, column: &'static str, code: &'static str, value: &str) {
        self.good = false;
        self.problems.push(Problem { row: self.row, column, code, value: value.chars().take(80).collect() });
    }
}

/// Reads a table of at most [`super::ROWS_MAX`] rows.
pub(super) fn read<T>(
    columns: &'static [Column],
    lines: &[(u32, Vec<String>)],
    row: impl Fn(&mut Reader<'_>) -> Option<T>,
) -> Parsed<T> {
    read_up_to(super::ROWS_MAX, columns, lines, row)
}

/// Reads a table: finds the columns in its first row and `read`s each further one, of at most `max`.
pub(super) fn read_up_to<T>(
    max: usize,
    columns: &'static [Column],
    lines: &[(u32, Vec<String>)],
    read: impl Fn(&mut Reader<'_>) -> Option<T>,
) -> Parsed<T> {
    let mut parsed = Parsed::default();
    let Some(((head_row, head), rest)) = lines.split_first() else {
        let key = columns.first().map_or("", |c| c.key);
        parsed.problems.push(Problem { row: 1, column: key, code: "import-empty", value: String::new() });
        return parsed;
    };
    let mut places: Vec<(&'static str, usize)> = Vec::new();
    for (place, heading) in head.iter().enumerate() {
        let folded = heading_key(heading);
        let means = |c: &&Column| {
            heading_key(c.vi) == folded
                || heading_key(c.en) == folded
                || c.key.replace('-', " ") == folded
                || c.also.contains(&folded.as_str())
        };
        match columns.iter().find(means) {
            Some(column) if places.iter().any(|(k, _)| *k == column.key) => {
                let value = heading.clone();
                parsed.problems.push(Problem {
                    row: *head_row,
                    column: column.key,
                    code: "import-column-twice",
                    value,
                });
            }
            Some(column) => places.push((column.key, place)),
            None if folded.is_empty() => {}
            None => parsed.ignored.push(heading.clone()),
        }
    }
    for column in columns.iter().filter(|c| c.required && places.iter().all(|(k, _)| *k != c.key)) {
        let value = column.vi.to_owned();
        parsed.problems.push(Problem {
            row: *head_row,
            column: column.key,
            code: "import-column-missing",
            value,
        });
    }
    if !parsed.problems.is_empty() {
        return parsed;
    }
    for (row, cells) in rest {
        let mut reader =
            Reader { row: *row, places: &places, cells, problems: &mut parsed.problems, good: true };
        if cells.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let value = read(&mut reader);
        if let (Some(value), true) = (value, reader.good) {
            parsed.rows.push((*row, value));
        }
    }
    if parsed.rows.len() > max {
        let row = parsed.rows.get(max).map_or(0, |(n, _)| *n);
        let value = parsed.rows.len().to_string();
        parsed.rows.clear();
        let key = columns.first().map_or("", |c| c.key);
        parsed.problems.push(Problem { row, column: key, code: "import-too-many", value });
    }
    parsed
}

/// A heading without marks, case, punctuation and whatever stands in brackets: *Mã đơn vị (*)* is *ma don vi*.
fn heading_key(heading: &str) -> String {
    let plain: String = heading
        .split('(')
        .next()
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_alphanumeric() || crate::text::is_invisible(c) || is_mark(c) { c } else { ' ' })
        .collect();
    fold(&plain)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}
