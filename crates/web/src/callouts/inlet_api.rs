//! Inlets for programs.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path, http::StatusCode};
use domain::{
    id::{Id, kind},
    paging::{Severity, outside::Tongue},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::callouts::{self, Became};
use utoipa::ToSchema;

use super::{
    inlets::{self, LIMIT_REPORT},
    tools, write,
};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit, security::repeat::ToldOnce};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::api(Access::Right(Right::See), LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(create)),
        Route::api(prepare, LIMIT_FORM, route!(close)),
        Route::api(prepare, LIMIT_REPORT, route!(report)),
    ]
}

/// An inlet.
#[derive(Serialize, ToSchema)]
struct InletView {
    id: String,
    body: String,
    body_name: String,
    name: String,
    /// `alertmanager` or `signed`.
    tongue: &'static str,
    /// Of a report that names none: `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    last_at: Option<String>,
    /// Its call-outs under way.
    open: u32,
    /// Until then what is reported calls nobody.
    paused_until: Option<String>,
}

/// An inlet to be made.
#[derive(Deserialize, ToSchema)]
struct InletGiven {
    body: String,
    name: String,
    /// Absent: `alertmanager`.
    #[serde(default)]
    tongue: String,
    /// Absent: `high`.
    #[serde(default)]
    severity: String,
}

/// An inlet that was made.
#[derive(Serialize, ToSchema)]
struct InletMade {
    id: String,
    /// Where the outside system posts its reports. Shown this once.
    address: String,
    /// What signed messages are signed with (`whsec_…`); absent where they are not. Shown this once.
    #[serde(skip_serializing_if = "String::is_empty")]
    secret: String,
}

/// What became of a report.
#[derive(Serialize, ToSchema)]
struct ReportView {
    /// `raised`, `known`, `ended` or `nothing`.
    became: &'static str,
    callout: Option<String>,
}

/// Inlets at which outside systems report
#[utoipa::path(get, path = "/api/v1/inlets", tag = "callouts", responses((status = 200, body = Vec<InletView>)))]
async fn list(v: Visit) -> Result<Answer<Vec<InletView>>, AppError> {
    let found = callouts::inlets(&mut v.app.db.read().await?, v.scope(), v.now).await?;
    let view = |i: callouts::Inlet| InletView {
        id: i.id.to_string(),
        body: i.body.to_string(),
        body_name: i.body_name,
        name: i.name,
        tongue: i.tongue.name(),
        severity: i.severity.name(),
        last_at: i.last_at.map(|t| t.to_string()),
        open: i.open,
        paused_until: i.paused.map(|p| p.until.to_string()),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// Makes an inlet; its address is shown once
#[utoipa::path(post, path = "/api/v1/inlets", tag = "callouts", request_body = InletGiven, responses((status = 201, body = InletMade)))]
async fn create(
    v: Visit,
    Json(given): Json<InletGiven>,
) -> Result<(StatusCode, ToldOnce<InletMade>), AppError> {
    let severity = match given.severity.as_str() {
        "" => Severity::High,
        word => Severity::parse(word).ok_or_else(|| AppError::Unreadable("severity".to_owned()))?,
    };
    let tongue = match given.tongue.as_str() {
        "" => Tongue::Alertmanager,
        word => Tongue::parse(word).ok_or_else(|| AppError::Unreadable("tongue".to_owned()))?,
    };
    let body = given.body.parse().map_err(|_| AppError::NotFound)?;
    let (id, made) = inlets::made(&v, body, &given.name, tongue, severity).await?;
    let made = InletMade { id: id.to_string(), address: made.address, secret: made.secret };
    Ok((StatusCode::CREATED, ToldOnce(made)))
}

/// Closes an inlet: nothing is taken at its address any more
#[utoipa::path(delete, path = "/api/v1/inlets/{id}", tag = "callouts", params(("id" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(id): Path<Id<kind::Inlet>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => callouts::close_inlet(tx, v.scope(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A report, by a program that has a token instead of the inlet's address: Alertmanager's webhook, or the body of a signed message
#[utoipa::path(post, path = "/api/v1/inlets/{id}/reports", tag = "callouts", params(("id" = String, Path)), request_body = Object, responses((status = 200, body = ReportView)))]
async fn report(
    v: Visit,
    Path(id): Path<Id<kind::Inlet>>,
    _: ApiGuard,
    Json(given): Json<serde_json::Value>,
) -> Result<Answer<ReportView>, AppError> {
    let tools = tools(&v);
    let done =
        callouts::report_of(&v.app.db, v.scope(), v.actor(), &tools, v.now, id, &given.to_string()).await;
    let (became, callout) = match done.map_err(inlets::refused)? {
        Became::Raised(id) => ("raised", Some(id)),
        Became::Known(id) => ("known", Some(id)),
        Became::Ended(id) => ("ended", Some(id)),
        Became::Nothing => ("nothing", None),
    };
    Ok(Answer(ReportView { became, callout: callout.map(|id| id.to_string()) }))
}
