//! Letters through the API.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{FromRequest, Path, Query, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    order::{Change, LetterState},
    right::Right,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::letters::{self, Filter, LetterRow};
use utoipa::ToSchema;

use super::{ListQuery, Listed, cursor, made};
use crate::{
    Access, AppError, FieldError, Json, LIMIT_FORM, LIMIT_LETTER, Route, Upload, Visit,
    order::{act, act::Paperwork, id, letter::download, write},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, prepare) = (Access::Right(Right::Read), Access::Right(Right::Prepare));
    vec![
        Route::api(read, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_LETTER, route!(create)),
        Route::api(read, LIMIT_FORM, route!(get)),
        Route::api(prepare, LIMIT_FORM, route!(edit)),
        Route::api(prepare, LIMIT_FORM * 16, route!(reread)),
        Route::api(prepare, LIMIT_FORM, route!(confirm)),
        Route::api(prepare, LIMIT_FORM, route!(file)),
        Route::api(prepare, LIMIT_FORM, route!(unfile)),
        Route::api(prepare, LIMIT_FORM, route!(parent)),
        Route::api(prepare, LIMIT_FORM, route!(draft)),
        Route::api(read, LIMIT_FORM, route!(original)),
    ]
}

/// A letter of a list.
#[derive(Debug, Serialize, ToSchema)]
struct LetterItem {
    id: String,
    /// The body that received it.
    body: String,
    /// `read`, `confirmed`, `issued`, `filed`.
    state: String,
    received_at: String,
    number: Option<String>,
    symbol: Option<String>,
    date: Option<String>,
    issuer: Option<String>,
    subject: Option<String>,
}

fn item(row: &LetterRow) -> LetterItem {
    LetterItem {
        id: row.id.to_string(),
        body: row.body.to_string(),
        state: row.state.to_string(),
        received_at: row.received_at.to_string(),
        number: row.number.clone(),
        symbol: row.symbol.clone(),
        date: row.date.clone(),
        issuer: row.issuer.clone(),
        subject: row.subject.clone(),
    }
}

/// A letter with its reading.
#[derive(Debug, Serialize, ToSchema)]
struct LetterFull {
    #[serde(flatten)]
    letter: LetterItem,
    /// Send it back with every change.
    version: i64,
    text: String,
    /// What the reader read.
    #[schema(value_type = Object)]
    reading: Value,
    /// What people made of it.
    #[schema(value_type = Object)]
    corrected: Value,
    /// JSON pointer → who changed it and when.
    #[schema(value_type = Object)]
    edits: Value,
    /// The letter it acts on.
    parent: Option<String>,
    /// SHA-256 of the original.
    sha256: Option<String>,
}

/// Letters, newest first.
#[utoipa::path(get, path = "/api/v1/letters", tag = "letters", params(ListQuery),
    responses((status = 200, body = Listed<LetterItem>)))]
async fn list(v: Visit, Query(asked): Query<ListQuery>) -> Result<Response, AppError> {
    let filter = Filter {
        state: LetterState::parse(&asked.state),
        q: &asked.q,
        after: cursor(&asked.cursor),
        ..Filter::default()
    };
    let limit = asked.limit();
    let rows = letters::list(&mut v.app.db.read().await?, v.scope(), &filter, limit).await?;
    let last = rows.last().filter(|_| rows.len() == limit);
    let next = last.map(|r| format!("{}_{}", r.received_at.as_microsecond(), r.id));
    Ok(Answer(Listed { items: rows.iter().map(item).collect(), next }).into_response())
}

/// A text to be read.
#[derive(Debug, Deserialize, ToSchema)]
struct LetterText {
    /// The text of the paper.
    text: String,
}

/// A letter that was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct LetterTaken {
    id: String,
    /// Letters that seem to be the same paper.
    duplicates: Vec<LetterItem>,
}

/// Takes a letter in: `application/json` with the text, or `multipart/form-data` with one file (PDF, DOCX or text, 20 MB).
/// A paper marked secret is refused and nothing of it is kept.
#[utoipa::path(post, path = "/api/v1/letters", tag = "letters", request_body = LetterText,
    responses((status = 201, body = LetterTaken), (status = 422)))]
async fn create(v: Visit, request: Request) -> Result<Response, AppError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    let paper = if kind.starts_with("multipart/form-data") {
        let upload = Upload::from_request(request, &()).await?;
        let missing = || AppError::Invalid(vec![FieldError::new("file", "error-paper-empty")]);
        Paperwork::File(upload.files.into_iter().next().ok_or_else(missing)?)
    } else {
        let Json(given) = Json::<LetterText>::from_request(request, &()).await?;
        Paperwork::Text(given.text)
    };
    let taken = act::take_in(&v, "api", paper).await?;
    let duplicates = taken.doubles.iter().map(item).collect();
    Ok((StatusCode::CREATED, Answer(LetterTaken { id: taken.id.to_string(), duplicates })).into_response())
}

/// One letter.
#[utoipa::path(get, path = "/api/v1/letters/{id}", tag = "letters", params(("id" = String, Path)),
    responses((status = 200, body = LetterFull), (status = 404)))]
async fn get(v: Visit, Path(letter): Path<String>) -> Result<Response, AppError> {
    let letter = letters::get(&mut v.app.db.read().await?, v.scope(), id(&letter)?).await?;
    let edits = serde_json::to_value(&letter.edits).map_err(anyhow::Error::from)?;
    let full = LetterFull {
        letter: item(&letter.row),
        version: letter.version,
        text: letter.text,
        reading: letter.reading,
        corrected: letter.corrected,
        edits,
        parent: letter.parent.map(|p| p.to_string()),
        sha256: letter.sha256,
    };
    Ok(Answer(full).into_response())
}

/// Corrections.
#[derive(Debug, Deserialize, ToSchema)]
struct Corrections {
    version: i64,
    /// `{"op": "set", "pointer": "/number", "value": "112"}`, `add` to a list, `remove` from it.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Change>,
}

/// Corrects the reading; all changes or none.
#[utoipa::path(patch, path = "/api/v1/letters/{id}", tag = "letters", params(("id" = String, Path)),
    request_body = Corrections, responses((status = 204), (status = 409), (status = 422)))]
async fn edit(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Corrections>,
) -> Result<StatusCode, AppError> {
    let at = id(&letter)?;
    write!(v, tx => letters::edit(tx, v.scope(), at, given.version, &given.changes).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A letter's version, and its text where that was mended.
#[derive(Debug, Deserialize, ToSchema)]
struct Versioned {
    version: i64,
    /// The mended text, for reading again.
    #[serde(default)]
    text: Option<String>,
    /// The letter it acts on, for linking; null for none.
    #[serde(default)]
    parent: Option<String>,
}

/// Reads it again; people's changes stay.
#[utoipa::path(post, path = "/api/v1/letters/{id}/reread", tag = "letters", params(("id" = String, Path)),
    request_body = Versioned, responses((status = 204), (status = 409)))]
async fn reread(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Versioned>,
) -> Result<StatusCode, AppError> {
    act::reread(&v, id(&letter)?, given.version, given.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms the reading.
#[utoipa::path(post, path = "/api/v1/letters/{id}/confirm", tag = "letters", params(("id" = String, Path)),
    request_body = Versioned, responses((status = 204), (status = 409)))]
async fn confirm(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Versioned>,
) -> Result<StatusCode, AppError> {
    let at = id(&letter)?;
    write!(v, tx => letters::confirm(tx, v.scope(), at, given.version).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Files it without ordering anything.
#[utoipa::path(post, path = "/api/v1/letters/{id}/file", tag = "letters", params(("id" = String, Path)),
    request_body = Versioned, responses((status = 204), (status = 409)))]
async fn file(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Versioned>,
) -> Result<StatusCode, AppError> {
    let at = id(&letter)?;
    write!(v, tx => letters::file(tx, v.scope(), at, given.version).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a filed letter up again.
#[utoipa::path(post, path = "/api/v1/letters/{id}/unfile", tag = "letters", params(("id" = String, Path)),
    request_body = Versioned, responses((status = 204), (status = 409)))]
async fn unfile(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Versioned>,
) -> Result<StatusCode, AppError> {
    let at = id(&letter)?;
    write!(v, tx => letters::unfile(tx, v.scope(), at, given.version).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says which letter it acts on.
#[utoipa::path(post, path = "/api/v1/letters/{id}/parent", tag = "letters", params(("id" = String, Path)),
    request_body = Versioned, responses((status = 204), (status = 409)))]
async fn parent(
    v: Visit,
    Path(letter): Path<String>,
    Json(given): Json<Versioned>,
) -> Result<StatusCode, AppError> {
    let at = id(&letter)?;
    let parent = given.parent.as_deref().map(id).transpose()?;
    write!(v, tx => letters::link(tx, v.scope(), at, given.version, parent).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Drafts the campaign of a confirmed letter.
#[utoipa::path(post, path = "/api/v1/letters/{id}/campaign", tag = "letters", params(("id" = String, Path)),
    responses((status = 201, body = super::Made), (status = 422)))]
async fn draft(v: Visit, Path(letter): Path<String>, _: crate::ApiGuard) -> Result<Response, AppError> {
    Ok(made(act::draft(&v, id(&letter)?).await?))
}

/// The file as it came.
#[utoipa::path(get, path = "/api/v1/letters/{id}/original", tag = "letters", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404)))]
async fn original(v: Visit, Path(letter): Path<String>) -> Result<Response, AppError> {
    download(&v, &letter).await
}
