//! One event with all its fields, and what stands around it in the log of its source.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{query, right::Right};
use jiff::Timestamp;
use lake::{
    Position,
    search::{Ask, Found, Order},
};
use serde::Deserialize;

use super::{
    ask::bodies,
    looked,
    page::{Names, Row, exact},
    search,
};
use crate::{Access, AppError, Page, Route, Visit};

/// How much stands around it, without a wish and at most.
const AROUND: usize = 10;
const AROUND_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/logs/{place}", Access::Right(Right::Read), show)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wish {
    around: Option<usize>,
}

#[derive(Template)]
#[template(path = "logs/show.html")]
struct ShowPage {
    p: Page,
    e: Row,
    came: String,
    kind: String,
    place: String,
    around: Vec<Row>,
    more: String,
}

/// `position-line`, as in an address.
fn place(text: &str) -> Option<(i64, u32)> {
    let (position, line) = text.split_once('-')?;
    Some((position.parse().ok()?, line.parse().ok()?))
}

/// The event of a place, if the asker may see it. One that is another's and one that is none are alike.
pub(super) async fn find(v: &Visit, text: &str) -> Result<(Found, Names), AppError> {
    let (position, line) = place(text).ok_or(AppError::NotFound)?;
    let seen = bodies(v, None).await?;
    let keys = seen.keys().copied().collect();
    let found = looked(v, move |view, _| view.event(&keys, Position::unpacked(position), line)).await?;
    let found = found.map_err(anyhow::Error::from)?.ok_or(AppError::NotFound)?;
    let sources = store::events::sources(&mut v.app.db.read().await?, v.scope()).await?;
    Ok((found, Names { bodies: seen, sources }))
}

/// The events before and after it in the log, of the same source, in the log's order; it among them.
pub(super) async fn around(v: &Visit, e: &Found, n: usize) -> Result<Vec<Found>, AppError> {
    let Some(source) = e.source else { return Ok(vec![e.clone()]) };
    let place = (e.key.position, e.key.line);
    let ask = |order| Ask {
        query: query::Query::All,
        from: Timestamp::MIN,
        to: Timestamp::MAX,
        bodies: [e.body].into(),
        rows: n.min(AROUND_MAX),
        after: None,
        order,
        buckets: 0,
        top: Vec::new(),
        count: false,
    };
    let unread = |fault: query::Fault| AppError::Internal(fault.into());
    let mut all = search(v, ask(Order::Back(source, place))).await?.map_err(unread)?.rows;
    all.reverse();
    all.push(e.clone());
    all.extend(search(v, ask(Order::On(source, place))).await?.map_err(unread)?.rows);
    Ok(all)
}

async fn show(v: Visit, Path(text): Path<String>, Query(wish): Query<Wish>) -> Result<Response, AppError> {
    let (e, names) = find(&v, &text).await?;
    let n = wish.around.unwrap_or(AROUND).min(AROUND_MAX);
    let around = around(&v, &e, n).await?;
    let kind = [e.product.as_str(), e.dataset.as_str()];
    let kind: Vec<&str> = kind.into_iter().filter(|k| !k.is_empty()).collect();
    let more = if n < AROUND_MAX { format!("?around={}", (n * 5).min(AROUND_MAX)) } else { String::new() };
    v.html(&ShowPage {
        p: v.page(v.t("logs-event")),
        came: exact(e.came),
        kind: kind.join(" · "),
        place: v.words().with_texts(
            "alert-place",
            &[("batch", &e.key.position.to_string()), ("line", &(e.key.line + 1).to_string())],
        ),
        around: around.iter().map(|o| Row { on: o.key == e.key, ..names.row(o) }).collect(),
        e: names.row(&e),
        more,
    })
}
