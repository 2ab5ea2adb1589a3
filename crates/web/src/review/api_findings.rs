//! Findings in the API: how far each body is with a warning, flaws on machines, what is to be done.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
};
use domain::{
    flaw::{Grade, State},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::{
    findings::{self, After, Order, PAGE_MAX},
    warnings,
};
use utoipa::{IntoParams, ToSchema};

use crate::{Access, AppError, LIMIT_FORM, Route, Visit, act::id};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::api(see, LIMIT_FORM, operation!(warning_bodies)),
        Route::api(see, LIMIT_FORM, operation!(all_findings)),
        Route::api(see, LIMIT_FORM, operation!(all_fixes)),
    ]
}

/// A warning in one body.
#[derive(Serialize, ToSchema)]
struct BodySumOut {
    body: String,
    name: String,
    /// Machines in service.
    machines: u32,
    /// Machines that were judged.
    judged: u32,
    /// Machines that have or had a flaw of the warning.
    all: u32,
    /// Of those, all is mended or worked around.
    handled: u32,
    /// Machines of which something cannot be told.
    unclear: u32,
    due_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct BodySumsOut {
    items: Vec<BodySumOut>,
}

/// How far each body is with a warning.
#[utoipa::path(get, path = "/api/v1/warnings/{id}/bodies", tag = "review", responses((status = 200, body = BodySumsOut)))]
async fn warning_bodies(v: Visit, Path(warning): Path<String>) -> Result<Out<BodySumsOut>, AppError> {
    let warning = id(&warning)?;
    let mut sql = v.app.db.read().await?;
    warnings::get(&mut sql, v.scope(), warning).await?;
    let found = findings::body_sums(&mut sql, v.scope(), warning).await?;
    let items = found.into_iter().map(|b| BodySumOut {
        body: b.body.to_string(),
        name: b.name,
        machines: b.hosts,
        judged: b.judged,
        all: b.all,
        handled: b.handled,
        unclear: b.unclear,
        due_at: b.due_at.map(|t| t.to_string()),
    });
    Ok(Out(BodySumsOut { items: items.collect() }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Found {
    /// Part of number, machine or body.
    q: Option<String>,
    /// `affected`, `not-effective`, `unknown`, `fixed`, `not-affected`; what must be dealt with if absent.
    state: Option<String>,
    /// `critical`, `high`, `medium`, `low`, `ungraded`.
    severity: Option<String>,
    /// Id of a body.
    body: Option<String>,
    /// Id of a warning.
    warning: Option<String>,
    /// Only past their due time.
    #[serde(default)]
    overdue: bool,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A flaw on a machine.
#[derive(Serialize, ToSchema)]
#[schema(as = HostFindingOut)]
struct FindingOut {
    host: String,
    host_name: String,
    body: String,
    flaw: String,
    state: &'static str,
    severity: &'static str,
    exploited: bool,
    fix: Option<String>,
    first_seen: Option<String>,
    fixed_at: Option<String>,
    due_at: Option<String>,
    reopened: u32,
    excused_until: Option<String>,
    worked_around_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FindingsOut {
    /// How many fit.
    all: u32,
    /// There are more than that: not all were counted.
    more: bool,
    /// The most pressing of them, behind `after`.
    items: Vec<FindingOut>,
    /// Give it as `after` for the next page; null at the end.
    next: Option<String>,
}

/// Flaws on machines, the earliest due first.
#[utoipa::path(get, path = "/api/v1/host-findings", tag = "review", params(Found), responses((status = 200, body = FindingsOut)))]
async fn all_findings(v: Visit, Query(asked): Query<Found>) -> Result<Out<FindingsOut>, AppError> {
    let filter = findings::Filter {
        text: asked.q,
        state: asked.state.as_deref().and_then(State::parse),
        severity: asked.severity.as_deref().and_then(Grade::parse),
        body: asked.body.as_deref().map(id).transpose()?,
        warning: asked.warning.as_deref().map(id).transpose()?,
        overdue: asked.overdue,
        ..findings::Filter::default()
    };
    let mut sql = v.app.db.read().await?;
    let after: Option<After> = match asked.after.as_deref() {
        Some(after) => Some(after.parse().map_err(|()| AppError::Unreadable("after".into()))?),
        None => None,
    };
    let sum = findings::sum(&mut sql, v.scope(), &filter, v.now).await?;
    let found = findings::findings(&mut sql, v.scope(), &filter, Order::Due, after.as_ref(), v.now).await?;
    let full = found.len() == PAGE_MAX;
    let next = found.last().filter(|_| full).map(|f| After::of(f, Order::Due).to_string());
    let items = found.into_iter().map(|f| FindingOut {
        host: f.host.to_string(),
        host_name: f.host_name,
        body: f.body.to_string(),
        flaw: f.flaw,
        state: f.state.name(),
        severity: f.severity.name(),
        exploited: f.exploited,
        fix: f.fix,
        first_seen: f.first_seen.map(|t| t.to_string()),
        fixed_at: f.fixed_at.map(|t| t.to_string()),
        due_at: f.due_at.map(|t| t.to_string()),
        reopened: f.reopened,
        excused_until: f.excused.map(|(until, _)| until.to_string()),
        worked_around_at: f.workaround.map(|(at, _)| at.to_string()),
    });
    Ok(Out(FindingsOut { all: sum.findings, more: sum.more, items: items.collect(), next }))
}

/// Something to be done.
#[derive(Serialize, ToSchema)]
struct FixOut {
    /// What mends it; absent where nobody names anything.
    fix: Option<String>,
    machines: u32,
    /// Findings it closes.
    closes: u32,
    exploited: bool,
    due_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FixesOut {
    items: Vec<FixOut>,
    /// Give it as `after` for the next page; null at the end.
    next: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FixesAsked {
    /// Id of a body.
    body: Option<String>,
    /// Id of a warning.
    warning: Option<String>,
    /// The `next` of the page before.
    #[serde(default)]
    after: u32,
}

/// What is to be done, what closes most first.
#[utoipa::path(get, path = "/api/v1/fixes", tag = "review", params(FixesAsked), responses((status = 200, body = FixesOut)))]
async fn all_fixes(v: Visit, Query(asked): Query<FixesAsked>) -> Result<Out<FixesOut>, AppError> {
    let body = asked.body.as_deref().map(id).transpose()?;
    let warning = asked.warning.as_deref().map(id).transpose()?;
    let (found, more) =
        findings::fixes(&mut v.app.db.read().await?, v.scope(), body, warning, asked.after).await?;
    let n = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let next = more.then(|| asked.after.saturating_add(n));
    let items = found.into_iter().map(|f| FixOut {
        fix: f.what,
        machines: f.hosts,
        closes: f.closes,
        exploited: f.exploited,
        due_at: f.due_at.map(|t| t.to_string()),
    });
    Ok(Out(FixesOut { items: items.collect(), next }))
}
