//! Inventory in: files handed in and what became of them, reports that wait for a person, upload links, collectors.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::civil::Date;
use review::{
    collect::Collector,
    inventory::{Odd, Refused},
};
use serde::Deserialize;
use store::{
    StoreError,
    hosts::{self, links, reports, reports::Says, take::Via},
    sign_in::InstanceKey,
};

use super::{
    LIMIT_INVENTORY, say,
    take::{Failed, Intake},
    write,
};
use crate::{
    Access, AppError, Flash, Form, Page, Route, Upload, Visit,
    register::{Options, body_options},
};

/// Files listed.
const FILES: u32 = 50;
/// Reports that wait listed.
const WAITING: u32 = 100;
/// What was not understood of one file, shown.
const ODD: usize = 5;
/// Files that were not read, named at once; all of them are in the list.
const NAMED: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    let (read, answer, register) =
        (Access::Right(Right::Read), Access::SignedIn, Access::Right(Right::Register));
    vec![
        Route::get("/register/inventory", read, list),
        Route::page(Method::POST, "/register/inventory", answer, LIMIT_INVENTORY, upload),
        Route::post("/register/inventory/links", answer, make_link),
        Route::post("/register/inventory/links/{inventory_link}/revoke", answer, revoke_link),
        Route::post("/register/inventory/reports/{inventory_report}", register, settle),
        Route::get("/register/collectors/{collector}", read, collector),
    ]
}

type Fields = Form<HashMap<String, String>>;

struct FileLine {
    name: String,
    body: String,
    sha256: String,
    kind: String,
    refused: String,
    via: String,
    received: String,
    hosts: u32,
    odd: Vec<String>,
    odd_count: u32,
    unclear: u32,
}

struct Waiting {
    id: String,
    name: String,
    file: String,
    tool: String,
    candidates: Vec<(String, String)>,
}

struct LinkLine {
    id: String,
    name: String,
    body: String,
    creator: String,
    until: String,
    files: u32,
    last: String,
    works: bool,
    url: String,
}

#[derive(Template)]
#[template(path = "hosts/inventory.html")]
struct InventoryPage {
    p: Page,
    bodies: Options,
    under: String,
    open: bool,
    files: Vec<FileLine>,
    waiting: Vec<Waiting>,
    links: Vec<LinkLine>,
    may_register: bool,
    max_mb: usize,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    under: String,
    open: String,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let under = asked.under.parse().ok();
    let mut sql = v.app.db.read().await?;
    let files = reports::files(&mut sql, v.scope(), under, !asked.open.is_empty(), None, FILES).await?;
    let mut waiting = Vec::new();
    for report in reports::unclear(&mut sql, v.scope(), under, WAITING).await? {
        let mut candidates = Vec::new();
        for id in &report.candidates {
            if let Ok(host) = hosts::get(&mut sql, v.scope(), *id).await {
                let os = [host.name.clone(), host.os.unwrap_or_default()].join(" ");
                candidates.push((id.to_string(), os.trim().to_owned()));
            }
        }
        waiting.push(Waiting {
            id: report.id.to_string(),
            name: report.name.unwrap_or_else(|| v.t("hosts-nameless")),
            file: report.file_name,
            tool: v.t(&format!("hosts-tool-{}", report.tool)),
            candidates,
        });
    }
    let links = links::list(&mut sql, v.scope(), under).await?;
    let mut bodies = body_options(&v, &mut sql, Right::Answer, None).await?;
    if bodies.is_empty() {
        bodies = body_options(&v, &mut sql, Right::Register, None).await?;
    }
    drop(sql);
    let p = v.page(v.t("hosts-inventory"));
    let words = v.words();
    let key = InstanceKey::new(v.app.config.instance_key);
    let base = v.app.config.public_url.trim_end_matches('/');
    let odd = |all: &[Odd]| all.iter().take(ODD).map(|o| say::odd(words, o)).collect();
    let page = InventoryPage {
        files: files
            .into_iter()
            .map(|f| FileLine {
                kind: f.kind.map(|k| v.t(&format!("hosts-tool-{k}"))).unwrap_or_default(),
                refused: f.refused.map(|r| say::refused(words, &Refused::of_code(&r))).unwrap_or_default(),
                via: v.t(&format!("hosts-via-{}", f.via.name())),
                received: p.time(&f.received_at),
                odd: odd(&f.odd),
                name: f.name,
                body: f.body_name,
                sha256: f.sha256.unwrap_or_default(),
                hosts: f.hosts,
                odd_count: f.odd_count,
                unclear: f.unclear,
            })
            .collect(),
        links: links
            .into_iter()
            .map(|l| LinkLine {
                works: l.works(v.now),
                url: format!("{base}/inventory/{}", links::token(&key, l.id)),
                id: l.id.to_string(),
                name: l.name,
                body: l.body_name,
                creator: l.creator,
                until: p.until(&l.expires_at),
                files: l.files,
                last: l.last_at.map(|at| p.time(&at)).unwrap_or_default(),
            })
            .collect(),
        waiting,
        bodies,
        under: asked.under,
        open: !asked.open.is_empty(),
        may_register: v.user.may(Right::Register),
        max_mb: paper::inventory::FILE >> 20,
        p,
    };
    v.html(&page)
}

/// Why nothing was taken in, as an answer.
pub(super) fn failed(error: Failed) -> AppError {
    match error {
        Failed::Store(error) => error.into(),
        Failed::Paper(error) => AppError::Internal(error.into()),
    }
}

async fn upload(v: Visit, upload: Upload) -> Result<Response, AppError> {
    const TO: &str = "/register/inventory";
    let Ok(body) = upload.field("body").parse() else {
        return Ok(v.redirect(TO, Flash::bad("register-choose-body")));
    };
    if upload.files.is_empty() {
        return Ok(v.redirect(TO, Flash::bad("hosts-no-file")));
    }
    let intake = Intake {
        db: &v.app.db,
        blobs: &v.app.blobs,
        worker: &v.app.worker,
        ids: &*v.app.ids,
        now: v.now,
        actor: v.actor(),
        scope: v.scope(),
        body,
        via: Via::Page,
        link: None,
    };
    let mut all = Vec::new();
    for file in upload.files {
        match intake.file(&file.name, file.bytes.to_vec()).await.map_err(failed) {
            Ok(came) => all.extend(came),
            Err(AppError::Refused(text)) => return Ok(v.redirect(TO, Flash::bad(&text))),
            Err(error) => return Err(error),
        }
    }
    let (bad, good): (Vec<_>, Vec<_>) = all.into_iter().partition(|c| c.refused.is_some());
    let new = good.iter().filter(|c| !c.again).count();
    let mut names = bad.iter().take(NAMED).map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    if bad.len() > NAMED {
        names = format!("{names} + {}", bad.len() - NAMED);
    }
    let flash = match (new, bad.is_empty(), good.is_empty()) {
        (0, true, _) => Flash::info("hosts-uploaded-again"),
        (_, true, _) => Flash::ok("hosts-uploaded").what(&new.to_string()),
        (_, false, false) => Flash::warn("hosts-uploaded-bad").what(&names),
        (_, false, true) => Flash::bad("hosts-uploaded-none").what(&names),
    };
    Ok(v.redirect(TO, flash))
}

async fn make_link(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let get = |key: &str| typed.get(key).map(String::as_str).unwrap_or_default();
    let to = "/register/inventory#links";
    let (Ok(body), Ok(until)) = (get("body").parse(), get("until").parse::<Date>()) else {
        return Ok(v.redirect(to, Flash::bad("error-inventory-link-until")));
    };
    let (id, until) = (v.id(), time::end_of(until));
    let done = write!(v, tx => links::create(tx, v.scope(), id, body, get("name"), until).await);
    v.acted(to, done, "hosts-link-made")
}

async fn revoke_link(
    v: Visit,
    Path(id): Path<Id<kind::InventoryLink>>,
    Form(_): Fields,
) -> Result<Response, AppError> {
    let done = write!(v, tx => links::revoke(tx, v.scope(), id).await);
    v.acted("/register/inventory#links", done, "hosts-link-revoked")
}

async fn settle(
    v: Visit,
    Path(id): Path<Id<kind::InventoryReport>>,
    Form(typed): Fields,
) -> Result<Response, AppError> {
    let says = match typed.get("host").map(String::as_str).unwrap_or_default() {
        "new" => Says::New,
        "drop" => Says::Drop,
        host => Says::Of(host.parse().map_err(|_| AppError::NotFound)?),
    };
    let done: Result<_, StoreError> =
        write!(v, tx => reports::say(tx, v.scope(), &*v.app.ids, id, says).await);
    v.acted("/register/inventory", done, "hosts-settled")
}

async fn collector(v: Visit, Path(name): Path<String>) -> Result<Response, AppError> {
    let collector = Collector::named(&name).ok_or(AppError::NotFound)?;
    let _ = v;
    Ok(script(collector, None))
}

/// A collector as a file to keep.
pub(super) fn script(collector: Collector, url: Option<&str>) -> Response {
    let mut response = collector.script(url).into_response();
    let name = format!("attachment; filename=\"{}\"", collector.file());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
