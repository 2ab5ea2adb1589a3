//! All hunts one may see, and the searches that were saved.

use askama::Template;
use axum::response::Response;
use domain::right::Right;
use store::hunts::{self, Shown};

use super::{HuntId, how_said, outcome_said, searches::href, standing_said};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/hunts", Access::Right(Right::Read), list)]
}

#[derive(Template)]
#[template(path = "hunts/list.html")]
struct ListPage {
    p: Page,
    rows: Vec<Row>,
    searches: Vec<(String, String, String, String)>,
    may_make: bool,
    again: String,
}

struct Row {
    id: HuntId,
    title: String,
    body: String,
    how: String,
    outcome: (&'static str, String),
    run: Option<RunView>,
    next: String,
}

/// A run as a line.
pub(super) struct RunView {
    pub standing: (&'static str, String),
    pub percent: u64,
    pub under_way: bool,
    pub looked: u64,
    pub hits: u64,
    pub fault: String,
    pub at: String,
    pub at_iso: String,
    pub from: String,
    pub to: String,
}

pub(super) fn run(v: &Visit, p: &Page, r: &hunts::Run) -> RunView {
    RunView {
        standing: standing_said(v, r.standing),
        percent: if r.standing == domain::hunt::Standing::Done { 100 } else { r.percent() },
        under_way: !r.standing.is_over(),
        looked: r.looked_at,
        hits: r.hits,
        fault: r.fault.clone(),
        at: p.time(&r.created_at),
        at_iso: r.created_at.to_string(),
        from: p.time(&r.from),
        to: p.time(&r.to),
    }
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = hunts::list(&mut sql, v.scope()).await?;
    let saved = hunts::saved_list(&mut sql, v.scope()).await?;
    drop(sql);
    let p = v.page(v.t("hunt-title"));
    let row = |s: &Shown| Row {
        id: s.hunt.id,
        title: s.hunt.title.clone(),
        body: s.body_name.clone(),
        how: how_said(&v, s.hunt.how),
        outcome: outcome_said(&v, s.outcome),
        run: s.last.as_ref().map(|r| run(&v, &p, r)),
        next: s.next_at.map(|t| p.time(&t)).unwrap_or_default(),
    };
    v.html(&ListPage {
        rows: found.iter().map(row).collect(),
        searches: saved
            .into_iter()
            .map(|s| (s.id.to_string(), href(&s), s.name, s.person.unwrap_or_default()))
            .collect(),
        may_make: v.user.may(Right::Answer),
        again: "/hunts".to_owned(),
        p,
    })
}
