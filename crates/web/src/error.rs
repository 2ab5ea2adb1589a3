//! The one error of the web floor. It becomes a page or a problem+json document (RFC 9457) only at the edge.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Serialize;
use store::StoreError;

use crate::{App, Page, User, Visit, flash};

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Not there, or not theirs to know of.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in.
    #[error("sign in first")]
    SignIn,
    /// Known to exist, but not theirs to do.
    #[error("forbidden")]
    Forbidden,
    /// The form's token is missing or wrong.
    #[error("form token missing or wrong")]
    Csrf,
    /// The request has the wrong shape: a fault of the program that sent it.
    #[error("unreadable request: {0}")]
    Unreadable(String),
    /// The wrong content type.
    #[error("unsupported content type")]
    Unsupported,
    /// Some fields cannot be accepted; forms show them at the field, the API lists them.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// A rule forbids it: the id of a text `error-…` that says which and what to do.
    #[error("refused: {0}")]
    Refused(String),
    /// Somebody else changed it in between.
    #[error("changed in between")]
    Stale,
    /// The body is over the route's limit.
    #[error("too large")]
    TooLarge,
    /// Too many requests; try again after so many seconds.
    #[error("too many requests")]
    TooMany(u32),
    /// It took too long.
    #[error("too slow")]
    TooSlow,
    /// The method is not one of the route's.
    #[error("wrong method")]
    WrongMethod,
    /// Our fault.
    #[error("internal: {0}")]
    Internal(#[from] anyhow::Error),
}

/// A field that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Which field.
    pub field: String,
    /// The id of a text `error-…`.
    pub code: String,
}

impl FieldError {
    /// A field and the id of the text that says what is wrong with it.
    pub fn new(field: &str, code: &str) -> Self {
        Self { field: field.to_owned(), code: code.to_owned() }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => AppError::NotFound,
            StoreError::Refused("too-large") => AppError::TooLarge,
            StoreError::Refused(code) => AppError::Refused(format!("error-{code}")),
            StoreError::Stale | StoreError::Conflict => AppError::Stale,
            StoreError::Duplicate(_) => AppError::Refused("error-duplicate".into()),
            other => AppError::Internal(other.into()),
        }
    }
}

impl AppError {
    fn status(&self) -> StatusCode {
        match self {
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::SignIn => StatusCode::UNAUTHORIZED,
            AppError::Forbidden | AppError::Csrf => StatusCode::FORBIDDEN,
            AppError::Unreadable(_) => StatusCode::BAD_REQUEST,
            AppError::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            AppError::Invalid(_) | AppError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::Stale => StatusCode::CONFLICT,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            AppError::TooSlow => StatusCode::REQUEST_TIMEOUT,
            AppError::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The id of the text that tells a person what happened and what to do.
    fn text(&self) -> &str {
        match self {
            AppError::NotFound => "error-not-found",
            AppError::SignIn => "error-sign-in",
            AppError::Forbidden => "error-forbidden",
            AppError::Csrf => "error-csrf",
            AppError::Unreadable(_) => "error-unreadable",
            AppError::Unsupported => "error-unsupported",
            AppError::Invalid(_) => "error-invalid",
            AppError::Refused(id) => id,
            AppError::Stale => "error-stale",
            AppError::TooLarge => "error-too-large",
            AppError::TooMany(_) => "error-too-many",
            AppError::TooSlow => "error-too-slow",
            AppError::WrongMethod => "error-wrong-method",
            AppError::Internal(_) => "error-internal",
        }
    }
}

impl IntoResponse for AppError {
    /// Only the status and the error itself; [`render`] writes the words, since they depend on who asks.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The problem document of the API.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Stable: `about:blank` is never used; `/problems/CODE`.
    r#type: String,
    /// One translated sentence.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Particulars for the programmer.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Name it when you report a fault.
    operation: String,
    /// The fields that cannot be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    p: Page,
    text: String,
    operation: String,
}

/// Writes the words of an error for whoever asked, and takes away a flash that was shown.
pub(crate) async fn render(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let user = request.extensions().get::<Arc<User>>().cloned().unwrap_or_else(|| Arc::new(User::nobody()));
    let visit = Visit::new(app, user, request.headers(), request.uri().clone());
    let mut response = next.run(request).await;
    let error = response.extensions().get::<Arc<AppError>>().cloned().or_else(|| plain(response.status()));
    if let Some(error) = error {
        return words(&visit, &error, response.headers().get(header::ALLOW).cloned());
    }
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|k| k.as_bytes().starts_with(b"text/html"));
    if visit.flash.is_some() && is_page {
        flash::clear(&mut response);
    }
    response
}

/// Refusals that come from a layer, not from a handler.
fn plain(status: StatusCode) -> Option<Arc<AppError>> {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Some(Arc::new(AppError::TooLarge)),
        StatusCode::REQUEST_TIMEOUT => Some(Arc::new(AppError::TooSlow)),
        StatusCode::METHOD_NOT_ALLOWED => Some(Arc::new(AppError::WrongMethod)),
        StatusCode::BAD_REQUEST => Some(Arc::new(AppError::Unreadable("malformed request".into()))),
        _ => None,
    }
}

pub(crate) fn words(visit: &Visit, error: &AppError, allow: Option<HeaderValue>) -> Response {
    let operation = visit.app.ids.next().to_string();
    if let AppError::Internal(cause) = error {
        tracing::error!(%operation, path = visit.uri.path(), "request failed: {cause:#}");
    }
    let status = error.status();
    let is_api = visit.uri.path().starts_with("/api/");
    if matches!(error, AppError::SignIn) && !is_api {
        let next: String = form_urlencoded::byte_serialize(visit.uri.to_string().as_bytes()).collect();
        return Redirect::to(&format!("/login?next={next}")).into_response();
    }
    let text = visit.t(error.text());
    let mut response =
        if is_api { problem(error, text, operation) } else { page(visit, error, text, operation) };
    *response.status_mut() = status;
    if let AppError::TooMany(seconds) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    if matches!(error, AppError::SignIn) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn problem(error: &AppError, title: String, operation: String) -> Response {
    let code = error.text().trim_start_matches("error-");
    let (detail, errors) = match error {
        AppError::Unreadable(why) => (Some(why.clone()), Vec::new()),
        AppError::Invalid(fields) => (None, fields.clone()),
        _ => (None, Vec::new()),
    };
    let status = error.status().as_u16();
    let document = Problem { r#type: format!("/problems/{code}"), title, status, detail, operation, errors };
    let mut response = axum::Json(document).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn page(visit: &Visit, error: &AppError, text: String, operation: String) -> Response {
    let p = visit.page(text.clone());
    let shown = if matches!(error, AppError::Internal(_)) { operation } else { String::new() };
    let body = ErrorPage { p, text, operation: shown }.render();
    Html(body.unwrap_or_else(|_| visit.t("error-internal"))).into_response()
}

pub(crate) async fn no_such_page() -> AppError {
    AppError::NotFound
}

pub(crate) async fn wrong_method() -> AppError {
    AppError::WrongMethod
}
