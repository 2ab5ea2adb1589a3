//! `Idempotency-Key`: a create of the API sent twice is done once. See [`store::sign_in::idempotency`].

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::id::{Id, kind};
use http_body_util::{BodyExt, Limited};
use sha2::{Digest, Sha256};
use store::sign_in::idempotency::{self, Begun};

use crate::{App, AppError, User};

/// Bodies up to this size are part of what makes two requests the same; of larger ones (files) only length and type.
const DIGESTED_MAX: usize = 1024 * 1024;
/// Answers up to this size are kept; creates answer with one record.
const KEPT_MAX: usize = 256 * 1024;

/// An answer of the API that shows a secret once: a code, a token. It is not kept for a repeated request, which learns
/// that it was told. Every answer with a secret in it is wrapped in this.
pub(crate) struct ToldOnce<T>(pub T);

/// Marks the answer, for [`once`].
#[derive(Clone)]
struct Secret;

impl<T: serde::Serialize> IntoResponse for ToldOnce<T> {
    fn into_response(self) -> Response {
        (Extension(Secret), axum::Json(self.0)).into_response()
    }
}

/// Runs a request once per key and person.
pub(crate) async fn once(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let person = request.extensions().get::<Arc<User>>().and_then(|u| u.person);
    let key = request.headers().get("idempotency-key").cloned();
    let (Some(person), Some(key)) = (person, key) else { return Ok(next.run(request).await) };
    if request.method() != Method::POST || !request.uri().path().starts_with("/api/") {
        return Ok(next.run(request).await);
    }
    let key = key.to_str().ok().filter(|k| !k.is_empty() && k.len() <= idempotency::KEY_MAX);
    let key = key.ok_or_else(|| AppError::Unreadable("Idempotency-Key: 1 to 200 ASCII characters".into()))?;
    let (request, digest) = digested(request).await?;
    let now = app.clock.now();
    match idempotency::begin(&app.db, person, key, &digest, now).await? {
        Begun::Run => {}
        Begun::Answer { status, response } => return Ok(again(status, response)),
        Begun::Told => return Err(AppError::Refused("error-repeat-told".into())),
        Begun::Running => return Err(AppError::Refused("error-repeat-running".into())),
        Begun::Other => return Err(AppError::Refused("error-repeat-other".into())),
    }
    let response = next.run(request).await;
    kept(&app, person, key, response).await
}

async fn digested(request: Request) -> Result<(Request, String), AppError> {
    let (parts, body) = request.into_parts();
    let header = |name| parts.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string());
    hash.update([0]);
    hash.update(header(header::CONTENT_TYPE));
    hash.update([0]);
    let length =
        std::str::from_utf8(header(header::CONTENT_LENGTH)).ok().and_then(|l| l.parse::<usize>().ok());
    let body = if length.is_some_and(|l| l <= DIGESTED_MAX) {
        let bytes =
            Limited::new(body, DIGESTED_MAX).collect().await.map_err(|_| AppError::TooLarge)?.to_bytes();
        hash.update(&bytes);
        Body::from(bytes)
    } else {
        hash.update(length.unwrap_or_default().to_be_bytes());
        body
    };
    Ok((Request::from_parts(parts, body), hex::encode(hash.finalize())))
}

async fn kept(
    app: &App,
    person: Id<kind::Person>,
    key: &str,
    response: Response,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    if !response.status().is_success() {
        idempotency::forget(&app.db, person, key, now).await?;
        return Ok(response);
    }
    if response.extensions().get::<Secret>().is_some() {
        idempotency::finish(&app.db, person, key, response.status().as_u16(), None, now).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(anyhow::Error::from)?.to_bytes();
    let text =
        if bytes.len() <= KEPT_MAX { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() };
    idempotency::finish(&app.db, person, key, parts.status.as_u16(), Some(&text), now).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn again(status: u16, response: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let replayed = [("content-type", "application/json"), ("idempotency-replayed", "true")];
    (status, replayed, response).into_response()
}
