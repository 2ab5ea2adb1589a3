//! All lines: how they are now and through the window; and the same as CSV.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    line::{LineKind, LineState},
    right::Right,
    text::sort_key,
    time::Window,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::lines::{self, LIST_MAX, Line};

use super::{hold, is_due, say, window};
use crate::{Access, AppError, Page, Route, Visit};

/// Lines on a page.
const PER_PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![Route::get("/lines", see, list), Route::get("/lines.csv", see, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    kind: String,
    /// A state, `unknown`, or `due`.
    state: String,
    body: String,
    sort: String,
    page: usize,
}

struct Found {
    campaign: Option<String>,
    window: Window,
    /// All that match, in the order asked for.
    lines: Vec<Line>,
    /// So many of all one sees somebody should say something of.
    due: Vec<String>,
    down: usize,
    unknown: usize,
    all: usize,
}

async fn found(v: &Visit, asked: &Asked) -> Result<Found, AppError> {
    let filter = lines::Filter {
        body: asked.body.parse().ok(),
        kind: LineKind::parse(&asked.kind),
        text: Some(asked.q.clone()),
    };
    let mut sql = v.app.db.read().await?;
    let (campaign, window) = window(v, &mut sql).await?;
    let mut lines = lines::list(&mut sql, v.scope(), &filter, window, v.now, hold(v)).await?;
    drop(sql);
    let due = lines.iter().filter(|l| l.may_report && Some(l.body) == v.user.body && is_due(v, l));
    let due = due.map(|l| l.id.to_string()).collect();
    let count = |state| lines.iter().filter(|l| l.now == state).count();
    let (down, unknown, all) = (count(Some(LineState::Down)), count(None), lines.len());
    lines.retain(|l| match asked.state.as_str() {
        "due" => l.may_report && is_due(v, l),
        "unknown" => l.now.is_none(),
        name => LineState::parse(name).is_none_or(|state| l.now == Some(state)),
    });
    match asked.sort.trim_start_matches('-') {
        "name" => lines.sort_by_key(|l| sort_key(&l.name)),
        "body" => {}
        "down" => lines.sort_by_key(|l| l.minutes.down),
        "seen" => lines.sort_by_key(|l| l.seen),
        // What burns first.
        _ => lines.sort_by_key(|l| rank(l.now)),
    }
    if asked.sort.starts_with('-') {
        lines.reverse();
    }
    Ok(Found { campaign, window, lines, due, down, unknown, all })
}

const fn rank(state: Option<LineState>) -> u8 {
    match state {
        Some(LineState::Down) => 0,
        None => 1,
        Some(LineState::Degraded) => 2,
        Some(LineState::Ok) => 3,
    }
}

#[derive(Template)]
#[template(path = "lines/list.html")]
struct ListPage {
    p: Page,
    q: String,
    kind: String,
    state: String,
    sort: String,
    query: String,
    csv: String,
    kinds: Vec<(String, String)>,
    states: Vec<(String, String)>,
    over: String,
    rows: Vec<say::Row>,
    /// Ids of the lines that one tap reports as working.
    due: Vec<String>,
    down: usize,
    unknown: usize,
    all: usize,
    full: bool,
    may_add: bool,
    may_import: bool,
    shown: String,
    prev: String,
    next: String,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = found(&v, &asked).await?;
    let p = v.page(v.t("lines-title"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    let all = [("q", &asked.q), ("kind", &asked.kind), ("state", &asked.state), ("body", &asked.body)];
    query.extend_pairs(all.into_iter().filter(|(_, v)| !v.is_empty()));
    let query = query.finish();
    let mut kinds = vec![(String::new(), v.t("lines-any-kind"))];
    kinds.extend(LineKind::ALL.iter().map(|k| (k.name().to_owned(), say::kind(&v, *k))));
    let states = ["", "down", "unknown", "degraded", "ok", "due"];
    let label =
        |s: &str| v.t(&if s.is_empty() { "lines-any-state".into() } else { format!("lines-state-{s}") });
    let begin = asked.page.saturating_mul(PER_PAGE);
    let rows: Vec<_> = found.lines.iter().skip(begin).take(PER_PAGE).collect();
    let at = |page: usize| format!("?{query}&sort={}&page={page}", asked.sort);
    let more = found.lines.len() > begin + rows.len();
    v.html(&ListPage {
        csv: format!("/lines.csv?{query}"),
        kinds,
        states: states.iter().map(|s| ((*s).to_owned(), label(s))).collect(),
        over: over(&v, &found),
        shown: p.t2("lines-shown", "n", rows.len(), "all", found.lines.len()),
        prev: if asked.page > 0 { at(asked.page - 1) } else { String::new() },
        next: if more { at(asked.page + 1) } else { String::new() },
        rows: rows.into_iter().map(|l| say::row(&v, &p, found.window, l)).collect(),
        due: found.due,
        down: found.down,
        unknown: found.unknown,
        all: found.all,
        full: found.all >= LIST_MAX,
        may_add: v.user.may(Right::Answer),
        may_import: v.user.may(Right::Register),
        query: if query.is_empty() { query } else { format!("{query}&") },
        q: asked.q,
        kind: asked.kind,
        state: asked.state,
        sort: if asked.sort.is_empty() { "state".into() } else { asked.sort },
        p,
    })
}

/// Which stretch of time the strips show.
fn over(v: &Visit, found: &Found) -> String {
    let (from, to) = (say::short(found.window.from), say::short(found.window.to));
    let span = format!("{from} – {to}");
    match &found.campaign {
        Some(name) => {
            v.words().with("lines-over", [("campaign", name.as_str().into()), ("span", span.into())])
        }
        None => v.words().with("lines-over-week", [("span", span.into())]),
    }
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = found(&v, &asked).await?;
    let p = v.page(String::new());
    let rows: Vec<Vec<Cell>> = found
        .lines
        .iter()
        .map(|l| {
            let r = say::row(&v, &p, found.window, l);
            let seen = r.seen.map(|(_, text)| text).unwrap_or_default();
            let texts =
                [r.code, r.name, r.kind, r.body, r.served, r.provider, r.capacity, r.hotline, r.state, seen];
            let minutes = [l.minutes.up, l.minutes.degraded, l.minutes.down, l.minutes.unknown];
            texts.into_iter().map(Cell::from).chain(minutes.into_iter().map(Cell::from)).collect()
        })
        .collect();
    let heads = [
        "lines-code",
        "lines-name",
        "lines-kind",
        "lines-body",
        "lines-served",
        "lines-provider",
        "lines-capacity",
        "lines-hotline",
        "lines-state",
        "lines-seen",
        "lines-minutes-up",
        "lines-minutes-degraded",
        "lines-minutes-down",
        "lines-minutes-unknown",
    ];
    Ok(v.csv("lines", &heads, &rows))
}
