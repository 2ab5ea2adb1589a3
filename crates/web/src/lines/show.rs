//! One line: how it is through the window, its outages with what was said of them before, all reports; the forms of
//! whoever may report and of whose line it is.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    right::Right,
};
use store::lines::{self, CAUSE_MAX, NewOutage, Outage, OutageChange};

use super::{LineId, hold, moment, page, say, tools, typed, window, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit, register::Draft};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::get("/lines/{id}", Access::Right(Right::See), get),
        Route::post("/lines/{id}/outages", answer, enter),
        Route::post("/outages/{id}", answer, amend),
    ]
}

type Fields = Form<HashMap<String, String>>;
type OutageId = Id<kind::Outage>;

/// An outage as the page shows it.
struct Gone {
    /// Where its form posts to.
    action: String,
    from: String,
    to: String,
    lasting: String,
    cause: String,
    effect: String,
    by: String,
    bodies: String,
    open: bool,
    was: Vec<Was>,
    /// Its form, as it stands or as it was typed; opened when something is wrong with it.
    d: Draft,
    unfold: bool,
}

/// What was said of it before.
struct Was {
    span: String,
    cause: String,
    effect: String,
    by: String,
    until: String,
}

/// A stretch of reports that said the same.
struct Told {
    class: &'static str,
    state: String,
    from: String,
    seen: String,
    by: String,
    note: String,
}

#[derive(Template)]
#[template(path = "lines/show.html")]
struct LinePage {
    p: Page,
    id: String,
    l: say::Row,
    over: String,
    ends: [String; 2],
    said: String,
    closed: String,
    hours: i64,
    outages: Vec<Gone>,
    told: Vec<Told>,
    may_report: bool,
    may_change: bool,
    /// The form of an outage entered afterwards.
    d: Draft,
    unfold: bool,
    now: String,
}

async fn get(v: Visit, Path(line): Path<LineId>) -> Result<Response, AppError> {
    show(&v, line, None).await
}

/// The page; `typed`: a form that could not be taken, of that outage or of a new one.
async fn show(
    v: &Visit,
    line: LineId,
    mut typed_form: Option<(Option<OutageId>, Draft)>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (campaign, window) = window(v, &mut sql).await?;
    let found = lines::get(&mut sql, v.scope(), line, window, v.now, hold(v)).await?;
    let outages = lines::of_line(&mut sql, v.scope(), line).await?;
    let reports = lines::reports(&mut sql, v.scope(), line).await?;
    drop(sql);
    let p = v.page(found.name.clone());
    let bad = typed_form.is_some();
    let outages = outages
        .into_iter()
        .map(|o| {
            let mine = typed_form.take_if(|(of, _)| *of == Some(o.id)).map(|(_, d)| d);
            gone(v, &p, o, mine)
        })
        .collect();
    let new = typed_form.map(|(_, d)| d);
    let told = reports
        .into_iter()
        .map(|r| {
            let (class, state) = say::state(v, Some(r.state));
            let by = r.by.unwrap_or_else(|| v.t("lines-by-machine"));
            Told { class, state, from: p.time(&r.from), seen: p.time(&r.seen), by, note: r.note }
        })
        .collect();
    let shown = LinePage {
        id: line.to_string(),
        over: campaign.unwrap_or_else(|| v.t("lines-week")),
        ends: [say::short(window.from), say::short(window.to)],
        said: say::said(v, &found.minutes),
        closed: found.closed_at.map(|at| p.time(&at)).unwrap_or_default(),
        hours: hold(v).as_hours(),
        outages,
        told,
        may_report: found.may_report,
        may_change: found.may_change,
        unfold: new.is_some(),
        d: new.unwrap_or_else(|| Draft::empty(v)),
        now: typed(v.now),
        l: say::row(v, &p, window, &found),
        p,
    };
    let mut response = v.html(&shown)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn gone(v: &Visit, p: &Page, o: Outage, mine: Option<Draft>) -> Gone {
    let unfold = mine.is_some();
    let time = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    let was = o.was.iter().map(|w| Was {
        span: format!("{} – {}", p.time(&w.from), w.to.map_or_else(|| v.t("lines-lasts"), |to| p.time(&to))),
        cause: w.cause.clone(),
        effect: w.effect.clone(),
        by: w.by.clone().unwrap_or_else(|| v.t("lines-by-machine")),
        until: p.time(&w.until),
    });
    Gone {
        action: format!("/outages/{}", o.id),
        from: p.time(&o.from),
        to: time(o.to),
        lasting: say::lasting(v, say::between(o.from, o.to.unwrap_or(v.now))),
        was: was.collect(),
        by: o.by.unwrap_or_else(|| v.t("lines-by-machine")),
        bodies: o.bodies.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
        open: o.to.is_none(),
        d: mine.unwrap_or_else(|| {
            Draft::empty(v)
                .with("from", typed(o.from))
                .with("to", o.to.map(typed).unwrap_or_default())
                .with("cause", o.cause.as_str())
                .with("effect", o.effect.as_str())
        }),
        cause: o.cause,
        effect: o.effect,
        unfold,
    }
}

/// What the form says; what cannot be read is noted at its field.
fn read(d: &mut Draft, bodies: Vec<Id<kind::Body>>) -> Option<OutageChange> {
    let from = moment(d.v("from"));
    if from.is_none() {
        d.error("from", "error-line-time");
    }
    let to = match d.v("to") {
        "" => None,
        text => {
            let to = moment(text);
            if to.is_none() {
                d.error("to", "error-line-time");
            }
            to
        }
    };
    for field in ["cause", "effect"] {
        if d.v(field).chars().count() > CAUSE_MAX {
            d.error(field, "error-line-note-long");
        }
    }
    if !d.good() {
        return None;
    }
    Some(OutageChange { from: from?, to, cause: d.v("cause").into(), effect: d.v("effect").into(), bodies })
}

async fn enter(v: Visit, Path(line): Path<LineId>, Form(typed): Fields) -> Result<Response, AppError> {
    // Somebody else's line is not there, whatever was typed.
    let mut sql = v.app.db.read().await?;
    let (_, window) = window(&v, &mut sql).await?;
    let of = lines::get(&mut sql, v.scope(), line, window, v.now, hold(&v)).await?;
    drop(sql);
    if !of.may_change {
        return Err(AppError::NotFound);
    }
    let mut d = Draft::typed(&v, typed);
    if let Some(said) = read(&mut d, of.served.map(|(id, _)| id).into_iter().collect()) {
        let (tools, new) = (tools(&v), NewOutage { id: v.id(), line, said });
        match write!(v, tx => lines::open(tx, v.scope(), &tools, &new).await) {
            Ok(()) => return Ok(v.redirect(&page(line), Flash::ok("lines-outage-entered"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, line, Some((None, d))).await
}

async fn amend(v: Visit, Path(id): Path<OutageId>, Form(typed): Fields) -> Result<Response, AppError> {
    let (line, was) = lines::one(&mut v.app.db.read().await?, v.scope(), id).await?;
    // The button of an outage that lasts ends it now, with what is written beside it.
    let end = typed.get("do").is_some_and(|d| d == "end");
    let mut d = Draft::typed(&v, typed);
    if end {
        d = d.with("from", super::typed(was.from)).with("to", super::typed(v.now));
    }
    if let Some(mut change) = read(&mut d, was.bodies.iter().map(|(id, _)| *id).collect()) {
        // A field has minutes only: what was not touched keeps its seconds, and an end now is now.
        if super::typed(was.from) == d.v("from") {
            change.from = was.from;
        }
        if end {
            change.to = Some(v.now);
        } else if was.to.is_some_and(|to| super::typed(to) == d.v("to")) {
            change.to = was.to;
        }
        let tools = tools(&v);
        match write!(v, tx => lines::amend(tx, v.scope(), &tools, id, &change).await) {
            Ok(line) => return Ok(v.redirect(&page(line), Flash::ok("lines-outage-corrected"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, line, Some((Some(id), d))).await
}
