//! The reports there are, and the campaigns one may report on.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    order::CampaignState,
    report::{ReportKind, ReportState},
    right::Right,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{
    board,
    reports::{self, Filter, Report},
};

use crate::{Access, AppError, Page, Route, Visit};

/// Rows of a page.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/reports/up", Access::Right(Right::Read), show),
        Route::get("/reports/up.csv", Access::Right(Right::Read), csv),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    /// On one campaign.
    pub campaign: String,
    /// `draft`, `signed`.
    pub state: String,
    /// From the page before.
    pub cursor: String,
}

/// A report as a list shows it.
pub(super) struct Line {
    pub id: String,
    pub subject: String,
    pub kind: String,
    pub body: String,
    pub campaign: String,
    pub signed: bool,
    pub waits: bool,
    pub state: String,
    pub at: Timestamp,
    pub by: String,
}

#[derive(Template)]
#[template(path = "report/list.html")]
struct ListPage {
    p: Page,
    lines: Vec<Line>,
    /// Campaigns one may begin a report on: id, name.
    campaigns: Vec<(String, String)>,
    campaign: String,
    state: String,
    states: Vec<(String, String)>,
    next: String,
}

async fn show(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = reports::list(&mut sql, v.scope(), &filter(&asked), PAGE).await?;
    // One's own body's orders before what bodies below passed on.
    let own = v.scope().tops(Right::Prepare).unwrap_or_default();
    let mut all = board::campaigns(&mut sql, v.scope()).await?;
    all.sort_by_key(|c| !own.contains(&c.body));
    let mut campaigns: Vec<(String, String)> = all
        .into_iter()
        .filter(|c| c.own && c.state != CampaignState::Cancelled)
        .map(|c| (c.id.to_string(), format!("{} · {}", c.name, c.body_name)))
        .collect();
    drop(sql);
    if !v.user.may(Right::Prepare) {
        campaigns.clear();
    }
    let next = found.last().filter(|_| found.len() == PAGE).map_or_else(String::new, |last| {
        let cursor = format!("{}.{}", last.changed_at.as_microsecond(), last.id);
        format!("/reports/up?campaign={}&state={}&cursor={cursor}", asked.campaign, asked.state)
    });
    let p = v.page(v.t("report-title"));
    let states = vec![
        (String::new(), p.t("report-state-all")),
        ("draft".to_owned(), p.t("report-state-draft")),
        ("signed".to_owned(), p.t("report-state-signed")),
    ];
    v.html(&ListPage {
        lines: found.iter().map(|r| line(&p, r)).collect(),
        campaigns,
        campaign: asked.campaign,
        state: asked.state,
        states,
        next,
        p,
    })
}

pub(super) fn filter(asked: &Asked) -> Filter {
    let after = asked
        .cursor
        .split_once('.')
        .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
    Filter {
        campaign: asked.campaign.parse().ok(),
        assignment: None,
        state: ReportState::parse(&asked.state),
        after,
    }
}

fn line(p: &Page, r: &Report) -> Line {
    let by = r.signed.as_ref().map(|s| s.by.clone()).or_else(|| r.changed_by.clone());
    Line {
        id: r.id.to_string(),
        subject: r.subject(),
        kind: p.t(match r.kind {
            ReportKind::Campaign => "report-kind-campaign",
            ReportKind::Reply => "report-kind-reply",
        }),
        body: r.body_name.clone(),
        campaign: r.campaign_name.clone(),
        signed: r.signed.is_some(),
        waits: r.asked.is_some() && r.signed.is_none(),
        state: p.t(match r {
            Report { signed: Some(_), .. } => "report-state-signed",
            Report { asked: Some(_), .. } => "report-state-asked",
            _ => "report-state-draft",
        }),
        at: r.changed_at,
        by: by.unwrap_or_default(),
    }
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found =
        reports::list(&mut v.app.db.read().await?, v.scope(), &filter(&asked), reports::PAGE_MAX).await?;
    let p = v.page("");
    let head: Vec<String> = [
        "report-about",
        "report-kind",
        "report-body",
        "report-campaign",
        "report-state",
        "report-changed",
        "report-by",
    ]
    .iter()
    .map(|id| p.t(id))
    .collect();
    let rows: Vec<Vec<paper::sheet::Cell>> = found
        .iter()
        .map(|r| {
            let l = line(&p, r);
            [l.subject, l.kind, l.body, l.campaign, l.state, p.time(&l.at), l.by].map(Into::into).to_vec()
        })
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    Ok(super::files::download(paper::sheet::to_csv(&head, &rows), "bao-cao.csv", "text/csv; charset=utf-8"))
}
