//! The list of bulletins.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{notice::NoticeState, right::Right};
use serde::Deserialize;
use store::notices::bulletins::{self, BulletinFilter};

use super::{share, tabs};
use crate::{Access, AppError, Page, Route, Visit};

/// Bulletins on a page.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/bulletins", Access::Right(Right::See), list)]
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
    title: String,
    body: String,
    days: String,
    communes: u32,
    broadcast: String,
    state: &'static str,
    state_text: String,
}

#[derive(Template)]
#[template(path = "notices/bulletins.html")]
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

/// The chip of a state.
pub(super) fn chip(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Draft => "d",
        NoticeState::Issued => "m",
        NoticeState::Closed => "a",
        NoticeState::Cancelled => "x",
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let after = asked
        .after
        .split_once('_')
        .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
    let filter = BulletinFilter { state: NoticeState::parse(&asked.state), q: &asked.q, after };
    let rows = bulletins::list(&mut v.app.db.read().await?, v.scope(), &filter, PER_PAGE + 1).await?;
    let p = v.page(v.t("notices-tab-bulletins"));
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &asked.q).append_pair("state", &asked.state);
            let at = last.bulletin.created_at.as_microsecond();
            format!("?{}", query.append_pair("after", &format!("{at}_{}", last.bulletin.id)).finish())
        }
        None => String::new(),
    };
    let mut states = vec![(String::new(), v.t("notices-all-states"))];
    states.extend(NoticeState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("notices-state-{s}")))));
    let lines = rows
        .iter()
        .take(PER_PAGE)
        .map(|row| {
            let (b, slots) = (&row.bulletin, row.bulletin.schedule.slots().len());
            let all = row.communes.saturating_mul(u32::try_from(slots).unwrap_or(u32::MAX));
            Line {
                href: format!("/bulletins/{}", b.id),
                title: b.title.clone(),
                body: b.body_name.clone(),
                days: format!("{} – {}", p.date(&b.schedule.from), p.date(&b.schedule.to)),
                communes: row.communes,
                broadcast: if all > 0 { share(row.broadcast, all) } else { String::new() },
                state: chip(b.state),
                state_text: v.t(&format!("notices-state-{}", b.state)),
            }
        })
        .collect();
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    let tabs = tabs(&v, "/bulletins");
    v.html(&ListPage { p, tabs, q: asked.q, states, state: asked.state, lines, next, may_add })
}
