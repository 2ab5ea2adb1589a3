//! Inspections: the plan, the form on a telephone, the minutes, findings until they are closed.
//!
//! Pages and API call the same functions of `store::inspections`. The form works without script; with it, every answer is
//! kept on the device first and sent when there is a network (`ui/src/visit.ts`).

mod api;
mod checklist;
mod device;
mod finding;
mod findings;
mod list;
mod minutes;
mod plan;
mod say;
mod visit;
mod worker;

use axum::response::Response;
use domain::time;
use store::assignments::Tools;

use crate::{AppError, Flash, Route, Visit, act::write};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(plan::routes());
    all.extend(checklist::routes());
    all.extend(worker::routes());
    all.extend(visit::routes());
    all.extend(minutes::routes());
    all.extend(findings::routes());
    all.extend(finding::routes());
    all.extend(device::routes());
    all.extend(api::routes());
    all
}

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.app.legal.on(time::date(v.now)) }
}

/// After a button: back where it was, saying what was done, or why it cannot be.
fn back(v: &Visit, to: &str, done: Result<Flash, AppError>) -> Result<Response, AppError> {
    match done {
        Ok(flash) => Ok(v.redirect(to, flash)),
        Err(AppError::Refused(why)) => Ok(v.redirect(to, Flash::bad(&why))),
        Err(AppError::Stale) => Ok(v.redirect(to, Flash::bad("error-stale"))),
        Err(other) => Err(other),
    }
}
