//! The list of campaigns.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::{order::CampaignState, right::Right, time::Window};
use jiff::SignedDuration;
use paper::sheet::Cell;
use serde::Deserialize;
use store::campaigns::{self, CampaignRow, Filter, Head};

use super::{
    act,
    pages::{Asked, CSV_MAX, PER_PAGE, Pager},
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/orders", Access::Right(Right::See), list),
        Route::get("/orders.csv", Access::Right(Right::See), csv),
        Route::post("/orders", Access::Right(Right::Prepare), create),
    ]
}

/// The lists of this section: address, name, whether here, count.
pub(crate) fn tabs(v: &Visit, here: &str) -> Vec<(&'static str, String, bool, &'static str)> {
    let mut tabs = vec![("/orders", v.t("order-campaigns"), here == "/orders", "")];
    if v.user.may(Right::Read) {
        tabs.push(("/orders/letters", v.t("order-letters"), here == "/orders/letters", ""));
        tabs.push(("/orders/inbox", v.t("intake-title"), here == "/orders/inbox", ""));
    }
    if v.user.may(Right::Prepare) {
        tabs.push(("/orders/templates", v.t("after-templates"), here == "/orders/templates", ""));
    }
    tabs
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
    pager: Pager,
    may_add: bool,
    new: New,
    new_fault: String,
}

fn filter(asked: &Asked) -> Filter<'_> {
    let state = CampaignState::parse(&asked.state);
    Filter { state, body: None, q: &asked.q, after: None, sort: &asked.sort, skip: asked.skip() }
}

fn line(v: &Visit, p: &Page, c: &CampaignRow) -> Line {
    Line {
        href: format!("/orders/{}", c.id),
        name: c.name.clone(),
        body: c.body_name.clone(),
        window: days(p, c.window),
        state: chip(c.state),
        state_text: v.t(&format!("order-state-{}", c.state)),
        bodies: c.bodies,
        acknowledged: c.acknowledged,
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    shown(&v, asked, New::default(), String::new()).await
}

async fn shown(v: &Visit, asked: Asked, new: New, new_fault: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let rows = campaigns::list(&mut sql, v.scope(), &filter(&asked), PER_PAGE + 1).await?;
    drop(sql);
    let p = v.page(v.t("frame-orders"));
    let mut states = vec![(String::new(), v.t("order-all-states"))];
    states.extend(CampaignState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("order-state-{s}")))));
    let lines = rows.iter().take(PER_PAGE).map(|c| line(v, &p, c)).collect();
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    let pager = asked.pager(&p, rows.len(), "/orders.csv", "-created");
    let status = if new_fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        p,
        tabs: tabs(v, "/orders"),
        q: asked.q,
        states,
        state: asked.state,
        lines,
        pager,
        may_add,
        new,
        new_fault,
    };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The same list as a file.
async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let p = v.page(String::new());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while rows.len() < CSV_MAX {
        let filter = Filter { skip: rows.len(), ..filter(&asked) };
        let found = campaigns::list(&mut sql, v.scope(), &filter, campaigns::PAGE_MAX).await?;
        rows.extend(found.iter().map(|c| {
            let l = line(&v, &p, c);
            let mut cells: Vec<Cell> = [l.name, l.body, l.window, l.state_text].map(Cell::from).into();
            cells.extend([Cell::from(l.acknowledged), Cell::from(l.bodies)]);
            cells
        }));
        if found.len() < campaigns::PAGE_MAX {
            break;
        }
    }
    let heads = [
        "order-campaign",
        "order-body",
        "order-window",
        "order-state",
        "order-acknowledged",
        "order-received-by",
    ];
    Ok(v.csv("orders", &heads, &rows))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct New {
    name: String,
}

async fn create(v: Visit, Form(form): Form<New>) -> Result<Response, AppError> {
    match act::manual(&v, Head { name: form.name.trim().to_owned(), ..Head::default() }).await {
        Ok(id) => Ok(v.redirect(&format!("/orders/{id}"), Flash::ok("order-drafted"))),
        Err(AppError::Refused(text)) => shown(&v, Asked::default(), form, v.t(&text)).await,
        Err(error) => Err(error),
    }
}
