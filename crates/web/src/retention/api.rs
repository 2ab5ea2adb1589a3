//! The same for programs.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path};
use domain::{
    id::{Id, kind},
    right::Right,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::retention::{self, BodyTerm, Hold};
use utoipa::ToSchema;

use super::HoldId;
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit, act::write};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::api(Access::Right(Right::Read), LIMIT_FORM, route!(get)),
        Route::api(answer, LIMIT_FORM, route!(make)),
        Route::api(answer, LIMIT_FORM, route!(lift)),
    ]
}

/// How long a body's events are kept.
#[derive(Serialize, ToSchema)]
struct RetentionTerm {
    body: String,
    body_name: String,
    /// Days; without: for good.
    days: Option<u32>,
    /// The highest level among its systems, where all are classified and there is one.
    level: Option<u8>,
    /// Systems nobody classified.
    unclassified: usize,
    /// When the oldest event that is there came, as found within the last hours.
    oldest: Option<String>,
}

/// What is held beyond its term.
#[derive(Serialize, ToSchema)]
struct RetentionHold {
    id: String,
    body: String,
    body_name: String,
    from: String,
    to: String,
    reason: String,
    owner: String,
    created_at: String,
    until: String,
}

/// Terms and holds.
#[derive(Serialize, ToSchema)]
struct RetentionView {
    bodies: Vec<RetentionTerm>,
    holds: Vec<RetentionHold>,
}

fn term(t: BodyTerm) -> RetentionTerm {
    RetentionTerm {
        body: t.body.to_string(),
        body_name: t.name,
        days: t.days,
        level: t.level.map(|level| level.get()),
        unclassified: t.unclassified,
        oldest: t.oldest.map(|at| at.to_string()),
    }
}

fn hold(h: Hold) -> RetentionHold {
    RetentionHold {
        id: h.id.to_string(),
        body: h.body.to_string(),
        body_name: h.body_name,
        from: h.from.to_string(),
        to: h.to.to_string(),
        reason: h.reason,
        owner: h.owner,
        created_at: h.created_at.to_string(),
        until: h.until.to_string(),
    }
}

/// How long events are kept, and what is held beyond that
#[utoipa::path(get, path = "/api/v1/retention", tag = "logs", responses((status = 200, body = RetentionView)))]
async fn get(v: Visit) -> Result<Answer<RetentionView>, AppError> {
    let mut sql = v.app.db.read().await?;
    let terms = retention::bodies(&mut sql, v.scope(), v.pack()).await?;
    let holds = retention::holds(&mut sql, v.scope(), v.now).await?;
    Ok(Answer(RetentionView {
        bodies: terms.into_iter().map(term).collect(),
        holds: holds.into_iter().map(hold).collect(),
    }))
}

/// Whole days, in Viet Nam's time.
#[derive(Deserialize, ToSchema)]
struct HoldAsked {
    body: String,
    /// The first day of the events.
    from: String,
    /// The last day; may lie ahead.
    to: String,
    reason: String,
    /// The last day on which they are held: three years ahead at most.
    until: String,
}

/// What was made.
#[derive(Serialize, ToSchema)]
struct HoldMade {
    id: String,
}

/// Hold events of a body beyond their term
#[utoipa::path(post, path = "/api/v1/holds", tag = "logs", request_body = HoldAsked, responses((status = 200, body = HoldMade)))]
async fn make(v: Visit, _: ApiGuard, Json(asked): Json<HoldAsked>) -> Result<Answer<HoldMade>, AppError> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| AppError::Refused("error-hold-day".into()));
    let body: Id<kind::Body> = asked.body.parse().map_err(|_| AppError::Refused("error-hold-day".into()))?;
    let days = (day(&asked.from)?, day(&asked.to)?);
    let new = super::new(&v, body, days, asked.reason, day(&asked.until)?);
    write!(v, tx => retention::hold(tx, v.scope(), &new).await)?;
    Ok(Answer(HoldMade { id: new.id.to_string() }))
}

/// Lift a hold before its end
#[utoipa::path(post, path = "/api/v1/holds/{id}/lift", tag = "logs", params(("id" = String, Path)), responses((status = 204)))]
async fn lift(v: Visit, Path(id): Path<HoldId>, _: ApiGuard) -> Result<axum::http::StatusCode, AppError> {
    write!(v, tx => retention::lift(tx, v.scope(), id).await)?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
