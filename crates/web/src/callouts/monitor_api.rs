//! Monitors for programs.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path, http::StatusCode};
use domain::{
    id::{Id, kind},
    paging::Severity,
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::{
    callouts::{self, NewMonitor},
    sign_in::digest,
};
use utoipa::ToSchema;

use super::{monitors::secret, tools, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit, security::repeat::ToldOnce};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::api(Access::Right(Right::See), LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(create)),
        Route::api(prepare, LIMIT_FORM, route!(close)),
        Route::api(prepare, LIMIT_FORM, route!(beat)),
    ]
}

/// A monitor.
#[derive(Serialize, ToSchema)]
struct MonitorView {
    id: String,
    body: String,
    body_name: String,
    name: String,
    every_minutes: u32,
    grace_minutes: u32,
    /// `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    last_at: Option<String>,
    /// From then on without a sign of life it is silent.
    deadline: String,
    silent: bool,
    /// Until then its silence calls nobody.
    paused_until: Option<String>,
}

/// A monitor to be made.
#[derive(Deserialize, ToSchema)]
struct MonitorGiven {
    body: String,
    name: String,
    /// A sign of life at least so often.
    #[serde(default = "ten")]
    every_minutes: u32,
    /// And so much later at most.
    #[serde(default = "five")]
    grace_minutes: u32,
    /// Absent: `high`.
    #[serde(default)]
    severity: String,
}

const fn ten() -> u32 {
    10
}

const fn five() -> u32 {
    5
}

/// A monitor that was made.
#[derive(Serialize, ToSchema)]
struct MonitorMade {
    id: String,
    /// Called by the system that is listened to (GET, POST or HEAD). Shown this once.
    address: String,
}

/// Monitors of outside systems
#[utoipa::path(get, path = "/api/v1/monitors", tag = "callouts", responses((status = 200, body = Vec<MonitorView>)))]
async fn list(v: Visit) -> Result<Answer<Vec<MonitorView>>, AppError> {
    let found = callouts::monitors(&mut v.app.db.read().await?, v.scope(), v.now).await?;
    let view = |m: callouts::Monitor| MonitorView {
        id: m.id.to_string(),
        body: m.body.to_string(),
        body_name: m.body_name,
        name: m.name,
        every_minutes: m.every_minutes,
        grace_minutes: m.grace_minutes,
        severity: m.severity.name(),
        last_at: m.last_at.map(|t| t.to_string()),
        deadline: m.deadline.to_string(),
        silent: m.deadline <= v.now,
        paused_until: m.paused.map(|p| p.until.to_string()),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// Makes a monitor; its address is shown once
#[utoipa::path(post, path = "/api/v1/monitors", tag = "callouts", request_body = MonitorGiven, responses((status = 201, body = MonitorMade)))]
async fn create(
    v: Visit,
    Json(given): Json<MonitorGiven>,
) -> Result<(StatusCode, ToldOnce<MonitorMade>), AppError> {
    let wrong = || AppError::Unreadable("severity".to_owned());
    let severity = match given.severity.as_str() {
        "" => Severity::High,
        word => Severity::parse(word).ok_or_else(wrong)?,
    };
    let secret = secret(&v);
    let new = NewMonitor {
        id: v.id(),
        body: given.body.parse().map_err(|_| AppError::NotFound)?,
        name: given.name,
        digest: digest(&secret),
        every_minutes: given.every_minutes,
        grace_minutes: given.grace_minutes,
        severity,
    };
    write!(v, tx => callouts::make_monitor(tx, v.scope(), &new).await)?;
    let address = format!("{}/beat/{secret}", v.app.config.public_url);
    Ok((StatusCode::CREATED, ToldOnce(MonitorMade { id: new.id.to_string(), address })))
}

/// Closes a monitor: it is listened to no more
#[utoipa::path(delete, path = "/api/v1/monitors/{id}", tag = "callouts", params(("id" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(id): Path<Id<kind::Monitor>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => callouts::close_monitor(tx, v.scope(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a monitor a sign of life, for a program that has a token instead of the monitor's address
#[utoipa::path(post, path = "/api/v1/monitors/{id}/beat", tag = "callouts", params(("id" = String, Path)), responses((status = 204)))]
async fn beat(v: Visit, Path(id): Path<Id<kind::Monitor>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let tools = tools(&v);
    write!(v, tx => callouts::beat_of(tx, v.scope(), &tools, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
