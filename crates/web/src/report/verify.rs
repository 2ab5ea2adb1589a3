//! A signed report held against the records of now.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    report::Altered,
    right::Right,
};
use store::reports::{self, Report, Verified};

use super::report;
use crate::{Access, AppError, Page, Route, Visit};

/// So many lines of what moved are shown; more nobody reads.
const MOVED_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/reports/up/{report}/verify", Access::Right(Right::Read), show)]
}

/// Something that moved on: what, then, now.
pub(super) struct Moved {
    pub what: String,
    pub then: String,
    pub now: String,
}

#[derive(Template)]
#[template(path = "report/verify.html")]
struct VerifyPage {
    p: Page,
    report: Report,
    subject: String,
    good: bool,
    broken: Vec<&'static str>,
    digest: bool,
    logged: bool,
    altered: Vec<(String, bool)>,
    verdicts: Vec<Moved>,
    verdicts_all: usize,
    numbers: Vec<Moved>,
}

/// What came of it, with names.
pub(super) async fn verified(v: &Visit, of: &Report) -> Result<(Verified, Vec<Moved>), AppError> {
    let mut sql = v.app.db.read().await?;
    let found = reports::verify(&mut sql, &v.app.blobs, of, &v.app.legal, v.now).await?;
    let moved = found.compared.verdicts.iter().take(MOVED_MAX);
    let ids: Vec<Id<kind::Task>> = moved.clone().filter_map(|m| m.what.parse().ok()).collect();
    let names = reports::task_names(&mut sql, v.scope(), &ids).await?;
    let lines = moved
        .map(|m| Moved {
            what: names
                .get(&m.what)
                .map_or_else(|| m.what.clone(), |(body, code)| format!("{body} · {code}")),
            then: state(v, &m.then),
            now: state(v, &m.now),
        })
        .collect();
    Ok((found, lines))
}

/// `partly 3/7` in words.
fn state(v: &Visit, kept: &str) -> String {
    let Some((state, count)) = kept.split_once(' ') else { return v.t("report-verify-gone") };
    let word = v.t(&format!("tasks-state-{state}"));
    if count.ends_with("/0") { word } else { format!("{word} {count}") }
}

async fn show(v: Visit, Path(of): Path<String>) -> Result<Response, AppError> {
    let report = report(&v, &of).await?;
    let (found, verdicts) = verified(&v, &report).await?;
    let altered = found.compared.altered.iter().map(|a| match a {
        Altered::Changed(id) => (id.clone(), false),
        Altered::Gone(id) => (id.clone(), true),
    });
    let numbers = found.compared.numbers.iter().map(|m| Moved {
        what: v.t(&format!("report-field-{}", m.what.replace('_', "-"))),
        then: m.then.clone(),
        now: m.now.clone(),
    });
    let p = v.page(v.t("report-verify"));
    v.html(&VerifyPage {
        subject: report.subject(),
        good: found.good(),
        broken: found.broken.clone(),
        digest: found.digest,
        logged: found.logged,
        altered: altered.collect(),
        verdicts_all: found.compared.verdicts.len(),
        verdicts,
        numbers: numbers.collect(),
        report,
        p,
    })
}
