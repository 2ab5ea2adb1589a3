//! The same for programs.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path, http::StatusCode, response::Response};
use domain::{
    hunt::{How, Outcome},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::hunts::{self, New, Run, Shown};
use utoipa::ToSchema;

use super::{HuntId, checked, write};
use crate::{
    Access, ApiGuard, AppError, FieldError, Json, LIMIT_FORM, Route, Visit,
    act::{id, made},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, answer) = (Access::Right(Right::Read), Access::Right(Right::Answer));
    vec![
        Route::api(read, LIMIT_FORM, route!(list)),
        Route::api(answer, LIMIT_FORM, route!(create)),
        Route::api(read, LIMIT_FORM, route!(get)),
        Route::api(answer, LIMIT_FORM, route!(begin)),
        Route::api(answer, LIMIT_FORM, route!(cancel)),
        Route::api(answer, LIMIT_FORM, route!(conclude)),
        Route::api(answer, LIMIT_FORM, route!(close)),
    ]
}

/// A run of a hunt.
#[derive(Serialize, ToSchema)]
struct HuntRunView {
    id: String,
    /// `waiting`, `running`, `done`, `cancelled`, `failed`.
    standing: &'static str,
    /// How much is done, of a hundred.
    percent: u64,
    from: String,
    to: String,
    looked_at: u64,
    hits: u64,
    fault: String,
    created_at: String,
    ended_at: Option<String>,
}

fn run(r: &Run) -> HuntRunView {
    HuntRunView {
        id: r.id.to_string(),
        standing: r.standing.name(),
        percent: r.percent(),
        from: r.from.to_string(),
        to: r.to.to_string(),
        looked_at: r.looked_at,
        hits: r.hits,
        fault: r.fault.clone(),
        created_at: r.created_at.to_string(),
        ended_at: r.ended_at.map(|t| t.to_string()),
    }
}

/// A hunt.
#[derive(Serialize, ToSchema)]
struct HuntView {
    id: String,
    body: String,
    body_name: String,
    title: String,
    hypothesis: String,
    scope: String,
    /// `search`, `sigma`, `list`.
    how: &'static str,
    query: String,
    list: Option<String>,
    days: u32,
    every_days: Option<u32>,
    next_at: Option<String>,
    /// `clean`, `found`, `unsure`, once concluded.
    outcome: Option<&'static str>,
    conclusion: String,
    concluded_at: Option<String>,
    last_run: Option<HuntRunView>,
}

fn view(s: &Shown) -> HuntView {
    let h = &s.hunt;
    HuntView {
        id: h.id.to_string(),
        body: h.body.to_string(),
        body_name: s.body_name.clone(),
        title: h.title.clone(),
        hypothesis: h.hypothesis.clone(),
        scope: h.scope.clone(),
        how: h.how.name(),
        query: h.query.clone(),
        list: h.list.map(|l| l.to_string()),
        days: h.days,
        every_days: h.every_days,
        next_at: s.next_at.map(|t| t.to_string()),
        outcome: s.outcome.map(Outcome::name),
        conclusion: s.conclusion.clone(),
        concluded_at: s.concluded_at.map(|t| t.to_string()),
        last_run: s.last.as_ref().map(run),
    }
}

/// Hunts, the newest first
#[utoipa::path(get, path = "/api/v1/hunts", tag = "hunts", responses((status = 200, body = Vec<HuntView>)))]
async fn list(v: Visit) -> Result<Answer<Vec<HuntView>>, AppError> {
    let found = hunts::list(&mut v.app.db.read().await?, v.scope()).await?;
    Ok(Answer(found.iter().map(view).collect()))
}

/// A hunt to be made; it runs at once.
#[derive(Deserialize, ToSchema)]
struct NewHunt {
    body: String,
    title: String,
    hypothesis: String,
    #[serde(default)]
    scope: String,
    /// `search`, `sigma`, `list`.
    how: String,
    /// Words of the search box, or a Sigma rule.
    #[serde(default)]
    query: String,
    /// Of `list`: the list of indicators.
    #[serde(default)]
    list: Option<String>,
    /// How far back, in days.
    days: u32,
    #[serde(default)]
    every_days: Option<u32>,
}

/// Make a hunt and run it
#[utoipa::path(post, path = "/api/v1/hunts", tag = "hunts", request_body = NewHunt, responses((status = 201)))]
async fn create(v: Visit, Json(given): Json<NewHunt>) -> Result<Response, AppError> {
    let wrong = |field: &str, code: &str| AppError::Invalid(vec![FieldError::new(field, code)]);
    let how = How::parse(&given.how).ok_or_else(|| wrong("how", "error-choose"))?;
    checked(&v, how, &given.query).map_err(AppError::Unreadable)?;
    let new = New {
        id: v.id(),
        body: id(&given.body)?,
        title: given.title,
        hypothesis: given.hypothesis,
        scope: given.scope,
        how,
        query: given.query,
        list: given.list.as_deref().map(id).transpose()?,
        days: given.days,
        every_days: given.every_days,
    };
    let run = v.id();
    write!(v, tx => {
        hunts::create(tx, v.scope(), &new).await?;
        hunts::begin(tx, v.scope(), new.id, run).await
    })?;
    Ok(made(new.id))
}

/// Why an event matches.
#[derive(Serialize, ToSchema)]
struct HuntReason {
    field: String,
    value: String,
    asked: String,
}

/// An event found.
#[derive(Serialize, ToSchema)]
struct HuntHit {
    /// Ends the address `/api/v1/events/`.
    event: String,
    at: String,
    body: String,
    host: String,
    because: Vec<HuntReason>,
    raw: String,
}

/// A hunt with its runs and what the newest found.
#[derive(Serialize, ToSchema)]
struct HuntFull {
    hunt: HuntView,
    runs: Vec<HuntRunView>,
    /// The first 200 events of the newest run.
    hits: Vec<HuntHit>,
}

/// One hunt with its runs and what the newest found
#[utoipa::path(get, path = "/api/v1/hunts/{hunt}", tag = "hunts", params(("hunt" = String, Path)), responses((status = 200, body = HuntFull)))]
async fn get(v: Visit, Path(hunt): Path<HuntId>) -> Result<Answer<HuntFull>, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = hunts::get(&mut sql, v.scope(), hunt).await?;
    let runs = hunts::runs(&mut sql, v.scope(), hunt).await?;
    let hits = match runs.first() {
        Some(run) => hunts::hits(&mut sql, v.scope(), hunt, run.id).await?,
        None => Vec::new(),
    };
    let hits = hits.into_iter().map(|h| HuntHit {
        event: format!("{}-{}", h.place.0, h.place.1),
        at: h.at.to_string(),
        body: h.body.to_string(),
        host: h.host,
        because: h
            .because
            .into_iter()
            .map(|b| HuntReason { field: b.field, value: b.value, asked: b.asked })
            .collect(),
        raw: h.raw,
    });
    Ok(Answer(HuntFull { hunt: view(&s), runs: runs.iter().map(run).collect(), hits: hits.collect() }))
}

/// Run a hunt now
#[utoipa::path(post, path = "/api/v1/hunts/{hunt}/runs", tag = "hunts", params(("hunt" = String, Path)), responses((status = 201)))]
async fn begin(v: Visit, Path(hunt): Path<HuntId>, _: ApiGuard) -> Result<Response, AppError> {
    let run = v.id();
    write!(v, tx => hunts::begin(tx, v.scope(), hunt, run).await)?;
    Ok(made(run))
}

/// End what of a hunt waits or is under way
#[utoipa::path(post, path = "/api/v1/hunts/{hunt}/cancel", tag = "hunts", params(("hunt" = String, Path)), responses((status = 204)))]
async fn cancel(v: Visit, Path(hunt): Path<HuntId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => hunts::cancel(tx, v.scope(), hunt).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a hunt came to.
#[derive(Deserialize, ToSchema)]
struct HuntConclusion {
    /// `clean`, `found`, `unsure`.
    outcome: String,
    conclusion: String,
}

/// Say what a hunt came to
#[utoipa::path(post, path = "/api/v1/hunts/{hunt}/conclude", tag = "hunts", params(("hunt" = String, Path)), request_body = HuntConclusion, responses((status = 204)))]
async fn conclude(
    v: Visit,
    Path(hunt): Path<HuntId>,
    Json(given): Json<HuntConclusion>,
) -> Result<StatusCode, AppError> {
    let wrong = || AppError::Invalid(vec![FieldError::new("outcome", "error-choose")]);
    let outcome = Outcome::parse(&given.outcome).ok_or_else(wrong)?;
    write!(v, tx =>
        hunts::conclude(tx, v.scope(), &*v.app.ids, hunt, (outcome, &given.conclusion)).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close a hunt: it runs no more
#[utoipa::path(delete, path = "/api/v1/hunts/{hunt}", tag = "hunts", params(("hunt" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(hunt): Path<HuntId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => hunts::close(tx, v.scope(), hunt).await)?;
    Ok(StatusCode::NO_CONTENT)
}
