//! Notices and bulletins: written, sent, counted; the personal page on which somebody reads and commits.

mod api;
mod bulletin;
mod bulletins;
mod excuses;
mod form;
mod list;
mod lists;
mod people;
mod personal;
mod show;
mod write_bulletin;
mod write_notice;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    notice::{NoticeRules, Rates, Standing, percent},
    order::CampaignState,
    right::Right,
    time::zone,
};
use jiff::{Timestamp, civil::DateTime};
use paper::sheet::{Cell, to_csv};
use store::{Sql, StoreError, campaigns, register::bodies, sign_in::InstanceKey};

use crate::{
    AppError, Flash, Route, Visit,
    act::{id, own_body, write},
};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(write_notice::routes());
    all.extend(lists::routes());
    all.extend(show::routes());
    all.extend(people::routes());
    all.extend(personal::routes());
    all.extend(bulletins::routes());
    all.extend(write_bulletin::routes());
    all.extend(bulletin::routes());
    all.extend(api::routes());
    all
}

/// The rules in force.
fn rules(v: &Visit) -> Result<&NoticeRules, AppError> {
    v.pack().notice_rules().ok_or_else(|| AppError::Refused("error-notice-rules".into()))
}

fn key(v: &Visit) -> InstanceKey {
    InstanceKey::new(v.app.config.instance_key)
}

/// After a button: to `to`, saying what was done, or back, saying why it cannot be.
fn done(v: &Visit, to: &str, done: Result<Flash, AppError>) -> Result<Response, AppError> {
    match done {
        Ok(flash) => Ok(v.redirect(to, flash)),
        Err(AppError::Refused(why)) => Ok(v.redirect(to, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}

/// The three lists of this section: address, name, whether here, count.
fn tabs(v: &Visit, here: &str) -> Vec<(&'static str, String, bool, &'static str)> {
    let mut tabs = vec![
        ("/notices", v.t("notices-tab-notices"), here == "/notices", ""),
        ("/bulletins", v.t("notices-tab-bulletins"), here == "/bulletins", ""),
        ("/notices/mine", v.t("notices-tab-mine"), here == "/notices/mine", ""),
    ];
    if v.user.may(Right::Prepare) {
        tabs.push(("/notices/lists", v.t("notices-tab-lists"), here == "/notices/lists", ""));
    }
    tabs
}

/// The chip of a standing.
fn chip(standing: Standing) -> &'static str {
    match standing {
        Standing::Draft | Standing::Scheduled => "d",
        Standing::Sending => "p",
        Standing::Open => "m",
        Standing::Closed => "a",
        Standing::Cancelled => "x",
    }
}

/// `12/40 (30%)`.
fn share(part: u32, all: u32) -> String {
    format!("{part}/{all} ({}%)", percent(part, all))
}

/// The figures people read, in their order: text id, share.
fn figures(rates: &Rates) -> Vec<(&'static str, u32, u32)> {
    let all = rates.expected();
    let mut found = vec![
        ("notices-delivered", rates.delivered, rates.recipients),
        ("notices-opened", rates.opened, all),
        ("notices-committed", rates.committed, all),
    ];
    if rates.asked > 0 {
        found.push(("notices-passed", rates.passed, rates.asked));
    }
    found
}

/// A time typed into `datetime-local`; empty is none.
fn when(text: &str) -> Result<Option<Timestamp>, AppError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at: DateTime = text.trim().parse().map_err(|_| AppError::Refused("error-notice-times".into()))?;
    let at = at.to_zoned(zone()).map_err(|_| AppError::Refused("error-notice-times".into()))?;
    Ok(Some(at.timestamp()))
}

/// A time as `datetime-local` shows it.
fn typed(at: Timestamp) -> String {
    domain::time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A text as paragraphs of lines.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    text.split("\n\n").map(|p| p.lines().map(str::to_owned).collect()).collect()
}

/// The campaigns a notice may belong to; first none.
async fn campaign_options(v: &Visit, sql: &mut Sql) -> Result<Vec<(String, String)>, StoreError> {
    let filter = campaigns::Filter { state: Some(CampaignState::Issued), ..campaigns::Filter::default() };
    let rows = campaigns::list(sql, v.scope(), &filter, 50).await?;
    let mut options = vec![(String::new(), v.t("notices-no-campaign"))];
    options.extend(rows.into_iter().map(|c| (c.id.to_string(), c.name)));
    Ok(options)
}

/// The tops of subtrees one may choose: the topmost bodies one prepares for, and what lies right below.
async fn top_options(v: &Visit, sql: &mut Sql) -> Result<Vec<(String, String)>, StoreError> {
    let nodes = bodies::choices(sql, v.scope(), Right::Prepare).await?;
    let name = |n: &bodies::Node| match n.depth {
        0 => v.words().with("notices-top-all", [("body", n.body.name.as_str().into())]),
        _ => n.body.name.clone(),
    };
    Ok(nodes.iter().filter(|n| n.depth <= 1).map(|n| (n.body.id.to_string(), name(n))).collect())
}

/// A table as a CSV file.
fn csv(name: &str, header: &[String], rows: &[Vec<Cell>]) -> Response {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let disposition = format!("attachment; filename=\"canh-{name}.csv\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], to_csv(&header, rows))
        .into_response()
}
