//! What was at one post: publications, missed check-ins and who was woken, hand-overs.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{right::Right, roster::coverage::Trouble};
use jiff::SignedDuration;
use serde::Deserialize;
use store::rosters::{self, HandOver};

use super::{
    PostId,
    post::{self, Head},
    say, tools, write,
};
use crate::{Access, AppError, Form, Page, Route, Visit};

/// Missed check-ins of so many days are shown.
const MISSED: SignedDuration = SignedDuration::from_hours(60 * 24);
/// So many hand-overs are shown.
const HAND_OVERS: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/posts/{id}/history", Access::Right(Right::See), get),
        Route::post("/roster/posts/{id}/try", Access::Right(Right::Prepare), try_out),
    ]
}

#[derive(Template)]
#[template(path = "rosters/history.html")]
struct HistoryPage {
    p: Page,
    head: Head,
    publications: Vec<Published>,
    missed: Vec<Miss>,
    hand_overs: Vec<HandOver>,
    /// How drills and test calls came out; empty without any.
    tried: Vec<String>,
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
    let tried = rosters::tried(&mut sql, v.scope(), id, v.now).await?;
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
    let said = |id: &str, (ok, all): (u32, u32)| {
        (all > 0).then(|| v.words().with(id, [("ok", ok.into()), ("all", all.into())]))
    };
    let tried = [said("callout-try-drill-said", tried.drill), said("callout-try-test-said", tried.test)];
    let tried = tried.into_iter().flatten().collect();
    v.html(&HistoryPage { p, head: of.head, publications, missed, hand_overs, tried })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pressed {
    drill: String,
}

/// Calls those on duty, or everybody with a turn ahead.
async fn try_out(
    v: Visit,
    Path(id): Path<PostId>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, AppError> {
    let (tools, drill) = (tools(&v), pressed.drill == "1");
    let done = write!(v, tx => rosters::try_out(tx, v.scope(), &tools, id, drill).await);
    super::back(&v, &format!("/roster/posts/{id}/history"), done.map(|_| ()), "callout-try-done")
}
