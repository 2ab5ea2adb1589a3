//! The audit log in the API.

use crate::route::operation;
use axum::{
    Json,
    extract::{Path, Query},
};
use serde::Serialize;
use store::audit::{
    Head, checkpoint,
    list::{self, LIMIT_MAX, Listed},
    proof as inclusion, state,
};
use utoipa::{IntoParams, ToSchema};

use super::{AUDIT, Asked};
use crate::{AppError, LIMIT_FORM, Route, Visit};

/// Entries of one page, unless asked otherwise.
const PAGE: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::api(AUDIT, LIMIT_FORM, operation!(log)),
        Route::api(AUDIT, LIMIT_FORM, operation!(entries)),
        Route::api(AUDIT, LIMIT_FORM, operation!(entry)),
        Route::api(AUDIT, LIMIT_FORM, operation!(proof)),
    ]
}

/// The log as a whole.
#[derive(Serialize, ToSchema)]
struct Log {
    /// How many entries.
    size: u64,
    /// Merkle tree hash over them, hex.
    root: String,
    /// The newest signed checkpoint (C2SP tlog-checkpoint).
    checkpoint: Option<String>,
    /// When it was signed, RFC 3339.
    checkpoint_at: Option<String>,
    /// When the log was last verified, RFC 3339.
    verified_at: Option<String>,
    /// What that verification found.
    faults: Vec<String>,
}

/// One entry.
#[derive(Serialize, ToSchema)]
struct Entry {
    /// Its number, from 0.
    seq: u64,
    /// When, RFC 3339.
    at: String,
    /// Who: ids only.
    actor: String,
    /// What.
    action: String,
    /// To what: `noun:id`.
    subject: String,
    /// Of which body.
    body: Option<String>,
    /// SHA-256 of what was done, hex.
    digest: String,
    /// Its hash in the tree, hex.
    leaf_hash: String,
    /// The acting person's name today; not part of the log.
    who: Option<String>,
    /// The body's name today; not part of the log.
    body_name: Option<String>,
}

impl From<Listed> for Entry {
    fn from(listed: Listed) -> Self {
        let entry = listed.entry;
        Self {
            seq: entry.seq,
            at: entry.at.to_string(),
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            body: entry.body.map(|b| b.to_string()),
            digest: entry.digest,
            leaf_hash: hex::encode(listed.leaf_hash),
            who: listed.who,
            body_name: listed.of,
        }
    }
}

/// A page of entries, newest first.
#[derive(Serialize, ToSchema)]
struct Entries {
    items: Vec<Entry>,
    /// Give it as `before` for the next page; absent on the last.
    cursor: Option<u64>,
}

/// The filter, for the description only.
#[derive(IntoParams)]
#[allow(dead_code)]
struct Wanted {
    /// Id of a person.
    actor: Option<String>,
    /// A word (`letter.confirmed`) or its first part (`letter`).
    action: Option<String>,
    /// `letter:ID` or `letter`.
    subject: Option<String>,
    /// Id of a body; what lies below it counts.
    body: Option<String>,
    /// First day, `2027-02-04`.
    from: Option<String>,
    /// Last day.
    until: Option<String>,
    /// Entries before this number: the `cursor` of the page before.
    before: Option<u64>,
    /// At most so many; 100 unless given, 500 at most.
    limit: Option<u32>,
}

/// Size, root, newest checkpoint and last verification of the log.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", responses((status = 200, body = Log)), security(("token" = [])))]
async fn log(visit: Visit) -> Result<Json<Log>, AppError> {
    let mut sql = visit.app.db.read().await?;
    let head = Head::load(&mut sql).await?;
    let signed = checkpoint::latest(&mut sql).await?;
    let verified = state::last(&mut sql).await?;
    // What was found names entries by number: for those who may see them all.
    let all = list::may_audit_all(&mut sql, visit.scope()).await?;
    Ok(Json(Log {
        size: head.size,
        root: hex::encode(head.root),
        checkpoint_at: signed.as_ref().map(|s| s.at.to_string()),
        checkpoint: signed.map(|s| s.note),
        verified_at: verified.as_ref().map(|v| v.at.to_string()),
        faults: verified.filter(|_| all).map(|v| v.faults).unwrap_or_default(),
    }))
}

/// Entries, newest first.
#[utoipa::path(get, path = "/api/v1/audit/entries", tag = "audit", params(Wanted), responses((status = 200, body = Entries)), security(("token" = [])))]
async fn entries(visit: Visit, Query(asked): Query<Asked>) -> Result<Json<Entries>, AppError> {
    let mut sql = visit.app.db.read().await?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, LIMIT_MAX);
    let found = list::list(&mut sql, visit.scope(), &asked.filter()?, asked.before, limit).await?;
    let full = found.len() == limit as usize;
    let cursor = found.last().filter(|_| full).map(|last| last.entry.seq);
    Ok(Json(Entries { items: found.into_iter().map(Entry::from).collect(), cursor }))
}

/// One entry.
#[utoipa::path(get, path = "/api/v1/audit/entries/{seq}", tag = "audit", params(("seq" = u64, Path)), responses((status = 200, body = Entry)), security(("token" = [])))]
async fn entry(visit: Visit, Path(seq): Path<u64>) -> Result<Json<Entry>, AppError> {
    let mut sql = visit.app.db.read().await?;
    Ok(Json(list::get(&mut sql, visit.scope(), seq).await?.into()))
}

/// The proof that one entry is in the log, as a C2SP tlog-proof against the newest checkpoint.
#[utoipa::path(get, path = "/api/v1/audit/entries/{seq}/proof", tag = "audit", params(("seq" = u64, Path)), responses((status = 200, body = String, content_type = "text/plain")), security(("token" = [])))]
async fn proof(visit: Visit, Path(seq): Path<u64>) -> Result<String, AppError> {
    let mut sql = visit.app.db.read().await?;
    list::get(&mut sql, visit.scope(), seq).await?;
    Ok(inclusion::of(&mut sql, seq).await?)
}
