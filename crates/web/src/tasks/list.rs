//! Assignments from either side: an issuer sees who has read and acknowledged, and chases one or many.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::right::Right;
use serde::Deserialize;
use store::assignments::{self, Brief, Filter};

use super::{after, back, cursor, id, tools, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Rows of a page.
const PAGE: usize = 100;
/// So many may be chased with one press: a page of the list.
const CHASE_AT_ONCE: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/assignments", Access::Right(Right::See), list),
        Route::post("/assignments/chase", Access::Right(Right::Review), chase),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    campaign: String,
    body: String,
    unacknowledged: String,
    after: String,
}

struct Row {
    brief: Brief,
    received: String,
    read: String,
    acknowledged: String,
}

#[derive(Template)]
#[template(path = "tasks/list.html")]
struct ListPage {
    p: Page,
    rows: Vec<Row>,
    campaign: String,
    unacknowledged: bool,
    next: String,
    may_chase: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let filter = Filter {
        campaign: asked.campaign.parse().ok(),
        body: asked.body.parse().ok(),
        unacknowledged: asked.unacknowledged == "1",
        all: false,
    };
    let mut sql = v.app.db.read().await?;
    let found = assignments::list(&mut sql, v.scope(), &filter, after(&asked.after), PAGE).await?;
    drop(sql);
    let p = v.page(v.t("tasks-assignments"));
    let next = match found.last() {
        Some(last) if found.len() == PAGE => format!(
            "/assignments?campaign={}&body={}&unacknowledged={}&after={}",
            filter.campaign.map(|c| c.to_string()).unwrap_or_default(),
            filter.body.map(|b| b.to_string()).unwrap_or_default(),
            u8::from(filter.unacknowledged),
            cursor(last.received_at, last.id)
        ),
        _ => String::new(),
    };
    let text = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    let rows = found
        .into_iter()
        .map(|brief| Row {
            received: p.time(&brief.received_at),
            read: text(brief.read_at),
            acknowledged: text(brief.acknowledged_at),
            brief,
        })
        .collect();
    let campaign = filter.campaign.map(|c| c.to_string()).unwrap_or_default();
    let may_chase = v.user.may(Right::Review);
    v.html(&ListPage { p, rows, campaign, unacknowledged: filter.unacknowledged, next, may_chase })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Many {
    assignment: Vec<String>,
    campaign: String,
}

async fn chase(v: Visit, Form(many): Form<Many>) -> Result<Response, AppError> {
    let ids = many.assignment.iter().map(|a| id(a)).collect::<Result<Vec<_>, _>>()?;
    let done = chase_all(&v, &ids).await;
    let campaign: String = many.campaign.chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').collect();
    let to = format!("/assignments?campaign={campaign}&unacknowledged=1");
    back(&v, &to, done.map(|n| Flash::ok("tasks-chased").what(&n.to_string())))
}

/// Chases each of them; those chased within the hour, or with nothing missing, are left out. Returns how many.
pub(super) async fn chase_all(
    v: &Visit,
    ids: &[domain::id::Id<domain::id::kind::Assignment>],
) -> Result<usize, AppError> {
    if ids.is_empty() || ids.len() > CHASE_AT_ONCE {
        return Err(AppError::Refused("error-chase-which".into()));
    }
    let (tools, mut sent) = (tools(v), 0);
    for id in ids {
        let done = write!(v, tx => assignments::chase::by_hand(tx, v.scope(), &tools, *id).await);
        match done {
            Ok(()) => sent += 1,
            // One of many that needs no reminder is no failure of the others.
            Err(store::StoreError::Refused(_)) if ids.len() > 1 => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(sent)
}
