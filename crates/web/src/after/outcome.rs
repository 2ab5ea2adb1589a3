//! When it is over: what was met when, by whom first and last, what stayed open, and what to do better next time.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    id::{Id, kind},
    order::CampaignState,
    outcome::{self, Outcome, Sum},
    right::Right,
};
use jiff::SignedDuration;
use paper::sheet::{Cell, to_csv};
use store::{
    board::{self, Campaign},
    history, quick_reports,
};

use super::{
    chart::{Chart, chart},
    holes::{self, Holes},
    lessons::{self, Lessons},
    lines::{self, Lines},
    readiness::{download, points},
    watch::{self, Watched},
};
use crate::{
    Access, AppError, Page, Route, Visit,
    board::{number, short, state},
};

/// Bodies named as first and as last.
pub(super) const NAMED: usize = 5;
/// Open cells on the page; all of them are in the table file.
const OPEN_MAX: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/reports/after", see, start),
        Route::get("/reports/after/{campaign}", see, page),
        Route::get("/reports/after/{campaign}/csv", see, csv),
    ]
}

/// To the campaign that ended last, else to the one that runs.
async fn start(v: Visit) -> Result<Response, AppError> {
    let all = board::campaigns(&mut v.app.db.read().await?, v.scope()).await?;
    let ended =
        |c: &&Campaign| c.window.is_some_and(|w| w.to <= v.now) && c.state != CampaignState::Cancelled;
    let last = all.iter().filter(ended).max_by_key(|c| (c.own, c.window.map(|w| w.to)));
    match last.or_else(|| board::running(&all, v.now)) {
        Some(campaign) => Ok(Redirect::to(&format!("/reports/after/{}", campaign.id)).into_response()),
        None => v.html(&NonePage { p: v.page(v.t("after-title")) }),
    }
}

#[derive(Template)]
#[template(path = "after/none.html")]
struct NonePage {
    p: Page,
}

#[derive(Template)]
#[template(path = "after/outcome.html")]
pub(super) struct OutcomePage {
    p: Page,
    id: String,
    name: String,
    over: bool,
    choices: Vec<(String, String, bool)>,
    whole: SumView,
    chart: Chart,
    duties: Vec<(String, SumView)>,
    bodies: usize,
    first: Vec<(String, SumView)>,
    last: Vec<(String, SumView)>,
    open: Vec<OpenView>,
    open_more: usize,
    watched: Option<Watched>,
    gaps: Option<Gaps>,
    holes: Option<Holes>,
    lines: Option<Lines>,
    lessons: Option<Lessons>,
}

/// Times when nobody reported, as the quick reports tell; `None` where the campaign asked for none.
struct Gaps {
    expected: String,
    in_time: String,
    late: String,
    missing: String,
    /// Who missed most, with how many.
    bodies: Vec<(String, u32)>,
}

/// A sum in words.
struct SumView {
    all: String,
    met: String,
    in_time: String,
    late: String,
    open: String,
    median: String,
    fastest: String,
    slowest: String,
}

struct OpenView {
    body: String,
    duty: String,
    href: String,
    class: &'static str,
    state: String,
    due: String,
    due_iso: String,
}

async fn page(v: Visit, Path(campaign): Path<Id<kind::Campaign>>) -> Result<Response, AppError> {
    show(&v, campaign, lessons::Typed::default()).await
}

/// The page, with what was typed into its form and is wrong.
pub(super) async fn show(
    v: &Visit,
    campaign: Id<kind::Campaign>,
    typed: lessons::Typed,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), campaign).await?;
    let all = board::campaigns(&mut sql, v.scope()).await?;
    let points = points(v, &mut sql, &campaign).await?;
    let named = history::outcomes(&mut sql, v.scope(), campaign.id).await?;
    let reported = quick_reports::summary(&mut sql, v.scope(), &v.app.legal, campaign.id, &[], v.now).await?;
    let lessons = lessons::load(v, &mut sql, &campaign, typed).await?;
    let outcomes: Vec<Outcome> = named.iter().map(|(_, o)| o.clone()).collect();
    let lines = lines::load(v, &mut sql, &campaign, &outcomes).await?;
    let watch = watch::load(v, &mut sql, &campaign, &outcomes).await?;
    let (left, left_at) = holes::load(v, &mut sql, &campaign).await?;
    drop(sql);
    let names: HashMap<Id<kind::Body>, String> = named.into_iter().map(|(n, o)| (o.body, n)).collect();
    let name = |body: Id<kind::Body>| names.get(&body).cloned().unwrap_or_default();
    let view = |s: &Sum| sum_view(v, s, &name);
    let duties = outcome::by_duty(&outcomes);
    let bodies = outcome::by_body(&outcomes);
    let p = v.page(v.t("after-title"));
    let open: Vec<&Outcome> = outcomes.iter().filter(|o| o.open()).collect();
    let shown = open.iter().take(OPEN_MAX).map(|o| open_view(v, &p, campaign.id, o, name(o.body))).collect();
    let status = lessons.as_ref().map_or(axum::http::StatusCode::OK, Lessons::status);
    let page = OutcomePage {
        id: campaign.id.to_string(),
        over: campaign.window.is_some_and(|w| w.to <= v.now) || campaign.state == CampaignState::Closed,
        choices: all
            .iter()
            .filter(|c| c.state != CampaignState::Cancelled)
            .map(|c| (format!("/reports/after/{}", c.id), c.name.clone(), c.id == campaign.id))
            .collect(),
        whole: view(&outcome::sum(&outcomes)),
        chart: chart(v, &points, campaign.window),
        duties: duties.iter().map(|(code, s)| (format!("{code} · {}", short(v, code)), view(s))).collect(),
        bodies: bodies.len(),
        first: bodies.iter().take(NAMED).map(|(b, s)| (name(*b), view(s))).collect(),
        // With few bodies nobody stands in both lists.
        last: bodies.iter().skip(NAMED).rev().take(NAMED).map(|(b, s)| (name(*b), view(s))).collect(),
        open_more: open.len().saturating_sub(OPEN_MAX),
        open: shown,
        watched: watch::view(v, &p, watch.as_ref(), &names),
        gaps: gaps(reported),
        holes: holes::view(v, &p, &left, left_at),
        lines: lines::view(v, &p, &lines),
        lessons,
        name: campaign.name,
        p,
    };
    Ok((status, v.html(&page)?).into_response())
}

fn gaps(reported: quick_reports::Summary) -> Option<Gaps> {
    if reported.expected == 0 {
        return None;
    }
    let count = |n: usize| number(n.try_into().unwrap_or(u64::MAX));
    Some(Gaps {
        expected: number(reported.expected.into()),
        in_time: number(reported.in_time.into()),
        late: count(reported.late.len()),
        missing: count(reported.missing.len()),
        bodies: missed(&reported),
    })
}

/// Who missed most reports, with how many.
pub(super) fn missed(reported: &quick_reports::Summary) -> Vec<(String, u32)> {
    let mut bodies: HashMap<String, u32> = HashMap::new();
    for missed in &reported.missing {
        *bodies.entry(missed.name.clone()).or_default() += 1;
    }
    let mut bodies: Vec<_> = bodies.into_iter().collect();
    bodies.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    bodies.truncate(NAMED);
    bodies
}

fn open_view(v: &Visit, p: &Page, campaign: Id<kind::Campaign>, o: &Outcome, body: String) -> OpenView {
    OpenView {
        body,
        duty: format!("{} · {}", o.code, short(v, &o.code)),
        href: format!("/campaigns/{campaign}/board?duty={}&s={}", o.code, state::letter(o.state)),
        class: state::letter(o.state),
        state: state::word(v.words(), o.state),
        due: p.time(&o.due),
        due_iso: p.iso(&o.due),
    }
}

fn sum_view(v: &Visit, s: &Sum, name: &impl Fn(Id<kind::Body>) -> String) -> SumView {
    let who = |at: Option<(SignedDuration, Id<kind::Body>)>| {
        at.map(|(took, body)| format!("{} · {}", name(body), lasted(v, took))).unwrap_or_default()
    };
    SumView {
        all: number(s.all.into()),
        met: number(s.met.into()),
        in_time: number(s.in_time.into()),
        late: number(s.late().into()),
        open: number(s.open.into()),
        median: s.median.map(|m| lasted(v, m)).unwrap_or_default(),
        fastest: who(s.fastest),
        slowest: who(s.slowest),
    }
}

/// `3 ngày 04:15`, `04:15`.
pub(super) fn lasted(v: &Visit, took: SignedDuration) -> String {
    let minutes = took.as_mins().max(0);
    let (days, clock) = (minutes / 1440, format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60));
    if days == 0 {
        clock
    } else {
        v.words().with("board-days", [("n", days.into()), ("clock", clock.into())])
    }
}

/// Every task: body, duty, received, due, met, state.
async fn csv(v: Visit, Path(campaign): Path<Id<kind::Campaign>>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), campaign).await?;
    let named = history::outcomes(&mut sql, v.scope(), campaign.id).await?;
    drop(sql);
    let head = ["board-body", "board-duty", "after-received", "board-due", "after-met-at", "board-state"]
        .map(|id| v.t(id));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let at = |at: jiff::Timestamp| domain::time::local(at).strftime("%Y-%m-%d %H:%M").to_string();
    let rows: Vec<Vec<Cell>> = named
        .iter()
        .map(|(name, o)| {
            vec![
                Cell::from(name.as_str()),
                Cell::from(o.code.as_str()),
                Cell::from(at(o.received)),
                Cell::from(at(o.due)),
                Cell::from(o.met_at.map(at).unwrap_or_default()),
                Cell::from(state::word(v.words(), o.state)),
            ]
        })
        .collect();
    Ok(download("after", &v, to_csv(&head, &rows)))
}
