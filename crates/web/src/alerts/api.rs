//! The same for programs.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
};
use domain::{paging::Severity, right::Right};
use serde::{Deserialize, Serialize};
use store::alerts::{self, Filter, Shown, Side};
use utoipa::{IntoParams, ToSchema};

use super::{AlertId, say, show::read, tools, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit};

/// So many at once.
const PAGE_MAX: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::Read);
    vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(see, LIMIT_FORM, route!(get)),
        Route::api(Access::Right(Right::Answer), LIMIT_FORM, route!(act)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AlertsAsked {
    /// `open` (not over), `mine` (owned by the asker), `all`.
    side: String,
    /// Only of that body and those below it.
    body: String,
    /// At least as bad: `low`, `medium`, `high`, `critical`.
    severity: String,
    /// Only what the rule of that id found.
    rule: String,
    /// Of `all`: `raised_at` and `id` of the last one seen.
    before: String,
    /// See `before`.
    after_id: String,
}

/// An alert.
#[derive(Serialize, ToSchema)]
struct AlertView {
    id: String,
    body: String,
    body_name: String,
    system: Option<String>,
    /// The rule's id, or `canh.storm`.
    rule: String,
    title: String,
    /// `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    /// Why it is worse than the rule says, in words.
    why: Vec<String>,
    host: String,
    account: String,
    address: String,
    first_at: String,
    last_at: String,
    raised_at: String,
    events: u64,
    /// `new`, `owned`, `closed`, `false-positive`.
    status: &'static str,
    owner: Option<String>,
    owned_at: Option<String>,
    closed_at: Option<String>,
}

fn view(v: &Visit, s: &Shown) -> AlertView {
    let a = &s.alert;
    AlertView {
        id: a.id.to_string(),
        body: a.body.to_string(),
        body_name: s.body_name.clone(),
        system: a.system.map(|y| y.to_string()),
        rule: a.rule.clone(),
        title: say::title(v, a),
        severity: a.severity.name(),
        why: say::why(v, &a.why),
        host: a.host.clone(),
        account: a.account.clone(),
        address: a.address.clone(),
        first_at: a.first_at.to_string(),
        last_at: a.last_at.to_string(),
        raised_at: a.raised_at.to_string(),
        events: a.events,
        status: a.status.name(),
        owner: s.owner_name.clone(),
        owned_at: a.owned_at.map(|t| t.to_string()),
        closed_at: a.closed_at.map(|t| t.to_string()),
    }
}

/// A field that matched.
#[derive(Serialize, ToSchema)]
struct AlertReason {
    field: String,
    value: String,
    asked: String,
}

/// One event of an alert.
#[derive(Serialize, ToSchema)]
struct AlertEvent {
    at: String,
    source: String,
    because: Vec<AlertReason>,
    raw: String,
}

/// An alert with its first events.
#[derive(Serialize, ToSchema)]
struct AlertFull {
    alert: AlertView,
    events: Vec<AlertEvent>,
}

/// Alerts: of `open` and `mine` the worst first, of `all` the newest; at most 200
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(AlertsAsked), responses((status = 200, body = Vec<AlertView>)))]
async fn list(v: Visit, Query(asked): Query<AlertsAsked>) -> Result<Answer<Vec<AlertView>>, AppError> {
    let side = match asked.side.as_str() {
        "mine" => Side::Mine,
        "all" => Side::All,
        _ => Side::Open,
    };
    let filter = Filter {
        side,
        me: v.user.person,
        under: asked.body.parse().ok(),
        from: Severity::parse(&asked.severity),
        rule: asked.rule,
    };
    let before = asked.before.parse().ok().zip(asked.after_id.parse().ok());
    let mut sql = v.app.db.read().await?;
    let found = alerts::list(&mut sql, v.scope(), &filter, before, PAGE_MAX).await?;
    Ok(Answer(found.iter().map(|s| view(&v, s)).collect()))
}

/// One alert with its first events
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)), responses((status = 200, body = AlertFull)))]
async fn get(v: Visit, Path(id): Path<AlertId>) -> Result<Answer<AlertFull>, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = alerts::get(&mut sql, v.scope(), id).await?;
    let events = alerts::events(&mut sql, v.scope(), id).await?;
    let events = events.into_iter().map(|e| AlertEvent {
        at: e.event.at.to_string(),
        source: e.event.source.to_string(),
        because: e
            .event
            .because
            .into_iter()
            .map(|b| AlertReason { field: b.field, value: b.value, asked: b.asked })
            .collect(),
        raw: e.event.raw,
    });
    Ok(Answer(AlertFull { alert: view(&v, &s), events: events.collect() }))
}

/// What is done about an alert.
#[derive(Deserialize, ToSchema)]
struct AlertAct {
    /// `own`, `comment`, `close`, `false-positive`, `reopen`.
    #[serde(rename = "do")]
    what: String,
    /// Needed by all but `own`.
    #[serde(default)]
    note: String,
}

/// Whether an act changed anything.
#[derive(Serialize, ToSchema)]
struct AlertActed {
    changed: bool,
}

/// Own, comment, close, mark as false, open again
#[utoipa::path(post, path = "/api/v1/alerts/{id}/act", tag = "alerts", params(("id" = String, Path)), request_body = AlertAct, responses((status = 200, body = AlertActed)))]
async fn act(
    v: Visit,
    Path(id): Path<AlertId>,
    _: ApiGuard,
    Json(asked): Json<AlertAct>,
) -> Result<Answer<AlertActed>, AppError> {
    let act = read(&asked.what, asked.note)?;
    let tools = tools(&v);
    let changed = write!(v, tx => alerts::act(tx, v.scope(), &tools, id, &act, "api").await)?;
    Ok(Answer(AlertActed { changed }))
}
