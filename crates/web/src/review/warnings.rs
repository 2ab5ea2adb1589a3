//! Warnings: the list, and one with what it warns of and what that comes to.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::{
    register,
    warnings::{self, Flaw},
};

use super::{say, tabs};
use crate::{Access, AppError, Form, Page, Route, Visit, act::write};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/review", see, list),
        Route::get("/review/warnings/{id}", see, show),
        Route::post("/review/warnings/{id}/withdraw", Access::Right(Right::Issue), withdraw),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "review/warnings.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    q: String,
    rows: Vec<Row>,
    may: bool,
}

struct Row {
    id: String,
    title: String,
    body: String,
    on: String,
    flaws: u32,
    open: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = warnings::list(&mut sql, v.scope(), &asked.q).await?;
    drop(sql);
    let p = v.page(v.t("warnings-title"));
    let rows = found.into_iter().map(|w| Row {
        id: w.id.to_string(),
        on: p.date(&w.on),
        title: w.title,
        body: w.body_name,
        flaws: w.flaws,
        open: w.open,
    });
    v.html(&ListPage {
        tabs: tabs(&v, "warnings"),
        rows: rows.collect(),
        may: v.user.may(Right::Issue),
        q: asked.q,
        p,
    })
}

#[derive(Template)]
#[template(path = "review/warning.html")]
struct WarningPage {
    p: Page,
    id: String,
    title: String,
    body: String,
    on: String,
    open: bool,
    withdrawn: bool,
    campaign: Option<String>,
    items: Vec<String>,
    flaws: Vec<FlawRow>,
    may: bool,
}

struct FlawRow {
    number: String,
    title: String,
    severity: (String, &'static str),
    because: String,
}

async fn show(v: Visit, Path(id): Path<Id<kind::Warning>>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let warning = warnings::get(&mut sql, v.scope(), id).await?;
    let items = warnings::items(&mut sql, id).await?;
    let flaws = warnings::flaws(&mut sql, id).await?;
    let may = warning.campaign.is_none()
        && warning.closed_at.is_none()
        && register::require(&mut sql, v.scope(), Right::Issue, warning.body).await.is_ok();
    drop(sql);
    let (p, words) = (v.page(warning.title.clone()), v.words());
    let count = |n: usize| flaws.iter().filter(|f| f.item as usize == n).count();
    let items = items.iter().enumerate().map(|(n, item)| say::item(&p, words, item, count(n))).collect();
    let row = |f: &Flaw| FlawRow {
        severity: say::severity(words, f.severity.as_deref()),
        title: f.title.clone().unwrap_or_default(),
        because: if f.because == f.number { p.t("warning-named") } else { f.because.clone() },
        number: f.number.clone(),
    };
    v.html(&WarningPage {
        id: id.to_string(),
        body: warning.body_name,
        on: p.date(&warning.on),
        open: warning.open,
        withdrawn: warning.closed_at.is_some(),
        campaign: warning.campaign.map(|c| c.to_string()),
        flaws: flaws.iter().map(row).collect(),
        items,
        may,
        title: warning.title,
        p,
    })
}

async fn withdraw(
    v: Visit,
    Path(id): Path<Id<kind::Warning>>,
    _: Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => warnings::withdraw(tx, v.scope(), id).await);
    v.acted("/review", done, "warning-withdrawn")
}
