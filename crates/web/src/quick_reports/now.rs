//! What is due now: one card an order, the first with its form, so that two taps are enough. Made for a phone.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::right::Right;
use jiff::Timestamp;
use serde::Deserialize;
use store::quick_reports::{self, Due};

use super::{
    own_page,
    show::{self, Form, When, chip, hour, when},
};
use crate::{Access, AppError, Page, Route, Visit};

/// So many campaigns are offered for their sheets; the others are found through their orders.
const CAMPAIGNS: u32 = 12;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/reports/quick", Access::Right(Right::See), page)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    body: String,
}

struct Card {
    href: String,
    order: String,
    issuer: String,
    round: String,
    since: String,
    due: When,
    class: &'static str,
    state: String,
    open: bool,
    late: bool,
    /// The sentence that was signed.
    statement: String,
    nil: bool,
    by: String,
    at: Option<When>,
    missing: Vec<(String, String)>,
    next: String,
    form: Option<Form>,
}

#[derive(Template)]
#[template(path = "quick_reports/now.html")]
struct NowPage {
    p: Page,
    tab: &'static str,
    body: String,
    cards: Vec<Card>,
    may: bool,
    sheets: Vec<(String, String, String)>,
}

async fn page(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let p = v.page(v.t("quick-title"));
    let body =
        asked.body.parse().ok().or(v.user.body).or_else(|| v.scope().grants().first().map(|(_, b)| *b));
    let may = body.is_some_and(|b| v.scope().tops(Right::Answer).is_some_and(|tops| tops.contains(&b)));
    let mut sql = v.app.db.read().await?;
    let found = match body {
        Some(body) => quick_reports::due_now(&mut sql, v.scope(), &v.app.legal, body, v.now).await?,
        None => Vec::new(),
    };
    let mut cards: Vec<Card> = found.iter().map(|d| card(&p, d, v.now)).collect();
    // What can be confirmed now first, the most urgent of it with its form.
    let open = |d: &Due| d.report.is_none() && d.round.opens <= v.now;
    if let Some(at) = found.iter().position(|d| may && open(d))
        && let (Some(due), Some(card)) = (found.get(at), cards.get_mut(at))
    {
        let filled =
            quick_reports::draft(&mut sql, v.scope(), &v.app.legal, due.assignment, due.round.at, v.now)
                .await?;
        card.form = Some(show::form(&v, &p, &filled, None));
    }
    // What has not opened yet is nobody's concern today.
    cards.sort_by_key(|c| (c.form.is_none(), !c.open, c.at.is_none()));
    let sheets = quick_reports::history(&mut sql, v.scope(), CAMPAIGNS)
        .await?
        .into_iter()
        .map(|(id, name, issuer, window)| {
            let days = format!(
                "{} – {}",
                p.date(&domain::time::date(window.from)),
                p.date(&domain::time::last_day(window))
            );
            (format!("/reports/quick/{id}"), name, format!("{issuer} · {days}"))
        })
        .collect();
    drop(sql);
    let body = found.first().map(|d| d.body_name.clone()).unwrap_or_default();
    v.html(&NowPage { p, tab: "quick", body, cards, may, sheets })
}

fn card(p: &Page, d: &Due, now: Timestamp) -> Card {
    let (class, state) = chip(p, &d.round, d.report.as_ref(), now);
    let content = d.report.as_ref().map(|r| &r.content);
    Card {
        href: own_page(d.assignment, &d.round.key()),
        order: d.name.clone(),
        issuer: d.issuer_name.clone(),
        round: hour(d.round.at),
        since: hour(d.round.since),
        due: when(p, d.round.due),
        class,
        state,
        open: d.report.is_none() && d.round.opens <= now,
        late: d.report.is_none() && d.round.due <= now,
        statement: content.map(|c| c.statement.clone()).unwrap_or_default(),
        nil: content.is_some_and(|c| c.nil),
        by: content.map(|c| c.by_name.clone()).unwrap_or_default(),
        at: content.map(|c| when(p, c.at)),
        missing: d.missing.iter().map(|r| (own_page(d.assignment, &r.key()), hour(r.at))).collect(),
        next: d.next.map(|r| hour(r.at)).unwrap_or_default(),
        form: None,
    }
}
