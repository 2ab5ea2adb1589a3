//! A body's own version of the checklist.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::Deserialize;
use store::{StoreError, inspections, register::bodies};

use super::{say, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const REVIEW: Access = Access::Right(Right::Review);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/inspections/checklist", REVIEW, get),
        Route::post("/inspections/checklist", REVIEW, post),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    body: String,
    version: String,
    item: Vec<String>,
    own: String,
    #[serde(rename = "do")]
    what: String,
    #[serde(skip)]
    error: String,
    #[serde(skip)]
    sent: bool,
}

#[derive(Template)]
#[template(path = "inspections/checklist.html")]
struct ChecklistPage {
    p: Page,
    body: String,
    name: String,
    version: u32,
    since: String,
    groups: Vec<(String, Vec<ItemView>)>,
    own: String,
    error: String,
}

struct ItemView {
    key: String,
    text: String,
    basis: String,
    severity: String,
    on: bool,
}

/// The body asked for, else one's own, else the first one may decide for.
async fn body(v: &Visit, asked: &str) -> Result<(Id<kind::Body>, String), AppError> {
    let mut sql = v.app.db.read().await?;
    let nodes = bodies::choices(&mut sql, v.scope(), Right::Review).await?;
    let wanted = asked.parse().ok().or(v.user.body);
    let node = nodes.iter().find(|n| Some(n.body.id) == wanted);
    let node = if asked.is_empty() { node.or_else(|| nodes.first()) } else { node };
    node.map(|n| (n.body.id, n.body.name.clone())).ok_or(AppError::NotFound)
}

async fn get(v: Visit, Query(asked): Query<Typed>) -> Result<Response, AppError> {
    show(&v, asked).await
}

async fn show(v: &Visit, typed: Typed) -> Result<Response, AppError> {
    let (body, name) = body(v, &typed.body).await?;
    let mut sql = v.app.db.read().await?;
    let held = inspections::checklist(&mut sql, v.scope(), v.pack(), body).await?;
    drop(sql);
    let pack = v.pack().checklist();
    let english = v.lang == crate::Lang::En;
    let on = |key: &str| {
        if typed.sent { typed.item.iter().any(|i| i == key) } else { held.list.item(key).is_some() }
    };
    let groups = pack
        .by_group()
        .into_iter()
        .map(|(group, items)| {
            let title = group.map_or_else(String::new, |g| if english { g.en.clone() } else { g.vi.clone() });
            let item = |i: &&domain::inspection::Item| ItemView {
                key: i.key.clone(),
                text: say::item(v, i),
                basis: i.basis.clone(),
                severity: say::severity(v, i.severity),
                on: on(&i.key),
            };
            (title, items.iter().map(item).collect())
        })
        .collect();
    let p = v.page(v.t("inspect-checklist"));
    let bad = !typed.error.is_empty();
    let page = ChecklistPage {
        body: body.to_string(),
        name,
        version: held.version,
        since: held.at.map(|at| p.time(&at)).unwrap_or_default(),
        groups,
        own: if typed.sent { typed.own } else { held.list.own_lines() },
        error: typed.error,
        p,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response.into_response())
}

async fn post(v: Visit, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    let (body, _) = body(&v, &typed.body).await?;
    typed.sent = true;
    let version = typed.version.parse().unwrap_or_default();
    let list = match typed.what.as_str() {
        "reset" => None,
        _ => match v.pack().checklist().edited(&typed.item, &typed.own) {
            Ok(list) => Some(list),
            Err(line) => {
                typed.error = v.words().with("error-checklist-line", [("line", line.into())]);
                return show(&v, typed).await;
            }
        },
    };
    let pack = v.pack();
    let done =
        write!(v, tx => inspections::save_checklist(tx, v.scope(), pack, body, version, list.as_ref()).await);
    match done {
        Ok(()) => Ok(v.redirect(&format!("/inspections/checklist?body={body}"), Flash::ok("inspect-saved"))),
        Err(StoreError::Refused(code)) => {
            typed.error = v.t(&format!("error-{code}"));
            show(&v, typed).await
        }
        Err(error) => Err(error.into()),
    }
}
