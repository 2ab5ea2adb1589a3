//! All findings, and the same as CSV.

use askama::Template;
use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    inspection::{FindingState, Severity, finding},
    right::Right,
    time,
};
use paper::sheet::{Cell, to_csv};
use serde::Deserialize;
use store::inspections::{self, FindingFilter, FindingOrder};

use super::say;
use crate::{Access, AppError, Page, Route, Visit};

const READ: Access = Access::Right(Right::Read);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/findings", READ, list), Route::get("/findings.csv", READ, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    /// A state, or `overdue`.
    state: String,
    severity: String,
    sort: String,
}

#[derive(Template)]
#[template(path = "inspections/findings.html")]
struct FindingsPage {
    p: Page,
    q: String,
    state: String,
    severity: String,
    sort: String,
    query: String,
    csv: String,
    states: Vec<(String, String)>,
    severities: Vec<(String, String)>,
    rows: Vec<Row>,
}

struct Row {
    f: inspections::Finding,
    severity: String,
    due: String,
    class: &'static str,
    word: String,
}

async fn found(v: &Visit, asked: &Asked) -> Result<Vec<inspections::Finding>, AppError> {
    let filter = FindingFilter {
        text: Some(asked.q.clone()),
        state: FindingState::parse(&asked.state),
        severity: Severity::parse(&asked.severity),
        overdue: asked.state == "overdue",
        ..Default::default()
    };
    let order = match asked.sort.trim_start_matches('-') {
        "body" => FindingOrder::Body,
        "severity" => FindingOrder::Severity,
        "made" => FindingOrder::Newest,
        _ => FindingOrder::Due,
    };
    let mut sql = v.app.db.read().await?;
    let mut found = inspections::findings(&mut sql, v.scope(), &filter, order, v.now).await?;
    if asked.sort.starts_with('-') {
        found.reverse();
    }
    Ok(found)
}

fn row(v: &Visit, p: &Page, f: inspections::Finding) -> Row {
    let (class, word) = say::finding(v, f.state, finding::overdue(f.state, f.due_at, v.now));
    Row { severity: say::severity(v, f.severity), due: p.date(&f.due_on), class, word, f }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = found(&v, &asked).await?;
    let p = v.page(v.t("inspect-findings"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    let all = [("q", &asked.q), ("state", &asked.state), ("severity", &asked.severity)];
    query.extend_pairs(all.into_iter().filter(|(_, v)| !v.is_empty()));
    let query = query.finish();
    let mut states = vec![
        (String::new(), v.t("inspect-any-state")),
        ("overdue".to_owned(), v.t("inspect-finding-overdue")),
    ];
    states.extend(FindingState::ALL.iter().map(|s| (s.name().to_owned(), say::finding(&v, *s, false).1)));
    let mut severities = vec![(String::new(), v.t("inspect-any-severity"))];
    severities.extend(Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(&v, *s))));
    v.html(&FindingsPage {
        csv: format!("/findings.csv?{query}"),
        query: if query.is_empty() { query } else { format!("{query}&") },
        rows: found.into_iter().map(|f| row(&v, &p, f)).collect(),
        states,
        severities,
        q: asked.q,
        state: asked.state,
        severity: asked.severity,
        sort: if asked.sort.is_empty() { "due".into() } else { asked.sort },
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let p = v.page(String::new());
    let heads = [
        "inspect-body",
        "inspect-finding",
        "inspect-severity",
        "inspect-owner",
        "inspect-due",
        "inspect-state",
        "inspect-inspector",
        "inspect-reminders",
    ]
    .map(|id| v.t(id));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = found(&v, &asked)
        .await?
        .into_iter()
        .map(|f| {
            let r = row(&v, &p, f);
            let owner = r.f.owner.map(|(_, name)| name).unwrap_or_default();
            let cells = [
                r.f.body_name,
                r.f.text,
                r.severity,
                owner,
                r.due,
                r.word,
                r.f.inspector_name,
                r.f.chased.to_string(),
            ];
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    let name = format!("attachment; filename=\"canh-findings-{}.csv\"", time::date(v.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&heads, &rows))
        .into_response())
}
