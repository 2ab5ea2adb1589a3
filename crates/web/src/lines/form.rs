//! Entering, changing and giving up a line.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    line::LineKind,
    right::Right,
};
use store::{
    StoreError,
    lines::{self, CODE_MAX, Line, NAME_MAX, NewLine},
};

use super::{LineId, hold, page, say, tools, window, write};
use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    register::{Draft, Options, body_options, form_status},
};

const ANSWER: Access = Access::Right(Right::Answer);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/lines/new", ANSWER, new_form),
        Route::post("/lines/new", ANSWER, new),
        Route::get("/lines/{id}/edit", ANSWER, edit_form),
        Route::post("/lines/{id}/edit", ANSWER, edit),
        Route::post("/lines/{id}/close", ANSWER, close),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "lines/form.html")]
struct LineForm {
    p: Page,
    d: Draft,
    /// Empty for a new one.
    id: String,
    back: String,
    bodies: Options,
    served: Options,
    kinds: Options,
}

async fn new_form(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let d = Draft::empty(&v).with("body", own).with("kind", LineKind::Internet.name());
    form(&v, None, d).await
}

async fn form(v: &Visit, line: Option<&Line>, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let mut served = body_options(v, &mut sql, Right::See, Some("lines-served-many")).await?;
    // The body it serves stays to be chosen by an operator who does not see it.
    if let Some((id, name)) = line.and_then(|l| l.served.clone())
        && served.iter().all(|(other, _)| *other != id.to_string())
    {
        served.push((id.to_string(), name));
    }
    let bodies = match line {
        Some(_) => Options::new(),
        None => body_options(v, &mut sql, Right::Answer, Some("register-choose-body")).await?,
    };
    drop(sql);
    let title = if line.is_some() { "lines-edit" } else { "lines-add" };
    let shown = LineForm {
        p: v.page(v.t(title)),
        id: line.map(|l| l.id.to_string()).unwrap_or_default(),
        back: line.map_or_else(|| "/lines".to_owned(), |l| page(l.id)),
        bodies,
        served,
        kinds: LineKind::ALL.iter().map(|k| (k.name().to_owned(), say::kind(v, *k))).collect(),
        d,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

/// The line as typed; what cannot be read is noted at its field.
fn read(d: &mut Draft, id: LineId, body: Option<Id<kind::Body>>) -> Option<NewLine> {
    let body = body.or_else(|| d.id("body"));
    let (served, kind) = (d.opt_id("served"), d.word("kind", LineKind::parse));
    if d.v("name").is_empty() {
        d.error("name", "error-line-name");
    }
    let limits = [NAME_MAX, NAME_MAX, CODE_MAX, NAME_MAX, NAME_MAX];
    for (field, most) in ["name", "provider", "code", "capacity", "hotline"].into_iter().zip(limits) {
        if d.v(field).chars().count() > most {
            d.error(field, "error-line-long");
        }
    }
    if !d.good() {
        return None;
    }
    Some(NewLine {
        id,
        body: body?,
        served,
        name: d.v("name").to_owned(),
        kind: kind?,
        provider: d.v("provider").to_owned(),
        code: d.v("code").to_owned(),
        capacity: d.v("capacity").to_owned(),
        hotline: d.v("hotline").to_owned(),
    })
}

async fn new(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(line) = read(&mut d, v.id(), None) {
        match write!(v, tx => lines::create(tx, v.scope(), &line).await) {
            Ok(()) => return Ok(v.redirect(&page(line.id), Flash::ok("lines-added"))),
            Err(error) => d.refuse(error)?,
        }
    }
    form(&v, None, d).await
}

async fn get(v: &Visit, line: LineId) -> Result<Line, AppError> {
    let mut sql = v.app.db.read().await?;
    let (_, window) = window(v, &mut sql).await?;
    let found = lines::get(&mut sql, v.scope(), line, window, v.now, hold(v)).await?;
    if found.may_change { Ok(found) } else { Err(StoreError::NotFound("line").into()) }
}

async fn edit_form(v: Visit, Path(line): Path<LineId>) -> Result<Response, AppError> {
    let found = get(&v, line).await?;
    let d = Draft::empty(&v)
        .with("name", found.name.as_str())
        .with("kind", found.kind.name())
        .with("served", found.served.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default())
        .with("provider", found.provider.as_str())
        .with("code", found.code.as_str())
        .with("capacity", found.capacity.as_str())
        .with("hotline", found.hotline.as_str());
    form(&v, Some(&found), d).await
}

async fn edit(v: Visit, Path(line): Path<LineId>, Form(typed): Fields) -> Result<Response, AppError> {
    let found = get(&v, line).await?;
    let mut d = Draft::typed(&v, typed);
    if let Some(new) = read(&mut d, line, Some(found.body)) {
        match write!(v, tx => lines::change(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&page(line), Flash::ok("lines-changed"))),
            Err(error) => d.refuse(error)?,
        }
    }
    form(&v, Some(&found), d).await
}

async fn close(v: Visit, Path(line): Path<LineId>, _: Fields) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => lines::close(tx, v.scope(), &tools, line).await);
    v.acted(&page(line), done, "lines-closed")
}
