//! Posts: the list, the same as CSV, and the form.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    right::Right,
    roster::{CheckIn, Presence},
    text::fold,
    time::Window,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::{
    register::require,
    rosters::{self, NewPost, Shown},
};

use super::{Options, PostId, back, bodies_with, mine, plan, refusal, say, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);
const PREPARE: Access = Access::Right(Right::Prepare);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/posts", SEE, list),
        Route::get("/roster/posts.csv", SEE, csv),
        Route::get("/roster/posts/new", PREPARE, new_form),
        Route::post("/roster/posts/new", PREPARE, new),
        Route::get("/roster/posts/{id}/edit", PREPARE, edit_form),
        Route::post("/roster/posts/{id}/edit", PREPARE, edit),
        Route::post("/roster/posts/{id}/close", PREPARE, close),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    body: String,
    closed: String,
    /// The days looked at, as a form has them; empty: the order under way.
    from: String,
    to: String,
    /// Only where somebody is missing then.
    bad: String,
}

#[derive(Template)]
#[template(path = "rosters/posts.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    asked: Asked,
    bodies: Options,
    rows: Vec<Row>,
    csv: String,
    may_plan: bool,
    may_import: bool,
    filtered: bool,
    /// What can be looked at: address, name, whether it is.
    windows: Vec<(String, String, bool)>,
    /// Posts with enough people for every minute, of all that stand for themselves.
    whole: usize,
    all: usize,
    ahead: bool,
}

struct Row {
    id: PostId,
    name: String,
    body: String,
    shared: usize,
    presence: String,
    covered: String,
    needed: u8,
    backup: bool,
    rule: String,
    closed: bool,
    /// How it stands before the days looked at: class and words; none where there are none.
    ahead: (&'static str, String),
}

impl Row {
    fn short(&self) -> bool {
        matches!(self.ahead.0, "n" | "u")
    }
}

/// Posts, and the window they were looked at for with the others one may look at.
struct Found {
    rows: Vec<Row>,
    window: Option<Window>,
    windows: Vec<(String, Window)>,
}

async fn found(v: &Visit, asked: &Asked) -> Result<Found, AppError> {
    let mut sql = v.app.db.read().await?;
    let all = rosters::list(&mut sql, v.scope(), asked.body.parse().ok(), asked.closed == "1").await?;
    let windows = plan::campaigns(v, &mut sql).await?;
    let window =
        say::window(&asked.from, &asked.to).ok().or_else(|| windows.first().map(|(_, window)| *window));
    let ahead = match window {
        Some(window) => rosters::ahead(&mut sql, &all, window, v.now).await?,
        None => HashMap::new(),
    };
    drop(sql);
    let names: HashMap<PostId, &str> = all.iter().map(|s| (s.post.id, s.post.name.as_str())).collect();
    let named =
        |id: Option<PostId>| id.and_then(|id| names.get(&id)).map(ToString::to_string).unwrap_or_default();
    let stands = |id: PostId| match ahead.get(&id) {
        None => ("", String::new()),
        Some(a) if a.gaps.is_zero() => ("m", v.t("roster-ahead-whole")),
        Some(a) if !a.published => ("u", v.t("roster-ahead-none")),
        Some(a) => ("n", v.words().with("roster-ahead-short", [("long", say::length(v, a.gaps).into())])),
    };
    let wanted = fold(asked.q.trim());
    let rows = all.iter().filter(|s| fold(&format!("{} {}", s.post.name, s.body_name)).contains(&wanted));
    let mut rows: Vec<Row> = rows
        .map(|s| Row {
            ahead: stands(s.post.id),
            id: s.post.id,
            name: s.post.name.clone(),
            body: s.body_name.clone(),
            shared: s.shared.len(),
            presence: say::presence(v, s.post.presence),
            covered: named(s.post.covered_by),
            needed: s.post.needed,
            backup: s.post.backup,
            rule: say::rule(v, s.post.check_in),
            closed: s.closed,
        })
        .filter(|r| asked.bad != "1" || r.short())
        .collect();
    rows.sort_by_key(|r| !r.short());
    Ok(Found { rows, window, windows })
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let Found { rows, window, windows } = found(&v, &asked).await?;
    let mut sql = v.app.db.read().await?;
    let mut bodies = vec![(String::new(), v.t("roster-any-body"))];
    bodies.extend(bodies_with(&v, &mut sql, Right::See).await?);
    drop(sql);
    let mut query = form_urlencoded::Serializer::new(String::new());
    let all = [("q", &asked.q), ("body", &asked.body), ("closed", &asked.closed), ("bad", &asked.bad)];
    query.extend_pairs(all.into_iter().filter(|(_, value)| !value.is_empty()));
    let kept = query.finish();
    let days = |w: &Window| format!("{kept}&from={}&to={}", say::typed(w.from), say::typed(w.to));
    let csv = match &window {
        Some(w) => format!("/roster/posts.csv?{}", days(w)),
        None => format!("/roster/posts.csv?{kept}"),
    };
    let pill = |(name, w): &(String, Window)| {
        (format!("/roster/posts?{}", days(w)), name.clone(), Some(*w) == window)
    };
    v.html(&ListPage {
        p: v.page(v.t("roster-posts")),
        tabs: mine::tabs(&v, "posts", 0),
        filtered: !asked.q.is_empty() || !asked.body.is_empty() || !asked.bad.is_empty(),
        windows: windows.iter().map(pill).collect(),
        whole: rows.iter().filter(|r| r.ahead.0 == "m").count(),
        all: rows.iter().filter(|r| !r.ahead.0.is_empty()).count(),
        ahead: window.is_some(),
        bodies,
        rows,
        csv,
        may_plan: v.user.may(Right::Prepare),
        may_import: v.user.may(Right::Prepare),
        asked,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let heads = [
        "roster-post",
        "roster-body",
        "roster-presence",
        "roster-covered-by",
        "roster-needed",
        "roster-has-backup",
        "roster-check-ins",
        "roster-ahead",
    ];
    let rows: Vec<Vec<Cell>> = found(&v, &asked)
        .await?
        .rows
        .into_iter()
        .map(|r| {
            let backup = v.t(if r.backup { "roster-yes" } else { "roster-no" });
            let cells =
                [r.name, r.body, r.presence, r.covered, r.needed.to_string(), backup, r.rule, r.ahead.1];
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    Ok(v.csv("posts", &heads, &rows))
}

/// As typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    body: String,
    name: String,
    presence: String,
    covered_by: String,
    needed: String,
    backup: String,
    at_start: String,
    at_end: String,
    every: String,
    grace: String,
    shared: Vec<String>,
    version: String,
    #[serde(skip)]
    error: String,
}

#[derive(Template)]
#[template(path = "rosters/post_form.html")]
struct FormPage {
    p: Page,
    id: String,
    typed: Typed,
    bodies: Options,
    presences: Options,
    posts: Options,
    sharers: Vec<(String, String, bool)>,
}

impl Typed {
    fn of(found: &Shown) -> Self {
        let on = |yes: bool| if yes { "1".to_owned() } else { String::new() };
        let (post, rule) = (&found.post, found.post.check_in);
        Self {
            body: post.body.to_string(),
            name: post.name.clone(),
            presence: post.presence.name().to_owned(),
            covered_by: post.covered_by.map(|id| id.to_string()).unwrap_or_default(),
            needed: post.needed.to_string(),
            backup: on(post.backup),
            shared: found.shared.iter().map(|(id, _)| id.to_string()).collect(),
            version: found.version.to_string(),
            ..Self::rule(rule)
        }
    }
    fn rule(rule: CheckIn) -> Self {
        let on = |yes: bool| if yes { "1".to_owned() } else { String::new() };
        Self {
            at_start: on(rule.at_start),
            at_end: on(rule.at_end),
            every: rule.every_minutes.map(|m| m.to_string()).unwrap_or_default(),
            grace: rule.grace_minutes.to_string(),
            ..Self::default()
        }
    }
    /// The check-ins typed. `Err`: the id of a text.
    fn check_in(&self) -> Result<CheckIn, &'static str> {
        let minutes = |text: &str| text.trim().parse::<u16>().map_err(|_| "error-post-check-in");
        let every = if self.every.trim().is_empty() { None } else { Some(minutes(&self.every)?) };
        Ok(CheckIn {
            at_start: self.at_start == "1",
            at_end: self.at_end == "1",
            every_minutes: every,
            grace_minutes: minutes(&self.grace)?,
        })
    }
}

async fn new_form(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let rule = v.pack().duty_roster().map_or_else(CheckIn::default, |t| t.check_in);
    let body = if asked.body.is_empty() {
        v.user.body.map(|b| b.to_string()).unwrap_or_default()
    } else {
        asked.body
    };
    let (needed, presence) = ("1".to_owned(), Presence::OnSite.name().to_owned());
    show(&v, String::new(), Typed { body, needed, presence, ..Typed::rule(rule) }).await
}

async fn show(v: &Visit, id: String, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let bodies = bodies_with(v, &mut sql, Right::Prepare).await?;
    let seen = bodies_with(v, &mut sql, Right::See).await?;
    let known = rosters::list(&mut sql, v.scope(), None, false).await?;
    drop(sql);
    let mut posts = vec![(String::new(), v.t("roster-covered-by-none"))];
    let others = known.iter().filter(|s| s.post.presence != Presence::Covered && s.post.id.to_string() != id);
    posts.extend(others.map(|s| (s.post.id.to_string(), format!("{} — {}", s.post.name, s.body_name))));
    let sharers = seen
        .into_iter()
        .filter(|(body, _)| *body != typed.body)
        .map(|(body, name)| {
            let on = typed.shared.contains(&body);
            (body, name, on)
        })
        .collect();
    let bad = !typed.error.is_empty();
    let title = v.t(if id.is_empty() { "roster-post-new" } else { "roster-post-edit" });
    let page = FormPage {
        p: v.page(title),
        presences: Presence::ALL.iter().map(|x| (x.name().to_owned(), say::presence(v, *x))).collect(),
        id,
        typed,
        bodies,
        posts,
        sharers,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What was typed, ready for the store, handed to `act`. `Err`: what to say at the form.
macro_rules! entered {
    ($v:expr, $id:expr, $typed:expr, $tx:ident, $new:ident => $act:expr) => {{
        let shared: Vec<_> = $typed.shared.iter().filter_map(|b| b.parse().ok()).collect();
        let presence = Presence::parse(&$typed.presence).unwrap_or_default();
        // A post that is not covered forgets who covered it: the select stays on the page.
        let covered = if presence == Presence::Covered { $typed.covered_by.parse().ok() } else { None };
        let body = $typed.body.parse().map_err(|_| "error-post-body");
        match (body, $typed.check_in()) {
            (Ok(body), Ok(check_in)) => {
                let $new = NewPost {
                    id: $id,
                    body,
                    name: &$typed.name,
                    presence,
                    covered_by: covered,
                    needed: $typed.needed.trim().parse().unwrap_or(0),
                    backup: $typed.backup == "1",
                    check_in,
                    shared: &shared,
                };
                match write!($v, $tx => $act) {
                    Ok(()) => Ok(()),
                    Err(error) => Err(refusal(&$v, error)?),
                }
            }
            (Err(id), _) | (_, Err(id)) => Err($v.t(id)),
        }
    }};
}

async fn new(v: Visit, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    let id: PostId = v.id();
    match entered!(v, id, typed, tx, new => rosters::create(tx, v.scope(), &new).await) {
        Ok(()) => Ok(super::done(&v, "/roster/posts", "roster-post-made")),
        Err(why) => {
            typed.error = why;
            show(&v, String::new(), typed).await
        }
    }
}

async fn edit_form(v: Visit, Path(id): Path<PostId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = rosters::shown(&mut sql, v.scope(), id).await?;
    require(&mut sql, v.scope(), Right::Prepare, found.post.body).await?;
    drop(sql);
    if found.closed {
        return Err(AppError::NotFound);
    }
    show(&v, id.to_string(), Typed::of(&found)).await
}

async fn edit(v: Visit, Path(id): Path<PostId>, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let of = rosters::shown(&mut sql, v.scope(), id).await?;
    drop(sql);
    typed.body = of.post.body.to_string();
    let version = typed.version.parse().unwrap_or_default();
    match entered!(v, id, typed, tx, new => rosters::change(tx, v.scope(), &new, version).await) {
        Ok(()) => Ok(super::done(&v, "/roster/posts", "roster-post-changed")),
        Err(why) => {
            typed.error = why;
            show(&v, id.to_string(), typed).await
        }
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn close(v: Visit, Path(id): Path<PostId>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => rosters::close(tx, v.scope(), id).await);
    back(&v, "/roster/posts", done, "roster-post-closed")
}
