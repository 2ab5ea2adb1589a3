//! Values on their way out of SQL.

use domain::{id::Id, time};
use jiff::{Timestamp, civil::Date};
use serde::de::DeserializeOwned;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use crate::StoreError;

/// One row of either engine, read by column name.
pub struct Row(pub(super) Inner);

pub(super) enum Inner {
    Lite(SqliteRow),
    Pg(PgRow),
}

macro_rules! get {
    ($self:ident, $column:ident, $ty:ty) => {
        match &$self.0 {
            Inner::Lite(row) => row.try_get::<$ty, _>($column).map_err(StoreError::from),
            Inner::Pg(row) => row.try_get::<$ty, _>($column).map_err(StoreError::from),
        }
    };
}

impl Row {
    /// Text.
    pub fn text(&self, column: &'static str) -> Result<String, StoreError> {
        get!(self, column, String)
    }
    /// Text or NULL.
    pub fn opt_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        get!(self, column, Option<String>)
    }
    /// A number.
    pub fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        get!(self, column, i64)
    }
    /// A number or NULL.
    pub fn opt_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        get!(self, column, Option<i64>)
    }
    /// A count: a number that fits 32 bits and is not negative.
    pub fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|e| StoreError::Corrupt(column, e.to_string()))
    }
    /// Truth.
    pub fn bool(&self, column: &'static str) -> Result<bool, StoreError> {
        get!(self, column, bool)
    }
    /// Bytes.
    pub fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        get!(self, column, Vec<u8>)
    }
    /// Bytes or NULL.
    pub fn opt_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        get!(self, column, Option<Vec<u8>>)
    }
    /// An id.
    pub fn id<K>(&self, column: &'static str) -> Result<Id<K>, StoreError> {
        parse(column, &self.text(column)?)
    }
    /// An id or NULL.
    pub fn opt_id<K>(&self, column: &'static str) -> Result<Option<Id<K>>, StoreError> {
        self.opt_text(column)?.map(|t| parse(column, &t)).transpose()
    }
    /// An instant.
    pub fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        Ok(time::from_micros(self.int(column)?))
    }
    /// An instant or NULL.
    pub fn opt_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(time::from_micros))
    }
    /// A date or NULL.
    pub fn opt_date(&self, column: &'static str) -> Result<Option<Date>, StoreError> {
        self.opt_text(column)?.map(|t| parse(column, &t)).transpose()
    }
    /// A JSON document.
    pub fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|e| StoreError::Corrupt(column, e.to_string()))
    }
    /// A word of a closed list, by its `parse` function.
    pub fn word<T>(&self, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let text = self.text(column)?;
        parse(&text).ok_or(StoreError::Corrupt(column, text))
    }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|e: T::Err| StoreError::Corrupt(column, e.to_string()))
}
