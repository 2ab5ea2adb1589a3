//! What an operator says of the entries of a list: filtered, impossible because, or open again.

use std::collections::HashMap;

use axum::{extract::Path, response::Response};
use domain::{request::ItemState, right::Right};
use serde::Deserialize;
use store::requests::{self, Mark};

use super::{RequestId, act::again, known, tools, write};
use crate::{Access, AppError, Flash, Form, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/requests/{id}/items", Access::Right(Right::See), post)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    place: Vec<i64>,
    r#do: String,
    reason: String,
}

async fn post(v: Visit, Path(request): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = known(&v, &request).await?;
    let (rest, state) = match typed.r#do.strip_prefix("rest-") {
        Some(state) => (true, state),
        None => (false, typed.r#do.as_str()),
    };
    let state = ItemState::parse(state).ok_or_else(|| AppError::Unreadable("do".into()))?;
    let which = if rest { Mark::Rest } else { Mark::Some(typed.place) };
    let done = mark(&v, id, &which, state, &typed.reason).await;
    let done = done.map(|n| Flash::ok("request-marked-done").what(&n.to_string()));
    again(&v, id, "items", HashMap::from([("reason".to_owned(), typed.reason)]), done).await
}

/// Marks entries; the one way of page and API. Returns how many changed.
pub(super) async fn mark(
    v: &Visit,
    id: RequestId,
    which: &Mark,
    state: ItemState,
    reason: &str,
) -> Result<u64, AppError> {
    if matches!(which, Mark::Some(places) if places.is_empty()) {
        return Err(AppError::Refused("error-request-places".into()));
    }
    let tools = tools(v);
    Ok(write!(v, tx => requests::mark(tx, v.scope(), &tools, id, which, state, reason).await)?)
}
