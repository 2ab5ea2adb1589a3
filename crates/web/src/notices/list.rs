//! The list of notices, and those sent to oneself.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    notice::{NoticeState, standing},
    right::Right,
};
use serde::Deserialize;
use store::notices::{self, NoticeFilter, NoticeRow, personal};

use super::{chip, id, key, share, tabs};
use crate::{Access, AppError, Page, Route, Visit};

/// Notices on a page.
const PER_PAGE: usize = 50;
/// Notices to oneself on a page: nobody gets more in a year.
const MINE_MAX: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/notices", Access::Right(Right::See), list),
        Route::get("/notices/mine", Access::SignedIn, mine),
        Route::get("/notices/mine/{notice}", Access::SignedIn, open_mine),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    campaign: String,
    after: String,
}

struct Line {
    href: String,
    title: String,
    body: String,
    closes: String,
    recipients: u32,
    committed: String,
    passed: String,
    state: &'static str,
    state_text: String,
}

#[derive(Template)]
#[template(path = "notices/list.html")]
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
    let filter = NoticeFilter {
        state: NoticeState::parse(&asked.state),
        campaign: asked.campaign.parse().ok(),
        q: &asked.q,
        after,
    };
    let rows = notices::list(&mut v.app.db.read().await?, v.scope(), &filter, PER_PAGE + 1).await?;
    let p = v.page(v.t("frame-notices"));
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", &asked.q).append_pair("state", &asked.state);
            query.append_pair("campaign", &asked.campaign);
            let at = last.notice.created_at.as_microsecond();
            format!("?{}", query.append_pair("after", &format!("{at}_{}", last.notice.id)).finish())
        }
        None => String::new(),
    };
    let mut states = vec![(String::new(), v.t("notices-all-states"))];
    states.extend(NoticeState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("notices-state-{s}")))));
    let lines = rows.iter().take(PER_PAGE).map(|row| line(&v, &p, row)).collect();
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    let tabs = tabs(&v, "/notices");
    v.html(&ListPage { p, tabs, q: asked.q, states, state: asked.state, lines, next, may_add })
}

fn line(v: &Visit, p: &Page, row: &NoticeRow) -> Line {
    let (n, r) = (&row.notice, &row.rates);
    let standing = standing(n.state, n.opens_at, n.sent_at.is_some(), v.now);
    Line {
        href: format!("/notices/{}", n.id),
        title: n.title.clone(),
        body: n.body_name.clone(),
        closes: n.closes_at.map(|at| p.time(&at)).unwrap_or_default(),
        recipients: r.recipients,
        committed: if r.recipients > 0 { share(r.committed, r.expected()) } else { String::new() },
        passed: if r.asked > 0 { share(r.passed, r.asked) } else { String::new() },
        state: chip(standing),
        state_text: v.t(&format!("notices-standing-{standing}")),
    }
}

struct MyLine {
    href: String,
    title: String,
    issuer: String,
    closes: String,
    state: &'static str,
    state_text: String,
}

#[derive(Template)]
#[template(path = "notices/mine.html")]
struct MinePage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, &'static str)>,
    lines: Vec<MyLine>,
}

async fn mine(v: Visit) -> Result<Response, AppError> {
    let person = v.user.person.ok_or(AppError::SignIn)?;
    let found = personal::of_person(&mut v.app.db.read().await?, person, v.now, MINE_MAX).await?;
    let p = v.page(v.t("notices-tab-mine"));
    let lines = found
        .iter()
        .map(|m| {
            let (state, text) = match () {
                () if m.passed_at.is_some() || (m.committed_at.is_some() && !m.quiz.is_asked()) => {
                    ("m", "done")
                }
                () if !m.open(v.now) => ("n", "missed"),
                () if m.committed_at.is_some() => ("p", "quiz"),
                () => ("d", "waiting"),
            };
            MyLine {
                href: format!("/notices/mine/{}", m.notice),
                title: m.title.clone(),
                issuer: m.issuer.clone(),
                closes: p.time(&m.closes_at),
                state,
                state_text: v.t(&format!("notices-mine-{text}")),
            }
        })
        .collect();
    let tabs = tabs(&v, "/notices/mine");
    v.html(&MinePage { p, tabs, lines })
}

/// Somebody signed in comes to the same page as by the letter.
async fn open_mine(v: Visit, Path(notice): Path<String>) -> Result<Response, AppError> {
    let (person, notice) = (v.user.person.ok_or(AppError::SignIn)?, id(&notice)?);
    let found = personal::of_person(&mut v.app.db.read().await?, person, v.now, MINE_MAX).await?;
    let mine = found.iter().find(|m| m.notice == notice).ok_or(AppError::NotFound)?;
    Ok(Redirect::to(&format!("/n/{}", personal::token(&key(&v), mine.id))).into_response())
}
