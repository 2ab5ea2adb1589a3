//! What was at one post: publications, missed check-ins and who was woken, hand-overs.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{right::Right, roster::coverage::Trouble};
use jiff::SignedDuration;
use store::rosters::{self, HandOver};

use super::{
    PostId,
    post::{self, Head},
    say,
};
use crate::{Access, AppError, Page, Route, Visit};

/// Missed check-ins of so many days are shown.
const MISSED: SignedDuration = SignedDuration::from_hours(60 * 24);
/// So many hand-overs are shown.
const HAND_OVERS: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/roster/posts/{id}/history", Access::Right(Right::See), get)]
}

#[derive(Template)]
#[template(path = "rosters/history.html")]
struct HistoryPage {
    p: Page,
    head: Head,
    publications: Vec<Published>,
    missed: Vec<Miss>,
    hand_overs: Vec<HandOver>,
}

struct Published {
    at: String,
    by: String,
    span: String,
    gaps: usize,
    troubles: usize,
    forced: String,
}

struct Miss {
    name: String,
    due: String,
    /// Its call-out; empty where an earlier one of the same silence stands for it.
    callout: String,
    answered: String,
}

async fn get(v: Visit, Path(id): Path<PostId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let of = post::of(&v, &mut sql, id, "history").await?;
    let publications = rosters::publications(&mut sql, v.scope(), id).await?;
    let since = v.now.checked_sub(MISSED).unwrap_or(v.now);
    let missed = rosters::missed(&mut sql, v.scope(), id, since).await?;
    let hand_overs = rosters::hand_overs(&mut sql, v.scope(), id, HAND_OVERS).await?;
    drop(sql);
    let p = v.page(of.head.name.clone());
    let publications = publications
        .into_iter()
        .map(|r| Published {
            at: p.time(&r.at),
            by: r.by.unwrap_or_default(),
            span: say::span(r.window),
            gaps: r.troubles.iter().filter(|t| t.forbids()).count(),
            troubles: r.troubles.iter().filter(|t| !Trouble::forbids(t)).count(),
            forced: r.forced.unwrap_or_default(),
        })
        .collect();
    let missed = missed
        .into_iter()
        .map(|m| Miss {
            name: m.name,
            due: p.time(&m.due),
            callout: m.callout.map(|id| id.to_string()).unwrap_or_default(),
            answered: m.answered.map(|(at, who)| format!("{} · {who}", p.time(&at))).unwrap_or_default(),
        })
        .collect();
    v.html(&HistoryPage { p, head: of.head, publications, missed, hand_overs })
}
