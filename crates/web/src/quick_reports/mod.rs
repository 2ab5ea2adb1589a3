//! Quick reports: what is due now with one button, a body's own report, the sheet of a round from above, the hours.
//!
//! The section *Báo cáo* begins here; its tabs are `templates/reports/tabs.html`, which the other kinds of report extend.

mod api;
mod given;
mod hours;
mod link;
mod now;
mod own;
mod sheet;
mod show;

use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    id::{Id, kind},
    right::Right,
};
use store::{
    Sql,
    quick_reports::{self, Course, Desk},
    sign_in::InstanceKey,
};

pub(crate) use self::link::{act as link_act, show as link_show};
use crate::{Access, AppError, Route, Visit, act::id};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = vec![Route::get("/reports", Access::Right(Right::See), front)];
    all.extend(now::routes());
    all.extend(own::routes());
    all.extend(sheet::routes());
    all.extend(hours::routes());
    all.extend(api::routes());
    all
}

/// The section's front page is the report that is due several times a day.
async fn front() -> Response {
    Redirect::to("/reports/quick").into_response()
}

/// The key one-time links are made with.
fn key(v: &Visit) -> InstanceKey {
    InstanceKey::new(v.app.config.instance_key)
}

/// What writes need from outside.
fn desk<'a>(v: &'a Visit, key: &'a InstanceKey) -> Desk<'a> {
    Desk { ids: &*v.app.ids, legal: &v.app.legal, base: &v.app.config.public_url, key }
}

/// The campaign in a path, with its rounds.
async fn course(v: &Visit, sql: &mut Sql, campaign: &str) -> Result<Course, AppError> {
    Ok(quick_reports::course(sql, v.scope(), &v.app.legal, id(campaign)?, v.now).await?)
}

/// The hour of the round that an address names `2027-02-06-0800`, without looking whether there is one.
fn hour(round: &str) -> Result<jiff::Timestamp, AppError> {
    let read = jiff::civil::DateTime::strptime("%Y-%m-%d-%H%M", round).map_err(|_| AppError::NotFound)?;
    let at = read.to_zoned(domain::time::zone()).map_err(|_| AppError::NotFound)?;
    Ok(at.timestamp())
}

/// Where a body's report of a round is read, confirmed and corrected.
fn own_page(assignment: Id<kind::Assignment>, round: &str) -> String {
    format!("/reports/quick/own/{assignment}/{round}")
}
