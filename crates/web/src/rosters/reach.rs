//! Whether people can be reached: the last test of every body's channels, drills and test calls of every post.

use askama::Template;
use axum::{Json as Answer, response::Response};
use domain::{paging::About, right::Right};
use jiff::SignedDuration;
use paper::sheet::Cell;
use serde::Serialize;
use store::tries::{self, Called, Tested};
use utoipa::ToSchema;
use utoipa_axum::routes as route;

use super::{PostId, tabs};
use crate::{Access, AppError, LIMIT_FORM, Page, Route, Visit};

/// Drills and test calls of so many days: the longest holiday and the days before it.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 21);
/// So many names of one line; the rest is a number.
const NAMES_MAX: usize = 8;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/roster/reachability", see, show),
        Route::get("/roster/reachability.csv", see, csv),
        Route::api(see, LIMIT_FORM, route!(api)),
    ]
}

#[derive(Template)]
#[template(path = "rosters/reach.html")]
struct ReachPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    bodies: Vec<BodyLine>,
    posts: Vec<PostLine>,
    people: (u32, u32),
    channels: (u32, u32),
    answered: (u32, u32),
}

struct BodyLine {
    name: String,
    class: &'static str,
    state: String,
    day: String,
    people: (u32, u32),
    channels: (u32, u32),
    failing: String,
}

struct PostLine {
    id: PostId,
    name: String,
    body: String,
    what: String,
    class: &'static str,
    state: String,
    calls: (u32, u32),
    silent: String,
}

async fn found(v: &Visit) -> Result<(Vec<Tested>, Vec<Called>), AppError> {
    let mut sql = v.app.db.read().await?;
    let tested = tries::tested(&mut sql, v.scope()).await?;
    let since = v.now.checked_sub(BEHIND).unwrap_or(v.now);
    Ok((tested, tries::called(&mut sql, v.scope(), since).await?))
}

/// Names in one line, as many as can be read.
fn names(all: Vec<String>) -> String {
    let rest = all.len().saturating_sub(NAMES_MAX);
    let shown = all.into_iter().take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    if rest > 0 { format!("{shown} +{rest}") } else { shown }
}

fn channel(v: &Visit, kind: &str) -> String {
    if kind.is_empty() { v.t("reach-no-channel") } else { v.t(&format!("register-channel-{kind}")) }
}

fn body_line(v: &Visit, t: Tested) -> BodyLine {
    let (class, state) = match (t.waits > 0, t.reached >= t.people, t.failing.is_empty()) {
        (true, ..) => ("w", "reach-waits"),
        (_, false, _) => ("n", "reach-not-all"),
        (_, _, false) => ("p", "reach-some-failed"),
        _ => ("m", "reach-all"),
    };
    let day = t.day.parse().map_or(t.day, |d: jiff::civil::Date| d.strftime("%d/%m/%Y").to_string());
    let failing = t.failing.into_iter().map(|f| format!("{} ({})", f.person, channel(v, &f.kind))).collect();
    BodyLine {
        name: t.body_name,
        class,
        state: v.t(state),
        day,
        people: (t.reached, t.people),
        channels: (t.ok, t.channels),
        failing: names(failing),
    }
}

fn post_line(v: &Visit, c: Called) -> PostLine {
    let (class, state) = match (c.silent.is_empty(), c.open) {
        (false, _) => ("n", "reach-silent"),
        (_, 0) => ("m", "reach-answered"),
        _ => ("w", "reach-calling"),
    };
    let what = if c.about == About::Drill { "reach-drill" } else { "reach-test-call" };
    PostLine {
        id: c.post,
        name: c.post_name,
        body: c.body_name,
        what: v.t(what),
        class,
        state: v.t(state),
        calls: (c.answered, c.all),
        silent: names(c.silent),
    }
}

async fn show(v: Visit) -> Result<Response, AppError> {
    let (tested, called) = found(&v).await?;
    let sum = |f: fn(&Tested) -> u32| tested.iter().map(f).sum::<u32>();
    let people = (sum(|t| t.reached), sum(|t| t.people));
    let channels = (sum(|t| t.ok), sum(|t| t.channels));
    let answered = (called.iter().map(|c| c.answered).sum(), called.iter().map(|c| c.all).sum());
    let shown = ReachPage {
        tabs: tabs(&v, "reach"),
        bodies: tested.into_iter().map(|t| body_line(&v, t)).collect(),
        posts: called.into_iter().map(|c| post_line(&v, c)).collect(),
        people,
        channels,
        answered,
        p: v.page(v.t("reach-title")),
    };
    v.html(&shown)
}

async fn csv(v: Visit) -> Result<Response, AppError> {
    let (tested, called) = found(&v).await?;
    let heads = [
        "roster-body",
        "roster-post",
        "reach-what",
        "callout-standing",
        "reach-day",
        "reach-good",
        "reach-of",
        "reach-who",
    ];
    let line = |cells: [String; 8]| cells.into_iter().map(Cell::from).collect::<Vec<_>>();
    let mut rows = Vec::new();
    for t in tested {
        let b = body_line(&v, t);
        let what = v.t("reach-channels");
        rows.push(line([
            b.name,
            String::new(),
            what,
            b.state,
            b.day,
            b.channels.0.to_string(),
            b.channels.1.to_string(),
            b.failing,
        ]));
    }
    for c in called {
        let c = post_line(&v, c);
        let (good, all) = (c.calls.0.to_string(), c.calls.1.to_string());
        rows.push(line([c.body, c.name, c.what, c.state, String::new(), good, all, c.silent]));
    }
    Ok(v.csv("reachability", &heads, &rows))
}

/// Whether people can be reached.
#[derive(Serialize, ToSchema)]
struct Reachability {
    /// The newest day's test of channels, by body.
    bodies: Vec<ReachBody>,
    /// Drills and test calls of the last 21 days, by post.
    posts: Vec<ReachPost>,
}

/// One body's channels.
#[derive(Serialize, ToSchema)]
struct ReachBody {
    body: String,
    name: String,
    day: String,
    /// People tested, and how many of them were reached by one channel at least.
    people: u32,
    reached: u32,
    /// Channels tested, and how many took the message.
    channels: u32,
    ok: u32,
    /// Not known yet.
    waits: u32,
    failing: Vec<ReachFailing>,
}

/// A channel that failed.
#[derive(Serialize, ToSchema)]
struct ReachFailing {
    person: String,
    /// Kind of channel; empty where somebody has no verified one.
    kind: String,
}

/// Calls at one post.
#[derive(Serialize, ToSchema)]
struct ReachPost {
    post: String,
    name: String,
    body_name: String,
    /// `drill`, `test-call`.
    about: &'static str,
    answered: u32,
    open: u32,
    all: u32,
    silent: Vec<String>,
}

/// Whether people can be reached: daily channel tests by body, drills and test calls by post
#[utoipa::path(get, path = "/api/v1/reachability", tag = "roster", responses((status = 200, body = Reachability)))]
async fn api(v: Visit) -> Result<Answer<Reachability>, AppError> {
    let (tested, called) = found(&v).await?;
    let failing = |f: tries::Failing| ReachFailing { person: f.person, kind: f.kind };
    let bodies = tested.into_iter().map(|t| ReachBody {
        body: t.body.to_string(),
        name: t.body_name,
        day: t.day,
        people: t.people,
        reached: t.reached,
        channels: t.channels,
        ok: t.ok,
        waits: t.waits,
        failing: t.failing.into_iter().map(failing).collect(),
    });
    let posts = called.into_iter().map(|c| ReachPost {
        post: c.post.to_string(),
        name: c.post_name,
        body_name: c.body_name,
        about: c.about.name(),
        answered: c.answered,
        open: c.open,
        all: c.all,
        silent: c.silent,
    });
    Ok(Answer(Reachability { bodies: bodies.collect(), posts: posts.collect() }))
}
