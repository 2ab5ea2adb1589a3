//! Drawing and publishing a roster through the API, and who is on duty when.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::{
        Line,
        coverage::Trouble,
        rules::{Days, Layer, Person, Slot},
    },
    time::Window,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::{Sql, StoreError, rosters};
use utoipa::ToSchema;

use super::{
    super::post::people as on, PostId, RosterLayer, RosterShift, RosterSlot, RosterTrouble, SpanAsked,
    people, shift, tools, trouble, write, wrong,
};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, made},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, prepare) = (Access::Right(Right::See), Access::Right(Right::Prepare));
    vec![
        Route::api(see, LIMIT_FORM, route!(layers)),
        Route::api(prepare, LIMIT_FORM, route!(add)),
        Route::api(prepare, LIMIT_FORM, route!(change)),
        Route::api(prepare, LIMIT_FORM, route!(retire)),
        Route::api(see, LIMIT_FORM, route!(draft)),
        Route::api(see, LIMIT_FORM, route!(publications)),
        Route::api(prepare, LIMIT_FORM, route!(publish)),
        Route::api(see, LIMIT_FORM, route!(shifts)),
    ]
}

/// The layers of a post's draft
#[utoipa::path(get, path = "/api/v1/posts/{id}/layers", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<RosterLayer>)))]
async fn layers(v: Visit, Path(post): Path<PostId>) -> Result<Answer<Vec<RosterLayer>>, AppError> {
    let found = rosters::layers(&mut v.app.db.read().await?, v.scope(), post).await?;
    Ok(Answer(found.iter().map(RosterLayer::from).collect()))
}

/// A layer as it is entered: a cycle of whole days in which crews take turns.
#[derive(Deserialize, ToSchema)]
struct RosterLayerGiven {
    name: String,
    /// `primary`, `backup`.
    #[serde(default)]
    line: String,
    /// 1 and more lie over the ordinary roster.
    #[serde(default)]
    rank: u16,
    /// `all`, `working`, `off`.
    #[serde(default)]
    days: String,
    /// The first day of the first cycle.
    #[schema(value_type = String, format = Date)]
    first: Date,
    /// The last day on which a slot begins; absent: until further notice.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    last: Option<Date>,
    cycle_days: u16,
    /// Ids of people, crew by crew.
    crews: Vec<Vec<String>>,
    slots: Vec<RosterSlot>,
}

/// A word of the API; left out it is the first one.
fn word<T: Default>(field: &str, text: &str, parse: fn(&str) -> Option<T>) -> Result<T, AppError> {
    if text.is_empty() {
        Ok(T::default())
    } else {
        parse(text).ok_or_else(|| wrong(field, "error-unreadable"))
    }
}

pub(super) fn line(text: &str) -> Result<Line, AppError> {
    word("line", text, Line::parse)
}

/// Adds a layer to a post's draft
#[utoipa::path(post, path = "/api/v1/posts/{id}/layers", tag = "roster", params(("id" = String, Path)), request_body = RosterLayerGiven, responses((status = 201, body = Made)))]
async fn add(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<RosterLayerGiven>,
) -> Result<Response, AppError> {
    let layer = given.layer(v.id())?;
    write!(v, tx => rosters::add_layer(tx, v.scope(), post, &layer).await)?;
    Ok(made(layer.id))
}

/// Puts another content in a layer's place; what was published with it stays until the next publishing
#[utoipa::path(put, path = "/api/v1/posts/{id}/layers/{layer}", tag = "roster", params(("id" = String, Path), ("layer" = String, Path)), request_body = RosterLayerGiven, responses((status = 204)))]
async fn change(
    v: Visit,
    Path((post, layer)): Path<(PostId, Id<kind::Layer>)>,
    Json(given): Json<RosterLayerGiven>,
) -> Result<StatusCode, AppError> {
    let layer = given.layer(layer)?;
    write!(v, tx => rosters::change_layer(tx, v.scope(), post, &layer).await)?;
    Ok(StatusCode::NO_CONTENT)
}

impl RosterLayerGiven {
    fn layer(&self, id: Id<kind::Layer>) -> Result<Layer, AppError> {
        let slot = |s: &RosterSlot| Slot { day: s.day, minute: s.minute, minutes: s.minutes, crew: s.crew };
        Ok(Layer {
            id,
            name: self.name.trim().to_owned(),
            line: line(&self.line)?,
            rank: self.rank,
            days: word("days", &self.days, Days::parse)?,
            first: self.first,
            last: self.last,
            cycle_days: self.cycle_days,
            crews: self.crews.iter().map(|c| people("crews", c)).collect::<Result<_, _>>()?,
            slots: self.slots.iter().map(slot).collect(),
        })
    }
}

/// Takes a layer out of the draft; what was published with it stays until the next publishing
#[utoipa::path(delete, path = "/api/v1/posts/{id}/layers/{layer}", tag = "roster", params(("id" = String, Path), ("layer" = String, Path)), responses((status = 204)))]
async fn retire(
    v: Visit,
    Path((post, layer)): Path<(PostId, Id<kind::Layer>)>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::retire_layer(tx, v.scope(), post, layer).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the draft comes to within a stretch of time.
#[derive(Serialize, ToSchema)]
struct RosterDraft {
    shifts: Vec<RosterShift>,
    /// Gaps first.
    troubles: Vec<RosterTrouble>,
}

/// The shifts the draft makes, with what is wrong with them
#[utoipa::path(get, path = "/api/v1/posts/{id}/draft", tag = "roster", params(("id" = String, Path), SpanAsked), responses((status = 200, body = RosterDraft)))]
async fn draft(
    v: Visit,
    Path(post): Path<PostId>,
    Query(asked): Query<SpanAsked>,
) -> Result<Answer<RosterDraft>, AppError> {
    let window = asked.window(&v)?;
    let mut sql = v.app.db.read().await?;
    let (shifts, troubles) = rosters::troubles(&mut sql, v.scope(), v.pack(), post, window).await?;
    let names = rosters::names(&mut sql, &on(&shifts)).await?;
    Ok(Answer(RosterDraft {
        shifts: shifts.iter().map(|s| shift(s, &names)).collect(),
        troubles: troubles.iter().map(|t| trouble(&v, t, &names)).collect(),
    }))
}

/// Who is on duty at a post, at an instant or over a stretch of time: what was published, with every change by hand
#[utoipa::path(get, path = "/api/v1/posts/{id}/shifts", tag = "roster", params(("id" = String, Path), SpanAsked), responses((status = 200, body = Vec<RosterShift>)))]
async fn shifts(
    v: Visit,
    Path(post): Path<PostId>,
    Query(asked): Query<SpanAsked>,
) -> Result<Answer<Vec<RosterShift>>, AppError> {
    let window = asked.window(&v)?;
    let mut sql = v.app.db.read().await?;
    let found = rosters::shifts(&mut sql, v.scope(), post, window).await?;
    let names = rosters::names(&mut sql, &on(&found)).await?;
    Ok(Answer(found.iter().map(|s| shift(s, &names)).collect()))
}

/// A publication.
#[derive(Serialize, ToSchema)]
struct RosterPublication {
    id: String,
    from: String,
    to: String,
    at: String,
    /// By whom.
    by: Option<String>,
    /// What was wrong with it even so.
    troubles: Vec<RosterTrouble>,
    /// Why a head published it with a gap.
    forced: Option<String>,
}

/// The publications of a post, newest first; at most 50
#[utoipa::path(get, path = "/api/v1/posts/{id}/publications", tag = "roster", params(("id" = String, Path)), responses((status = 200, body = Vec<RosterPublication>)))]
async fn publications(
    v: Visit,
    Path(post): Path<PostId>,
) -> Result<Answer<Vec<RosterPublication>>, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = rosters::publications(&mut sql, v.scope(), post).await?;
    let about: Vec<&Trouble> = found.iter().flat_map(|p| &p.troubles).collect();
    let names = named(&mut sql, about.into_iter()).await?;
    let view = |p: &rosters::Publication| RosterPublication {
        id: p.id.to_string(),
        from: p.window.from.to_string(),
        to: p.window.to.to_string(),
        at: p.at.to_string(),
        by: p.by.clone(),
        troubles: p.troubles.iter().map(|t| trouble(&v, t, &names)).collect(),
        forced: p.forced.clone(),
    };
    Ok(Answer(found.iter().map(view).collect()))
}

/// The names of those whom troubles are about.
async fn named(
    sql: &mut Sql,
    of: impl Iterator<Item = &Trouble>,
) -> Result<std::collections::HashMap<Person, String>, StoreError> {
    let mut about: Vec<Person> = of
        .filter_map(|t| match t {
            Trouble::Double { person, .. }
            | Trouble::Unreachable { person, .. }
            | Trouble::Overlong { person, .. } => Some(*person),
            Trouble::Gap { .. } | Trouble::NoBackup { .. } => None,
        })
        .collect();
    about.sort_unstable();
    about.dedup();
    rosters::names(sql, &about).await
}

/// For when a roster is published.
#[derive(Deserialize, ToSchema)]
struct RosterPublish {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// At most 100 days later.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Why it is published though there is a gap: the head's to say.
    #[serde(default)]
    forced: Option<String>,
}

/// What is wrong with what was published.
#[derive(Serialize, ToSchema)]
struct RosterPublished {
    troubles: Vec<RosterTrouble>,
}

/// Why a roster is not published: a problem document with every trouble.
#[derive(Serialize, ToSchema)]
struct RosterRefused {
    r#type: &'static str,
    title: String,
    status: u16,
    troubles: Vec<RosterTrouble>,
}

/// Publishes the draft; refused, with what is wrong, while a minute is uncovered
#[utoipa::path(post, path = "/api/v1/posts/{id}/publications", tag = "roster", params(("id" = String, Path)), request_body = RosterPublish, responses((status = 201, body = RosterPublished), (status = 422, body = RosterRefused)))]
async fn publish(
    v: Visit,
    Path(post): Path<PostId>,
    Json(given): Json<RosterPublish>,
) -> Result<Response, AppError> {
    let (tools, window) = (tools(&v), Window { from: given.from, to: given.to });
    let forced = given.forced.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let done = write!(v, tx => rosters::publish(tx, v.scope(), &tools, post, window, forced).await);
    let mut sql = v.app.db.read().await?;
    match done {
        Ok(found) => {
            let names = named(&mut sql, found.iter()).await?;
            let troubles = found.iter().map(|t| trouble(&v, t, &names)).collect();
            Ok((StatusCode::CREATED, Answer(RosterPublished { troubles })).into_response())
        }
        Err(StoreError::Refused("roster-gap")) => {
            let from_now = Window { from: window.from.max(v.now), ..window };
            let (_, found) = rosters::troubles(&mut sql, v.scope(), v.pack(), post, from_now).await?;
            let names = named(&mut sql, found.iter()).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let refused = RosterRefused {
                r#type: "/problems/roster-gap",
                title: v.t("error-roster-gap"),
                status: status.as_u16(),
                troubles: found.iter().map(|t| trouble(&v, t, &names)).collect(),
            };
            let mut response = (status, Answer(refused)).into_response();
            let kind = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}
