//! Events as columns: what a table of them looks like, in memory and on disk.

use std::sync::{Arc, LazyLock};

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

/// One body's events being made columns.
pub struct Rows {
    body: String,
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

impl Rows {
    /// None yet.
    pub fn new(body: Id<kind::Body>) -> Self {
        let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
        Self {
            body: body.to_string(),
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

    /// Adds an event.
    pub fn push(&mut self, event: &Event, about: &About<'_>) -> Result<(), Error> {
        self.time.append_value(event.time().unwrap_or(about.came).as_microsecond());
        self.came.append_value(about.came.as_microsecond());
        self.position.append_value(about.position.packed());
        self.line.append_value(i32::try_from(about.line).unwrap_or(i32::MAX));
        self.source.append_value(about.source.to_string());
        self.product.append_option(Some(event.product()).filter(|p| !p.is_empty()));
        self.dataset.append_option(Some(event.dataset()).filter(|d| !d.is_empty()));
        for (column, builder) in common().zip(&mut self.common) {
            let value = event.column(column).map(|v| v.text).filter(|t| !t.is_empty());
            match value {
                Some(text) if FOLDED.contains(&column) => builder.append_value(text.to_lowercase()),
                value => builder.append_option(value),
            }
        }
        for (key, value) in event.fields() {
            let (keys, values) = self.fields.entries();
            keys.append_value(key);
            values.append_value(value.text);
        }
        self.fields.append(true).map_err(table)?;
        self.raw.append_value(String::from_utf8_lossy(about.raw));
        Ok(())
    }

    /// The columns.
    pub fn finish(mut self) -> Result<RecordBatch, Error> {
        let body: StringArray =
            std::iter::repeat_n(Some(self.body.as_str()), self.raw.values_len()).collect();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(body),
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

trait Len {
    fn values_len(&self) -> usize;
}
impl Len for StringBuilder {
    fn values_len(&self) -> usize {
        arrow_array::builder::ArrayBuilder::len(self)
    }
}

/// The same rows in order of time, then of the log.
pub fn sorted(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let (times, places, lines) = (times(batch, name::TIME)?, places(batch)?, lines(batch)?);
    let mut order: Vec<u32> = (0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX)).collect();
    let key = |row: &u32| {
        let row = *row as usize;
        (times.values().get(row), places.values().get(row), lines.values().get(row))
    };
    if order.is_sorted_by_key(key) {
        return Ok(batch.clone());
    }
    order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
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
