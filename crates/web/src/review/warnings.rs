//! Warnings: the list, and one with what it warns of and what that comes to.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    flaw::Grade,
    id::{Id, kind},
    right::Right,
    warning::Item,
    weakness::Weakness,
};
use serde::Deserialize;
use std::collections::HashMap;
use store::{
    findings::{self, BodySum, HostSum},
    register,
    warnings::{self, Flaw, OwnWarning, Version},
};

use super::{say, tabs};
use crate::{Access, AppError, Form, Page, Route, Visit, act::write};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/review/warnings", see, list),
        Route::get("/review/warnings/{id}", see, show),
        Route::post("/review/warnings/{id}/withdraw", Access::Right(Right::Issue), withdraw),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
}

/// Of which body the hosts are shown; of all if empty.
#[derive(Deserialize, Default)]
#[serde(default)]
struct OfBody {
    body: String,
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
    bodies: Vec<BodyRow>,
    hosts: Vec<HostRow>,
    sum: String,
    may: bool,
    own: Option<OwnPart>,
}

/// What stands only with a warning that an agency wrote itself.
struct OwnPart {
    number: String,
    severity: (String, &'static str),
    text: String,
    fix: String,
    due: String,
    products: Vec<say::Says>,
    weaknesses: Vec<String>,
    /// When, what, by whom, why.
    history: Vec<(String, String, String, String)>,
}

struct BodyRow {
    id: String,
    name: String,
    handled: String,
    class: &'static str,
    judged: String,
    unclear: u32,
    due: String,
    late: bool,
}

struct HostRow {
    host: String,
    name: String,
    body: String,
    open: u32,
    handled: u32,
    unclear: u32,
    due: String,
    late: bool,
}

struct FlawRow {
    number: String,
    title: String,
    severity: (String, &'static str),
    because: String,
}

async fn show(
    v: Visit,
    Path(id): Path<Id<kind::Warning>>,
    Query(of): Query<OfBody>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let warning = warnings::get(&mut sql, v.scope(), id).await?;
    let items = warnings::items(&mut sql, id).await?;
    let flaws = warnings::flaws(&mut sql, id).await?;
    let bodies = findings::body_sums(&mut sql, v.scope(), id).await?;
    let hosts = findings::host_sums(&mut sql, v.scope(), id, of.body.parse().ok()).await?;
    let own = warnings::of(&mut sql, v.scope(), id).await?;
    let history = if own.is_some() { warnings::history(&mut sql, v.scope(), id).await? } else { Vec::new() };
    let may = warning.campaign.is_none()
        && warning.closed_at.is_none()
        && register::require(&mut sql, v.scope(), Right::Issue, warning.body).await.is_ok();
    drop(sql);
    let (p, words) = (v.page(warning.title.clone()), v.words());
    let count = |n: usize| flaws.iter().filter(|f| f.item as usize == n).count();
    let said = items.iter().enumerate().map(|(n, item)| say::item(&p, words, item, count(n))).collect();
    let row = |f: &Flaw| FlawRow {
        severity: match (Weakness::of_number(&f.number), &f.severity) {
            (Some(kind), None) => {
                say::grade(words, v.pack().weaknesses().rule(kind).map_or(Grade::Ungraded, |r| r.severity))
            }
            _ => say::severity(words, f.severity.as_deref()),
        },
        title: f.title.clone().unwrap_or_else(|| say::weakness(words, &f.number).unwrap_or_default()),
        because: match items.get(f.item as usize) {
            Some(Item::Months { vendor, from, to, .. }) => {
                format!("{vendor}, {} – {}", from.strftime("%m/%Y"), to.strftime("%m/%Y"))
            }
            _ if f.because == f.number => p.t("warning-named"),
            _ => f.because.clone(),
        },
        number: f.number.clone(),
    };
    let sum = |of: fn(&BodySum) -> u32| bodies.iter().map(of).sum::<u32>();
    let sum = words.with(
        "warning-sum",
        [
            ("handled", sum(|b| b.handled).into()),
            ("all", sum(|b| b.all).into()),
            ("judged", sum(|b| b.judged).into()),
            ("hosts", sum(|b| b.hosts).into()),
            ("unclear", sum(|b| b.unclear).into()),
        ],
    );
    v.html(&WarningPage {
        bodies: bodies.iter().map(|b| body_row(&v, &p, b)).collect(),
        hosts: hosts.into_iter().map(|h| host_row(&v, &p, h)).collect(),
        sum,
        id: id.to_string(),
        body: warning.body_name,
        on: p.date(&warning.on),
        open: warning.open,
        withdrawn: warning.closed_at.is_some(),
        campaign: warning.campaign.map(|c| c.to_string()),
        flaws: flaws.iter().map(row).collect(),
        items: said,
        may,
        own: own.map(|own| own_part(&v, &p, own, history)),
        title: warning.title,
        p,
    })
}

fn own_part(v: &Visit, p: &Page, found: OwnWarning, history: Vec<Version>) -> OwnPart {
    let words = v.words();
    let advisory = review::advisory::own(&found.number, jiff::civil::Date::MIN, &found.own, false);
    let told = |h: Version| {
        let what = words.t(&format!("own-change-{}", h.change.name()));
        (p.time(&h.at), what, h.by.unwrap_or_default(), h.why)
    };
    OwnPart {
        severity: say::grade(words, found.own.severity),
        due: found.own.due.map(|d| p.date(&d)).unwrap_or_default(),
        products: advisory.statements.iter().map(|s| say::says(p, s)).collect(),
        weaknesses: found.own.weaknesses.iter().map(|w| words.t(&format!("weakness-{w}"))).collect(),
        history: history.into_iter().map(told).collect(),
        text: found.own.text,
        fix: found.own.fix,
        number: found.number,
    }
}

fn body_row(v: &Visit, p: &Page, b: &BodySum) -> BodyRow {
    BodyRow {
        id: b.body.to_string(),
        name: b.name.clone(),
        handled: format!("{}/{}", b.handled, b.all),
        class: match (b.all - b.handled, b.unclear) {
            (0, 0) => "m",
            (0, _) => "u",
            _ if b.handled > 0 => "p",
            _ => "n",
        },
        judged: format!("{}/{}", b.judged, b.hosts),
        unclear: b.unclear,
        due: b.due_at.map(|t| p.until(&t)).unwrap_or_default(),
        late: b.due_at.is_some_and(|t| t <= v.now),
    }
}

fn host_row(v: &Visit, p: &Page, h: HostSum) -> HostRow {
    HostRow {
        host: h.host.to_string(),
        name: h.name,
        body: h.body_name,
        open: h.open,
        handled: h.handled,
        unclear: h.unclear,
        due: h.due_at.map(|t| p.until(&t)).unwrap_or_default(),
        late: h.due_at.is_some_and(|t| t <= v.now),
    }
}

async fn withdraw(
    v: Visit,
    Path(id): Path<Id<kind::Warning>>,
    _: Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => warnings::withdraw(tx, v.scope(), id).await);
    v.acted("/review/warnings", done, "warning-withdrawn")
}
