//! Files to keep elsewhere: proofs, checkpoints, the whole log, a table.

use axum::{
    body::Body,
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use store::audit::{checkpoint, export as log, list, proof as inclusion};
use tokio_util::io::ReaderStream;

use super::Asked;
use crate::{AppError, Visit};

/// Rows of one table; whoever needs more exports the log.
const CSV_MAX: usize = 20_000;
/// Held between the store and the network while an export is sent.
const BUFFER: usize = 64 * 1024;

fn download(name: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = body.into().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The proof that one entry is in the log.
pub(super) async fn proof(visit: Visit, Path(seq): Path<u64>) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    list::get(&mut sql, visit.scope(), seq).await?;
    let text = inclusion::of(&mut sql, seq).await?;
    Ok(download(&format!("canh-{seq}.tlog-proof"), "text/plain; charset=utf-8", text))
}

/// The newest checkpoint. It gives away no more than a size and a hash.
pub(super) async fn checkpoint(visit: Visit) -> Result<Response, AppError> {
    let kept = checkpoint::latest(&mut visit.app.db.read().await?).await?.ok_or(AppError::NotFound)?;
    let name = format!("canh-{}-{}.checkpoint", domain::time::date(kept.at), kept.size);
    Ok(download(&name, "text/plain; charset=utf-8", kept.note))
}

/// The whole log, for who may audit all of it.
pub(super) async fn export(visit: Visit) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    if !list::may_audit_all(&mut sql, visit.scope()).await? {
        return Err(AppError::NotFound);
    }
    let note = checkpoint::latest(&mut sql).await?.map(|kept| kept.note);
    let (mut write, read) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        // Dropping the pipe unfinished cuts the file, which its verification finds.
        if let Err(error) = log::write(&mut sql, &mut write, note.as_deref()).await {
            tracing::warn!(%error, "an export of the audit log was cut off");
        }
    });
    let name = format!("canh-audit-{}.jsonl", domain::time::date(visit.now));
    Ok(download(&name, "application/jsonl", Body::from_stream(ReaderStream::new(read))))
}

/// The filtered list as a table.
pub(super) async fn csv(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (filter, mut sql) = (asked.filter()?, visit.app.db.read().await?);
    let heads = ["seq", "at", "actor", "who", "action", "subject", "body", "of", "digest", "leaf"];
    let mut rows = Vec::new();
    let mut before = asked.before;
    while rows.len() < CSV_MAX {
        let found = list::list(&mut sql, visit.scope(), &filter, before, list::LIMIT_MAX).await?;
        let Some(last) = found.last() else { break };
        before = Some(last.entry.seq);
        rows.extend(found.into_iter().map(row));
    }
    let name = format!("canh-audit-{}.csv", domain::time::date(visit.now));
    Ok(download(&name, "text/csv; charset=utf-8", paper::sheet::to_csv(&heads, &rows)))
}

fn row(listed: list::Listed) -> Vec<paper::sheet::Cell> {
    let entry = listed.entry;
    [
        entry.seq.to_string(),
        domain::time::local(entry.at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        entry.actor,
        listed.who.unwrap_or_default(),
        entry.action,
        entry.subject,
        entry.body.map(|b| b.to_string()).unwrap_or_default(),
        listed.of.unwrap_or_default(),
        entry.digest,
        hex::encode(listed.leaf_hash),
    ]
    .into_iter()
    .map(paper::sheet::Cell::from)
    .collect()
}
