//! What people decide of a flaw on a machine, in the API; and why it is as it is.

use crate::route::operation;
use axum::{Json as Out, extract::Path, http::StatusCode};
use domain::{right::Right, time};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::findings;
use utoipa::ToSchema;

use super::say;
use crate::{
    Access, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{id, write},
};

pub(super) fn routes() -> Vec<Route> {
    let (read, answer) = (Access::Right(Right::Read), Access::Right(Right::Answer));
    vec![
        Route::api(read, LIMIT_FORM, operation!(why)),
        Route::api(answer, LIMIT_FORM, operation!(own)),
        Route::api(answer, LIMIT_FORM, operation!(work_around)),
        Route::api(Access::Right(Right::Review), LIMIT_FORM, operation!(excuse)),
    ]
}

type Of = (String, String);

/// What one advisory comes to.
#[derive(Serialize, ToSchema)]
#[schema(as = HostFindingWhy)]
struct WhyOut {
    advisory: String,
    document: String,
    /// `affected`, `not-effective`, `unknown`, `fixed`, `not-affected`.
    #[schema(value_type = String)]
    state: review::judge::State,
    /// It rests on a product's name only.
    weak: bool,
    /// In sentences, in the language asked for.
    because: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HostFindingWhys)]
struct WhysOut {
    items: Vec<WhyOut>,
}

/// Why a flaw on a machine is as it is: a verdict an advisory.
#[utoipa::path(get, path = "/api/v1/host-findings/{host}/{flaw}/why", tag = "review", responses((status = 200, body = WhysOut)))]
async fn why(v: Visit, Path((host, flaw)): Path<Of>) -> Result<Out<WhysOut>, AppError> {
    let (host, mut sql) = (id(&host)?, v.app.db.read().await?);
    let found = findings::finding(&mut sql, v.scope(), host, &flaw).await?;
    store::register::require(&mut sql, v.scope(), Right::Read, found.body).await?;
    let all = findings::because(&mut sql, v.scope(), host, &flaw).await?;
    let items = all.into_iter().map(|it| WhyOut {
        because: it.because.iter().map(|b| say::because(v.words(), b)).collect(),
        advisory: it.advisory,
        document: it.document,
        state: it.state,
        weak: it.weak,
    });
    Ok(Out(WhysOut { items: items.collect() }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = HostFindingOwner)]
struct OwnerIn {
    /// Nobody any more, instead of whoever asks.
    #[serde(default)]
    nobody: bool,
}

/// Whoever asks sees to it.
#[utoipa::path(post, path = "/api/v1/host-findings/{host}/{flaw}/own", tag = "review", request_body = OwnerIn, responses((status = 204)))]
async fn own(
    v: Visit,
    Path((host, flaw)): Path<Of>,
    Json(new): Json<OwnerIn>,
) -> Result<StatusCode, AppError> {
    let host = id(&host)?;
    let me = v.actor().person().ok_or(AppError::Refused("error-person-needed".into()))?;
    let owner = (!new.nobody).then_some(me);
    write!(v, tx => findings::own(tx, v.scope(), host, &flaw, owner).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[schema(as = HostFindingWorkaround)]
struct WorkaroundIn {
    /// What was done instead of mending it, and how that was checked.
    what: String,
}

/// Says what was done instead of mending it. A file that proves it goes by the page.
#[utoipa::path(post, path = "/api/v1/host-findings/{host}/{flaw}/workaround", tag = "review", request_body = WorkaroundIn, responses((status = 204)))]
async fn work_around(
    v: Visit,
    Path((host, flaw)): Path<Of>,
    Json(new): Json<WorkaroundIn>,
) -> Result<StatusCode, AppError> {
    let host = id(&host)?;
    write!(v, tx => findings::work_around(tx, v.scope(), host, &flaw, &new.what, None).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[schema(as = HostFindingException)]
struct ExceptionIn {
    /// To the end of that day.
    #[schema(value_type = String)]
    until: Date,
    /// Why it may wait.
    why: String,
}

/// Lets it be for a while.
#[utoipa::path(post, path = "/api/v1/host-findings/{host}/{flaw}/exception", tag = "review", request_body = ExceptionIn, responses((status = 204)))]
async fn excuse(
    v: Visit,
    Path((host, flaw)): Path<Of>,
    Json(new): Json<ExceptionIn>,
) -> Result<StatusCode, AppError> {
    let (host, until) = (id(&host)?, time::end_of(new.until));
    write!(v, tx => findings::excuse(tx, v.scope(), host, &flaw, until, &new.why).await)?;
    Ok(StatusCode::NO_CONTENT)
}
