//! To whom a campaign went, what became of it, and where it stands in the chain.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::right::Right;
use serde::Deserialize;
use serde_json::{Value, json};
use store::campaigns::{self as store_campaigns, Addressees};
use utoipa::ToSchema;

use super::{ListQuery, Listed, made};
use crate::{
    Access, AppError, Json, LIMIT_FORM, Route, Visit,
    order::{act, id},
};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::api(see, LIMIT_FORM, route!(addressees)),
        Route::api(see, LIMIT_FORM, route!(history)),
        Route::api(see, LIMIT_FORM, route!(chain)),
        Route::api(Access::Right(Right::Prepare), LIMIT_FORM, route!(pass_on)),
    ]
}

/// The addressees within sight, by name. `state=waiting`: only those that have not acknowledged.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/addressees", tag = "campaigns",
    params(("id" = String, Path), ListQuery), responses((status = 200, body = Listed<Object>)))]
async fn addressees(
    v: Visit,
    Path(campaign): Path<String>,
    Query(asked): Query<ListQuery>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = store_campaigns::get(&mut sql, v.scope(), id(&campaign)?).await?;
    let after =
        asked.cursor.rsplit_once('_').and_then(|(key, body)| Some((key.to_owned(), body.parse().ok()?)));
    let filter = Addressees { waiting: asked.state == "waiting", q: &asked.q, after };
    let rows = store_campaigns::addressees(&mut sql, v.scope(), campaign.id, &filter, asked.limit()).await?;
    let last = rows.last().filter(|_| rows.len() == asked.limit());
    let next = last.map(|(key, a)| format!("{key}_{}", a.body));
    let items = rows.iter().map(|(_, a)| {
        json!({"assignment": a.assignment, "body": a.body, "body_name": a.body_name, "received_at": a.received_at,
               "read_at": a.read_at, "acknowledged_at": a.acknowledged_at, "ack_how": a.ack_how,
               "passed_on_at": a.passed_on_at, "cancelled_at": a.cancelled_at, "chased": a.chased,
               "tasks": a.tasks, "done": a.done})
    });
    Ok(Answer(Listed { items: items.collect(), next }).into_response())
}

/// What became of a campaign, oldest first; what stood before only for the issuer's side.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/history", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Object>), (status = 404)))]
async fn history(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = store_campaigns::get(&mut sql, v.scope(), id(&campaign)?).await?;
    let inside = store::register::require(&mut sql, v.scope(), Right::See, campaign.body).await.is_ok();
    let all = store_campaigns::history(&mut sql, campaign.id).await?;
    let all: Vec<Value> = all
        .into_iter()
        .map(|r| {
            json!({"revision": r.revision, "at": r.at, "made_by": r.made_by, "kind": r.kind, "note": r.note,
                   "before": if inside { r.before } else { Value::Null }})
        })
        .collect();
    Ok(Answer(all).into_response())
}

/// The chain: the campaigns this one passes on, nearest first, and those that pass it on.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/chain", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn chain(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = store_campaigns::get(&mut sql, v.scope(), id(&campaign)?).await?;
    let link = |c: store_campaigns::ChainLink| {
        json!({"campaign": c.open.then_some(c.campaign), "name": c.name, "body_name": c.body_name, "state": c.state,
               "issued_at": c.issued_at, "bodies": c.bodies, "acknowledged": c.acknowledged})
    };
    let above = store_campaigns::above(&mut sql, v.scope(), &campaign).await?;
    let below = store_campaigns::below(&mut sql, v.scope(), campaign.id).await?;
    let above: Vec<_> = above.into_iter().map(link).collect();
    let below: Vec<_> = below.into_iter().map(link).collect();
    Ok(Answer(json!({"above": above, "below": below})).into_response())
}

/// Which duties are passed on.
#[derive(Debug, Deserialize, ToSchema)]
struct PassOn {
    /// Null: all.
    #[serde(default)]
    duties: Option<Vec<String>>,
    /// To which bodies below. Null: all directly below, to be confirmed on the draft.
    #[serde(default)]
    bodies: Option<Vec<String>>,
}

/// Drafts a campaign that passes an assignment on to the bodies below.
#[utoipa::path(post, path = "/api/v1/assignments/{id}/pass-on", tag = "campaigns", params(("id" = String, Path)),
    request_body = PassOn, responses((status = 201, body = super::Made), (status = 404)))]
async fn pass_on(
    v: Visit,
    Path(assignment): Path<String>,
    Json(given): Json<PassOn>,
) -> Result<Response, AppError> {
    let keep = match given.duties {
        Some(duties) => Some(duties.iter().map(|d| id(d)).collect::<Result<Vec<_>, _>>()?),
        None => None,
    };
    let bodies = match given.bodies {
        Some(bodies) => Some(bodies.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?),
        None => None,
    };
    let what = act::PassOn { keep, bodies, added: None };
    Ok(made(act::pass_on(&v, id(&assignment)?, &what).await?))
}
