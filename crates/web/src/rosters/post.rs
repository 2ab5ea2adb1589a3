//! One post: what is published, by day, week or month; and the troubles of what is relied on.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    right::Right,
    roster::{
        Post, Presence, Shift,
        coverage::{self, Rest, Trouble},
        rules::Person,
    },
    time::{self, Window},
};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use store::{Sql, StoreError, register::require, rosters};

use super::{
    PostId,
    lanes::{self, Drawn, LaneRow},
    say,
};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/roster/posts/{id}", Access::Right(Right::See), get)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    /// The first day shown.
    from: String,
    /// 1, 7 or 31.
    days: String,
}

/// The head of every page of a post.
pub(super) struct Head {
    pub id: PostId,
    pub name: String,
    pub about: String,
    pub tabs: Vec<(String, String, bool, String)>,
    pub may_plan: bool,
    pub may_call: bool,
    pub covered: bool,
    pub closed: bool,
}

/// A post with what its pages say of it.
pub(super) struct Of {
    pub post: Post,
    pub head: Head,
}

/// Reads a post for one of its pages.
pub(super) async fn of(v: &Visit, sql: &mut Sql, id: PostId, on: &str) -> Result<Of, StoreError> {
    let shown = rosters::shown(sql, v.scope(), id).await?;
    let may_plan = !shown.closed && require(sql, v.scope(), Right::Prepare, shown.post.body).await.is_ok();
    let covered = shown.post.presence == Presence::Covered;
    let mut about = vec![shown.body_name.clone(), say::presence(v, shown.post.presence)];
    about.push(format!("{}: {}", v.t("roster-check-ins"), say::rule(v, shown.post.check_in)));
    if !shown.shared.is_empty() {
        let names: Vec<&str> = shown.shared.iter().map(|(_, name)| name.as_str()).collect();
        about.push(format!("{}: {}", v.t("roster-shared-with"), names.join(", ")));
    }
    let tab = |key: &str, end: &str, id_of: &str| {
        (format!("/roster/posts/{id}{end}"), v.t(id_of), key == on, String::new())
    };
    let mut tabs = vec![tab("roster", "", "roster-tab-roster")];
    if !covered {
        tabs.push(tab("plan", "/plan", "roster-tab-plan"));
        tabs.push(tab("changes", "/changes", "roster-tab-changes"));
    }
    tabs.push(tab("history", "/history", "roster-tab-history"));
    let head = Head {
        id,
        name: shown.post.name.clone(),
        about: about.join(" · "),
        tabs,
        may_plan,
        may_call: !shown.closed && v.user.may(Right::Answer),
        covered,
        closed: shown.closed,
    };
    Ok(Of { post: shown.post, head })
}

#[derive(Template)]
#[template(path = "rosters/post.html")]
struct PostPage {
    p: Page,
    head: Head,
    lanes: Vec<LaneRow>,
    troubles: Vec<(bool, String)>,
    views: Vec<(String, String, bool)>,
    prev: String,
    today: String,
    next: String,
    span: String,
    /// The first day shown.
    first: String,
    published: bool,
    /// Where a day opens.
    base: String,
}

async fn get(v: Visit, Path(id): Path<PostId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let of = of(&v, &mut sql, id, "roster").await?;
    let days: i64 = asked.days.parse().ok().filter(|n| [1, 7, 31].contains(n)).unwrap_or(31);
    let today = time::date(v.now);
    let first: Date = asked.from.parse().unwrap_or(today);
    let last = first.checked_add((days - 1).days()).map_err(|_| AppError::NotFound)?;
    let window = Window::days(first, last);
    let shifts = rosters::shifts(&mut sql, v.scope(), id, window).await?;
    let names = rosters::names(&mut sql, &people(&shifts)).await?;
    let known = if of.head.covered {
        hull(&shifts)
    } else {
        rosters::publications(&mut sql, v.scope(), id).await?.into_iter().map(|p| p.window).collect()
    };
    drop(sql);
    let troubles = relied_on(&of.post, &shifts, &known, window);
    let drawn = Drawn { shifts: &shifts, troubles: &troubles, names: &names, known: &known };
    let at = |first: Option<Date>, days: i64| {
        first.map(|day| format!("/roster/posts/{id}?from={day}&days={days}")).unwrap_or_default()
    };
    let view = |n: i64, text: &str| (at(Some(first), n), v.t(text), n == days);
    // Only what is still to come is somebody's trouble.
    let ahead: Vec<&Trouble> = troubles.iter().filter(|t| ends(t) > v.now).collect();
    v.html(&PostPage {
        p: v.page(of.head.name.clone()),
        lanes: lanes::rows(&v, &drawn, first, last),
        troubles: say::troubles(&v, &ahead, &names),
        views: vec![view(1, "roster-view-day"), view(7, "roster-view-week"), view(31, "roster-view-month")],
        prev: at(first.checked_sub(days.days()).ok(), days),
        today: at(Some(today), days),
        next: at(first.checked_add(days.days()).ok(), days),
        span: format!("{} – {}", first.strftime("%d/%m"), last.strftime("%d/%m/%Y")),
        first: first.to_string(),
        published: !known.is_empty(),
        base: format!("/roster/posts/{id}"),
        head: of.head,
    })
}

fn ends(trouble: &Trouble) -> jiff::Timestamp {
    match trouble {
        Trouble::Gap { span, .. }
        | Trouble::NoBackup { span }
        | Trouble::Double { span, .. }
        | Trouble::Overlong { span, .. } => span.to,
        Trouble::Unreachable { .. } => jiff::Timestamp::MAX,
    }
}

/// Everybody on these shifts, once.
pub(super) fn people(shifts: &[Shift]) -> Vec<Person> {
    let mut people: Vec<Person> = shifts.iter().map(|s| s.person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

fn hull(shifts: &[Shift]) -> Vec<Window> {
    let (from, to) = (shifts.iter().map(|s| s.from).min(), shifts.iter().map(|s| s.to).max());
    from.zip(to).map(|(from, to)| Window { from, to }).into_iter().collect()
}

/// What is missing from what is published: a roster that nobody relies on has no gaps yet.
fn relied_on(post: &Post, shifts: &[Shift], known: &[Window], window: Window) -> Vec<Trouble> {
    let covered = post.presence == Presence::Covered;
    let of = if covered { Post { needed: 1, backup: false, ..post.clone() } } else { post.clone() };
    let no_rest = Rest { run_hours_max: u16::MAX, rest_hours_min: 0 };
    let mut found = Vec::new();
    for piece in joined(known) {
        let cut = Window { from: piece.from.max(window.from), to: piece.to.min(window.to) };
        if cut.from < cut.to {
            found.extend(coverage::troubles(&of, shifts, cut, &[], &|_| u8::MAX, no_rest));
        }
    }
    // Gaps before what else is missing.
    found.sort_by_key(|t| !t.forbids());
    found
}

/// Windows that meet or overlap are one.
fn joined(windows: &[Window]) -> Vec<Window> {
    let mut sorted = windows.to_vec();
    sorted.sort_unstable_by_key(|w| w.from);
    let mut joined: Vec<Window> = Vec::new();
    for window in sorted {
        match joined.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            _ => joined.push(window),
        }
    }
    joined
}
