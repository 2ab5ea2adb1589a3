//! One rule: what it says, what it found, whether it watches; switched off and on, taken out.

use askama::Template;
use axum::{extract::Path, response::Response};
use detect::{Sources, book::Origin, lint};
use domain::right::Right;
use serde::Deserialize;
use store::{
    alerts::{self, Filter, Side},
    rules,
};

use super::{Fault, State, fault, href, level_said, list::since, source_said, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

/// The last alerts that are shown.
const ALERTS: u32 = 10;

pub(super) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::get("/rules/{rule}", Access::Right(Right::Read), show),
        Route::post("/rules/{rule}/off", administer, off),
        Route::post("/rules/{rule}/on", administer, on),
        Route::post("/rules/{rule}/remove", administer, remove),
    ]
}

#[derive(Template)]
#[template(path = "rules/show.html")]
struct ShowPage {
    p: Page,
    at: String,
    level: (&'static str, String),
    state: (&'static str, String),
    /// Off since, by whom, why.
    off: Option<(String, String, String)>,
    faults: Vec<Fault>,
    description: String,
    source: String,
    author: String,
    status: String,
    tags: Vec<(String, String)>,
    id: String,
    origin: String,
    file: String,
    /// How many rules besides stand in its file.
    others: usize,
    text: String,
    found: u32,
    wrong: u32,
    alerts_href: String,
    alerts: Vec<Alert>,
    may_hunt: bool,
    hunt: String,
    may_change: bool,
    imported: bool,
}

struct Alert {
    href: String,
    title: String,
    body: String,
    host: String,
    at: String,
}

async fn show(v: Visit, Path(called): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let all = v.app.rules.all(&mut sql, v.scope()).await?;
    let rule = all.get(&called).ok_or(AppError::NotFound)?;
    let found = alerts::by_rule(&mut sql, v.scope(), since(v.now)).await?.get(&called).copied();
    let filter = Filter { side: Side::All, rule: called.clone(), ..Filter::default() };
    let last = alerts::list(&mut sql, v.scope(), &filter, None, ALERTS).await?;
    let may_change = rules::may_change(&mut sql, v.scope()).await?;
    drop(sql);
    let (about, sheet, off) = (&rule.about, &rule.sheet, all.off(rule));
    let p = v.page(about.title.clone());
    let query =
        |pairs: &[(&str, &str)]| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut faults: Vec<Fault> = rule.problem.iter().map(|problem| fault(&v, problem)).collect();
    let linted = lint::file(&sheet.text, &Sources::builtin());
    faults.extend(linted.iter().filter(|p| rule.problem.as_ref() != Some(*p)).map(|p| fault(&v, p)));
    v.html(&ShowPage {
        at: href(&called),
        level: level_said(&v, about.level),
        state: State::of(rule, off.is_some()).said(&v),
        off: off.map(|off| (p.time(&off.at), off.person.clone().unwrap_or_default(), off.reason.clone())),
        faults,
        description: about.description.clone(),
        source: source_said(&rule.source),
        author: about.author.clone(),
        status: about.status.clone(),
        tags: about.tags.iter().map(|t| (t.clone(), format!("/rules?{}", query(&[("q", t)])))).collect(),
        id: called.clone(),
        origin: v.t(&format!("rule-origin-{}", sheet.origin.word())),
        file: sheet.name.clone(),
        others: all.listing.rules.iter().filter(|r| std::sync::Arc::ptr_eq(&r.sheet, sheet)).count() - 1,
        text: sheet.text.clone(),
        found: found.map_or(0, |y| y.alerts),
        wrong: found.map_or(0, |y| y.wrong),
        alerts_href: format!("/alerts?{}", query(&[("side", "all"), ("rule", &called)])),
        alerts: last
            .into_iter()
            .map(|s| Alert {
                href: format!("/alerts/{}", s.alert.id),
                at: p.time(&s.alert.raised_at),
                title: s.alert.title,
                body: s.body_name,
                host: s.alert.host,
            })
            .collect(),
        may_hunt: v.user.may(Right::Answer),
        hunt: format!("/hunts/new?{}", query(&[("rule", &called)])),
        imported: sheet.origin == Origin::Imported,
        may_change,
        p,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    reason: String,
}

async fn off(v: Visit, Path(called): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let done = switch(&v, &called, Some(&typed.reason)).await;
    v.acted(&href(&called), done, "rule-switched-off")
}

async fn on(v: Visit, Path(called): Path<String>, _: Form<Typed>) -> Result<Response, AppError> {
    let done = switch(&v, &called, None).await;
    v.acted(&href(&called), done, "rule-switched-on")
}

/// Switches one off, with a reason, or on.
pub(super) async fn switch(v: &Visit, called: &str, off: Option<&str>) -> Result<(), AppError> {
    let mut sql = v.app.db.read().await?;
    let all = v.app.rules.all(&mut sql, v.scope()).await?;
    drop(sql);
    all.get(called).ok_or(AppError::NotFound)?;
    Ok(write!(v, tx => rules::switch(tx, v.scope(), called, off).await)?)
}

async fn remove(v: Visit, Path(called): Path<String>, _: Form<Typed>) -> Result<Response, AppError> {
    v.acted("/rules", removed(&v, &called).await, "rule-removed")
}

/// Takes the file of an imported rule out.
pub(super) async fn removed(v: &Visit, called: &str) -> Result<(), AppError> {
    let mut sql = v.app.db.read().await?;
    if !rules::may_change(&mut sql, v.scope()).await? {
        return Err(AppError::NotFound);
    }
    let all = v.app.rules.all(&mut sql, v.scope()).await?;
    drop(sql);
    let sheet = &all.get(called).ok_or(AppError::NotFound)?.sheet;
    if sheet.origin != Origin::Imported {
        return Err(AppError::Refused("error-rules-not-imported".into()));
    }
    let file = [sheet.id.clone()].into();
    Ok(write!(v, tx => rules::import(tx, v.scope(), &[], &file).await)?)
}
