//! Posts through the API.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    right::Right,
    roster::{CheckIn, Presence},
};
use serde::{Deserialize, Serialize};
use store::rosters::{self, NewPost, Shown};
use utoipa::{IntoParams, ToSchema};

use super::{PostId, write, wrong};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, id, made, own_body},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, prepare) = (Access::Right(Right::See), Access::Right(Right::Prepare));
    vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(create)),
        Route::api(see, LIMIT_FORM, route!(get)),
        Route::api(prepare, LIMIT_FORM, route!(change)),
        Route::api(prepare, LIMIT_FORM, route!(close)),
    ]
}

/// What whoever is first in line owes while on duty.
#[derive(Serialize, Deserialize, ToSchema)]
struct RosterCheckIns {
    at_start: bool,
    at_end: bool,
    /// And another each so many minutes, 15 at the least.
    #[serde(default)]
    every_minutes: Option<u16>,
    /// So long after its time a check-in is still in time.
    grace_minutes: u16,
}

impl From<CheckIn> for RosterCheckIns {
    fn from(c: CheckIn) -> Self {
        Self {
            at_start: c.at_start,
            at_end: c.at_end,
            every_minutes: c.every_minutes,
            grace_minutes: c.grace_minutes,
        }
    }
}

/// A post: something that must be watched.
#[derive(Serialize, ToSchema)]
struct RosterPost {
    id: String,
    body: String,
    body_name: String,
    /// Bodies whose post it is too, of those one may see.
    shared: Vec<String>,
    name: String,
    /// `on-site`, `on-call`, `covered`.
    presence: &'static str,
    /// The post that watches this one too.
    covered_by: Option<String>,
    /// How many must be first in line at once.
    needed: u8,
    /// Whether somebody must be behind them.
    backup: bool,
    check_in: RosterCheckIns,
    closed: bool,
    /// Give it back when changing the post.
    version: i64,
}

impl From<Shown> for RosterPost {
    fn from(s: Shown) -> Self {
        Self {
            id: s.post.id.to_string(),
            body: s.post.body.to_string(),
            body_name: s.body_name,
            shared: s.shared.iter().map(|(id, _)| id.to_string()).collect(),
            name: s.post.name,
            presence: s.post.presence.name(),
            covered_by: s.post.covered_by.map(|id| id.to_string()),
            needed: s.post.needed,
            backup: s.post.backup,
            check_in: s.post.check_in.into(),
            closed: s.closed,
            version: s.version,
        }
    }
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PostsAsked {
    /// Only posts of that body, or that it shares.
    body: Option<String>,
    /// Also those given up.
    closed: bool,
}

/// Posts one may see, by body and name; at most 1,000
#[utoipa::path(get, path = "/api/v1/posts", tag = "roster", params(PostsAsked), responses((status = 200, body = Vec<RosterPost>)))]
async fn list(v: Visit, Query(asked): Query<PostsAsked>) -> Result<Answer<Vec<RosterPost>>, AppError> {
    let body = asked.body.as_deref().map(id).transpose()?;
    let found = rosters::list(&mut v.app.db.read().await?, v.scope(), body, asked.closed).await?;
    Ok(Answer(found.into_iter().map(RosterPost::from).collect()))
}

/// One post
#[utoipa::path(get, path = "/api/v1/posts/{id}", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = RosterPost)))]
async fn get(v: Visit, Path(post): Path<PostId>) -> Result<Answer<RosterPost>, AppError> {
    Ok(Answer(rosters::shown(&mut v.app.db.read().await?, v.scope(), post).await?.into()))
}

/// A post as it is entered or changed.
#[derive(Deserialize, ToSchema)]
struct RosterPostGiven {
    /// Whose post it is; by default the body one works for. It cannot be changed.
    #[serde(default)]
    body: Option<String>,
    name: String,
    /// `on-site`, `on-call`, `covered`.
    presence: String,
    /// The post that watches this one too; only where `presence` is `covered`.
    #[serde(default)]
    covered_by: Option<String>,
    #[serde(default = "one")]
    needed: u8,
    #[serde(default)]
    backup: bool,
    /// Absent: as the terms of duty in force say.
    #[serde(default)]
    check_in: Option<RosterCheckIns>,
    /// Bodies whose post it is too.
    #[serde(default)]
    shared: Vec<String>,
    /// The version that was read; needed to change a post.
    #[serde(default)]
    version: i64,
}

const fn one() -> u8 {
    1
}

/// What was given, ready for the store, handed to `act`.
macro_rules! given {
    ($v:expr, $id:expr, $given:expr, $tx:ident, $new:ident => $act:expr) => {{
        let shared = $given.shared.iter().map(|text| id(text)).collect::<Result<Vec<_>, _>>()?;
        let standard = || $v.pack().duty_roster().map_or_else(CheckIn::default, |t| t.check_in);
        let $new = NewPost {
            id: $id,
            body: $given.body.as_deref().map_or_else(|| own_body(&$v), id)?,
            name: &$given.name,
            presence: Presence::parse(&$given.presence)
                .ok_or_else(|| wrong("presence", "error-unreadable"))?,
            covered_by: $given.covered_by.as_deref().map(id).transpose()?,
            needed: $given.needed,
            backup: $given.backup,
            check_in: $given.check_in.as_ref().map_or_else(standard, |c| CheckIn {
                at_start: c.at_start,
                at_end: c.at_end,
                every_minutes: c.every_minutes,
                grace_minutes: c.grace_minutes,
            }),
            shared: &shared,
        };
        write!($v, $tx => $act)
    }};
}

/// Enters a post
#[utoipa::path(post, path = "/api/v1/posts", tag = "roster", request_body = RosterPostGiven, responses((status = 201, body = Made)))]
async fn create(v: Visit, Json(given): Json<RosterPostGiven>) -> Result<Response, AppError> {
    let post: PostId = v.id();
    given!(v, post, given, tx, new => rosters::create(tx, v.scope(), &new).await)?;
    Ok(made(post))
}

/// Changes a post; its body stays
#[utoipa::path(put, path = "/api/v1/posts/{id}", tag = "roster", params(("id" = String, Path)), request_body = RosterPostGiven, responses((status = 204)))]
async fn change(
    v: Visit,
    Path(post): Path<PostId>,
    Json(mut given): Json<RosterPostGiven>,
) -> Result<StatusCode, AppError> {
    let of = rosters::shown(&mut v.app.db.read().await?, v.scope(), post).await?;
    given.body = Some(of.post.body.to_string());
    let version = given.version;
    given!(v, post, given, tx, new => rosters::change(tx, v.scope(), &new, version).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a post up: its shifts from now on go; what was on duty stays on record
#[utoipa::path(post, path = "/api/v1/posts/{id}/close", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(post): Path<PostId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::close(tx, v.scope(), post).await)?;
    Ok(StatusCode::NO_CONTENT)
}
