//! All lists one may see.

use askama::Template;
use axum::response::Response;
use domain::right::Right;
use store::indicators::{self, Shown};

use super::ListId;
use crate::{Access, AppError, Page, Route, Visit, alerts::tabs};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/indicators", Access::Right(Right::Read), list)]
}

#[derive(Template)]
#[template(path = "indicators/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    may_make: bool,
    again: String,
}

struct Row {
    id: ListId,
    name: String,
    body: String,
    origin: String,
    tlp: String,
    confidence: u8,
    entries: u64,
    state: (&'static str, String),
    until: String,
}

/// Class and word of whether a list is in force.
pub(super) fn state(v: &Visit, s: &Shown) -> (&'static str, String) {
    let over = s.terms.until.is_some_and(|until| until <= v.now);
    let (class, id) = match () {
        () if over => ("x", "indicator-over"),
        () if s.terms.from > v.now => ("d", "indicator-ahead"),
        () if s.entries == 0 => ("u", "indicator-empty"),
        () => ("m", "indicator-watching"),
    };
    (class, v.t(id))
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let found = indicators::list(&mut v.app.db.read().await?, v.scope(), None).await?;
    let p = v.page(v.t("indicator-title"));
    let row = |s: &Shown| Row {
        id: s.id,
        name: s.terms.name.clone(),
        body: s.body_name.clone(),
        origin: s.terms.origin.clone(),
        tlp: v.t(&format!("indicator-tlp-{}", s.terms.tlp)),
        confidence: s.terms.confidence,
        entries: s.entries,
        state: state(&v, s),
        until: s.terms.until.map(|t| p.time(&t)).unwrap_or_default(),
    };
    v.html(&ListPage {
        tabs: tabs(&v, "indicators"),
        rows: found.iter().map(row).collect(),
        may_make: v.user.may(Right::Answer),
        again: "/indicators".to_owned(),
        p,
    })
}
