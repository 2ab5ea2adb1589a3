//! Outages through the API.

use crate::route::operation as route;
use axum::{Json as Answer, extract::Path, http::StatusCode};
use domain::{
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::lines::{self, NewOutage, OutageChange};
use utoipa::ToSchema;

use super::{
    super::{LineId, tools, write},
    MadeLine,
};
use crate::{Access, AppError, Json, LIMIT_FORM, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    vec![
        Route::api(see, LIMIT_FORM, route!(outages)),
        Route::api(answer, LIMIT_FORM, route!(open)),
        Route::api(answer, LIMIT_FORM, route!(amend)),
    ]
}

/// What was said of an outage before it was corrected or ended.
#[derive(Serialize, ToSchema)]
struct OutageWas {
    from: String,
    to: Option<String>,
    cause: String,
    effect: String,
    by: Option<String>,
    /// When it was said otherwise.
    until: String,
}

/// An outage.
#[derive(Serialize, ToSchema)]
struct OutageView {
    id: String,
    from: String,
    /// Absent while it lasts.
    to: Option<String>,
    cause: String,
    effect: String,
    by: Option<String>,
    /// Whom it hits, of those one may see.
    bodies: Vec<String>,
    was: Vec<OutageWas>,
}

/// The outages of a line, newest first; at most 100
#[utoipa::path(get, path = "/api/v1/lines/{id}/outages", tag = "lines", params(("id" = String, Path)), responses((status = 200, body = Vec<OutageView>)))]
async fn outages(v: Visit, Path(line): Path<LineId>) -> Result<Answer<Vec<OutageView>>, AppError> {
    let found = lines::of_line(&mut v.app.db.read().await?, v.scope(), line).await?;
    let was = |w: lines::Was| OutageWas {
        from: w.from.to_string(),
        to: w.to.map(|t| t.to_string()),
        cause: w.cause,
        effect: w.effect,
        by: w.by,
        until: w.until.to_string(),
    };
    let view = |o: lines::Outage| OutageView {
        id: o.id.to_string(),
        from: o.from.to_string(),
        to: o.to.map(|t| t.to_string()),
        cause: o.cause,
        effect: o.effect,
        by: o.by,
        bodies: o.bodies.iter().map(|(id, _)| id.to_string()).collect(),
        was: o.was.into_iter().map(was).collect(),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// An outage as it is entered or corrected.
#[derive(Deserialize, ToSchema)]
struct OutageGiven {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Absent: it lasts.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    effect: String,
    /// Whom it hits.
    #[serde(default)]
    bodies: Vec<String>,
}

impl OutageGiven {
    fn read(self) -> Result<OutageChange, AppError> {
        let id = |text: &String| text.parse().map_err(|_| AppError::NotFound);
        let bodies = self.bodies.iter().map(id).collect::<Result<_, _>>()?;
        Ok(OutageChange { from: self.from, to: self.to, cause: self.cause, effect: self.effect, bodies })
    }
}

/// Enters an outage
#[utoipa::path(post, path = "/api/v1/lines/{id}/outages", tag = "lines", params(("id" = String, Path)), request_body = OutageGiven, responses((status = 201, body = MadeLine)))]
async fn open(
    v: Visit,
    Path(line): Path<LineId>,
    Json(given): Json<OutageGiven>,
) -> Result<(StatusCode, Answer<MadeLine>), AppError> {
    let (tools, new) = (tools(&v), NewOutage { id: v.id(), line, said: given.read()? });
    write!(v, tx => lines::open(tx, v.scope(), &tools, &new).await)?;
    Ok((StatusCode::CREATED, Answer(MadeLine { id: new.id.to_string() })))
}

/// Corrects or ends an outage; what was said before stays readable
#[utoipa::path(put, path = "/api/v1/outages/{id}", tag = "lines", params(("id" = String, Path)), request_body = OutageGiven, responses((status = 204)))]
async fn amend(
    v: Visit,
    Path(outage): Path<Id<kind::Outage>>,
    Json(given): Json<OutageGiven>,
) -> Result<StatusCode, AppError> {
    let (tools, change) = (tools(&v), given.read()?);
    write!(v, tx => lines::amend(tx, v.scope(), &tools, outage, &change).await)?;
    Ok(StatusCode::NO_CONTENT)
}
