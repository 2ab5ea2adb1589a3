//! What silences alerts: made on an alert, listed with reason, owner and end, lifted.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    right::Right,
    time,
};
use serde::Deserialize;
use store::alerts::{self, Kept, NewSuppression};

use super::{AlertId, tabs, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::get("/suppressions", Access::Right(Right::Read), list),
        Route::post("/alerts/{id}/suppress", answer, suppress),
        Route::post("/suppressions/{id}/lift", answer, lift),
    ]
}

#[derive(Template)]
#[template(path = "alerts/silences.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
}

struct Row {
    id: Id<kind::Suppression>,
    title: String,
    body: String,
    what: String,
    reason: String,
    owner: String,
    until: String,
    hits: u64,
    may_lift: bool,
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = alerts::suppressions(&mut sql, v.scope(), v.now).await?;
    drop(sql);
    let p = v.page(v.t("silence-title"));
    let row = |k: Kept| Row {
        id: k.id,
        what: if k.field.is_empty() {
            v.t("silence-everything")
        } else {
            format!("{} = {}", k.field, k.value)
        },
        title: k.title,
        body: k.body_name,
        reason: k.reason,
        owner: k.owner,
        until: p.time(&k.until),
        hits: k.hits,
        may_lift: k.may_lift,
    };
    v.html(&ListPage { tabs: tabs(&v, "silences"), rows: found.into_iter().map(row).collect(), p })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    what: String,
    reason: String,
    until: String,
}

async fn suppress(v: Visit, Path(id): Path<AlertId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let until = typed
        .until
        .parse()
        .ok()
        .map(time::end_of)
        .ok_or_else(|| AppError::Refused("error-suppress-until".into()));
    let done = match until {
        Err(error) => Err(error),
        Ok(until) => {
            let (field, value) = typed.what.split_once('=').unwrap_or_default();
            let new = NewSuppression {
                id: v.id(),
                alert: id,
                field: field.to_owned(),
                value: value.to_owned(),
                reason: typed.reason,
                until,
            };
            write!(v, tx => alerts::suppress(tx, v.scope(), &new).await).map_err(AppError::from)
        }
    };
    v.acted(&format!("/alerts/{id}"), done, "silence-made")
}

async fn lift(v: Visit, Path(id): Path<Id<kind::Suppression>>, _: Form<Typed>) -> Result<Response, AppError> {
    let done = write!(v, tx => alerts::lift(tx, v.scope(), id).await);
    v.acted("/suppressions", done, "silence-lifted")
}
