//! Since when events of each source are held: what is there says it, not what once came.

use std::collections::{BTreeMap, HashMap};

use arrow_array::RecordBatch;
use domain::id::{Id, kind};
use jiff::Timestamp;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::{
    View,
    file::DataFile,
    rows::{self, name, table},
};
use crate::Error;

/// When the oldest event held of each source came, in microseconds.
pub(super) type Oldest = BTreeMap<Id<kind::Source>, i64>;

impl View {
    /// When the oldest event held of each source came. A file is read for it once, two columns of it; not for a thread that
    /// serves.
    pub fn oldest(&self) -> Result<BTreeMap<Id<kind::Source>, Timestamp>, Error> {
        let mut all = Oldest::new();
        for file in &self.files {
            match file.oldest.get() {
                Some(known) => known.iter().for_each(|(source, at)| add(&mut all, *source, *at)),
                None => {
                    let found = of_file(file)?;
                    found.iter().for_each(|(source, at)| add(&mut all, *source, *at));
                    // Somebody else may have been faster: both found the same.
                    let _ = file.oldest.set(found);
                }
            }
        }
        for hot in self.frozen.iter().chain([&self.hot]) {
            for batch in hot.bodies.values().flat_map(|pieces| pieces.iter()) {
                of_batch(batch, &mut all)?;
            }
        }
        let time = |(source, at)| Some((source, Timestamp::from_microsecond(at).ok()?));
        Ok(all.into_iter().filter_map(time).collect())
    }
}

fn add(all: &mut Oldest, source: Id<kind::Source>, at: i64) {
    all.entry(source).and_modify(|held| *held = at.min(*held)).or_insert(at);
}

fn of_file(file: &DataFile) -> Result<Oldest, Error> {
    let wanted = ProjectionMask::roots(file.meta.parquet_schema(), [name::SOURCE, name::CAME].map(rows::at));
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.file.clone(), file.meta.clone())
        .with_projection(wanted)
        .build()
        .map_err(table)?;
    let mut all = Oldest::new();
    for batch in reader {
        of_batch(&batch.map_err(table)?, &mut all)?;
    }
    Ok(all)
}

fn of_batch(batch: &RecordBatch, all: &mut Oldest) -> Result<(), Error> {
    let mut found: HashMap<&str, i64> = HashMap::new();
    let times = rows::times(batch, name::CAME)?.values().iter();
    for (source, at) in rows::texts(batch, name::SOURCE)?.iter().zip(times) {
        let held = found.entry(source.unwrap_or_default()).or_insert(*at);
        *held = *at.min(held);
    }
    for (source, at) in found {
        if let Ok(source) = source.parse() {
            add(all, source, at);
        }
    }
    Ok(())
}
