//! Maintenance of an outside system: not listened to until an hour, by a button and through the API.

use crate::route::operation as route;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::right::Right;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::callouts::{self, Pausable, Pause};
use utoipa::ToSchema;

use super::write;
use crate::{Access, AppError, Form, Json, LIMIT_FORM, Page, Route, Visit};

/// Hours offered: a restart, a morning, a night, a move of rooms.
pub(super) const HOURS: [i64; 6] = [1, 4, 8, 24, 72, 168];

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/roster/monitors/{id}/pause", prepare, monitor),
        Route::post("/roster/inlets/{id}/pause", prepare, inlet),
        Route::api(prepare, LIMIT_FORM, route!(api_monitor)),
        Route::api(prepare, LIMIT_FORM, route!(api_inlet)),
    ]
}

/// Until when and why, in words; `None` where it is listened to.
pub(super) fn said(p: &Page, pause: Option<&Pause>) -> Option<(String, String)> {
    pause.map(|of| (p.time(&of.until), of.why.clone()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    /// None, or none that is a number: it is listened to again.
    hours: String,
    why: String,
}

async fn monitor(v: Visit, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let of = Pausable::Monitor(id.parse().map_err(|_| AppError::NotFound)?);
    pressed(&v, of, &typed, "/roster/monitors").await
}

async fn inlet(v: Visit, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let of = Pausable::Inlet(id.parse().map_err(|_| AppError::NotFound)?);
    pressed(&v, of, &typed, "/roster/inlets").await
}

async fn pressed(v: &Visit, of: Pausable, typed: &Typed, to: &str) -> Result<Response, AppError> {
    let hours: Option<i64> = typed.hours.parse().ok().filter(|h| HOURS.contains(h));
    let until = hours.and_then(|h| v.now.checked_add(SignedDuration::from_hours(h)).ok());
    let done = write!(v, tx => callouts::pause(tx, v.scope(), of, until, &typed.why).await);
    v.acted(to, done, if until.is_some() { "pause-begun" } else { "pause-ended" })
}

/// Until when nobody is called, and why.
#[derive(Deserialize, ToSchema)]
struct PauseGiven {
    /// At most a week ahead; left out: it is listened to again from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    #[serde(default)]
    why: String,
}

/// A monitor's silence calls nobody until then
#[utoipa::path(post, path = "/api/v1/monitors/{id}/pause", tag = "callouts", params(("id" = String, Path)), request_body = PauseGiven, responses((status = 204)))]
async fn api_monitor(
    v: Visit,
    Path(id): Path<String>,
    Json(given): Json<PauseGiven>,
) -> Result<StatusCode, AppError> {
    let of = Pausable::Monitor(id.parse().map_err(|_| AppError::NotFound)?);
    write!(v, tx => callouts::pause(tx, v.scope(), of, given.until, &given.why).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is reported at an inlet begins no call-out until then
#[utoipa::path(post, path = "/api/v1/inlets/{id}/pause", tag = "callouts", params(("id" = String, Path)), request_body = PauseGiven, responses((status = 204)))]
async fn api_inlet(
    v: Visit,
    Path(id): Path<String>,
    Json(given): Json<PauseGiven>,
) -> Result<StatusCode, AppError> {
    let of = Pausable::Inlet(id.parse().map_err(|_| AppError::NotFound)?);
    write!(v, tx => callouts::pause(tx, v.scope(), of, given.until, &given.why).await)?;
    Ok(StatusCode::NO_CONTENT)
}
