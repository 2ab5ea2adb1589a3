//! Whether people can be reached: the last day's test, up to whoever gave the order and down to every post, by body and by
//! post; drills and test calls of every post.

use crate::route::operation as route;
use askama::Template;
use axum::{Json as Answer, response::Response};
use domain::{paging::About, right::Right};
use jiff::SignedDuration;
use paper::sheet::Cell;
use serde::Serialize;
use store::tries::{self, AtPost, Called, Tested};
use utoipa::ToSchema;

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
    /// Bodies of whose givers of orders somebody was reached, of those with any.
    up: (usize, usize),
    duty: Vec<DutyLine>,
    /// Posts at which everybody on duty was reached, of all.
    down: (usize, usize),
    day: String,
}

/// A post on the newest day.
struct DutyLine {
    id: PostId,
    name: String,
    body: String,
    class: &'static str,
    state: String,
    people: (u32, u32),
}

struct BodyLine {
    name: String,
    class: &'static str,
    state: String,
    day: String,
    people: (u32, u32),
    channels: (u32, u32),
    up: (u32, u32),
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

struct Found {
    tested: Vec<Tested>,
    /// Of that day.
    day: String,
    duty: Vec<AtPost>,
    called: Vec<Called>,
}

async fn found(v: &Visit) -> Result<Found, AppError> {
    let mut sql = v.app.db.read().await?;
    let tested = tries::tested(&mut sql, v.scope()).await?;
    let since = v.now.checked_sub(BEHIND).unwrap_or(v.now);
    let (day, duty) = tries::at_posts(&mut sql, v.scope()).await?.unwrap_or_default();
    Ok(Found { tested, day, duty, called: tries::called(&mut sql, v.scope(), since).await? })
}

fn said_day(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), |d: jiff::civil::Date| d.strftime("%d/%m/%Y").to_string())
}

fn duty_line(v: &Visit, a: AtPost) -> DutyLine {
    let (class, state) = match (a.people, a.reached >= a.people, a.waits > 0) {
        (0, ..) => ("u", "reach-nobody"),
        (_, true, _) => ("m", "reach-all"),
        (_, _, true) => ("w", "reach-waits"),
        _ => ("n", "reach-not-all"),
    };
    DutyLine {
        id: a.post,
        name: a.post_name,
        body: a.body_name,
        class,
        state: v.t(state),
        people: (a.reached, a.people),
    }
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
    let cut_off = t.up.1 > 0 && t.up.0 == 0;
    let (class, state) = match (t.waits > 0, t.reached >= t.people, t.failing.is_empty()) {
        (true, ..) => ("w", "reach-waits"),
        (_, false, _) => ("n", "reach-not-all"),
        _ if cut_off => ("n", "reach-cut-off"),
        (_, _, false) => ("p", "reach-some-failed"),
        _ => ("m", "reach-all"),
    };
    let day = said_day(&t.day);
    let failing = t.failing.into_iter().map(|f| format!("{} ({})", f.person, channel(v, &f.kind))).collect();
    BodyLine {
        name: t.body_name,
        class,
        state: v.t(state),
        day,
        people: (t.reached, t.people),
        channels: (t.ok, t.channels),
        up: t.up,
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
    let Found { tested, day, duty, called } = found(&v).await?;
    let sum = |f: fn(&Tested) -> u32| tested.iter().map(f).sum::<u32>();
    let people = (sum(|t| t.reached), sum(|t| t.people));
    let channels = (sum(|t| t.ok), sum(|t| t.channels));
    let answered = (called.iter().map(|c| c.answered).sum(), called.iter().map(|c| c.all).sum());
    let below = |t: &&Tested| t.up.1 > 0;
    let shown = ReachPage {
        up: (tested.iter().filter(|t| t.up.0 > 0).count(), tested.iter().filter(below).count()),
        down: (duty.iter().filter(|a| a.people > 0 && a.reached == a.people).count(), duty.len()),
        duty: duty.into_iter().map(|a| duty_line(&v, a)).collect(),
        day: said_day(&day),
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
    let Found { tested, day, duty, called } = found(&v).await?;
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
    for a in duty {
        let a = duty_line(&v, a);
        let (good, all) = (a.people.0.to_string(), a.people.1.to_string());
        let what = v.t("reach-down");
        rows.push(line([a.body, a.name, what, a.state, said_day(&day), good, all, String::new()]));
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
    /// The same, down to everybody on duty that day, by post.
    duty: Vec<ReachDuty>,
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
    /// Contacts of whoever gave the body its order, and how many of them were reached.
    superiors: u32,
    superiors_reached: u32,
    failing: Vec<ReachFailing>,
}

/// Those on duty at one post on the newest day.
#[derive(Serialize, ToSchema)]
struct ReachDuty {
    post: String,
    name: String,
    body_name: String,
    day: String,
    /// Nobody: there was nobody to try.
    people: u32,
    reached: u32,
    waits: u32,
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
    let Found { tested, day, duty, called } = found(&v).await?;
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
        superiors: t.up.1,
        superiors_reached: t.up.0,
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
    let duty = duty.into_iter().map(|a| ReachDuty {
        post: a.post.to_string(),
        name: a.post_name,
        body_name: a.body_name,
        day: day.clone(),
        people: a.people,
        reached: a.reached,
        waits: a.waits,
    });
    Ok(Answer(Reachability { bodies: bodies.collect(), duty: duty.collect(), posts: posts.collect() }))
}
