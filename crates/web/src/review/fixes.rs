//! What is to be done, to be handed to whoever does it: on the page, as CSV, on paper.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::right::Right;
use paper::sheet::Cell;
use serde::Deserialize;
use store::findings::{self, Fix};

use super::{findings::FILE_MAX, say, tabs};
use crate::{Access, AppError, Page, Route, Visit};

/// Days of the trend.
const TREND_DAYS: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/review/fixes", see, list),
        Route::get("/review/fixes.csv", see, csv),
        Route::get("/review/fixes/machines.csv", see, machines),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    body: String,
    warning: String,
    /// Behind so many.
    from: u32,
}

#[derive(Template)]
#[template(path = "review/fixes.html")]
struct FixesPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    csv: String,
    machines: String,
    rows: Vec<Row>,
    /// Which of them this page shows, if it is not all.
    shown: String,
    /// Where the page before is; empty at the beginning.
    prev: String,
    /// Where the next page is; empty at the end.
    next: String,
    trend: Vec<(String, u32, u32)>,
}

struct Row {
    what: String,
    query: String,
    text: String,
    exploited: bool,
    due: String,
    late: bool,
}

async fn found(v: &Visit, asked: &Asked, from: u32) -> Result<(Vec<Fix>, bool), AppError> {
    let mut sql = v.app.db.read().await?;
    let (body, warning) = (asked.body.parse().ok(), asked.warning.parse().ok());
    Ok(findings::fixes(&mut sql, v.scope(), body, warning, from).await?)
}

fn query(asked: &Asked, fix: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs =
        [("body", asked.body.as_str()), ("warning", &asked.warning), ("fix", fix.unwrap_or_default())];
    query.extend_pairs(pairs.into_iter().filter(|(_, v)| !v.is_empty()));
    query.finish()
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (all, more) = found(&v, &asked, asked.from).await?;
    let page = u32::try_from(findings::PAGE_MAX).unwrap_or(u32::MAX);
    let at = |from: u32| format!("/review/fixes?{}&from={from}", query(&asked, None));
    let last = asked.from.saturating_add(u32::try_from(all.len()).unwrap_or(u32::MAX));
    let shown = format!("{}–{last}", asked.from.saturating_add(1));
    let prev = if asked.from > 0 { at(asked.from.saturating_sub(page)) } else { String::new() };
    let next = if more { at(asked.from.saturating_add(page)) } else { String::new() };
    let since =
        v.now.checked_sub(jiff::SignedDuration::from_hours(24 * TREND_DAYS)).unwrap_or(jiff::Timestamp::MIN);
    let days = findings::trend(&mut v.app.db.read().await?, v.scope(), since).await?;
    let p = v.page(v.t("fixes-title"));
    let rows = all.into_iter().map(|f| Row {
        query: query(&asked, f.what.as_deref()),
        text: v.words().with("fix-closes", [("hosts", f.hosts.into()), ("closes", f.closes.into())]),
        what: f.what.map_or_else(|| v.t("fix-none"), |what| say::fix(v.words(), &what)),
        exploited: f.exploited,
        due: f.due_at.map(|t| p.until(&t)).unwrap_or_default(),
        late: f.due_at.is_some_and(|t| t <= v.now),
    });
    v.html(&FixesPage {
        tabs: tabs(&v, "fixes"),
        csv: format!("/review/fixes.csv?{}", query(&asked, None)),
        machines: format!("/review/fixes/machines.csv?{}", query(&asked, None)),
        shown,
        prev,
        next,
        rows: rows.collect(),
        trend: days.iter().rev().map(|d| (p.date(&d.day), d.found, d.fixed)).collect(),
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut all = Vec::new();
    while all.len() < FILE_MAX {
        let (found, more) = found(&v, &asked, u32::try_from(all.len()).unwrap_or(u32::MAX)).await?;
        all.extend(found);
        if !more {
            break;
        }
    }
    let p = v.page(String::new());
    let rows: Vec<Vec<Cell>> = all
        .into_iter()
        .map(|f| {
            let due = f.due_at.map(|t| p.until(&t)).unwrap_or_default();
            let what = f.what.map_or_else(|| v.t("fix-none"), |what| say::fix(v.words(), &what));
            [what, f.hosts.to_string(), f.closes.to_string(), due].map(Cell::from).into()
        })
        .collect();
    Ok(v.csv("fixes", &["finding-fix", "fix-hosts", "fix-findings", "finding-due"], &rows))
}

/// What is to be done on each machine, to be handed to whoever sees to it.
async fn machines(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (body, warning) = (asked.body.parse().ok(), asked.warning.parse().ok());
    let most = u32::try_from(FILE_MAX).unwrap_or(u32::MAX);
    let all = findings::host_fixes(&mut v.app.db.read().await?, v.scope(), body, warning, most).await?;
    let p = v.page(String::new());
    let rows: Vec<Vec<Cell>> = all
        .into_iter()
        .map(|f| {
            let due = f.due_at.map(|t| p.until(&t)).unwrap_or_default();
            let what = f.what.map_or_else(|| v.t("fix-none"), |what| say::fix(v.words(), &what));
            [f.body_name, f.host_name, what, f.closes.to_string(), due].map(Cell::from).into()
        })
        .collect();
    let heads = ["warning-of-body", "finding-host", "finding-fix", "fix-findings", "finding-due"];
    Ok(v.csv("fixes-machines", &heads, &rows))
}
