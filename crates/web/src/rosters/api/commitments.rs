//! What providers commit, through the API.

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
    time::Window,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::rosters::{self, Commitment, NewCommitment};
use utoipa::{IntoParams, ToSchema};

use super::{tools, write};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, id, made},
};

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(answer, LIMIT_FORM, route!(commit)),
        Route::api(answer, LIMIT_FORM, route!(withdraw)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct CommitmentsAsked {
    /// Only of that body, from either side.
    body: Option<String>,
}

/// What a provider commits for a time.
#[derive(Serialize, ToSchema)]
struct CommitmentView {
    id: String,
    provider: String,
    provider_name: String,
    /// To whom.
    body: String,
    body_name: String,
    contract: String,
    /// How many people on each shift.
    people: u32,
    licence: String,
    /// Its last day.
    licence_to: Option<String>,
    from: String,
    to: String,
    at: String,
}

impl From<Commitment> for CommitmentView {
    fn from(c: Commitment) -> Self {
        Self {
            id: c.id.to_string(),
            provider: c.provider.0.to_string(),
            provider_name: c.provider.1,
            body: c.body.0.to_string(),
            body_name: c.body.1,
            contract: c.contract,
            people: c.people,
            licence: c.licence,
            licence_to: c.licence_to.map(|d| d.to_string()),
            from: c.window.from.to_string(),
            to: c.window.to.to_string(),
            at: c.at.to_string(),
        }
    }
}

/// What providers commit, of what is not over; at most 500
#[utoipa::path(get, path = "/api/v1/commitments", tag = "roster", params(CommitmentsAsked), responses((status = 200, body = Vec<CommitmentView>)))]
async fn list(
    v: Visit,
    Query(asked): Query<CommitmentsAsked>,
) -> Result<Answer<Vec<CommitmentView>>, AppError> {
    let body = asked.body.as_deref().map(id).transpose()?;
    let found = rosters::commitments(&mut v.app.db.read().await?, v.scope(), body, v.now).await?;
    Ok(Answer(found.into_iter().map(CommitmentView::from).collect()))
}

/// A commitment as it is entered.
#[derive(Deserialize, ToSchema)]
struct CommitmentGiven {
    /// Who commits.
    provider: String,
    /// To whom.
    body: String,
    contract: String,
    /// How many people on each shift.
    people: u32,
    #[serde(default)]
    licence: String,
    /// Its last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    licence_to: Option<Date>,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// Enters what a provider commits
#[utoipa::path(post, path = "/api/v1/commitments", tag = "roster", request_body = CommitmentGiven, responses((status = 201, body = Made)))]
async fn commit(v: Visit, Json(given): Json<CommitmentGiven>) -> Result<Response, AppError> {
    let tools = tools(&v);
    let new = NewCommitment {
        id: v.id(),
        provider: id(&given.provider)?,
        body: id(&given.body)?,
        contract: &given.contract,
        people: given.people,
        licence: &given.licence,
        licence_to: given.licence_to,
        window: Window { from: given.from, to: given.to },
    };
    write!(v, tx => rosters::commit(tx, v.scope(), &tools, &new).await)?;
    Ok(made(new.id))
}

/// Takes a commitment back; what it said stays on record
#[utoipa::path(post, path = "/api/v1/commitments/{id}/withdraw", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn withdraw(
    v: Visit,
    Path(id): Path<Id<kind::Commitment>>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    let tools = tools(&v);
    write!(v, tx => rosters::withdraw_commitment(tx, v.scope(), &tools, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
