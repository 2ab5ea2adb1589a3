//! The receipt: who took which request when, in bytes that are kept as they were, so that their digest stays true.

use domain::{
    actor::Scope,
    id::{Id, kind},
    request::filter::Item,
};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Need, held, items};
use crate::{Sql, StoreError, Tx, args, audit::proof};

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The receipt itself: JSON, byte for byte as it was written.
    pub json: String,
    /// SHA-256 of those bytes, hex; the audit log holds it too.
    pub sha256: String,
}

/// What stands in a receipt, in this order.
#[derive(Serialize)]
struct Content {
    what: &'static str,
    request: String,
    kind: String,
    asker: String,
    basis: String,
    under_law: bool,
    title: String,
    text: String,
    items: Vec<Item>,
    asked_at: String,
    due_at: String,
    body: String,
    body_name: String,
    received_at: String,
    received_by: String,
}

/// Writes the receipt of a request that has just been taken; returns its digest.
pub(super) async fn write(tx: &mut Tx, id: Id<kind::Request>) -> Result<String, StoreError> {
    let row = tx
        .row(
            "select r.*, p.name as receiver from request r left join person p on p.id = r.received_by where r.id = $1",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("request"))?;
    let content = Content {
        what: "canh-request-receipt/1",
        request: id.to_string(),
        kind: row.text("kind")?,
        asker: row.text("asker_name")?,
        basis: row.text("basis")?,
        under_law: row.bool("under_law")?,
        title: row.text("title")?,
        text: row.text("text")?,
        items: items::named(tx, id).await?,
        asked_at: row.time("asked_at")?.to_string(),
        due_at: row.time("due_at")?.to_string(),
        body: row.text("body")?,
        body_name: row.text("body_name")?,
        received_at: row.time("received_at")?.to_string(),
        received_by: row.opt_text("receiver")?.unwrap_or_default(),
    };
    let json =
        serde_json::to_string_pretty(&content).map_err(|e| StoreError::Corrupt("receipt", e.to_string()))?;
    tx.exec("update request set receipt = $1 where id = $2", args![&json, id]).await?;
    Ok(digest(&json))
}

/// The receipt of a request, for whoever sees it and may read; `NotFound` while nobody took it.
pub async fn receipt(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Receipt, StoreError> {
    held(sql, scope, Need::See, id).await?;
    if !super::get(sql, scope, id).await?.rights.read {
        return Err(StoreError::NotFound("receipt"));
    }
    let row = sql.row("select receipt from request where id = $1", args![id]).await?;
    let json = row.map_or(Ok(None), |r| r.opt_text("receipt"))?.ok_or(StoreError::NotFound("receipt"))?;
    Ok(Receipt { sha256: digest(&json), json })
}

/// An act about a request as the audit log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the log.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What: `request.received` ….
    pub action: String,
    /// The hash under which it stands in the log's tree, hex.
    pub hash: String,
}

/// So many entries stand on a receipt, the first ones: those of asking and taking are among them.
const ENTRIES: i64 = 20;

/// The log's entries about a request, oldest first, for whoever may have its receipt.
pub async fn entries(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Vec<Entry>, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    if !super::get(sql, scope, id).await?.rights.read {
        return Err(StoreError::NotFound("receipt"));
    }
    let rows = sql
        .rows(
            "select seq, at, action from audit_entry where subject = $1 order by seq limit $2",
            args![of.subject(), ENTRIES],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let seq = u64::try_from(row.int("seq")?).unwrap_or_default();
        let hash = hex::encode(proof::leaf_hash(sql, seq).await?);
        found.push(Entry { seq, at: row.time("at")?, action: row.text("action")?, hash });
    }
    Ok(found)
}

fn digest(json: &str) -> String {
    hex::encode(Sha256::digest(json.as_bytes()))
}
