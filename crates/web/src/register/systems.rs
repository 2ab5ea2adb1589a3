//! Information systems: list and page.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    id::{Id, kind},
    level::Detail,
    right::Right,
    system::Level,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{
    findings, hosts,
    register::{levels, systems},
};

use super::{
    body::may,
    choices::{self, Options},
    draft::{self, Draft},
    tree::PAGE,
};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/systems", Access::Right(Right::See), list),
        Route::get("/register/systems/{id}", Access::Right(Right::See), get),
    ]
}

pub(super) type SystemId = Id<kind::System>;

pub(super) fn page(system: SystemId) -> String {
    format!("/register/systems/{system}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    level: String,
    flag: String,
    closed: String,
    after: String,
}

/// A system as pages show it.
pub(super) struct Line {
    pub id: String,
    pub name: String,
    pub body: String,
    pub body_name: String,
    pub operator: String,
    pub operator_name: String,
    pub level: String,
    pub important: bool,
    pub personal_data: bool,
    pub national_platform: bool,
    pub hosts: u32,
    pub closed: String,
    pub note: String,
}

#[derive(Template)]
#[template(path = "register/systems.html")]
struct Systems {
    p: Page,
    q: String,
    level: String,
    flag: String,
    closed: bool,
    levels: Options,
    flags: Options,
    systems: Vec<Line>,
    next: String,
    may_register: bool,
}

fn line(p: &Page, e: systems::Entry) -> Line {
    Line {
        id: e.system.id.to_string(),
        name: e.system.name,
        body: e.system.body.to_string(),
        body_name: e.body_name,
        operator: e.system.operator.map(|o| o.to_string()).unwrap_or_default(),
        operator_name: e.operator_name.unwrap_or_default(),
        level: e.system.level.map(|l| l.get().to_string()).unwrap_or_default(),
        important: e.system.important,
        personal_data: e.system.personal_data,
        national_platform: e.system.national_platform,
        hosts: e.hosts,
        closed: e.closed_at.map(|at| p.time(&at)).unwrap_or_default(),
        note: e.note.unwrap_or_default(),
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filter = systems::Filter {
        text: Some(asked.q.clone()),
        level: asked.level.parse().ok().and_then(Level::new),
        unclassified: asked.level == "none",
        important: asked.flag == "important",
        personal_data: asked.flag == "personal-data",
        national_platform: asked.flag == "national-platform",
        closed: !asked.closed.is_empty(),
        ..Default::default()
    };
    let mut found =
        systems::list(&mut sql, v.scope(), &filter, choices::after(&asked.after), PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let cursor = found.last().filter(|_| more).map(|s| choices::cursor(&s.system.name, s.system.id));
    let query =
        [("q", asked.q.as_str()), ("level", &asked.level), ("flag", &asked.flag), ("closed", &asked.closed)];
    let p = v.page(v.t("register-tab-systems"));
    let mut levels = choices::levels(&v);
    levels.insert(0, (String::new(), v.t("register-any-level")));
    if let Some(none) = levels.get_mut(1) {
        none.0 = "none".into();
    }
    let flags = ["", "important", "personal-data", "national-platform"];
    let label =
        |f: &str| if f.is_empty() { v.t("register-any-flag") } else { v.t(&format!("register-col-{f}")) };
    v.html(&Systems {
        systems: found.into_iter().map(|e| line(&p, e)).collect(),
        level: asked.level.clone(),
        flag: asked.flag.clone(),
        closed: !asked.closed.is_empty(),
        levels,
        flags: flags.iter().map(|f| ((*f).to_owned(), label(f))).collect(),
        next: choices::next("/register/systems", &query, cursor),
        may_register: v.user.may(Right::Register),
        q: asked.q.clone(),
        p,
    })
}

#[derive(Template)]
#[template(path = "register/system.html")]
struct SystemPage {
    p: Page,
    d: Draft,
    s: Line,
    /// Id, names, open flaws.
    hosts: Vec<(String, Vec<String>, u32)>,
    may_register: bool,
    /// What else is known: label and words.
    details: Vec<(String, String)>,
}

/// What is known of a system besides its level, in words; what nobody said is left out.
fn details(v: &Visit, p: &Page, of: Detail) -> Vec<(String, String)> {
    let label = |id: &str| v.t(&format!("register-detail-{id}"));
    let day = |d: Option<Date>| d.map(|d| p.date(&d)).unwrap_or_default();
    let regime = of.decision.date.and_then(|d| v.app.legal.on(d).level_regime());
    let regime = regime.map(|r| [r.texts.as_str(), &r.confirm].join(" ").trim().to_owned());
    let all = [
        ("dossier-state", of.dossier.map(|d| v.t(&format!("register-dossier-{d}"))).unwrap_or_default()),
        ("decision", of.decision.words()),
        ("regime", regime.unwrap_or_default()),
        ("approval-expected", day(of.approval_expected)),
        ("regulation", of.regulation.words()),
        ("plan-state", of.plan.map(|d| v.t(&format!("register-plan-{d}"))).unwrap_or_default()),
        ("plan-expected", day(of.plan_expected)),
        ("inspected", day(of.inspected)),
        ("exposure", of.exposure.map(|d| v.t(&format!("register-exposure-{d}"))).unwrap_or_default()),
        ("services", of.services),
        ("zones", of.zones),
        ("provider", of.provider),
        ("contact", of.contact),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).map(|(id, text)| (label(id), text)).collect()
}

async fn get(v: Visit, Path(id): Path<SystemId>) -> Result<Response, AppError> {
    show(&v, id, Draft::empty(&v)).await
}

/// The page, with the small form of hosts as it was typed.
pub(super) async fn show(v: &Visit, id: SystemId, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let entry = systems::get(&mut sql, v.scope(), id).await?;
    let hosts = hosts::of_system(&mut sql, v.scope(), id).await?;
    let ids: Vec<_> = hosts.iter().map(|h| h.host.id).collect();
    let open = findings::open_on(&mut sql, v.scope(), &ids).await?;
    let may_register = may(&mut sql, v.scope(), Right::Register, entry.system.body).await?;
    let known = levels::detail(&mut sql, v.scope(), id).await?;
    let p = v.page(entry.system.name.clone());
    let page = SystemPage {
        s: line(&p, entry),
        hosts: hosts
            .into_iter()
            .map(|h| {
                let flaws = open.get(&h.host.id).copied().unwrap_or_default();
                (h.host.id.to_string(), h.host.names, flaws)
            })
            .collect(),
        may_register,
        details: details(v, &p, known),
        p,
        d,
    };
    Ok(draft::status(&page.d, v.html(&page)?))
}
