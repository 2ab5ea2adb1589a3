//! Rows of several files in one order, a few thousand at a time: what is merged never has to fit in memory.

use std::{cmp::Reverse, collections::BinaryHeap};

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{
    file::DataFile,
    rows::{self, Key, Keys, table},
};
use crate::Error;

/// Rows handed on at once, and the bytes they and what they were taken from may take: an eighth of a row group, since more
/// gains nothing.
const ROWS: usize = 8 * 1024;
const BYTES: usize = 16 << 20;
/// Rows and bytes read of a file at once.
const READ_ROWS: u64 = 1024;
const READ_BYTES: u64 = 2 << 20;

/// Rows of one file, in order.
pub type Part = Box<dyn Iterator<Item = Result<RecordBatch, Error>>>;

/// Reads row groups, some rows at a time: fewer where lines are long.
pub fn read(file: &DataFile, groups: Vec<usize>) -> Result<Part, Error> {
    let of = |n: &usize| file.meta.metadata().row_groups().get(*n);
    let sum = |(rows, bytes), group: &parquet::file::metadata::RowGroupMetaData| {
        (rows + group.num_rows().unsigned_abs(), bytes + group.total_byte_size().unsigned_abs())
    };
    let (rows, bytes): (u64, u64) = groups.iter().filter_map(of).fold((0, 0), sum);
    let at_once = (READ_BYTES.saturating_mul(rows) / bytes.max(1)).clamp(1, READ_ROWS);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.file.clone(), file.meta.clone())
        .with_row_groups(groups)
        .with_batch_size(usize::try_from(at_once).unwrap_or(1))
        .build()
        .map_err(table)?;
    Ok(Box::new(reader.map(|batch| batch.map_err(table))))
}

/// Hands on the rows of all parts, each of them in order, in one order.
pub fn merge(parts: Vec<Part>, mut out: impl FnMut(&RecordBatch) -> Result<(), Error>) -> Result<(), Error> {
    let mut merging = Merging { parts: Vec::new(), held: Vec::new(), bytes: 0, picked: Vec::new() };
    let mut heads = BinaryHeap::new();
    for rest in parts {
        let n = merging.parts.len();
        merging.parts.push(At { rest, keys: None, batch: 0, row: 0 });
        heads.extend(merging.next_batch(n)?.map(|key| Reverse((key, n))));
    }
    while let Some(Reverse((_, n))) = heads.pop() {
        heads.extend(merging.pick(n)?.map(|key| Reverse((key, n))));
        if merging.picked.len() >= ROWS || merging.bytes >= BYTES {
            out(&merging.take()?)?;
            merging.keep_what_is_at_hand(heads.iter().map(|Reverse((_, n))| *n));
        }
    }
    if !merging.picked.is_empty() {
        out(&merging.take()?)?;
    }
    Ok(())
}

/// A part, and how far it is.
struct At {
    rest: Part,
    keys: Option<Keys>,
    /// Where its batch is among those held.
    batch: usize,
    row: usize,
}

struct Merging {
    parts: Vec<At>,
    /// Batches rows were picked of, or will be.
    held: Vec<RecordBatch>,
    bytes: usize,
    /// Batch and row.
    picked: Vec<(usize, usize)>,
}

impl Merging {
    /// Picks a part's row; the key of its next.
    fn pick(&mut self, n: usize) -> Result<Option<Key>, Error> {
        let Some(part) = self.parts.get_mut(n) else { return Ok(None) };
        self.picked.push((part.batch, part.row));
        part.row += 1;
        match part.keys.as_ref().and_then(|keys| keys.at(part.row)) {
            Some(key) => Ok(Some(key)),
            None => self.next_batch(n),
        }
    }

    /// Reads on; the key of the first row.
    fn next_batch(&mut self, n: usize) -> Result<Option<Key>, Error> {
        let Some(part) = self.parts.get_mut(n) else { return Ok(None) };
        while let Some(batch) = part.rest.next().transpose()? {
            let keys = Keys::of(&batch)?;
            if let Some(first) = keys.at(0) {
                (part.keys, part.batch, part.row) = (Some(keys), self.held.len(), 0);
                self.bytes += rows::bytes(&batch);
                self.held.push(batch);
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<RecordBatch, Error> {
        let held: Vec<&RecordBatch> = self.held.iter().collect();
        let rows = interleave_record_batch(&held, &self.picked).map_err(table)?;
        self.picked.clear();
        Ok(rows)
    }

    /// Lets go of all batches but those of parts that are not at their end.
    fn keep_what_is_at_hand(&mut self, open: impl Iterator<Item = usize>) {
        let mut kept = Vec::new();
        for n in open {
            let Some(part) = self.parts.get_mut(n) else { continue };
            if let Some(batch) = self.held.get(part.batch) {
                part.batch = kept.len();
                kept.push(batch.clone());
            }
        }
        self.bytes = 0;
        self.held = kept;
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, test_runner::RngSeed};

    use super::*;
    use crate::table::rows::testing::rows as batch;

    fn part(keys: &[Key], at_once: usize) -> Part {
        let batches: Vec<_> = keys.chunks(at_once).map(|keys| Ok(batch(keys))).collect();
        Box::new(batches.into_iter())
    }
    fn merged(parts: Vec<Part>) -> (Vec<Key>, usize) {
        let (mut all, mut most) = (Vec::new(), 0);
        let out = |rows: &RecordBatch| {
            most = most.max(rows.num_rows());
            let keys = Keys::of(rows)?;
            all.extend((0..rows.num_rows()).filter_map(|n| keys.at(n)));
            Ok(())
        };
        merge(parts, out).unwrap();
        (all, most)
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::with_cases(64) })]
        #[test]
        fn rows_of_all_parts_come_in_one_order(
            mut parts in prop::collection::vec(prop::collection::vec((0_i64..50, 0_i64..50, 0_i32..3), 0..60), 0..6),
            at_once in 1_usize..9,
        ) {
            parts.iter_mut().for_each(|part| part.sort_unstable());
            let mut all: Vec<Key> = parts.concat();
            all.sort_unstable();
            let (found, _) = merged(parts.iter().map(|keys| part(keys, at_once)).collect());
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn many_rows_are_handed_on_piece_by_piece() {
        let keys = |from| (0..20_000).map(|n| (n * 2 + from, n, 0)).collect::<Vec<Key>>();
        let (found, most) = merged(vec![part(&keys(0), 700), part(&keys(1), 1_000)]);
        assert!(found.is_sorted() && found.len() == 40_000);
        assert!(most <= ROWS, "{most}");
    }
}
