//! One letter: the paper with its characters lit on the left, its fields on the right.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    body::Body,
    extract::{Path, Query},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    order::{self, LetterState},
    right::Right,
    time,
};
use serde::Deserialize;
use serde_json::Value;
use store::{campaigns, letters};
use tokio_util::io::ReaderStream;

use super::{
    act,
    facts::{Addition, Fact, Typed, additions, fact_of, facts, remarks},
    field_form::FieldForm,
    id,
    letters::{Line, line},
    sheet::{Stretch, cut},
    write,
};
use crate::{
    Access, AppError, Flash, Form, LIMIT_FORM, Page, Route, Visit,
    intake::{self, Beside},
};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    let post = |path: &str, limit| (Method::POST, path.to_owned(), prepare, limit);
    let (method, path, access, limit) = post("/orders/letters/{id}/text", LIMIT_FORM * 16);
    vec![
        Route::get("/orders/letters/{id}", Access::Right(Right::Read), page),
        Route::get("/orders/letters/{id}/original", Access::Right(Right::Read), original),
        Route::post("/orders/letters/{id}/field", prepare, field),
        Route::page(method, &path, access, limit, text),
        Route::post("/orders/letters/{id}/confirm", prepare, confirm),
        Route::post("/orders/letters/{id}/file", prepare, file),
        Route::post("/orders/letters/{id}/unfile", prepare, unfile),
        Route::post("/orders/letters/{id}/parent", prepare, parent),
        Route::post("/orders/letters/{id}/draft", prepare, draft),
    ]
}

/// A basis no longer in force.
struct Old {
    reference: String,
    title: String,
    until: String,
}

#[derive(Template)]
#[template(path = "order/letter.html")]
struct LetterPage {
    p: Page,
    id: String,
    version: i64,
    title: String,
    lead: String,
    state: &'static str,
    state_text: String,
    stretches: Vec<Stretch>,
    parts: Vec<(String, Vec<Fact>)>,
    additions: Vec<Addition>,
    remarks: Vec<String>,
    outdated: Vec<Old>,
    has_original: bool,
    beside: Beside,
    text: String,
    /// The text of the paper as somebody mended it, if that was not taken, and why.
    mended: Option<(String, String)>,
    /// Characters that could not be read: they have no letter in the file.
    unreadable: usize,
    /// The reading may still change.
    open: bool,
    confirmed: bool,
    filed: bool,
    may_prepare: bool,
    /// What it asks may be written into the register of requests.
    may_record: bool,
    parent: Option<Line>,
    offered: Vec<(String, Line)>,
    below: Vec<Line>,
    campaigns: Vec<(String, String, String)>,
    catalogue: Vec<(String, String)>,
    q: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Searches a letter to be linked as parent.
    parent: String,
}

/// What was sent and not taken, to be shown again with what is wrong.
enum Again {
    No,
    Field(Box<Typed>),
    /// The mended text, and why it was not taken.
    Text(String, String),
    /// An act without anything typed, and why it was refused.
    Act(String),
}

async fn page(
    v: Visit,
    Path(letter): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    shown(&v, &letter, asked, Again::No).await
}

async fn shown(v: &Visit, letter: &str, asked: Asked, again: Again) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let letter = letters::get(&mut sql, v.scope(), id(letter)?).await?;
    let paper = letter.paper();
    let may_prepare =
        store::register::require(&mut sql, v.scope(), Right::Prepare, letter.row.body).await.is_ok();
    let mut p = v.page(letter.row.subject.clone().unwrap_or_else(|| v.t("order-letter")));
    let (mut facts, mut additions) = (facts(v, &letter), additions(v));
    let mut mended = None;
    let status = if matches!(again, Again::No) { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    match again {
        Again::No => {}
        Again::Field(typed) => {
            p = p.with_flash("bad", typed.why.clone());
            let added =
                additions.iter_mut().filter(|a| typed.form.op == "add" && a.pointer == typed.form.pointer);
            for addition in added {
                addition.open = true;
                typed.fill(&mut addition.inputs);
            }
            for fact in facts.iter_mut().filter(|f| typed.form.op != "add" && f.pointer == typed.form.pointer)
            {
                fact.open = true;
                typed.fill(&mut fact.inputs);
            }
        }
        Again::Text(text, why) => {
            p = p.with_flash("bad", why.clone());
            mended = Some((text, why));
        }
        Again::Act(why) => p = p.with_flash("bad", why),
    }
    let beside = intake::beside(v, &p, &mut sql, letter.row.id).await?;
    let warns: BTreeSet<String> = facts.iter().filter(|f| !f.why.is_empty()).map(|f| f.id.clone()).collect();
    let mut spans = letter.corrected.get("spans").cloned().unwrap_or(Value::Null);
    let mut lit = warns.clone();
    intake::with_doubts(&mut spans, &beside, &mut lit);
    let sheet =
        cut(&letter.text, &spans, |pointer| intake::doubt(pointer).or_else(|| fact_of(pointer)), &lit);
    for fact in &mut facts {
        fact.marks = sheet.marks.get(&fact.id).cloned().unwrap_or_default();
    }
    let day_of = paper.day().unwrap_or_else(|| time::date(letter.row.received_at));
    let outdated = order::outdated(&paper, v.app.legal.on(day_of), day_of);
    let outdated = outdated
        .into_iter()
        .map(|o| Old {
            reference: paper.basis.get(o.index).map(|b| b.reference.clone()).unwrap_or_default(),
            title: o.title,
            until: o.until.map(|d| p.date(&d)).unwrap_or_default(),
        })
        .collect();
    let parent = match letter.parent {
        Some(parent) => letters::get(&mut sql, v.scope(), parent).await.ok().map(|l| line(v, &p, &l.row)),
        None => None,
    };
    let offered = if parent.is_some() || !may_prepare {
        Vec::new()
    } else if asked.parent.is_empty() {
        letters::named_by(&mut sql, v.scope(), &letter).await?
    } else {
        let filter = letters::Filter { q: &asked.parent, ..letters::Filter::default() };
        letters::list(&mut sql, v.scope(), &filter, 10).await?
    };
    let offered =
        offered.iter().filter(|l| l.id != letter.row.id).map(|l| (l.id.to_string(), line(v, &p, l)));
    let offered = offered.collect();
    let below = letters::below(&mut sql, v.scope(), letter.row.id).await?;
    let below = below.iter().map(|l| line(v, &p, l)).collect();
    let made = campaigns::of_letter(&mut sql, v.scope(), letter.row.id).await?;
    let made = made
        .into_iter()
        .map(|c| (format!("/orders/{}", c.id), c.name, v.t(&format!("order-state-{}", c.state))))
        .collect();
    let shown = line(v, &p, &letter.row);
    let count = facts.iter().filter(|f| !f.value.is_empty() || !f.tags.is_empty()).count();
    let lead = p.t2("order-letter-lead", "facts", count, "looks", warns.len());
    let mut parts: Vec<(String, Vec<Fact>)> = Vec::new();
    for part in ["head", "basis", "when", "to", "duties", "more", "indicators"] {
        let (mine, rest): (Vec<_>, Vec<_>) = facts.into_iter().partition(|f| f.part == part);
        facts = rest;
        parts.push((v.t(&format!("order-part-{part}")), mine));
    }
    let catalogue =
        v.pack().duties().iter().map(|d| (d.code.to_string(), super::facts::duty_name(v, d.code.as_str())));
    let page = LetterPage {
        id: letter.row.id.to_string(),
        version: letter.version,
        title: format!("{} · {}", shown.reference, shown.issuer),
        lead,
        state: shown.state,
        state_text: shown.state_text,
        stretches: sheet.stretches,
        parts,
        additions,
        remarks: remarks(v, &letter),
        outdated,
        has_original: letter.sha256.is_some(),
        beside,
        open: may_prepare && matches!(letter.row.state, LetterState::Read | LetterState::Confirmed),
        confirmed: letter.row.state == LetterState::Confirmed,
        filed: letter.row.state == LetterState::Filed,
        may_prepare,
        may_record: v.user.may(Right::Issue) || v.user.may(Right::Answer),
        parent,
        offered,
        below,
        campaigns: made,
        catalogue: catalogue.collect(),
        q: asked.parent,
        unreadable: letter.text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count(),
        mended,
        text: letter.text,
        p,
    };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The file as it came, as a download: it may not run in the browser.
async fn original(v: Visit, Path(letter): Path<String>) -> Result<Response, AppError> {
    download(&v, &letter).await
}

pub(super) async fn download(v: &Visit, letter: &str) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let letter = letters::get(&mut sql, v.scope(), id(letter)?).await?;
    let sha256 = letter.sha256.ok_or(AppError::NotFound)?;
    let (file, used) = v.app.blobs.open(&mut sql, v.scope(), &sha256).await?;
    let name: String =
        form_urlencoded::byte_serialize(letter.file_name.unwrap_or(used.name).as_bytes()).collect();
    let name = format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"));
    let mut response = Body::from_stream(ReaderStream::new(file)).into_response();
    let headers = response.headers_mut();
    let kind =
        HeaderValue::from_str(&used.kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(used.len));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// What a person can put right is said on the page they came from, with what they typed.
async fn said(
    v: &Visit,
    letter: &str,
    done: Result<(), AppError>,
    ok: &str,
    again: impl FnOnce(String) -> Again,
) -> Result<Response, AppError> {
    let why = match done {
        Ok(()) => return Ok(v.redirect(&format!("/orders/letters/{letter}"), Flash::ok(ok))),
        Err(AppError::Refused(text)) => v.t(&text),
        Err(AppError::Stale) => v.t("order-stale"),
        Err(error) => return Err(error),
    };
    shown(v, letter, Asked::default(), again(why)).await
}

async fn field(
    v: Visit,
    Path(letter): Path<String>,
    Form(form): Form<FieldForm>,
) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let old = letters::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    let change = form.change(&old.corrected);
    let done =
        write!(v, tx => letters::edit(tx, v.scope(), at, form.version, std::slice::from_ref(&change)).await);
    let fault = form.fault(&old.corrected);
    said(&v, &letter, done.map_err(AppError::from), "order-corrected", |why| {
        let (at, why) = fault.map_or(("", why), |(at, text)| (at, v.t(&text)));
        Again::Field(Box::new(Typed { form, at, why }))
    })
    .await
}

#[derive(Deserialize)]
struct Mended {
    version: i64,
    text: String,
}

async fn text(v: Visit, Path(letter): Path<String>, Form(form): Form<Mended>) -> Result<Response, AppError> {
    let done = act::reread(&v, id(&letter)?, form.version, Some(form.text.clone())).await;
    // A paper marked secret is shown to nobody, not even as what was typed.
    let secret = matches!(&done, Err(AppError::Refused(why)) if why == "error-letter-secret");
    said(&v, &letter, done, "order-reread-done", |why| {
        if secret { Again::Act(why) } else { Again::Text(form.text, why) }
    })
    .await
}

#[derive(Deserialize)]
struct Version {
    version: i64,
}

async fn confirm(
    v: Visit,
    Path(letter): Path<String>,
    Form(form): Form<Version>,
) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let done = write!(v, tx => letters::confirm(tx, v.scope(), at, form.version).await);
    said(&v, &letter, done.map_err(AppError::from), "order-confirmed", Again::Act).await
}

async fn file(v: Visit, Path(letter): Path<String>, Form(form): Form<Version>) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let done = write!(v, tx => letters::file(tx, v.scope(), at, form.version).await);
    said(&v, &letter, done.map_err(AppError::from), "order-filed", Again::Act).await
}

async fn unfile(
    v: Visit,
    Path(letter): Path<String>,
    Form(form): Form<Version>,
) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let done = write!(v, tx => letters::unfile(tx, v.scope(), at, form.version).await);
    said(&v, &letter, done.map_err(AppError::from), "order-unfiled", Again::Act).await
}

#[derive(Deserialize)]
struct Parent {
    version: i64,
    #[serde(default)]
    parent: String,
}

async fn parent(
    v: Visit,
    Path(letter): Path<String>,
    Form(form): Form<Parent>,
) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let parent = if form.parent.is_empty() { None } else { Some(id(&form.parent)?) };
    let done = write!(v, tx => letters::link(tx, v.scope(), at, form.version, parent).await);
    said(&v, &letter, done.map_err(AppError::from), "order-linked", Again::Act).await
}

/// Makes the draft of a campaign; a letter that nobody confirmed yet is confirmed by this very act.
async fn draft(
    v: Visit,
    Path(letter): Path<String>,
    Form(form): Form<Version>,
) -> Result<Response, AppError> {
    let at = id(&letter)?;
    let now = letters::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    if now.row.state == LetterState::Read {
        let done = write!(v, tx => letters::confirm(tx, v.scope(), at, form.version).await);
        if let Err(error) = done {
            return said(&v, &letter, Err(error.into()), "", Again::Act).await;
        }
    }
    match act::draft(&v, at).await {
        Ok(made) => Ok(v.redirect(&format!("/orders/{made}"), Flash::ok("order-drafted"))),
        Err(error) => said(&v, &letter, Err(error), "", Again::Act).await,
    }
}
