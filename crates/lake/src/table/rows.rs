//! Events as columns: what a table of them looks like, in memory and on disk.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use arrow_array::{
    Array, ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    builder::{
        Int32Builder, Int64Builder, MapBuilder, MapFieldNames, StringBuilder, TimestampMicrosecondBuilder,
    },
    cast::AsArray,
    types::{Int32Type, Int64Type, TimestampMicrosecondType},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use domain::{
    event::{Column, Event},
    id::{Id, kind},
};
use jiff::Timestamp;

use crate::{Error, Position};

/// The columns beside the common ones, by name.
pub mod name {
    /// Whose.
    pub const BODY: &str = "body";
    /// When it happened, as told by the event; else when it came.
    pub const TIME: &str = "@timestamp";
    /// When it came.
    pub const CAME: &str = "event.ingested";
    /// The batch's place in the log.
    pub const POSITION: &str = "log.position";
    /// The line of the batch.
    pub const LINE: &str = "log.line";
    /// From which source.
    pub const SOURCE: &str = "source";
    /// What wrote it.
    pub const PRODUCT: &str = "event.module";
    /// Which of its logs.
    pub const DATASET: &str = "event.dataset";
    /// All original fields.
    pub const FIELDS: &str = "fields";
    /// The line as it came.
    pub const RAW: &str = "event.original";
}

/// The common columns that have a column of their own: all but the time.
pub fn common() -> impl Iterator<Item = Column> {
    Column::ALL.into_iter().filter(|c| *c != Column::Time)
}

/// Columns kept in lower case, so that a bloom filter finds them however they are written; the original field keeps
/// its letters. All of them have one.
pub const FOLDED: [Column; 12] = [
    Column::Host,
    Column::User,
    Column::UserTarget,
    Column::SourceIp,
    Column::DestinationIp,
    Column::Domain,
    Column::Process,
    Column::Parent,
    Column::File,
    Column::Hash,
    Column::Code,
    Column::Url,
];

/// The table's columns.
pub static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |name: &str, empty| Field::new(name, DataType::Utf8, empty);
    let time = |name: &str| Field::new(name, stamp(), false);
    let mut fields = vec![
        text(name::BODY, false),
        time(name::TIME),
        time(name::CAME),
        Field::new(name::POSITION, DataType::Int64, false),
        Field::new(name::LINE, DataType::Int32, false),
        text(name::SOURCE, false),
        text(name::PRODUCT, true),
        text(name::DATASET, true),
    ];
    fields.extend(common().map(|c| text(c.name(), true)));
    let pair = vec![text("key", false), text("value", true)];
    let entries = Field::new("key_value", DataType::Struct(pair.into()), false);
    fields.push(Field::new(name::FIELDS, DataType::Map(Arc::new(entries), false), false));
    fields.push(text(name::RAW, false));
    Arc::new(Schema::new(fields))
});

fn stamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Where a column stands.
pub fn at(name: &str) -> usize {
    SCHEMA.index_of(name).unwrap_or_default()
}

/// What is known of an event beside itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// From which source.
    pub source: Id<kind::Source>,
    /// When it came.
    pub came: Timestamp,
    /// Its batch.
    pub position: Position,
    /// Its line of the batch.
    pub line: u32,
    /// The line as it came.
    pub raw: &'a [u8],
}

/// A row of the table.
pub struct Row<'a, C, F> {
    /// Whose, from which source.
    pub body: &'a str,
    pub source: &'a str,
    /// When it happened and came, in microseconds.
    pub times: (i64, i64),
    /// Its place in the log.
    pub place: (i64, i32),
    /// What wrote it, and which of its logs.
    pub module: (&'a str, &'a str),
    /// The value of a common column.
    pub common: C,
    /// All original fields.
    pub fields: F,
    /// As it came.
    pub raw: &'a str,
}

/// Events being made columns.
pub struct Rows {
    body: StringBuilder,
    time: TimestampMicrosecondBuilder,
    came: TimestampMicrosecondBuilder,
    position: Int64Builder,
    line: Int32Builder,
    source: StringBuilder,
    product: StringBuilder,
    dataset: StringBuilder,
    common: Vec<StringBuilder>,
    fields: MapBuilder<StringBuilder, StringBuilder>,
    raw: StringBuilder,
}

impl Default for Rows {
    fn default() -> Self {
        let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
        Self {
            body: StringBuilder::new(),
            time: TimestampMicrosecondBuilder::new().with_data_type(stamp()),
            came: TimestampMicrosecondBuilder::new().with_data_type(stamp()),
            position: Int64Builder::new(),
            line: Int32Builder::new(),
            source: StringBuilder::new(),
            product: StringBuilder::new(),
            dataset: StringBuilder::new(),
            common: common().map(|_| StringBuilder::new()).collect(),
            fields: MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new()),
            raw: StringBuilder::new(),
        }
    }
}

impl Rows {
    /// Adds an event of a body.
    pub fn push(&mut self, body: &str, event: &Event, about: &About<'_>) -> Result<(), Error> {
        let came = about.came.as_microsecond();
        let common = |column: Column| {
            let text = event.column(column).map(|v| v.text).filter(|t| !t.is_empty())?;
            Some(match FOLDED.contains(&column) {
                true => Cow::Owned(text.to_lowercase()),
                false => Cow::Borrowed(text),
            })
        };
        self.row(&Row {
            body,
            source: &about.source.to_string(),
            times: (event.time().map_or(came, |t| t.as_microsecond()), came),
            place: (about.position.packed(), i32::try_from(about.line).unwrap_or(i32::MAX)),
            module: (event.product(), event.dataset()),
            common,
            fields: || event.fields().map(|(key, value)| (key, value.text)),
            raw: &String::from_utf8_lossy(about.raw),
        })
    }

    /// Adds a row.
    pub fn row<'v, I: Iterator<Item = (&'v str, &'v str)>>(
        &mut self,
        row: &Row<'_, impl Fn(Column) -> Option<Cow<'v, str>>, impl Fn() -> I>,
    ) -> Result<(), Error> {
        self.body.append_value(row.body);
        self.time.append_value(row.times.0);
        self.came.append_value(row.times.1);
        self.position.append_value(row.place.0);
        self.line.append_value(row.place.1);
        self.source.append_value(row.source);
        self.product.append_option(Some(row.module.0).filter(|p| !p.is_empty()));
        self.dataset.append_option(Some(row.module.1).filter(|d| !d.is_empty()));
        for (column, builder) in common().zip(&mut self.common) {
            builder.append_option((row.common)(column));
        }
        for (key, value) in (row.fields)() {
            let (keys, values) = self.fields.entries();
            keys.append_value(key);
            values.append_value(value);
        }
        self.fields.append(true).map_err(table)?;
        self.raw.append_value(row.raw);
        Ok(())
    }

    /// The columns.
    pub fn finish(mut self) -> Result<RecordBatch, Error> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.body.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.came.finish()),
            Arc::new(self.position.finish()),
            Arc::new(self.line.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.product.finish()),
            Arc::new(self.dataset.finish()),
        ];
        columns.extend(self.common.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.push(Arc::new(self.fields.finish()));
        columns.push(Arc::new(self.raw.finish()));
        RecordBatch::try_new(SCHEMA.clone(), columns).map_err(table)
    }
}

/// What rows are in order of: when it happened, its place in the log, its line of the batch.
pub type Key = (i64, i64, i32);

/// The keys of rows.
pub struct Keys {
    times: TimestampMicrosecondArray,
    places: Int64Array,
    lines: Int32Array,
}

impl Keys {
    /// Of these rows.
    pub fn of(batch: &RecordBatch) -> Result<Self, Error> {
        let (times, places, lines) = (times(batch, name::TIME)?, places(batch)?, lines(batch)?);
        Ok(Self { times: times.clone(), places: places.clone(), lines: lines.clone() })
    }
    /// Of one row; none behind the last.
    pub fn at(&self, row: usize) -> Option<Key> {
        let (times, places, lines) = (self.times.values(), self.places.values(), self.lines.values());
        Some((*times.get(row)?, *places.get(row)?, *lines.get(row)?))
    }
}

/// The same rows in order.
pub fn sorted(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let keys = Keys::of(batch)?;
    let mut order: Vec<u32> = (0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX)).collect();
    let key = |row: &u32| keys.at(*row as usize);
    if order.is_sorted_by_key(key) {
        return Ok(batch.clone());
    }
    order.sort_unstable_by_key(key);
    arrow_select::take::take_record_batch(batch, &arrow_array::UInt32Array::from(order)).map_err(table)
}

/// A column of times.
pub fn times<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b TimestampMicrosecondArray, Error> {
    let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
    column.ok_or_else(|| missing(name))
}
/// The places in the log.
pub fn places(batch: &RecordBatch) -> Result<&Int64Array, Error> {
    let column = batch.column_by_name(name::POSITION).and_then(|c| c.as_primitive_opt::<Int64Type>());
    column.ok_or_else(|| missing(name::POSITION))
}
/// The lines of their batches.
pub fn lines(batch: &RecordBatch) -> Result<&Int32Array, Error> {
    let column = batch.column_by_name(name::LINE).and_then(|c| c.as_primitive_opt::<Int32Type>());
    column.ok_or_else(|| missing(name::LINE))
}
/// A column of texts.
pub fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b StringArray, Error> {
    let column = batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
    column.ok_or_else(|| missing(name))
}

/// The original fields of a batch.
pub struct Fields<'b> {
    offsets: &'b [i32],
    keys: &'b StringArray,
    values: &'b StringArray,
}

impl<'b> Fields<'b> {
    /// Of a batch.
    pub fn of(batch: &'b RecordBatch) -> Result<Self, Error> {
        let map = batch.column_by_name(name::FIELDS).and_then(|c| c.as_map_opt());
        let map = map.ok_or_else(|| table("no fields"))?;
        let (keys, values) = (map.keys().as_string_opt(), map.values().as_string_opt());
        let (Some(keys), Some(values)) = (keys, values) else {
            return Err(table("fields are no texts"));
        };
        Ok(Self { offsets: map.value_offsets(), keys, values })
    }
    /// Those of a row.
    pub fn list(&self, row: usize) -> impl Iterator<Item = (&'b str, &'b str)> {
        let at = |n: usize| self.offsets.get(n).and_then(|o| usize::try_from(*o).ok()).unwrap_or_default();
        (at(row)..at(row + 1)).map(|i| (self.keys.value(i), self.values.value(i)))
    }
    /// Whether one of a row's passes.
    pub fn any(&self, row: usize, mut test: impl FnMut(&str, &str) -> bool) -> bool {
        self.list(row).any(|(key, value)| test(key, value))
    }
}

fn missing(name: &str) -> Error {
    Error::Table(format!("no column {name}"))
}

/// An error of the table's libraries, whose types stay here.
pub fn table(error: impl std::fmt::Display) -> Error {
    Error::Table(error.to_string())
}

/// Bytes held by columns.
pub fn bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|c| c.get_array_memory_size()).sum()
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A row of nothing but its key.
    pub fn rows(keys: &[Key]) -> RecordBatch {
        let mut made = Rows::default();
        for (time, place, line) in keys {
            let row = Row {
                body: "b",
                source: "s",
                times: (*time, *time),
                place: (*place, *line),
                module: ("", ""),
                common: |_| None,
                fields: || [("k", "v")].into_iter(),
                raw: "raw",
            };
            made.row(&row).unwrap();
        }
        made.finish().unwrap()
    }
}
