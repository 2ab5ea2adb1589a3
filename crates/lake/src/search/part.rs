//! A part of the table that is searched at once: a row group of a file, or a piece of memory. Of one body.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow_array::{BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_select::filter::filter_record_batch;
use domain::id::{Id, kind};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowPredicate, ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter, RowSelectionPolicy,
        },
    },
    file::statistics::Statistics,
};

use super::{
    Stop,
    condition::{Condition, Known},
};
use crate::{
    DataFile, Error, Group, View,
    table::{
        grams,
        rows::{self, table},
    },
};

/// Most rows read at once.
const ROWS: usize = 8_192;
/// Bytes of rows read at once, as far as their mean tells.
const BYTES: u64 = 16 << 20;

/// A part.
#[derive(Clone)]
pub enum Part {
    Group(Arc<DataFile>, Group),
    Piece(RecordBatch),
}

/// The parts of some bodies, each with whose it is. Nothing else of the table is looked at after this.
fn owned(view: &View, bodies: &BTreeSet<Id<kind::Body>>) -> Vec<(Id<kind::Body>, Part)> {
    let mut all = Vec::new();
    for file in &view.files {
        let own = file.groups.iter().filter(|g| bodies.contains(&g.body));
        all.extend(own.map(|g| (g.body, Part::Group(file.clone(), g.clone()))));
    }
    for hot in view.frozen.iter().chain([&view.hot]) {
        let own = hot.bodies.iter().filter(|(body, _)| bodies.contains(body));
        all.extend(own.flat_map(|(body, pieces)| pieces.iter().cloned().map(|p| (*body, Part::Piece(p)))));
    }
    all
}

/// The parts of some bodies.
pub fn of(view: &View, bodies: &BTreeSet<Id<kind::Body>>) -> Vec<Part> {
    owned(view, bodies).into_iter().map(|(_, part)| part).collect()
}

/// How many events of each body happened in a stretch of time.
pub fn held(
    view: &View,
    bodies: &BTreeSet<Id<kind::Body>>,
    stretch: (i64, i64),
) -> Result<BTreeMap<Id<kind::Body>, u64>, Error> {
    let mut all = BTreeMap::new();
    for (body, part) in owned(view, bodies) {
        let n = part.within(stretch)?;
        if n > 0 {
            *all.entry(body).or_default() += n;
        }
    }
    Ok(all)
}

fn bounds(values: &[i64]) -> (i64, i64) {
    let min = values.iter().min().copied().unwrap_or(i64::MAX);
    (min, values.iter().max().copied().unwrap_or(i64::MIN))
}

impl Part {
    /// When its first and its last event happened.
    pub fn times(&self) -> (i64, i64) {
        match self {
            Part::Group(_, group) => group.times,
            Part::Piece(batch) => {
                rows::times(batch, rows::name::TIME).map_or((i64::MIN, i64::MAX), |t| bounds(t.values()))
            }
        }
    }
    /// Its first and its last place in the log.
    pub fn places(&self) -> (i64, i64) {
        match self {
            Part::Group(_, group) => group.places,
            Part::Piece(batch) => rows::places(batch).map_or((i64::MIN, i64::MAX), |p| bounds(p.values())),
        }
    }
    /// Its events.
    fn len(&self) -> u64 {
        match self {
            Part::Group(_, group) => group.rows,
            Part::Piece(batch) => batch.num_rows() as u64,
        }
    }
    /// Those of them that happened in a stretch of time: of parts that lie over its ends the times are read, so that
    /// nothing is counted in two stretches.
    pub fn within(&self, (from, to): (i64, i64)) -> Result<u64, Error> {
        let (oldest, newest) = self.times();
        if oldest >= to || newest < from {
            return Ok(0);
        }
        if oldest >= from && newest < to {
            return Ok(self.len());
        }
        let mut n = 0;
        let time = Arc::new(vec![Condition::Time(from, to)]);
        self.scan(&time, &[rows::name::TIME], &|| None, &mut |batch| {
            n += batch.num_rows() as u64;
            Ok(())
        })?;
        Ok(n)
    }

    /// Gives the rows that pass, with the columns wanted, batch by batch; ends early where `stop` says so.
    pub fn scan(
        &self,
        conditions: &Arc<Vec<Condition>>,
        wanted: &[&'static str],
        stop: &Stop<'_>,
        each: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Part::Piece(batch) => {
                let all = BooleanBuffer::new_set(batch.num_rows());
                let mut left = all;
                for condition in conditions.iter() {
                    if left.count_set_bits() == 0 || stop().is_some() {
                        return Ok(());
                    }
                    left = condition.rows(batch, &left)?;
                }
                let found = filter_record_batch(batch, &BooleanArray::new(left, None)).map_err(table)?;
                if found.num_rows() > 0 { each(found) } else { Ok(()) }
            }
            Part::Group(file, group) => group_scan(file, group, conditions, wanted, stop, each),
        }
    }
}

fn group_scan(
    file: &Arc<DataFile>,
    group: &Group,
    conditions: &Arc<Vec<Condition>>,
    wanted: &[&'static str],
    stop: &Stop<'_>,
    each: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
) -> Result<(), Error> {
    let known = Statistic { file, group };
    if !conditions.iter().all(|c| c.possible(&known)) {
        return Ok(());
    }
    let schema = file.meta.parquet_schema();
    let mask =
        |names: &BTreeSet<&'static str>| ProjectionMask::roots(schema, names.iter().map(|n| rows::at(n)));
    let predicate = |n: usize| {
        let mut needs = BTreeSet::new();
        conditions.get(n)?.columns(&mut needs);
        let all = conditions.clone();
        let test = move |batch: RecordBatch| {
            let asked = BooleanBuffer::new_set(batch.num_rows());
            let found = all.get(n).map_or(Ok(asked.clone()), |c| c.rows(&batch, &asked));
            Ok(BooleanArray::new(
                found.map_err(|e| arrow_schema::ArrowError::ComputeError(e.to_string()))?,
                None,
            ))
        };
        Some(Box::new(ArrowPredicateFn::new(mask(&needs), test)) as Box<dyn ArrowPredicate>)
    };
    let filter = RowFilter::new((0..conditions.len()).filter_map(predicate).collect());
    let bytes = file.meta.metadata().row_group(group.number).total_byte_size().unsigned_abs();
    let mean = (bytes / group.rows.max(1)).max(1);
    let batch = usize::try_from(BYTES / mean).unwrap_or(ROWS).clamp(64, ROWS);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.file.clone(), file.meta.clone())
        .with_row_groups(vec![group.number])
        .with_batch_size(batch)
        .with_row_filter(filter)
        .with_row_selection_policy(RowSelectionPolicy::Auto { threshold: 8 })
        .with_projection(mask(&wanted.iter().copied().collect()))
        .build()
        .map_err(table)?;
    for batch in reader {
        if stop().is_some() {
            return Ok(());
        }
        each(batch.map_err(table)?)?;
    }
    Ok(())
}

struct Statistic<'a> {
    file: &'a DataFile,
    group: &'a Group,
}

impl Known for Statistic<'_> {
    fn may_hold(&self, column: &str, value: &str) -> bool {
        let at = rows::at(column);
        let meta = self.file.meta.metadata().row_group(self.group.number);
        let Some(chunk) = meta.columns().get(at) else { return true };
        if let Some(Statistics::ByteArray(s)) = chunk.statistics() {
            match (s.min_opt(), s.max_opt()) {
                (Some(min), Some(max)) => {
                    if value.as_bytes() < min.data() || value.as_bytes() > max.data() {
                        return false;
                    }
                }
                _ => return self.has_any(column),
            }
        }
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.file.file.clone(),
            self.file.meta.clone(),
        );
        match reader.get_row_group_column_bloom_filter(self.group.number, at) {
            Ok(Some(bloom)) => bloom.check(value),
            // Without one, or with one that cannot be read, the rows tell.
            Ok(None) | Err(_) => true,
        }
    }

    fn may_have(&self, pieces: &[u32]) -> bool {
        // Without them, or with some that cannot be read, the rows tell.
        pieces.is_empty()
            || self.file.grams(self.group.number).is_none_or(|bits| grams::may_hold(&bits, pieces))
    }

    fn has_any(&self, column: &str) -> bool {
        let meta = self.file.meta.metadata().row_group(self.group.number);
        let chunk = meta.columns().get(rows::at(column));
        let nulls = chunk.and_then(|c| c.statistics()).and_then(|s| s.null_count_opt());
        nulls.is_none_or(|nulls| nulls < self.group.rows)
    }
}
