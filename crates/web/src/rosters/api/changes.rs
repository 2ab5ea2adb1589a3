//! What people change by hand, through the API: somebody else for a time, and absences.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::rules::Override,
    time::Window,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::rosters::{self, NewAbsence, NewOverride};
use utoipa::ToSchema;

use super::{PostId, people, person, plan::line, write};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, made},
};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    let (prepare, answer) = (Access::Right(Right::Prepare), Access::Right(Right::Answer));
    vec![
        Route::api(see, LIMIT_FORM, route!(overrides)),
        Route::api(prepare, LIMIT_FORM, route!(settle)),
        Route::api(prepare, LIMIT_FORM, route!(unsettle)),
        Route::api(see, LIMIT_FORM, route!(absences)),
        Route::api(answer, LIMIT_FORM, route!(be_absent)),
        Route::api(answer, LIMIT_FORM, route!(come_back)),
    ]
}

/// Somebody else for a time.
#[derive(Serialize, ToSchema)]
struct RosterOverride {
    id: String,
    /// `primary`, `backup`.
    line: &'static str,
    from: String,
    to: String,
    /// Ids, in line order.
    people: Vec<String>,
    why: String,
    at: String,
    /// By whom.
    by: Option<String>,
    withdrawn_at: Option<String>,
}

/// The overrides of a post that are not over, newest first
#[utoipa::path(get, path = "/api/v1/posts/{id}/overrides", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<RosterOverride>)))]
async fn overrides(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<RosterOverride>>, AppError> {
    let found = rosters::overrides(&mut v.app.db.read().await?, v.scope(), post, v.now).await?;
    let view = |o: rosters::Overriding| RosterOverride {
        id: o.settled.id.to_string(),
        line: o.settled.line.name(),
        from: o.settled.span.from.to_string(),
        to: o.settled.span.to.to_string(),
        people: o.settled.people.iter().map(ToString::to_string).collect(),
        why: o.why,
        at: o.at.to_string(),
        by: o.by,
        withdrawn_at: o.withdrawn_at.map(|t| t.to_string()),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// Somebody else for a time, as it is entered.
#[derive(Deserialize, ToSchema)]
struct RosterOverrideGiven {
    /// `primary`, `backup`.
    #[serde(default)]
    line: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Ids, in line order.
    people: Vec<String>,
    why: String,
}

/// Puts somebody else on duty for a time, at once
#[utoipa::path(post, path = "/api/v1/posts/{id}/overrides", tag = "roster", params(("id" = String, Path)), request_body = RosterOverrideGiven, responses((status = 201, body = Made)))]
async fn settle(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<RosterOverrideGiven>,
) -> Result<Response, AppError> {
    let settled = Override {
        id: v.id(),
        line: line(&given.line)?,
        span: Window { from: given.from, to: given.to },
        people: people("people", &given.people)?,
    };
    let id = settled.id;
    let new = NewOverride { settled, why: &given.why };
    write!(v, tx => rosters::settle(tx, v.scope(), v.pack(), post, &new).await)?;
    Ok(made(id))
}

/// Takes an override back, from now on
#[utoipa::path(post, path = "/api/v1/overrides/{id}/withdraw", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn unsettle(v: Visit, Path(id): Path<Id<kind::Override>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::unsettle(tx, v.scope(), v.pack(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody is away.
#[derive(Serialize, ToSchema)]
struct RosterAbsence {
    id: String,
    person: String,
    name: String,
    from: String,
    to: String,
    why: String,
}

/// The absences, not over, of those who may be on duty at a post; soonest first
#[utoipa::path(get, path = "/api/v1/posts/{id}/absences", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<RosterAbsence>)))]
async fn absences(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<RosterAbsence>>, AppError> {
    let found = rosters::absences(&mut v.app.db.read().await?, v.scope(), post, v.now).await?;
    let view = |a: rosters::Absence| RosterAbsence {
        id: a.id.to_string(),
        person: a.person.to_string(),
        name: a.name,
        from: a.span.from.to_string(),
        to: a.span.to.to_string(),
        why: a.why,
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// An absence as it is entered.
#[derive(Deserialize, ToSchema)]
struct RosterAbsenceGiven {
    person: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    why: String,
}

/// Somebody is away: their turns are empty unless somebody takes them
#[utoipa::path(post, path = "/api/v1/posts/{id}/absences", tag = "roster", params(("id" = String, Path)), request_body = RosterAbsenceGiven, responses((status = 201, body = Made)))]
async fn be_absent(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<RosterAbsenceGiven>,
) -> Result<Response, AppError> {
    let (person, span) = (person("person", &given.person)?, Window { from: given.from, to: given.to });
    let new = NewAbsence { id: v.id(), person, post, span, why: &given.why };
    write!(v, tx => rosters::be_absent(tx, v.scope(), v.pack(), &new).await)?;
    Ok(made(new.id))
}

/// An absence ends now, or never begins
#[utoipa::path(post, path = "/api/v1/absences/{id}/end", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn come_back(v: Visit, Path(id): Path<Id<kind::Leave>>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::come_back(tx, v.scope(), v.pack(), id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
