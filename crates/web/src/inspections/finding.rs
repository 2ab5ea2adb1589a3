//! One finding: what happened to it, and what each side may do.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, http::Method, response::Response};
use domain::{
    id::{Id, kind},
    inspection::{FindingState, finding},
    right::Right,
};
use jiff::civil::Date;
use store::{
    StoreError,
    inspections::{self, Act, Change},
    register::{self, PAGE_MAX, people},
};

use super::{back, say, tools, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Upload, Visit};

const READ: Access = Access::Right(Right::Read);
/// A file beside the word that it is put right; larger evidence belongs to a duty.
const LIMIT_FILE: usize = 12 * 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/findings/{id}", READ, get),
        Route::page(Method::POST, "/findings/{id}/fix", READ, LIMIT_FILE, fix),
        Route::post("/findings/{id}/owner", READ, owner),
        Route::post("/findings/{id}/decide", READ, decide),
        Route::post("/findings/{id}/edit", READ, edit),
    ]
}

type FindingId = Id<kind::Finding>;

#[derive(Template)]
#[template(path = "inspections/finding.html")]
struct FindingPage {
    p: Page,
    f: inspections::Finding,
    severity: String,
    due: String,
    due_iso: String,
    made: String,
    class: &'static str,
    word: String,
    events: Vec<EventView>,
    /// May say that it is put right.
    fix: bool,
    /// May name who of the body puts it right and nothing else; who inspected changes it whole.
    assign: bool,
    /// May change it, close it, send it back.
    decide: bool,
    fixed: bool,
    closed: bool,
    owner: String,
    owners: Vec<(String, String)>,
}

struct EventView {
    word: String,
    class: &'static str,
    at: String,
    by: String,
    text: String,
    file: Option<(String, String)>,
}

async fn get(v: Visit, Path(id): Path<FindingId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let f = inspections::finding(&mut sql, v.scope(), id).await?;
    let events = inspections::events(&mut sql, v.scope(), id).await?;
    let mut may = [false, false];
    for (may, (right, body)) in may.iter_mut().zip([(Right::Answer, f.body), (Right::Review, f.inspector)]) {
        *may = match register::require(&mut sql, v.scope(), right, body).await {
            Ok(()) => true,
            Err(StoreError::NotFound(_)) => false,
            Err(error) => return Err(error.into()),
        };
    }
    let [fix, decide] = may;
    let filter = people::Filter { body: Some(f.body), ..Default::default() };
    let found = if fix || decide {
        people::list(&mut sql, v.scope(), &filter, None, PAGE_MAX).await?
    } else {
        Vec::new()
    };
    drop(sql);
    let p = v.page(v.t("inspect-finding"));
    let (class, word) = say::finding(&v, f.state, finding::overdue(f.state, f.due_at, v.now));
    let nobody = (String::new(), v.t("inspect-owner-none"));
    v.html(&FindingPage {
        severity: say::severity(&v, f.severity),
        due: p.date(&f.due_on),
        due_iso: f.due_on.to_string(),
        made: p.time(&f.made_at),
        class,
        word,
        events: events.into_iter().map(|e| event(&v, &p, e)).collect(),
        fix: fix && finding::may_fix(f.state),
        assign: fix && !decide && f.state != FindingState::Closed,
        decide,
        fixed: f.state == FindingState::Fixed,
        closed: f.state == FindingState::Closed,
        owner: f.owner.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
        owners: std::iter::once(nobody)
            .chain(found.into_iter().map(|p| (p.id.to_string(), p.name)))
            .collect(),
        f,
        p,
    })
}

fn event(v: &Visit, p: &Page, e: inspections::Event) -> EventView {
    EventView {
        word: v.t(&format!("inspect-event-{}", e.kind)),
        class: match e.kind.as_str() {
            "closed" => "ok",
            "returned" | "reopened" => "burn",
            "fixed" => "warn",
            _ => "",
        },
        at: p.time(&e.at),
        by: e.by.unwrap_or_default(),
        text: e.text,
        file: e.sha256.zip(e.file_name),
    }
}

async fn fix(v: Visit, Path(id): Path<FindingId>, upload: Upload) -> Result<Response, AppError> {
    let note = upload.field("note").to_owned();
    let done = fix_it(&v, id, note, &upload).await;
    back(&v, &format!("/findings/{id}"), done.map(|()| Flash::ok("inspect-fixed")))
}

/// The inspected body says that it is put right. The file is looked at by its bytes.
pub(super) async fn fix_it(v: &Visit, id: FindingId, note: String, upload: &Upload) -> Result<(), AppError> {
    let mut sql = v.app.db.read().await?;
    let found = inspections::finding(&mut sql, v.scope(), id).await?;
    register::require(&mut sql, v.scope(), Right::Answer, found.body).await?;
    drop(sql);
    let mut file = None;
    if let Some(given) = upload.files.first() {
        let kind = paper::kind::sniff(&given.bytes);
        if kind.is_active() {
            return Err(AppError::Refused("error-evidence-active".into()));
        }
        // A photo must not tell more than it shows.
        let bytes =
            paper::photo::clean(&given.bytes).map_or_else(|| given.bytes.to_vec(), |(_, cleaned)| cleaned);
        let blob = v.app.blobs.put(v.app.ids.next(), &*bytes, LIMIT_FILE as u64).await?;
        file = Some((blob, given.name.clone(), kind.mime().to_owned()));
    }
    let (tools, act) = (tools(v), Act::Fix { note, file });
    Ok(write!(v, tx => inspections::act(tx, v.scope(), &tools, id, &act).await)?)
}

async fn owner(
    v: Visit,
    Path(id): Path<FindingId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let owner = typed.get("owner").and_then(|o| o.trim().parse().ok());
    let tools = tools(&v);
    let done = write!(v, tx => inspections::assign(tx, v.scope(), &tools, id, owner).await);
    back(&v, &format!("/findings/{id}"), done.map(|()| Flash::ok("inspect-saved")).map_err(Into::into))
}

async fn decide(
    v: Visit,
    Path(id): Path<FindingId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let note = typed.get("note").cloned().unwrap_or_default();
    let (act, flash) = match typed.get("do").map(String::as_str) {
        Some("close") => (Act::Close(note), "inspect-closed"),
        Some("return") => (Act::Return(note), "inspect-returned"),
        Some("reopen") => (Act::Reopen(note), "inspect-reopened"),
        _ => return Err(AppError::Unreadable("do".into())),
    };
    let tools = tools(&v);
    let done = write!(v, tx => inspections::act(tx, v.scope(), &tools, id, &act).await);
    back(&v, &format!("/findings/{id}"), done.map(|()| Flash::ok(flash)).map_err(Into::into))
}

async fn edit(
    v: Visit,
    Path(id): Path<FindingId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    // Before what was typed is looked at: is it theirs to know of at all.
    inspections::finding(&mut v.app.db.read().await?, v.scope(), id).await?;
    let field = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let done = match field("due").parse::<Date>() {
        Err(_) => Err(AppError::Refused("error-finding-due".into())),
        Ok(due) => {
            let new = Change {
                text: field("text").to_owned(),
                owner: field("owner").parse().ok(),
                due,
                version: field("version").parse().unwrap_or_default(),
            };
            let tools = tools(&v);
            write!(v, tx => inspections::change(tx, v.scope(), &tools, id, &new).await).map_err(Into::into)
        }
    };
    back(&v, &format!("/findings/{id}"), done.map(|()| Flash::ok("inspect-saved")))
}
