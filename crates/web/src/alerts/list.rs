//! The queue: what is not dealt with, the worst first; what one has; everything.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{paging::Severity, right::Right};
use jiff::Timestamp;
use paper::sheet::Cell;
use serde::Deserialize;
use store::alerts::{self, Filter, Shown, Side};

use super::{AlertId, say, tabs};
use crate::{
    Access, AppError, Page, Route, Visit,
    register::{Options, body_options},
};

/// So many at once.
const PAGE: u32 = 100;
/// So many in a file.
const FILE_MAX: u32 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![Route::get("/alerts", read, list), Route::get("/alerts.csv", read, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Asked {
    pub side: String,
    pub body: String,
    pub severity: String,
    pub rule: String,
    pub before: String,
    pub after_id: String,
}

impl Asked {
    pub fn filter(&self, v: &Visit) -> Filter {
        let side = match self.side.as_str() {
            "mine" => Side::Mine,
            "all" => Side::All,
            _ => Side::Open,
        };
        Filter {
            side,
            me: v.user.person,
            under: self.body.parse().ok(),
            from: Severity::parse(&self.severity),
            rule: self.rule.clone(),
        }
    }
    pub fn before(&self) -> Option<(Timestamp, AlertId)> {
        Some((self.before.parse().ok()?, self.after_id.parse().ok()?))
    }
    fn query(&self, side: &str, more: &[(&str, String)]) -> String {
        let mut q = form_urlencoded::Serializer::new(String::new());
        let own = [("side", side), ("body", &self.body), ("severity", &self.severity), ("rule", &self.rule)];
        q.extend_pairs(own.into_iter().filter(|(_, v)| !v.is_empty())).extend_pairs(more);
        q.finish()
    }
}

#[derive(Template)]
#[template(path = "alerts/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    sides: Vec<(String, String, bool)>,
    asked: Asked,
    bodies: Options,
    severities: Options,
    rows: Vec<Row>,
    more: String,
    csv: String,
    again: String,
}

/// An alert as a row.
pub(super) struct Row {
    pub id: AlertId,
    pub title: String,
    pub body: String,
    pub host: String,
    pub severity: (&'static str, String),
    pub status: (&'static str, String),
    pub owner: String,
    pub events: u64,
    pub at: String,
    pub at_iso: String,
    pub burning: bool,
}

pub(super) fn row(v: &Visit, p: &Page, s: &Shown) -> Row {
    let a = &s.alert;
    Row {
        id: a.id,
        title: say::title(v, a),
        body: s
            .system_name
            .as_ref()
            .map_or_else(|| s.body_name.clone(), |y| format!("{} · {y}", s.body_name)),
        host: a.host.clone(),
        severity: say::severity(v, a.severity),
        status: say::status(v, a.status),
        owner: s.owner_name.clone().unwrap_or_default(),
        events: a.events,
        at: p.time(&a.last_at),
        at_iso: a.last_at.to_string(),
        burning: a.status == domain::alert::Status::New && a.severity >= Severity::High,
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filter = asked.filter(&v);
    let found = alerts::list(&mut sql, v.scope(), &filter, asked.before(), PAGE + 1).await?;
    let bodies = body_options(&v, &mut sql, Right::Read, Some("roster-any-body")).await?;
    drop(sql);
    let p = v.page(v.t("alert-title"));
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = match found.get(page).and(found.get(page.saturating_sub(1))) {
        Some(last) if filter.side == Side::All => {
            let at = [("before", last.alert.raised_at.to_string()), ("after_id", last.alert.id.to_string())];
            format!("/alerts?{}", asked.query(&asked.side, &at))
        }
        _ => String::new(),
    };
    let sides = [
        ("", Side::Open, "alert-side-open"),
        ("mine", Side::Mine, "alert-side-mine"),
        ("all", Side::All, "alert-side-all"),
    ];
    let severities = Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(&v, *s).1));
    v.html(&ListPage {
        tabs: tabs(&v, "alerts"),
        sides: sides
            .iter()
            .map(|(word, side, id)| {
                (format!("/alerts?{}", asked.query(word, &[])), v.t(id), *side == filter.side)
            })
            .collect(),
        rows: found.iter().take(page).map(|s| row(&v, &p, s)).collect(),
        more,
        csv: format!("/alerts.csv?{}", asked.query(&asked.side, &[])),
        again: v.uri.to_string(),
        bodies,
        severities: std::iter::once((String::new(), v.t("alert-any-severity"))).chain(severities).collect(),
        asked,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = alerts::list(&mut sql, v.scope(), &asked.filter(&v), None, FILE_MAX).await?;
    drop(sql);
    let p = v.page(String::new());
    let heads = [
        "alert-what",
        "roster-body",
        "alert-host",
        "callout-severity",
        "callout-standing",
        "alert-owner",
        "alert-events",
        "alert-last",
    ];
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .map(|s| row(&v, &p, s))
        .map(|r| {
            let cells =
                [r.title, r.body, r.host, r.severity.1, r.status.1, r.owner, r.events.to_string(), r.at];
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    Ok(v.csv("alerts", &heads, &rows))
}
