//! The same through the API.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    intake::{Inlet, ItemState},
    right::Right,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::intake::{self, Filter};
use utoipa::{IntoParams, ToSchema};

use super::page::settled;
use crate::{Access, AppError, LIMIT_FORM, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let (read, prepare) = (Access::Right(Right::Read), Access::Right(Right::Prepare));
    vec![
        Route::api(read, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(settle)),
        Route::api(read, LIMIT_FORM, route!(beside)),
    ]
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct InboxQuery {
    /// `taken`, `attached`, `duplicate`, `trouble`, `secret`; `open` for what a person must look at.
    state: String,
    /// `folder` or `mail`.
    source: String,
    /// What the page before named as `next`.
    cursor: String,
    /// Rows, 1–500; 50 unless given.
    limit: Option<usize>,
}

/// Something that came in by itself.
#[derive(Debug, Serialize, ToSchema)]
struct InboxItem {
    id: String,
    body: String,
    /// `folder` or `mail`.
    source: String,
    at: String,
    /// `taken`, `attached`, `duplicate`, `trouble`, `secret`.
    state: String,
    /// Why, of a trouble.
    reason: Option<String>,
    name: Option<String>,
    /// From, subject, date, message-id of a mail; name of a file.
    #[schema(value_type = Object)]
    origin: Value,
    /// The letter it became, or belongs to.
    letter: Option<String>,
    /// SHA-256 of what was kept.
    sha256: Option<String>,
    settled_at: Option<String>,
}

/// How a way in fares.
#[derive(Debug, Serialize, ToSchema)]
struct InboxSource {
    /// `folder` or `mail`.
    source: String,
    body: String,
    checked_at: Option<String>,
    /// What is wrong with it: a stable code.
    trouble: Option<String>,
    trouble_since: Option<String>,
}

/// What came in, and how the ways in fare.
#[derive(Debug, Serialize, ToSchema)]
struct InboxList {
    sources: Vec<InboxSource>,
    items: Vec<InboxItem>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// What came in by itself, newest first.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "letters", params(InboxQuery), responses((status = 200, body = InboxList)))]
async fn list(v: Visit, Query(asked): Query<InboxQuery>) -> Result<Response, AppError> {
    let after = asked
        .cursor
        .split_once('_')
        .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
    let filter = Filter {
        state: ItemState::parse(&asked.state),
        inlet: Inlet::parse(&asked.source),
        open: asked.state == "open",
        after,
    };
    let limit = asked.limit.unwrap_or(50).clamp(1, intake::PAGE_MAX);
    let mut sql = v.app.db.read().await?;
    let rows = intake::list(&mut sql, v.scope(), &filter, limit).await?;
    let sources = intake::sources(&mut sql, v.scope()).await?;
    let next = rows.last().filter(|_| rows.len() == limit);
    let next = next.map(|row| format!("{}_{}", row.at.as_microsecond(), row.id));
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    let sources = sources.into_iter().map(|s| InboxSource {
        source: s.inlet.to_string(),
        body: s.body.to_string(),
        checked_at: time(s.checked_at),
        trouble: s.trouble,
        trouble_since: time(s.trouble_since),
    });
    let items = rows.into_iter().map(|i| InboxItem {
        id: i.id.to_string(),
        body: i.body.to_string(),
        source: i.inlet.to_string(),
        at: i.at.to_string(),
        state: i.state.to_string(),
        reason: i.reason,
        name: i.name,
        origin: i.origin,
        letter: i.letter.map(|l| l.to_string()),
        sha256: i.sha256,
        settled_at: time(i.settled_at),
    });
    Ok(Answer(InboxList { sources: sources.collect(), items: items.collect(), next }).into_response())
}

/// Says that a trouble is dealt with.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/settle", tag = "letters", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn settle(v: Visit, Path(item): Path<String>, _: crate::ApiGuard) -> Result<StatusCode, AppError> {
    let item: Id<kind::InboxItem> = item.parse().map_err(|_| AppError::NotFound)?;
    settled(&v, item, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file put to a letter.
#[derive(Debug, Serialize, ToSchema)]
struct LetterFile {
    sha256: String,
    name: String,
    kind: String,
    len: i64,
}

/// What a letter's file tells besides its words.
#[derive(Debug, Serialize, ToSchema)]
struct LetterBeside {
    /// How it came.
    #[schema(value_type = Object)]
    origin: Value,
    /// How it was read from pictures; null if it was not.
    #[schema(value_type = Object)]
    scan: Value,
    /// The file's digital signatures; null if it carries none. `list` has for each its `state` — `trusted`, `valid`
    /// (nobody trusted vouches for the signer), `altered`, `invalid`, `unchecked` — with `why` as a code, `signer`, `made`
    /// and whether a trusted stamp says so (`made_stamped`), `stamp`, `how`, `weak`, `revision` (covered, of). Whether a
    /// certificate was revoked is not looked up. Of letters taken in by older versions only `{"found": true}`.
    #[schema(value_type = Object)]
    signatures: Value,
    /// Files put to it.
    files: Vec<LetterFile>,
}

/// How a letter came, how it was read, who signed it, what came with it.
#[utoipa::path(get, path = "/api/v1/letters/{id}/beside", tag = "letters", params(("id" = String, Path)),
    responses((status = 200, body = LetterBeside), (status = 404)))]
async fn beside(v: Visit, Path(letter): Path<String>) -> Result<Response, AppError> {
    let letter: Id<kind::Letter> = letter.parse().map_err(|_| AppError::NotFound)?;
    let mut sql = v.app.db.read().await?;
    store::letters::get(&mut sql, v.scope(), letter).await?;
    let raw = intake::origin(&mut sql, v.scope(), letter).await?;
    let files = intake::attachments(&mut sql, v.scope(), letter).await?;
    let files = files
        .into_iter()
        .map(|f| LetterFile { sha256: f.sha256, name: f.name, kind: f.kind, len: f.len })
        .collect();
    Ok(Answer(LetterBeside { origin: raw.origin, scan: raw.scan, signatures: raw.signatures, files })
        .into_response())
}
