//! Events found, as a Parquet file of the table's own columns: whatever reads the table reads it.

use std::{borrow::Cow, io::Write};

use domain::event::Column;
use parquet::arrow::ArrowWriter;

use super::Found;
use crate::{
    Error,
    table::{
        file,
        rows::{Row, Rows, SCHEMA, table},
    },
};

/// A file being written.
pub struct Export<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> Export<W> {
    /// Begins one of at most so many events.
    pub fn begin(out: W, most: usize) -> Result<Self, Error> {
        let properties = file::properties(false, most as u64)?;
        Ok(Self(ArrowWriter::try_new(out, SCHEMA.clone(), Some(properties)).map_err(table)?))
    }

    /// Adds events, as they were found; values are as long as they are answered.
    pub fn add(&mut self, found: &[Found]) -> Result<(), Error> {
        let mut rows = Rows::default();
        for one in found {
            let common = |column: Column| {
                one.columns.iter().find(|(c, _)| *c == column).map(|(_, value)| Cow::Borrowed(value.as_str()))
            };
            rows.row(&Row {
                body: &one.body.to_string(),
                source: &one.source.map(|s| s.to_string()).unwrap_or_default(),
                times: (one.time.as_microsecond(), one.came.as_microsecond()),
                place: (one.key.position, one.key.line),
                module: (&one.product, &one.dataset),
                common,
                fields: || one.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
                raw: &one.raw,
            })?;
        }
        self.0.write(&rows.finish()?).map_err(table)
    }

    /// Ends it.
    pub fn finish(self) -> Result<W, Error> {
        self.0.into_inner().map_err(table)
    }
}
