//! A report is begun from a campaign one issued, a reply from an assignment one owes.

use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    report::ReportKind,
    right::Right,
    time,
};
use serde::Deserialize;
use store::{
    assignments, board,
    reports::{self, NewReport},
};

use super::{id, write};
use crate::{Access, AppError, Flash, Form, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/reports/up", prepare, begin),
        Route::post("/assignments/{assignment}/reply", prepare, reply),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct On {
    campaign: String,
}

async fn begin(v: Visit, Form(on): Form<On>) -> Result<Response, AppError> {
    if on.campaign.is_empty() {
        return Ok(v.redirect("/reports/up", Flash::bad("error-report-campaign")));
    }
    let made = on_campaign(&v, id(&on.campaign)?).await?;
    Ok(v.redirect(&format!("/reports/up/{made}"), Flash::ok("report-begun")))
}

async fn reply(v: Visit, Path(of): Path<String>, Form(_): Form<On>) -> Result<Response, AppError> {
    let made = on_assignment(&v, id(&of)?).await?;
    Ok(v.redirect(&format!("/reports/up/{made}"), Flash::ok("report-begun")))
}

/// Begins a report on a campaign: handed up to the assignment the campaign passes on, if it does.
pub(super) async fn on_campaign(v: &Visit, id: Id<kind::Campaign>) -> Result<Id<kind::Report>, AppError> {
    let mut sql = v.app.db.read().await?;
    let seen = board::campaign(&mut sql, v.scope(), id).await?;
    let parent = reports::answers(&mut sql, v.scope(), id).await?;
    drop(sql);
    new(v, ReportKind::Campaign, seen.body, id, parent).await
}

/// Begins a reply to an assignment.
pub(super) async fn on_assignment(v: &Visit, id: Id<kind::Assignment>) -> Result<Id<kind::Report>, AppError> {
    let of = assignments::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    new(v, ReportKind::Reply, of.body, of.campaign, Some(id)).await
}

async fn new(
    v: &Visit,
    kind: ReportKind,
    body: Id<kind::Body>,
    campaign: Id<kind::Campaign>,
    assignment: Option<Id<kind::Assignment>>,
) -> Result<Id<kind::Report>, AppError> {
    let draft = {
        let mut sql = v.app.db.read().await?;
        let on = time::date(v.now);
        reports::propose(&mut sql, v.pack(), kind, body, campaign, assignment, v.now, on).await?
    };
    let new = NewReport { id: v.id(), kind, body, campaign, assignment, draft };
    write!(v, tx => reports::create(tx, v.scope(), &new).await)?;
    Ok(new.id)
}
