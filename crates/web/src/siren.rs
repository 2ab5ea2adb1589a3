//! The siren of a wall: how many call-outs within sight nobody has taken yet.

use crate::route::operation;
use axum::{Json as Out, response::Response};
use domain::{paging::Standing, right::Right};
use serde::Serialize;
use store::callouts::{self, Filter, Side};
use utoipa::ToSchema;

use crate::{Access, AppError, LIMIT_FORM, Route, Visit};

/// More than so many are told as so many: the siren is as loud.
const SHOWN: u32 = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::api(Access::Right(Right::See), LIMIT_FORM, operation!(siren))]
}

/// What a wall has to be loud about.
#[derive(Serialize, ToSchema)]
struct SirenOut {
    /// Call-outs nobody has taken; drills and test calls are none.
    open: usize,
    /// Since when the oldest of them waits.
    since: Option<String>,
}

/// How many call-outs wait for somebody, within the asker's scope.
#[utoipa::path(get, path = "/api/v1/siren", tag = "roster", responses((status = 200, body = SirenOut)))]
async fn siren(v: Visit) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let filter = Filter { side: Side::Open, body: None };
    let found = callouts::list(&mut sql, v.scope(), None, filter, None, SHOWN).await?;
    let loud = |c: &&callouts::Shown| {
        c.callout.state.standing == Standing::Open && !c.callout.about.ends_with_answer()
    };
    let open: Vec<_> = found.iter().filter(loud).collect();
    let since = open.iter().map(|c| c.callout.at).min().map(|at| at.to_string());
    Ok(axum::response::IntoResponse::into_response(Out(SirenOut { open: open.len(), since })))
}
