//! All hosts: search, filters, as a file, many changed at once.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    host::HostKind,
    id::{Id, kind},
    inventory::Family,
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use paper::sheet::Cell;
use serde::Deserialize;
use store::{
    hosts::{self, Change, Entry, Filter},
    register::systems,
};

use super::write;
use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    register::{Options, body_options, list_after, list_cursor, list_next},
};

/// Hosts on a page.
const PAGE: u32 = 100;
/// Rows of a table file: the hosts of a province.
const FILE_MAX: usize = 100_000;
/// Systems that the form for many hosts offers.
const SYSTEMS_MAX: u32 = 500;

pub(super) fn routes() -> Vec<Route> {
    let (see, register) = (Access::Right(Right::See), Access::Right(Right::Register));
    vec![
        Route::get("/register/hosts", see, list),
        Route::get("/register/hosts.csv", see, csv),
        Route::post("/register/hosts/change", register, change),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    under: String,
    system: String,
    kind: String,
    family: String,
    only: String,
    closed: String,
    after: String,
}

/// What the list can be narrowed to besides.
const ONLY: [&str; 6] = ["", "stale", "silent", "disagreeing", "odd", "no-system"];

pub(super) struct Line {
    pub id: Id<kind::Host>,
    pub name: String,
    pub names: String,
    pub kind: String,
    pub body: String,
    pub system: String,
    pub os: String,
    pub build: String,
    pub seen: String,
    /// `fresh`, `stale`, `none`.
    pub fresh: &'static str,
    pub disagreements: u32,
    pub odd: u32,
    pub closed: bool,
    pub in_charge: String,
}

#[derive(Template)]
#[template(path = "hosts/list.html")]
struct ListPage {
    p: Page,
    asked: Asked,
    hosts: Vec<Line>,
    number: u32,
    stale: u32,
    days: i64,
    bodies: Options,
    kinds: Options,
    families: Options,
    only: Options,
    systems: Options,
    next: String,
    csv: String,
    may_register: bool,
}

pub(super) fn kinds(v: &Visit) -> Options {
    HostKind::ALL.iter().map(|k| (k.name().to_owned(), v.t(&format!("hosts-kind-{k}")))).collect()
}

/// Reports older than this are stale.
pub(super) fn stale_before(v: &Visit) -> Timestamp {
    let age = SignedDuration::from_hours(24 * i64::from(v.pack().count_rules().inventory_days));
    v.now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

pub(super) fn line(v: &Visit, p: &Page, e: &Entry) -> Line {
    let stale = stale_before(v);
    Line {
        id: e.host.id,
        name: e.name.clone(),
        names: e.host.names.iter().skip(1).cloned().collect::<Vec<_>>().join(", "),
        kind: e.host.kind.map(|k| v.t(&format!("hosts-kind-{k}"))).unwrap_or_default(),
        body: e.body_name.clone(),
        system: e.system_name.clone().unwrap_or_default(),
        os: e.os.clone().unwrap_or_default(),
        build: e.build.clone().unwrap_or_default(),
        seen: e.last_seen.map(|at| p.time(&at)).unwrap_or_default(),
        fresh: match e.last_seen {
            None => "none",
            Some(at) if at < stale => "stale",
            Some(_) => "fresh",
        },
        disagreements: e.disagreements,
        odd: e.odd,
        closed: e.closed_at.is_some(),
        in_charge: e.host.in_charge.clone().unwrap_or_default(),
    }
}

fn filter(v: &Visit, asked: &Asked) -> Filter {
    let family = |name: &str| match name {
        "windows" => Some(Family::Windows),
        "linux" => Some(Family::Linux),
        "other" => Some(Family::Other),
        _ => None,
    };
    Filter {
        text: Some(asked.q.clone()),
        under: asked.under.parse().ok(),
        system: asked.system.parse().ok(),
        kind: HostKind::parse(&asked.kind),
        no_kind: asked.kind == "none",
        family: family(&asked.family),
        stale_before: (asked.only == "stale").then(|| stale_before(v)),
        silent: asked.only == "silent",
        disagreeing: asked.only == "disagreeing",
        odd: asked.only == "odd",
        no_system: asked.only == "no-system",
        closed: !asked.closed.is_empty(),
        ..Filter::default()
    }
}

fn query(asked: &Asked) -> [(&'static str, &str); 7] {
    [
        ("q", &asked.q),
        ("under", &asked.under),
        ("system", &asked.system),
        ("kind", &asked.kind),
        ("family", &asked.family),
        ("only", &asked.only),
        ("closed", &asked.closed),
    ]
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filter = filter(&v, &asked);
    let mut found = hosts::list(&mut sql, v.scope(), &filter, list_after(&asked.after), PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let cursor = found.last().filter(|_| more).map(|e| list_cursor(&e.name, e.host.id));
    let number = hosts::number(&mut sql, v.scope(), &filter).await?;
    let stale = Filter { stale_before: Some(stale_before(&v)), ..filter.clone() };
    let stale = hosts::number(&mut sql, v.scope(), &stale).await?;
    let bodies = body_options(&v, &mut sql, Right::See, Some("hosts-any-body")).await?;
    let may_register = v.user.may(Right::Register);
    let mut choices = vec![(String::new(), v.t("hosts-keep")), ("none".into(), v.t("hosts-no-system"))];
    if may_register {
        let all = systems::list(&mut sql, v.scope(), &systems::Filter::default(), None, SYSTEMS_MAX).await?;
        choices.extend(
            all.into_iter()
                .map(|s| (s.system.id.to_string(), format!("{} — {}", s.system.name, s.body_name))),
        );
    }
    drop(sql);
    let p = v.page(v.t("hosts-title"));
    let first = |id: &str, mut all: Options| {
        all.insert(0, (String::new(), v.t(id)));
        all
    };
    let mut all_kinds = kinds(&v);
    all_kinds.push(("none".into(), v.t("hosts-kind-none")));
    let families =
        ["windows", "linux", "other"].map(|f| (f.to_owned(), v.t(&format!("hosts-family-{f}")))).to_vec();
    let only = ONLY.map(|o| {
        let id = if o.is_empty() { "all" } else { o };
        (o.to_owned(), v.t(&format!("hosts-only-{id}")))
    });
    let csv = {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(query(&asked).iter().filter(|(_, value)| !value.is_empty()));
        format!("/register/hosts.csv?{}", pairs.finish())
    };
    v.html(&ListPage {
        hosts: found.iter().map(|e| line(&v, &p, e)).collect(),
        number,
        stale,
        days: i64::from(v.pack().count_rules().inventory_days),
        bodies,
        kinds: first("hosts-any-kind", all_kinds),
        families: first("hosts-any-family", families),
        only: only.to_vec(),
        systems: choices,
        next: list_next("/register/hosts", &query(&asked), cursor),
        csv,
        may_register,
        asked,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (filter, mut after, mut rows) = (filter(&v, &asked), None, Vec::new());
    let p = v.page(String::new());
    loop {
        let found = hosts::list(&mut sql, v.scope(), &filter, after.take(), 500).await?;
        let Some(last) = found.last() else { break };
        after = Some((domain::text::sort_key(&last.name), last.host.id));
        rows.extend(found.iter().map(|e| {
            let l = line(&v, &p, e);
            let fresh = v.t(&format!("hosts-fresh-{}", l.fresh));
            let cells =
                [l.name, l.names, l.kind, l.body, l.system, l.in_charge, l.os, l.build, l.seen, fresh];
            cells
                .into_iter()
                .map(Cell::from)
                .chain([Cell::from(l.disagreements.to_string())])
                .collect::<Vec<Cell>>()
        }));
        if found.len() < 500 || rows.len() >= FILE_MAX {
            break;
        }
    }
    let heads = [
        "hosts-col-name",
        "hosts-col-names",
        "hosts-col-kind",
        "hosts-col-body",
        "hosts-col-system",
        "hosts-col-in-charge",
        "hosts-col-os",
        "hosts-col-build",
        "hosts-col-seen",
        "hosts-col-fresh",
        "hosts-disagreements",
    ];
    Ok(v.csv("hosts", &heads, &rows))
}

async fn change(v: Visit, Form(typed): Form<Vec<(String, String)>>) -> Result<Response, AppError> {
    let chosen: Vec<Id<kind::Host>> =
        typed.iter().filter(|(k, _)| k == "host").filter_map(|(_, value)| value.parse().ok()).collect();
    let of: HashMap<&str, &str> = typed.iter().map(|(k, value)| (k.as_str(), value.as_str())).collect();
    let get = |key: &str| of.get(key).copied().unwrap_or_default();
    let kind = match get("kind") {
        "" => None,
        "none" => Some(None),
        name => Some(Some(HostKind::parse(name).ok_or(AppError::NotFound)?)),
    };
    let system = match get("system") {
        "" => None,
        "none" => Some(None),
        id => Some(Some(id.parse().map_err(|_| AppError::NotFound)?)),
    };
    let in_charge = (!get("in_charge").trim().is_empty()).then(|| Some(get("in_charge").to_owned()));
    let change = Change { system, kind, in_charge };
    if chosen.is_empty() || change == Change::default() {
        return Ok(v.redirect("/register/hosts", Flash::bad("hosts-change-nothing")));
    }
    let done = write!(v, tx => hosts::change(tx, v.scope(), &chosen, &change).await);
    match done {
        Ok(n) => Ok(v.redirect("/register/hosts", Flash::ok("hosts-changed").what(&n.to_string()))),
        Err(error) => v.acted("/register/hosts", Err::<(), _>(error), "hosts-changed"),
    }
}
