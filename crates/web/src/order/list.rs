//! The list of campaigns.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{order::CampaignState, right::Right, time::Window};
use jiff::SignedDuration;
use serde::Deserialize;
use store::campaigns::{self, CampaignRow, Filter, Head};

use super::act;
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Campaigns on a page.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/orders", Access::Right(Right::See), list),
        Route::post("/orders", Access::Right(Right::Prepare), create),
    ]
}

/// The lists of this section: address, name, whether here, count.
pub(crate) fn tabs(v: &Visit, here: &str) -> Vec<(&'static str, String, bool, &'static str)> {
    let mut tabs = vec![("/orders", v.t("order-campaigns"), here == "/orders", "")];
    if v.user.may(Right::Read) {
        tabs.push(("/orders/letters", v.t("order-letters"), here == "/orders/letters", ""));
    }
    if v.user.may(Right::Prepare) {
        tabs.push(("/orders/templates", v.t("after-templates"), here == "/orders/templates", ""));
    }
    tabs
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    after: String,
}

struct Line {
    href: String,
    name: String,
    body: String,
    window: String,
    state: &'static str,
    state_text: String,
    bodies: u32,
    acknowledged: u32,
}

/// `04/02/2027 – 12/02/2027`; empty without a window.
pub(super) fn days(p: &Page, window: Option<Window>) -> String {
    window.map_or_else(String::new, |w| {
        let (first, last) = first_last(w);
        format!("{} – {}", p.date(&first), p.date(&last))
    })
}

/// The first and last day of a window, both inside.
pub(super) fn first_last(w: Window) -> (jiff::civil::Date, jiff::civil::Date) {
    let last = w.to.checked_sub(SignedDuration::from_micros(1)).unwrap_or(w.to);
    (domain::time::date(w.from), domain::time::date(last))
}

/// The chip of a campaign's state.
pub(super) fn chip(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft => "d",
        CampaignState::Issued => "m",
        CampaignState::Cancelled => "x",
        CampaignState::Closed => "a",
    }
}

#[derive(Template)]
#[template(path = "order/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, &'static str)>,
    q: String,
    states: Vec<(String, String)>,
    state: String,
    lines: Vec<Line>,
    next: String,
    may_add: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let after = asked
        .after
        .split_once('_')
        .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
    let filter = Filter { state: CampaignState::parse(&asked.state), body: None, q: &asked.q, after };
    let mut sql = v.app.db.read().await?;
    let rows = campaigns::list(&mut sql, v.scope(), &filter, PER_PAGE + 1).await?;
    let p = v.page(v.t("frame-orders"));
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &asked.q)
                .append_pair("state", &asked.state)
                .append_pair("after", &format!("{}_{}", last.created_at.as_microsecond(), last.id))
                .finish();
            format!("?{query}")
        }
        None => String::new(),
    };
    let mut states = vec![(String::new(), v.t("order-all-states"))];
    states.extend(CampaignState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("order-state-{s}")))));
    let line = |c: &CampaignRow| Line {
        href: format!("/orders/{}", c.id),
        name: c.name.clone(),
        body: c.body_name.clone(),
        window: days(&p, c.window),
        state: chip(c.state),
        state_text: v.t(&format!("order-state-{}", c.state)),
        bodies: c.bodies,
        acknowledged: c.acknowledged,
    };
    let lines = rows.iter().take(PER_PAGE).map(line).collect();
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    let tabs = tabs(&v, "/orders");
    v.html(&ListPage { p, tabs, q: asked.q, states, state: asked.state, lines, next, may_add })
}

#[derive(Deserialize)]
struct New {
    name: String,
}

async fn create(v: Visit, Form(form): Form<New>) -> Result<Response, AppError> {
    match act::manual(&v, Head { name: form.name.trim().to_owned(), ..Head::default() }).await {
        Ok(id) => Ok(v.redirect(&format!("/orders/{id}"), Flash::ok("order-drafted"))),
        Err(AppError::Refused(text)) => Ok(v.redirect("/orders", Flash::bad(&text))),
        Err(error) => Err(error),
    }
}
