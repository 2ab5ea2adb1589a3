//! Turns through the API: one's own, and those given away.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::rules,
    time::Window,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::rosters::{self, NewSwap, Swap};
use utoipa::ToSchema;

use super::{PostId, RosterShift, SpanAsked, person, shift, write};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, made},
};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    let (prepare, answer) = (Access::Right(Right::Prepare), Access::Right(Right::Answer));
    vec![
        Route::api(see, LIMIT_FORM, route!(mine)),
        Route::api(see, LIMIT_FORM, route!(swaps)),
        Route::api(answer, LIMIT_FORM, route!(ask)),
        Route::api(answer, LIMIT_FORM, route!(agree)),
        Route::api(answer, LIMIT_FORM, route!(withdraw)),
        Route::api(prepare, LIMIT_FORM, route!(decide)),
    ]
}

/// One's own turns, at any post
#[utoipa::path(get, path = "/api/v1/my-shifts", tag = "roster", params(SpanAsked), responses((status = 200, body = Vec<RosterShift>)))]
async fn mine(v: Visit, Query(asked): Query<SpanAsked>) -> Result<Answer<Vec<RosterShift>>, AppError> {
    let window = asked.window(&v)?;
    let Some(me) = v.user.person else { return Ok(Answer(Vec::new())) };
    let mut sql = v.app.db.read().await?;
    let found = rosters::shifts_of(&mut sql, v.scope(), me, window).await?;
    let names = rosters::names(&mut sql, &[me]).await?;
    Ok(Answer(found.iter().map(|(s, _)| shift(s, &names)).collect()))
}

/// A turn given away.
#[derive(Serialize, ToSchema)]
struct RosterSwap {
    id: String,
    giver: String,
    giver_name: String,
    taker: String,
    taker_name: String,
    from: String,
    to: String,
    why: String,
    /// `asked`, `agreed`, `approved`, `refused`, `withdrawn`.
    state: &'static str,
    at: String,
}

impl From<Swap> for RosterSwap {
    fn from(s: Swap) -> Self {
        Self {
            id: s.swap.id.to_string(),
            giver: s.swap.from.to_string(),
            giver_name: s.names.0,
            taker: s.swap.to.to_string(),
            taker_name: s.names.1,
            from: s.swap.span.from.to_string(),
            to: s.swap.span.to.to_string(),
            why: s.why,
            state: s.state.name(),
            at: s.at.to_string(),
        }
    }
}

/// The swaps at a post that are not over, newest first; at most 200
#[utoipa::path(get, path = "/api/v1/posts/{id}/swaps", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<RosterSwap>)))]
async fn swaps(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<RosterSwap>>, AppError> {
    let found = rosters::swaps(&mut v.app.db.read().await?, v.scope(), post, v.now).await?;
    Ok(Answer(found.into_iter().map(RosterSwap::from).collect()))
}

/// A turn to give away.
#[derive(Deserialize, ToSchema)]
struct RosterSwapGiven {
    giver: String,
    taker: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    why: String,
}

/// Asks to give a turn away: one's own, or anybody's by whoever plans the post
#[utoipa::path(post, path = "/api/v1/posts/{id}/swaps", tag = "roster", params(("id" = String, Path)), request_body = RosterSwapGiven, responses((status = 201, body = Made)))]
async fn ask(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<RosterSwapGiven>,
) -> Result<Response, AppError> {
    let swap = rules::Swap {
        id: v.id(),
        from: person("giver", &given.giver)?,
        to: person("taker", &given.taker)?,
        span: Window { from: given.from, to: given.to },
    };
    let id = swap.id;
    let new = NewSwap { swap, why: &given.why };
    write!(v, tx => rosters::ask_swap(tx, v.scope(), post, &new).await)?;
    Ok(made(id))
}

/// Yes or no.
#[derive(Deserialize, ToSchema)]
struct RosterAnswer {
    yes: bool,
}

/// Whoever is to take the turn agrees, or not
#[utoipa::path(post, path = "/api/v1/swaps/{id}/agree", tag = "roster", params(("id" = String, Path)), request_body = RosterAnswer, responses((status = 204)))]
async fn agree(
    v: Visit,
    Path(id): Path<Id<kind::Swap>>,
    Json(given): Json<RosterAnswer>,
) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::agree(tx, v.scope(), id, given.yes).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever gives the turn away takes that back, while it does not stand
#[utoipa::path(post, path = "/api/v1/swaps/{id}/withdraw", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn withdraw(v: Visit, Path(id): Path<Id<kind::Swap>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::withdraw_swap(tx, v.scope(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever plans the post approves what both agreed to, or not
#[utoipa::path(post, path = "/api/v1/swaps/{id}/decide", tag = "roster", params(("id" = String, Path)), request_body = RosterAnswer, responses((status = 204)))]
async fn decide(
    v: Visit,
    Path(id): Path<Id<kind::Swap>>,
    Json(given): Json<RosterAnswer>,
) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::decide_swap(tx, v.scope(), v.pack(), id, given.yes).await)?;
    Ok(StatusCode::NO_CONTENT)
}
