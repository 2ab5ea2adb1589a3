//! How a person wants to be reached: the order of their channels, and their quiet hours.

use crate::route::operation;
use axum::{Json as Out, extract::Path, http::StatusCode};
use domain::{
    id::{Id, kind},
    person::Quiet,
};
use serde::{Deserialize, Serialize};
use store::register::{people, reach};
use utoipa::ToSchema;

use super::{super::write, id};
use crate::{Access, AppError, FieldError, Json, LIMIT_FORM, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    // One's own, or those of people one may change: the store decides.
    let own = Access::SignedIn;
    vec![
        Route::api(own, LIMIT_FORM, operation!(get)),
        Route::api(own, LIMIT_FORM, operation!(set_quiet)),
        Route::api(own, LIMIT_FORM, operation!(set_order)),
    ]
}

/// How somebody wants to be reached.
#[derive(Serialize, ToSchema)]
struct ReachPlan {
    /// Their channels, the first to be tried first.
    channels: Vec<ReachChannel>,
    quiet: Option<QuietHours>,
}

/// A channel of a plan.
#[derive(Serialize, ToSchema)]
struct ReachChannel {
    id: String,
    kind: &'static str,
    /// Only verified ones are sent to.
    verified: bool,
}

/// Hours in which nothing that does not hurry is sent.
#[derive(Serialize, Deserialize, ToSchema)]
struct QuietHours {
    /// `22:00`.
    from: String,
    /// `06:00`; before `from`: of the next day.
    to: String,
}

/// Quiet hours, or none.
#[derive(Deserialize, ToSchema)]
struct QuietGiven {
    quiet: Option<QuietHours>,
}

/// All of a person's channels, the first to be tried first.
#[derive(Deserialize, ToSchema)]
struct OrderGiven {
    channels: Vec<String>,
}

/// `22:00` as a minute of the day.
fn minute(text: &str) -> Option<u16> {
    let time: jiff::civil::Time = jiff::civil::Time::strptime("%H:%M", text.trim()).ok()?;
    Some(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A person's order of channels and quiet hours
#[utoipa::path(get, path = "/api/v1/people/{id}/reach", tag = "register", responses((status = 200, body = ReachPlan)))]
async fn get(v: Visit, Path(person): Path<String>) -> Result<Out<ReachPlan>, AppError> {
    let person: Id<kind::Person> = id(&person)?;
    let mut sql = v.app.db.read().await?;
    if v.user.person != Some(person) && !people::changeable(&mut sql, v.scope(), person, v.now).await? {
        return Err(AppError::NotFound);
    }
    let plan = reach::plan_of(&mut sql, person).await?;
    let channel = |c: &reach::Planned| ReachChannel {
        id: c.channel.to_string(),
        kind: c.kind.name(),
        verified: c.verified,
    };
    Ok(Out(ReachPlan {
        channels: plan.channels.iter().map(channel).collect(),
        quiet: plan.quiet.map(|q| QuietHours { from: clock(q.from), to: clock(q.to) }),
    }))
}

/// Sets a person's quiet hours, or ends them; what is urgent breaks them
#[utoipa::path(put, path = "/api/v1/people/{id}/quiet", tag = "register", request_body = QuietGiven, responses((status = 204)))]
async fn set_quiet(
    v: Visit,
    Path(person): Path<String>,
    Json(given): Json<QuietGiven>,
) -> Result<StatusCode, AppError> {
    let person = id(&person)?;
    let quiet = match &given.quiet {
        None => None,
        Some(q) => {
            let hours = minute(&q.from).zip(minute(&q.to)).and_then(|(from, to)| Quiet::new(from, to));
            let wrong = || AppError::Invalid(vec![FieldError::new("quiet", "error-quiet-hours")]);
            Some(hours.ok_or_else(wrong)?)
        }
    };
    write!(v, tx => reach::set_quiet(tx, v.scope(), person, quiet).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the order in which a person's channels are tried; all of them must be named, each once
#[utoipa::path(put, path = "/api/v1/people/{id}/channel-order", tag = "register", request_body = OrderGiven, responses((status = 204)))]
async fn set_order(
    v: Visit,
    Path(person): Path<String>,
    Json(given): Json<OrderGiven>,
) -> Result<StatusCode, AppError> {
    let person = id(&person)?;
    let wrong = || AppError::Invalid(vec![FieldError::new("channels", "error-channel-order")]);
    let order: Result<Vec<Id<kind::Channel>>, _> = given.channels.iter().map(|c| c.parse()).collect();
    let order = order.map_err(|_| wrong())?;
    match write!(v, tx => reach::set_order(tx, v.scope(), person, &order).await) {
        Err(store::StoreError::Refused("channel-order")) => Err(wrong()),
        other => Ok(other.map(|()| StatusCode::NO_CONTENT)?),
    }
}
