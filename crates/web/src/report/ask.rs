//! A draft is laid before its signer, or comes back with a reason: by page and for programs.

use crate::route::operation as route;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::right::Right;
use serde::Deserialize;
use store::{
    assignments::Tools,
    reports::{self, Report},
};
use utoipa::ToSchema;

use super::{api::VersionView, report, write};
use crate::{Access, AppError, Flash, Form, Json, LIMIT_FORM, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let (prepare, sign) = (Access::Right(Right::Prepare), Access::Right(Right::Sign));
    vec![
        Route::post("/reports/up/{report}/submit", prepare, submit),
        Route::post("/reports/up/{report}/return", sign, send_back),
        Route::api(prepare, LIMIT_FORM, route!(api_submit)),
        Route::api(sign, LIMIT_FORM, route!(api_return)),
    ]
}

/// What writes need from outside.
pub(super) fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.pack() }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    version: i64,
    why: String,
}

async fn submit_it(v: &Visit, of: &Report, version: i64) -> Result<(), AppError> {
    let tools = tools(v);
    Ok(write!(v, tx => reports::submit(tx, v.scope(), &tools, of.id, version).await)?)
}

async fn return_it(v: &Visit, of: &Report, version: i64, why: &str) -> Result<(), AppError> {
    let tools = tools(v);
    Ok(write!(v, tx => reports::send_back(tx, v.scope(), &tools, of.id, version, why).await)?)
}

fn back(v: &Visit, of: &Report, done: Result<(), AppError>, flash: &str) -> Result<Response, AppError> {
    let to = format!("/reports/up/{}", of.id);
    match done {
        Ok(()) => Ok(v.redirect(&to, Flash::ok(flash))),
        Err(AppError::Refused(why)) => Ok(v.redirect(&to, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}

async fn submit(v: Visit, Path(of): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let done = submit_it(&v, &report, sent.version).await;
    back(&v, &report, done, "report-asked-done")
}

async fn send_back(v: Visit, Path(of): Path<String>, Form(sent): Form<Sent>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let done = return_it(&v, &report, sent.version, &sent.why).await;
    back(&v, &report, done, "report-returned-done")
}

/// Lays a draft before those who may sign it; editing takes it back
#[utoipa::path(post, path = "/api/v1/reports/up/{report}/submit", tag = "reports", request_body = VersionView, responses((status = 204)))]
async fn api_submit(
    v: Visit,
    Path(of): Path<String>,
    Json(sent): Json<VersionView>,
) -> Result<StatusCode, AppError> {
    submit_it(&v, &report(&v, &of).await?, sent.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a draft comes back unsigned.
#[derive(Deserialize, ToSchema)]
struct ReturnView {
    version: i64,
    /// The reason, for whoever prepared it.
    why: String,
}

/// Sends a draft that waits for signature back to whoever prepared it
#[utoipa::path(post, path = "/api/v1/reports/up/{report}/return", tag = "reports", request_body = ReturnView, responses((status = 204)))]
async fn api_return(
    v: Visit,
    Path(of): Path<String>,
    Json(sent): Json<ReturnView>,
) -> Result<StatusCode, AppError> {
    return_it(&v, &report(&v, &of).await?, sent.version, &sent.why).await?;
    Ok(StatusCode::NO_CONTENT)
}
