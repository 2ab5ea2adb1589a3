//! One hunt: what is supposed, its runs, what the last one found, what it came to.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    hunt::{How, Outcome},
    id::{Id, kind},
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::hunts::{self, Hit};

use super::{
    HuntId, how_said,
    list::{RunView, run},
    outcome_said, write,
};
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    act::id as parsed,
    register::{Draft, Options, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, answer) = (Access::Right(Right::Read), Access::Right(Right::Answer));
    vec![
        Route::get("/hunts/{hunt}", read, show),
        Route::get("/hunts/{hunt}/hits.csv", read, csv),
        Route::post("/hunts/{hunt}/run", answer, begin),
        Route::post("/hunts/{hunt}/cancel", answer, cancel),
        Route::post("/hunts/{hunt}/conclude", answer, conclude),
        Route::post("/hunts/{hunt}/close", answer, close),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    /// Which run; the newest without.
    run: String,
}

#[derive(Template)]
#[template(path = "hunts/show.html")]
struct ShowPage {
    p: Page,
    d: Draft,
    id: HuntId,
    body: String,
    made: String,
    how: String,
    hypothesis: String,
    scope: String,
    query: String,
    list: Option<(String, String)>,
    days: u32,
    every: String,
    next: String,
    outcome: (&'static str, String),
    concluded: bool,
    conclusion: String,
    concluded_by: String,
    concluded_at: String,
    current: Option<RunView>,
    under_way: bool,
    hits: Vec<HitView>,
    csv: String,
    more: u64,
    runs: Vec<(String, RunView)>,
    outcomes: Options,
    may_change: bool,
    may_conclude: bool,
    again: String,
}

struct HitView {
    at: String,
    host: String,
    href: String,
    because: Vec<(String, String, String)>,
    raw: String,
}

/// Where an event's page is.
fn href(hit: &Hit) -> String {
    format!("/logs/{}-{}", hit.place.0, hit.place.1)
}

async fn show(v: Visit, Path(id): Path<HuntId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    page(&v, id, None, &asked.run).await
}

async fn page(v: &Visit, id: HuntId, d: Option<Draft>, which: &str) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = hunts::get(&mut sql, v.scope(), id).await?;
    let runs = hunts::runs(&mut sql, v.scope(), id).await?;
    let current = match which {
        "" => runs.first(),
        which => {
            let wanted: Id<kind::HuntRun> = parsed(which)?;
            runs.iter().find(|r| r.id == wanted)
        }
    };
    let found = match current {
        Some(run) => hunts::hits(&mut sql, v.scope(), id, run.id).await?,
        None => Vec::new(),
    };
    drop(sql);
    let p = v.page(s.hunt.title.clone());
    let under_way = runs.iter().any(|r| !r.standing.is_over());
    let hit = |h: &Hit| HitView {
        at: p.time(&h.at),
        host: h.host.clone(),
        href: href(h),
        because: h.because.iter().map(|b| (b.field.clone(), b.value.clone(), b.asked.clone())).collect(),
        raw: h.raw.clone(),
    };
    let shown = ShowPage {
        id,
        body: s.body_name.clone(),
        made: s.created_by.clone().unwrap_or_default(),
        how: how_said(v, s.hunt.how),
        hypothesis: s.hunt.hypothesis.clone(),
        scope: s.hunt.scope.clone(),
        query: if s.hunt.how == How::List { String::new() } else { s.hunt.query.clone() },
        list: s.hunt.list.map(|l| (format!("/indicators/{l}"), s.list_name.clone().unwrap_or_default())),
        days: s.hunt.days,
        every: s
            .hunt
            .every_days
            .map(|n| v.words().with("hunt-every-days", [("n", n.into())]))
            .unwrap_or_default(),
        next: s.next_at.map(|t| p.time(&t)).unwrap_or_default(),
        outcome: outcome_said(v, s.outcome),
        concluded: s.outcome.is_some(),
        conclusion: s.conclusion.clone(),
        concluded_by: s.concluded_by.clone().unwrap_or_default(),
        concluded_at: s.concluded_at.map(|t| p.time(&t)).unwrap_or_default(),
        more: current.map_or(0, |r| r.hits.saturating_sub(found.len() as u64)),
        csv: current.map(|r| format!("/hunts/{id}/hits.csv?run={}", r.id)).unwrap_or_default(),
        current: current.map(|r| run(v, &p, r)),
        under_way,
        hits: found.iter().map(hit).collect(),
        runs: runs.iter().map(|r| (format!("/hunts/{id}?run={}", r.id), run(v, &p, r))).collect(),
        outcomes: Outcome::ALL
            .iter()
            .map(|o| (o.name().to_owned(), v.t(&format!("hunt-outcome-{o}"))))
            .collect(),
        may_change: s.may_change,
        may_conclude: s.may_change && runs.iter().any(|r| r.standing == domain::hunt::Standing::Done),
        again: format!("/hunts/{id}"),
        d: d.unwrap_or_else(|| Draft::empty(v)),
        p,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn csv(v: Visit, Path(id): Path<HuntId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = hunts::hits(&mut v.app.db.read().await?, v.scope(), id, parsed(&asked.run)?).await?;
    let p = v.page(String::new());
    let because = |h: &Hit| {
        h.because
            .iter()
            .map(|b| format!("{}={} ({})", b.field, b.value, b.asked))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .map(|h| {
            [p.time(&h.at), h.host.clone(), because(h), h.raw.clone()].into_iter().map(Cell::from).collect()
        })
        .collect();
    Ok(v.csv("hunt", &["logs-time", "logs-column-host", "hunt-because", "logs-line"], &rows))
}

#[derive(Deserialize)]
struct Nothing {}

fn home(id: HuntId) -> String {
    format!("/hunts/{id}")
}

async fn begin(v: Visit, Path(id): Path<HuntId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let run = v.id();
    let done = write!(v, tx => hunts::begin(tx, v.scope(), id, run).await);
    v.acted(&home(id), done, "hunt-begun")
}

async fn cancel(v: Visit, Path(id): Path<HuntId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => hunts::cancel(tx, v.scope(), id).await);
    v.acted(&home(id), done, "hunt-cancelled")
}

async fn conclude(
    v: Visit,
    Path(id): Path<HuntId>,
    Form(typed): Form<std::collections::HashMap<String, String>>,
) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let outcome = d.word("outcome", Outcome::parse);
    if d.v("conclusion").is_empty() {
        d.error("conclusion", "error-text-empty");
    }
    let (Some(outcome), true) = (outcome, d.good()) else { return page(&v, id, Some(d), "").await };
    let words = d.v("conclusion").to_owned();
    let done = write!(v, tx => hunts::conclude(tx, v.scope(), &*v.app.ids, id, (outcome, &words)).await);
    v.acted(&home(id), done, "hunt-concluded")
}

async fn close(v: Visit, Path(id): Path<HuntId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => hunts::close(tx, v.scope(), id).await);
    v.acted("/hunts", done, "hunt-closed")
}
