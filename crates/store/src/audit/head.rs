//! The head of the log, and appending to it.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use tlog_tiles::tlog::{self, Error as TlogError, HASH_SIZE, Hash, HashReader};

use super::Entry;
use crate::{Query, Sql, StoreError, args};

/// Size and root of the log, and the last change number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// Merkle tree hash over them.
    pub root: [u8; HASH_SIZE],
    pub(crate) change_seq: i64,
}

impl Head {
    /// Reads it.
    pub async fn load(sql: &mut Sql) -> Result<Self, StoreError> {
        let row = sql.row("select size, root, change_seq from audit_head where id = 1", vec![]).await?;
        let row = row.ok_or(StoreError::Corrupt("audit_head", "missing".into()))?;
        Ok(Self {
            size: u64::try_from(row.int("size")?).map_err(corrupt)?,
            root: hash(&row.bytes("root")?)?.0,
            change_seq: row.int("change_seq")?,
        })
    }
}

/// Appends entries and moves `head`; the caller writes the head's row.
pub(crate) async fn append(sql: &mut Sql, head: &mut Head, entries: &[Entry]) -> Result<(), StoreError> {
    let mut known = Known::default();
    for entry in entries {
        let leaf = entry.leaf();
        let leaf_hash = tlog::record_hash(&leaf);
        let hashes =
            known.with(sql, |k| tlog::stored_hashes_for_record_hash(head.size, leaf_hash, k)).await?;
        let first = tlog::stored_hash_index(0, head.size);
        for (n, hash) in hashes.into_iter().enumerate() {
            let idx = first + n as u64;
            sql.exec(
                "insert into audit_hash (idx, hash) values ($1, $2)",
                args![idx as i64, hash.0.to_vec()],
            )
            .await?;
            known.0.insert(idx, hash);
        }
        sql.exec(
            "insert into audit_entry (seq, at, actor, action, subject, body, leaf) values ($1,$2,$3,$4,$5,$6,$7)",
            args![
                entry.seq as i64,
                entry.at,
                &entry.actor,
                &entry.action,
                &entry.subject,
                entry.body,
                leaf
            ],
        )
        .await?;
        head.size += 1;
    }
    head.root = known.with(sql, |k| tlog::tree_hash(head.size, k)).await?.0;
    Ok(())
}

/// Stored hashes read so far. `tlog` reads synchronously, so what it misses is noted, fetched, and asked again.
#[derive(Default)]
pub(super) struct Known(HashMap<u64, Hash>);

pub(super) struct Asking<'a> {
    known: &'a HashMap<u64, Hash>,
    missing: RefCell<Vec<u64>>,
}

impl HashReader for Asking<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, TlogError> {
        self.missing.borrow_mut().extend(indexes.iter().filter(|i| !self.known.contains_key(i)));
        // A zero hash stands in for what is missing; the result of such a run is thrown away.
        Ok(indexes.iter().map(|i| self.known.get(i).copied().unwrap_or(Hash([0; HASH_SIZE]))).collect())
    }
}

impl Known {
    pub(super) async fn with<T>(
        &mut self,
        sql: &mut Sql,
        run: impl Fn(&Asking<'_>) -> Result<T, TlogError>,
    ) -> Result<T, StoreError> {
        loop {
            let (result, missing) = {
                let asking = Asking { known: &self.0, missing: RefCell::default() };
                (run(&asking), asking.missing.into_inner())
            };
            if missing.is_empty() {
                return result.map_err(corrupt);
            }
            let wanted: BTreeSet<u64> = missing.into_iter().collect();
            let mut query = Query::new("select idx, hash from audit_hash where idx in");
            query.list(wanted.iter().map(|i| *i as i64));
            let rows = query.rows(sql).await?;
            if rows.len() < wanted.len() {
                return Err(StoreError::Corrupt("audit_hash", "hashes are missing".into()));
            }
            for row in rows {
                self.0.insert(row.int("idx")? as u64, hash(&row.bytes("hash")?)?);
            }
        }
    }
}

pub(super) fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map(Hash).map_err(|_| StoreError::Corrupt("audit", "a hash is not 32 bytes".into()))
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt("audit", error.to_string())
}
