//! What the handlers of every room do.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::id::{Id, kind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppError, Visit};

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
pub(crate) use write;

/// The id in a path; what is no id is not there.
pub(crate) fn id<K>(text: &str) -> Result<Id<K>, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// The body somebody works for.
pub(crate) fn own_body(v: &Visit) -> Result<Id<kind::Body>, AppError> {
    v.user.body.ok_or(AppError::Forbidden)
}

/// What was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    /// Its id.
    id: String,
}

/// The answer to a program that made something.
pub(crate) fn made(id: impl ToString) -> Response {
    (StatusCode::CREATED, Json(Made { id: id.to_string() })).into_response()
}
