//! Planning a visit, changing the plan, announcing, cancelling.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::{Timestamp, civil::DateTime};
use serde::Deserialize;
use store::{
    StoreError,
    inspections::{self, NewVisit},
    register::{PAGE_MAX, bodies, people},
};

use super::{back, tools, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const REVIEW: Access = Access::Right(Right::Review);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/inspections/new", REVIEW, new_form),
        Route::post("/inspections/new", REVIEW, new),
        Route::get("/inspections/{id}/edit", REVIEW, edit_form),
        Route::post("/inspections/{id}/edit", REVIEW, edit),
        Route::post("/inspections/{id}/announce", REVIEW, announce),
        Route::post("/inspections/{id}/cancel", REVIEW, cancel),
    ]
}

/// As typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    inspector: String,
    body: String,
    at: String,
    place: String,
    note: String,
    team: Vec<String>,
    leader: String,
    version: String,
    announce: String,
    #[serde(skip)]
    error: String,
}

#[derive(Template)]
#[template(path = "inspections/plan.html")]
struct PlanPage {
    p: Page,
    id: String,
    typed: Typed,
    inspectors: Vec<(String, String)>,
    bodies: Vec<(String, String)>,
    people: Vec<(String, String, bool)>,
    leaders: Vec<(String, String)>,
}

type VisitId = Id<kind::Visit>;

async fn new_form(v: Visit, Query(asked): Query<Typed>) -> Result<Response, AppError> {
    show(&v, String::new(), asked).await
}

async fn show(v: &Visit, id: String, mut typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let nodes = bodies::choices(&mut sql, v.scope(), Right::Review).await?;
    let name = |n: &bodies::Node| {
        (n.body.id.to_string(), format!("{}{}", "\u{2003}".repeat(n.depth as usize), n.body.name))
    };
    // Whoever has nobody below inspects nobody.
    let inspectors: Vec<_> = nodes
        .iter()
        .filter(|n| nodes.iter().any(|below| below.body.parent == Some(n.body.id)))
        .map(name)
        .collect();
    if typed.inspector.is_empty() {
        let own = v.user.body.map(|b| b.to_string()).filter(|b| inspectors.iter().any(|(id, _)| id == b));
        typed.inspector = own.or_else(|| inspectors.first().map(|(id, _)| id.clone())).unwrap_or_default();
    }
    let below = nodes.iter().filter(|n| n.body.parent.is_some()).map(name).collect();
    let inspector: Option<Id<kind::Body>> = typed.inspector.parse().ok();
    let filter = people::Filter { body: inspector, ..Default::default() };
    let found = people::list(&mut sql, v.scope(), &filter, None, PAGE_MAX).await?;
    drop(sql);
    let me = v.user.person.map(|p| p.to_string()).unwrap_or_default();
    if typed.leader.is_empty() && found.iter().any(|p| p.id.to_string() == me) {
        typed.leader = me;
    }
    let bad = !typed.error.is_empty();
    let title = if id.is_empty() { "inspect-plan" } else { "inspect-replan" };
    let page = PlanPage {
        p: v.page(v.t(title)),
        id,
        inspectors,
        bodies: below,
        people: found
            .iter()
            .map(|p| (p.id.to_string(), p.name.clone(), typed.team.contains(&p.id.to_string())))
            .collect(),
        leaders: found.iter().map(|p| (p.id.to_string(), p.name.clone())).collect(),
        typed,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response.into_response())
}

/// The local time of a form.
fn at(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    local.to_zoned(time::zone()).ok().map(|z| z.timestamp())
}

/// What was typed as a plan; `Err` is the id of a text.
fn read(id: VisitId, typed: &Typed) -> Result<NewVisit, &'static str> {
    let leader = typed.leader.parse().map_err(|_| "error-visit-team")?;
    let others = typed.team.iter().filter_map(|p| p.parse().ok()).filter(|p| *p != leader);
    Ok(NewVisit {
        id,
        inspector: typed.inspector.parse().map_err(|_| "error-visit-not-below")?,
        body: typed.body.parse().map_err(|_| "error-visit-not-below")?,
        at: at(&typed.at).ok_or("error-visit-when")?,
        place: typed.place.clone(),
        note: typed.note.clone(),
        team: std::iter::once(leader).chain(others).collect(),
    })
}

async fn new(v: Visit, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    let id: VisitId = v.id();
    let plan = match read(id, &typed) {
        Ok(plan) => plan,
        Err(why) => {
            typed.error = v.t(why);
            return show(&v, String::new(), typed).await;
        }
    };
    let tools = tools(&v);
    let announce = typed.announce == "1";
    let done = write!(v, tx => {
        inspections::plan(tx, v.scope(), &tools, &plan).await?;
        if announce { inspections::announce(tx, v.scope(), &tools, id).await } else { Ok(()) }
    });
    match done {
        Ok(()) => Ok(v.redirect(&format!("/inspections/{id}"), Flash::ok("inspect-planned"))),
        Err(StoreError::Refused(code)) => {
            typed.error = v.t(&format!("error-{code}"));
            show(&v, String::new(), typed).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn edit_form(v: Visit, Path(id): Path<VisitId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (visit, team, rights) = inspections::get(&mut sql, v.scope(), v.actor(), id, v.now).await?;
    drop(sql);
    if !rights.lead {
        return Err(AppError::NotFound);
    }
    let typed = Typed {
        inspector: visit.inspector.to_string(),
        body: visit.body.to_string(),
        at: time::local(visit.planned_at).strftime("%Y-%m-%dT%H:%M").to_string(),
        place: visit.place,
        note: visit.note,
        leader: team.first().map(|m| m.person.to_string()).unwrap_or_default(),
        team: team.iter().skip(1).map(|m| m.person.to_string()).collect(),
        version: visit.version.to_string(),
        ..Typed::default()
    };
    show(&v, id.to_string(), typed).await
}

async fn edit(v: Visit, Path(id): Path<VisitId>, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    let version = typed.version.parse().unwrap_or_default();
    let plan = match read(id, &typed) {
        Ok(plan) => plan,
        Err(why) => {
            typed.error = v.t(why);
            return show(&v, id.to_string(), typed).await;
        }
    };
    match write!(v, tx => inspections::replan(tx, v.scope(), version, &plan).await) {
        Ok(()) => Ok(v.redirect(&format!("/inspections/{id}"), Flash::ok("inspect-replanned"))),
        Err(StoreError::Refused(code)) => {
            typed.error = v.t(&format!("error-{code}"));
            show(&v, id.to_string(), typed).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn announce(
    v: Visit,
    Path(id): Path<VisitId>,
    Form(_): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => inspections::announce(tx, v.scope(), &tools, id).await);
    back(&v, &format!("/inspections/{id}"), done.map(|()| Flash::ok("inspect-announced")).map_err(Into::into))
}

async fn cancel(
    v: Visit,
    Path(id): Path<VisitId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let (tools, why) = (tools(&v), typed.get("why").cloned().unwrap_or_default());
    let done = write!(v, tx => inspections::cancel(tx, v.scope(), &tools, id, &why).await);
    back(&v, &format!("/inspections/{id}"), done.map(|()| Flash::ok("inspect-cancelled")).map_err(Into::into))
}
