//! The watch itself through the API: who is awake, check-ins, hand-overs, what was missed.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::Line,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::rosters::{self, Awake, OnDuty, Way};
use utoipa::{IntoParams, ToSchema};

use super::{PostId, tools, write};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, id, made},
};

/// Hand-overs given at once.
const HAND_OVERS: u32 = 50;
/// Missed check-ins of so many days.
const MISSED: SignedDuration = SignedDuration::from_hours(60 * 24);

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    vec![
        Route::api(see, LIMIT_FORM, route!(awake)),
        Route::api(answer, LIMIT_FORM, route!(check_in)),
        Route::api(see, LIMIT_FORM, route!(hand_overs)),
        Route::api(answer, LIMIT_FORM, route!(hand_over)),
        Route::api(answer, LIMIT_FORM, route!(accept)),
        Route::api(see, LIMIT_FORM, route!(missed)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AwakeAsked {
    /// Only posts of that body, or that it shares.
    body: Option<String>,
}

/// A post with who is awake at it now.
#[derive(Serialize, ToSchema)]
struct AwakePost {
    post: String,
    name: String,
    body: String,
    body_name: String,
    /// `on-site`, `on-call`, `covered`.
    presence: &'static str,
    /// Whether enough people are first in line.
    held: bool,
    /// Whether somebody first in line missed a check-in.
    silent: bool,
    people: Vec<AwakePerson>,
}

/// Somebody on duty now.
#[derive(Serialize, ToSchema)]
struct AwakePerson {
    person: String,
    name: String,
    /// `primary`, `backup`.
    line: &'static str,
    since: String,
    until: String,
    /// The last check-in of this shift.
    checked_in: Option<String>,
    silent: bool,
    /// Verified channels, the one to try first, first; empty where one may not read them.
    channels: Vec<AwakeChannel>,
}

/// How to reach somebody.
#[derive(Serialize, ToSchema)]
struct AwakeChannel {
    kind: &'static str,
    address: String,
}

fn who(on: OnDuty) -> AwakePerson {
    let channel =
        |(kind, address): (domain::person::ChannelKind, String)| AwakeChannel { kind: kind.name(), address };
    AwakePerson {
        person: on.person.to_string(),
        name: on.name,
        line: on.line.name(),
        since: on.since.to_string(),
        until: on.until.to_string(),
        checked_in: on.checked_in.map(|t| t.to_string()),
        silent: on.silent && on.line == Line::Primary,
        channels: on.channels.into_iter().map(channel).collect(),
    }
}

/// Who is awake now, at every post one may see; posts without anybody are there, too
#[utoipa::path(get, path = "/api/v1/awake", tag = "roster", params(AwakeAsked), responses((status = 200, body = Vec<AwakePost>)))]
async fn awake(v: Visit, Query(asked): Query<AwakeAsked>) -> Result<Answer<Vec<AwakePost>>, AppError> {
    let body = asked.body.as_deref().map(id).transpose()?;
    let found = rosters::awake(&mut v.app.db.read().await?, v.scope(), body, v.now).await?;
    let view = |a: Awake| AwakePost {
        post: a.post.id.to_string(),
        held: a.is_held(),
        silent: a.is_silent(),
        name: a.post.name,
        body: a.post.body.to_string(),
        body_name: a.body_name,
        presence: a.post.presence.name(),
        people: a.people.into_iter().map(who).collect(),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// A check-in.
#[derive(Deserialize, ToSchema)]
struct CheckInGiven {
    #[serde(default)]
    note: String,
}

/// What a check-in did.
#[derive(Serialize, ToSchema)]
struct CheckInMade {
    id: String,
    /// Whose silent watch was taken over by it.
    took_over: Vec<String>,
}

/// Says that one is awake; whoever else may answer at the post takes a silent watch over
#[utoipa::path(post, path = "/api/v1/posts/{id}/check-ins", tag = "roster", params(("id" = String, Path)), request_body = CheckInGiven, responses((status = 201, body = CheckInMade)))]
async fn check_in(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<CheckInGiven>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => rosters::check_in(tx, v.scope(), &tools, post, Way::Api, &given.note).await)?;
    let took_over = done.took_over.iter().map(ToString::to_string).collect();
    Ok((StatusCode::CREATED, Answer(CheckInMade { id: done.id.to_string(), took_over })).into_response())
}

/// A hand-over of a shift.
#[derive(Serialize, ToSchema)]
struct HandOverView {
    id: String,
    giver: String,
    giver_name: String,
    /// Who accepted.
    taker_name: Option<String>,
    at: String,
    note: String,
    /// What is open.
    items: Vec<String>,
    accepted_at: Option<String>,
}

/// The hand-overs at a post, newest first; at most 50
#[utoipa::path(get, path = "/api/v1/posts/{id}/hand-overs", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<HandOverView>)))]
async fn hand_overs(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<HandOverView>>, AppError> {
    let found = rosters::hand_overs(&mut v.app.db.read().await?, v.scope(), post, HAND_OVERS).await?;
    let view = |h: rosters::HandOver| HandOverView {
        id: h.id.to_string(),
        giver: h.giver.0.to_string(),
        giver_name: h.giver.1,
        taker_name: h.taker,
        at: h.at.to_string(),
        note: h.note,
        items: h.items,
        accepted_at: h.accepted_at.map(|t| t.to_string()),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// What is handed over.
#[derive(Deserialize, ToSchema)]
struct HandOverGiven {
    #[serde(default)]
    note: String,
    /// What is open; at most 50.
    #[serde(default)]
    items: Vec<String>,
}

/// Hands one's shift over, which is a check-in as well
#[utoipa::path(post, path = "/api/v1/posts/{id}/hand-overs", tag = "roster", params(("id" = String, Path)), request_body = HandOverGiven, responses((status = 201, body = Made)))]
async fn hand_over(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<HandOverGiven>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let id = write!(v, tx => {
        rosters::hand_over(tx, v.scope(), &tools, post, Way::Api, &given.note, &given.items).await
    })?;
    Ok(made(id))
}

/// Accepts a hand-over, which is one's check-in
#[utoipa::path(post, path = "/api/v1/hand-overs/{id}/accept", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn accept(v: Visit, Path(id): Path<Id<kind::HandOver>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let tools = tools(&v);
    write!(v, tx => rosters::accept(tx, v.scope(), &tools, id, Way::Api).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A check-in that was missed.
#[derive(Serialize, ToSchema)]
struct MissedView {
    person: String,
    name: String,
    due: String,
    answered_at: Option<String>,
    answered_by: Option<String>,
}

/// The check-ins missed at a post in the last 60 days, newest first; at most 300
#[utoipa::path(get, path = "/api/v1/posts/{id}/missed", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<MissedView>)))]
async fn missed(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<MissedView>>, AppError> {
    let since = v.now.checked_sub(MISSED).unwrap_or(v.now);
    let found = rosters::missed(&mut v.app.db.read().await?, v.scope(), post, since).await?;
    let view = |m: rosters::Missed| {
        let (at, by) = m.answered.unzip();
        MissedView {
            person: m.person.to_string(),
            name: m.name,
            due: m.due.to_string(),
            answered_at: at.map(|t| t.to_string()),
            answered_by: by,
        }
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}
