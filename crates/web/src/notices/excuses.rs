//! Excusing recipients of a notice through the API.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::id::{Id, kind};
use serde::Deserialize;
use store::notices;
use utoipa::ToSchema;

use super::{id, write};
use crate::{AppError, Json, Visit};

/// Who is excused, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NoticeExcuse {
    /// Ids of recipients, at most 100.
    #[serde(default)]
    people: Vec<String>,
    /// One line: on leave until a date, retired, seconded.
    #[serde(default)]
    reason: String,
}

fn people(given: &NoticeExcuse) -> Result<Vec<Id<kind::Recipient>>, AppError> {
    given.people.iter().map(|p| id(p)).collect()
}

/// Excuses recipients with a reason: they are not waited for, and told apart. Who has done all stays as they are.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/excuse", tag = "notices", request_body = NoticeExcuse,
    params(("notice" = String, Path)), responses((status = 204)))]
pub(super) async fn excuse(
    v: Visit,
    Path(notice): Path<String>,
    Json(given): Json<NoticeExcuse>,
) -> Result<Response, AppError> {
    let (at, who) = (id(&notice)?, people(&given)?);
    write!(v, tx => notices::excuse(tx, v.scope(), &*v.app.ids, at, &who, &given.reason).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Expects excused recipients again.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/expect", tag = "notices", request_body = NoticeExcuse,
    params(("notice" = String, Path)), responses((status = 204)))]
pub(super) async fn expect(
    v: Visit,
    Path(notice): Path<String>,
    Json(given): Json<NoticeExcuse>,
) -> Result<Response, AppError> {
    let (at, who) = (id(&notice)?, people(&given)?);
    write!(v, tx => notices::expect(tx, v.scope(), &*v.app.ids, at, &who).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
