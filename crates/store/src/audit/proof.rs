//! That one entry is in the log, provable to somebody who has nothing but the public key (C2SP tlog-proof).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tlog_tiles::tlog::{self, Hash};

use super::{
    Entry, Root,
    checkpoint::{self, Checkpoint, Keys},
    head::{Known, hash},
};
use crate::{Sql, StoreError, args};

const FORMAT: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 leaves has no longer path.
const PATH_MAX: usize = 64;

/// The proof that entry `seq` is in the log, as text, against the newest checkpoint.
/// `Refused("not-yet-signed")` while no checkpoint covers the entry.
pub async fn of(sql: &mut Sql, seq: u64) -> Result<String, StoreError> {
    let signed = checkpoint::latest(sql).await?.filter(|c| c.size > seq);
    let signed = signed.ok_or(StoreError::Refused("not-yet-signed"))?;
    let path = Known::default().with(sql, |known| tlog::prove_record(signed.size, seq, known)).await?;
    let mut text = format!("{FORMAT}\nindex {seq}\n");
    for step in path {
        text.push_str(&BASE64_STANDARD.encode(step.0));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed.note);
    Ok(text)
}

/// Checks such a proof for an entry's bytes. Returns the entry's number and the checkpoint, or `None`.
pub fn check(proof: &str, leaf: &[u8], keys: &Keys) -> Option<(u64, Checkpoint)> {
    let (path, note) = proof.split_once("\n\n")?;
    let mut lines = path.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    let seq: u64 = lines.next()?.strip_prefix("index ")?.parse().ok()?;
    let mut steps = Vec::new();
    for line in lines.take(PATH_MAX) {
        steps.push(Hash(BASE64_STANDARD.decode(line).ok()?.try_into().ok()?));
    }
    let checkpoint = Checkpoint::open(note, keys).ok()?;
    let leaf = tlog::record_hash(leaf);
    tlog::check_record(&steps, checkpoint.size, Hash(checkpoint.root), seq, leaf).ok()?;
    Some((seq, checkpoint))
}

/// The entry's leaf hash as it is stored.
pub async fn leaf_hash(sql: &mut Sql, seq: u64) -> Result<Root, StoreError> {
    let idx = tlog::stored_hash_index(0, seq) as i64;
    let row = sql.row("select hash from audit_hash where idx = $1", args![idx]).await?;
    Ok(hash(&row.ok_or(StoreError::NotFound("entry"))?.bytes("hash")?)?.0)
}

impl Entry {
    /// The hash under which the entry stands in the tree.
    pub fn leaf_hash(&self) -> Root {
        tlog::record_hash(&self.leaf()).0
    }
}
