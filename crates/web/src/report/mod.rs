//! Reports up and reply letters: begun from a campaign or an assignment, edited with live numbers, signed off, verified.

mod api;
mod ask;
mod begin;
mod edit;
mod files;
mod list;
mod make;
mod sheet;
mod verify;

pub(crate) use self::{
    files::download,
    make::{Kind, printed},
};
use domain::{
    id::{Id, kind},
    time,
};
use store::reports::{self, Report};

use crate::{
    AppError, Route, Visit,
    act::{id, write},
};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(begin::routes());
    all.extend(edit::routes());
    all.extend(ask::routes());
    all.extend(files::routes());
    all.extend(verify::routes());
    all.extend(api::routes());
    all
}

/// The report of a path.
async fn report(v: &Visit, text: &str) -> Result<Report, AppError> {
    let id: Id<kind::Report> = id(text)?;
    Ok(reports::get(&mut v.app.db.read().await?, v.scope(), id).await?)
}

/// What a report's files are called: kind, body and day, as people sort them.
fn file_name(v: &Visit, report: &Report) -> String {
    let day = time::date(report.signed.as_ref().map_or(v.now, |s| s.at)).strftime("%Y-%m-%d");
    let body: String = domain::text::fold(&report.body_name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let what = match (report.kind, report.signed.is_some()) {
        (domain::report::ReportKind::Campaign, true) => "bao-cao",
        (domain::report::ReportKind::Campaign, false) => "du-thao-bao-cao",
        (domain::report::ReportKind::Reply, true) => "tra-loi",
        (domain::report::ReportKind::Reply, false) => "du-thao-tra-loi",
    };
    format!("{what}-{body}-{day}")
}
