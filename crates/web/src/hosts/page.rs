//! One host: what is held of it, which report said what and when, where they disagree.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    host::{Host, HostKind},
    id::{Id, kind},
    inventory::{Disagreement, Package},
    right::Right,
};
use std::collections::HashMap;
use store::{
    findings,
    hosts::{self, reports},
    register,
};

use super::{
    list::{self, Line, kinds},
    say, write,
};
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    register::Options,
    review::findings::{Row as FlawRow, row as flaw_row},
};

/// Reports that are listed.
const REPORTS: u32 = 100;
/// Open flaws that are shown; all of them are in the list of flaws.
const FLAWS: usize = 20;
/// Packages, ports and findings that are shown; all of them are in the file of the inventory.
const SHOWN: usize = 300;

pub(super) fn routes() -> Vec<Route> {
    let register = Access::Right(Right::Register);
    vec![
        Route::get("/register/hosts/{host}", Access::Right(Right::See), get),
        Route::post("/register/hosts/{host}/edit", register, edit),
        Route::post("/register/hosts/{host}/close", register, close),
        Route::post("/register/hosts/{host}/reopen", register, reopen),
    ]
}

type HostId = Id<kind::Host>;
type Fields = Form<HashMap<String, String>>;

struct ReportLine {
    file: String,
    sha256: String,
    tool: String,
    taken: String,
    received: String,
    via: String,
    state: String,
    live: bool,
    odd: u32,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "hosts/page.html")]
struct HostPage {
    p: Page,
    h: Line,
    body: String,
    system: String,
    note: String,
    names: String,
    kind: String,
    told: bool,
    kinds: Options,
    may_register: bool,
    may_read: bool,
    reports: Vec<ReportLine>,
    disagreements: Vec<(String, Disagreement)>,
    flaws: Vec<FlawRow>,
    flaws_more: bool,
    protection: Vec<String>,
    services: Vec<String>,
    kbs: Vec<u32>,
    packages: Vec<Package>,
    reported: Vec<String>,
    more: usize,
}

async fn get(v: Visit, Path(id): Path<HostId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let entry = hosts::get(&mut sql, v.scope(), id).await?;
    let held = hosts::inventory(&mut sql, v.scope(), id).await?;
    let all = reports::of_host(&mut sql, v.scope(), id, REPORTS).await?;
    let mut said: HashMap<_, _> = reports::said(&mut sql, v.scope(), id).await?.into_iter().collect();
    let may_register = register::require(&mut sql, v.scope(), Right::Register, entry.host.body).await.is_ok();
    let may_read = register::require(&mut sql, v.scope(), Right::Read, entry.host.body).await.is_ok();
    let filter = findings::Filter { host: Some(id), ..findings::Filter::default() };
    let mut flaws =
        findings::findings(&mut sql, v.scope(), &filter, findings::Order::Severity, None, v.now).await?;
    drop(sql);
    let flaws_more = flaws.len() > FLAWS;
    flaws.truncate(FLAWS);
    let p = v.page(entry.name.clone());
    let words = v.words();
    let reports = all.into_iter().map(|r| ReportLine {
        facts: said.remove(&r.id).map(|it| say::facts(words, &it)).unwrap_or_default(),
        file: r.file_name,
        sha256: r.sha256.unwrap_or_default(),
        tool: v.t(&format!("hosts-tool-{}", r.tool)),
        taken: r.taken_at.map(|at| p.time(&at)).unwrap_or_default(),
        received: p.time(&r.received_at),
        via: v.t(&format!("hosts-via-{}", r.via.name())),
        state: v.t(&format!("hosts-state-{}", r.state)),
        live: r.state == "live",
        odd: r.odd_count,
    });
    let reports = reports.collect();
    let mut it = held.map(|h| h.inventory).unwrap_or_default();
    it.packages.sort();
    let more = it.packages.len().saturating_sub(SHOWN);
    it.packages.truncate(SHOWN);
    it.disagreements.truncate(SHOWN);
    let reported = it.reported.iter().take(SHOWN).map(|r| {
        let grade = r.severity.as_deref().map(|s| format!(" · {s}")).unwrap_or_default();
        format!("{}{grade} {}", r.title, r.cves.join(" "))
    });
    v.html(&HostPage {
        h: list::line(&v, &p, &entry),
        body: entry.host.body.to_string(),
        system: entry.host.system.map(|s| s.to_string()).unwrap_or_default(),
        note: entry.host.note.clone().unwrap_or_default(),
        names: entry.host.names.join("\n"),
        kind: entry.host.kind.map(|k| k.name().to_owned()).unwrap_or_default(),
        told: entry.seen_told,
        kinds: {
            let mut all = kinds(&v);
            all.insert(0, (String::new(), v.t("hosts-kind-none")));
            all
        },
        may_register,
        may_read,
        reports,
        disagreements: it.disagreements.into_iter().map(|d| (say::what(words, &d.what), d)).collect(),
        protection: it.protection.iter().map(|x| say::protection(words, x)).collect(),
        services: it.services.iter().take(SHOWN).map(say::service).collect(),
        kbs: it.kbs.into_iter().collect(),
        reported: reported.collect(),
        flaws: flaws.into_iter().map(|f| flaw_row(&v, &p, f)).collect(),
        flaws_more,
        packages: it.packages,
        more,
        p,
    })
}

fn at(id: HostId) -> String {
    format!("/register/hosts/{id}")
}

async fn edit(v: Visit, Path(id): Path<HostId>, Form(typed): Fields) -> Result<Response, AppError> {
    let get = |key: &str| typed.get(key).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    let old = hosts::get(&mut v.app.db.read().await?, v.scope(), id).await?.host;
    let names = typed.get("names").map(String::as_str).unwrap_or_default();
    let host = Host {
        names: names.split([',', ';', ' ', '\n', '\r']).map(str::to_owned).collect(),
        kind: get("kind").as_deref().and_then(HostKind::parse),
        in_charge: get("in_charge"),
        note: get("note"),
        ..old
    };
    let done = write!(v, tx => hosts::update(tx, v.scope(), &host).await);
    v.acted(&at(id), done, "register-saved")
}

async fn close(v: Visit, Path(id): Path<HostId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => hosts::close(tx, v.scope(), id).await);
    v.acted(&at(id), done, "hosts-closed")
}

async fn reopen(v: Visit, Path(id): Path<HostId>, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => hosts::reopen(tx, v.scope(), id).await);
    v.acted(&at(id), done, "hosts-reopened")
}
