//! Readiness, outcomes, lessons and templates for programs.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    order::template::Change,
    outcome,
    right::Right,
    time::{self, Window},
};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    board, campaigns, history,
    templates::{self, Kept, NewLesson},
};
use utoipa::ToSchema;

use super::{holes, id, lines, readiness::points, watch, write};
use crate::{Access, AppError, FieldError, Json, LIMIT_FORM, Route, Visit, act::made};

pub(super) fn routes() -> Vec<Route> {
    let (see, prepare) = (Access::Right(Right::See), Access::Right(Right::Prepare));
    vec![
        Route::api(see, LIMIT_FORM, route!(readiness)),
        Route::api(see, LIMIT_FORM, route!(outcomes)),
        Route::api(prepare, LIMIT_FORM, route!(lessons)),
        Route::api(prepare, LIMIT_FORM, route!(learn)),
        Route::api(prepare, LIMIT_FORM, route!(apply)),
        Route::api(prepare, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(get)),
        Route::api(prepare, LIMIT_FORM, route!(keep)),
        Route::api(prepare, LIMIT_FORM, route!(draft)),
    ]
}

/// How many tasks stood how over time: `[{at, counts}]`, at most a few hundred points.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/readiness", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Object>), (status = 404)))]
async fn readiness(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), id(&campaign)?).await?;
    let points = points(&v, &mut sql, &campaign).await?;
    let points: Vec<Value> = points.iter().map(|p| json!({"at": p.at, "counts": p.counts})).collect();
    Ok(Answer(points).into_response())
}

/// What was met when: sums whole, by duty and by body, times in seconds from receiving; how lines went through it and how
/// its watch was kept, in minutes of its window; holes that were open when it ended.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/outcomes", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn outcomes(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), id(&campaign)?).await?;
    let outcomes: Vec<_> =
        history::outcomes(&mut sql, v.scope(), campaign.id).await?.into_iter().map(|(_, o)| o).collect();
    let lines = lines::load(&v, &mut sql, &campaign, &outcomes).await?;
    let lines = (!lines.is_empty()).then(|| lines::told(&lines));
    let watch = watch::load(&v, &mut sql, &campaign, &outcomes).await?.map(|w| watch::told(&w));
    let (left, at) = holes::load(&v, &mut sql, &campaign).await?;
    let sum = |s: &outcome::Sum| {
        let who = |w: Option<(jiff::SignedDuration, Id<kind::Body>)>| {
            w.map(|(took, body)| json!({"body": body, "seconds": took.as_secs()}))
        };
        json!({"all": s.all, "met": s.met, "in_time": s.in_time, "late": s.late(), "open": s.open, "apart": s.apart,
               "median_seconds": s.median.map(|m| m.as_secs()), "fastest": who(s.fastest), "slowest": who(s.slowest)})
    };
    let duties = outcome::by_duty(&outcomes);
    let duties: Vec<Value> = duties.iter().map(|(code, s)| json!({"code": code, "sum": sum(s)})).collect();
    let bodies = outcome::by_body(&outcomes);
    let bodies: Vec<Value> = bodies.iter().map(|(body, s)| json!({"body": body, "sum": sum(s)})).collect();
    Ok(Answer(json!({"whole": sum(&outcome::sum(&outcomes)), "duties": duties, "bodies": bodies,
                    "lines": lines, "watch": watch, "holes": holes::told(&left, at)}))
    .into_response())
}

/// The lessons of a campaign.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/lessons", tag = "templates", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Object>), (status = 404)))]
async fn lessons(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), id(&campaign)?).await?;
    let all = templates::lessons(&mut sql, v.scope(), campaign.id).await?;
    let all: Vec<Value> = all
        .iter()
        .map(|l| {
            let applied = l.applied.as_ref().map(|(id, name, at)| json!({"template": id, "name": name, "at": at}));
            json!({"id": l.id, "text": l.text, "change": l.change, "at": l.at, "by": l.by, "applied": applied})
        })
        .collect();
    Ok(Answer(all).into_response())
}

#[derive(Deserialize, ToSchema)]
struct LessonBody {
    /// In words.
    text: String,
    /// `{"kind": "none" | "add" | "drop" | "due" | "evidence", …}`.
    #[schema(value_type = Object)]
    change: Option<Change>,
}

/// Writes a lesson down.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/lessons", tag = "templates", params(("id" = String, Path)),
    request_body = LessonBody, responses((status = 201), (status = 404), (status = 422)))]
async fn learn(
    v: Visit,
    Path(campaign): Path<String>,
    Json(body): Json<LessonBody>,
) -> Result<Response, AppError> {
    let new = NewLesson {
        id: v.id(),
        campaign: id(&campaign)?,
        text: body.text,
        change: body.change.unwrap_or(Change::None),
    };
    write!(v, tx => templates::learn(tx, v.scope(), &new).await)?;
    Ok(made(new.id))
}

#[derive(Deserialize, ToSchema)]
struct ApplyBody {
    /// Into which template.
    template: String,
}

/// Puts a lesson into a template.
#[utoipa::path(post, path = "/api/v1/lessons/{id}/apply", tag = "templates", params(("id" = String, Path)),
    request_body = ApplyBody, responses((status = 204), (status = 404), (status = 422)))]
async fn apply(
    v: Visit,
    Path(lesson): Path<String>,
    Json(body): Json<ApplyBody>,
) -> Result<Response, AppError> {
    let (lesson, template) = (id(&lesson)?, id(&body.template)?);
    write!(v, tx => templates::apply(tx, v.scope(), lesson, template).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The templates one may use.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", responses((status = 200, body = Vec<Object>)))]
async fn list(v: Visit) -> Result<Response, AppError> {
    let all = templates::list(&mut v.app.db.read().await?, v.scope()).await?;
    Ok(Answer(all.iter().map(kept).collect::<Vec<_>>()).into_response())
}

/// One template.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn get(v: Visit, Path(template): Path<String>) -> Result<Response, AppError> {
    let found = templates::get(&mut v.app.db.read().await?, v.scope(), id(&template)?).await?;
    Ok(Answer(kept(&found)).into_response())
}

fn kept(t: &Kept) -> Value {
    json!({"id": t.id, "body": t.body, "name": t.name, "made_from": t.made_from.as_ref().map(|f| f.0),
           "content": t.content, "version": t.version, "changed_at": t.changed_at})
}

#[derive(Deserialize, ToSchema)]
struct KeepBody {
    /// The campaign to make it from.
    campaign: String,
    /// The template's name.
    name: String,
}

/// Keeps a campaign as a template.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = KeepBody,
    responses((status = 201), (status = 404), (status = 422)))]
async fn keep(v: Visit, Json(body): Json<KeepBody>) -> Result<Response, AppError> {
    let (new, campaign): (Id<kind::Template>, Id<kind::Campaign>) = (v.id(), id(&body.campaign)?);
    let issued = campaigns::get(&mut v.app.db.read().await?, v.scope(), campaign).await?.issued_at;
    let pack = v.app.legal.on(time::date(issued.unwrap_or(v.now)));
    write!(v, tx => templates::keep(tx, v.scope(), new, campaign, &body.name, pack).await)?;
    Ok(made(new))
}

#[derive(Deserialize, ToSchema)]
struct DraftBody {
    /// The campaign's name.
    name: String,
    /// First day of its window.
    #[schema(value_type = Option<String>)]
    from: Option<Date>,
    /// Last day.
    #[schema(value_type = Option<String>)]
    to: Option<Date>,
}

/// Makes a campaign's draft from a template.
#[utoipa::path(post, path = "/api/v1/templates/{id}/drafts", tag = "templates", params(("id" = String, Path)),
    request_body = DraftBody, responses((status = 201), (status = 404), (status = 422)))]
async fn draft(
    v: Visit,
    Path(template): Path<String>,
    Json(body): Json<DraftBody>,
) -> Result<Response, AppError> {
    let window = match (body.from, body.to) {
        (None, None) => None,
        (Some(from), Some(to)) if from <= to => Some(Window::days(from, to)),
        _ => return Err(AppError::Invalid(vec![FieldError::new("to", "error-after-window")])),
    };
    let (new, template): (Id<kind::Campaign>, Id<kind::Template>) = (v.id(), id(&template)?);
    write!(v, tx => templates::draft(tx, v.scope(), template, new, &body.name, window, &*v.app.ids).await)?;
    Ok(made(new))
}
