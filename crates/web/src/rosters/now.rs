//! *Ai đang trực*: who is awake at each post, who is silent, where nobody is; and the same as a card for the wall.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{person::ChannelKind, right::Right, roster::Line, text::fold};
use serde::Deserialize;
use store::rosters::{self, Awake, OnDuty, Way};

use super::{PostId, back, mine, place, say, tools, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster", SEE, now),
        Route::get("/roster/card", SEE, card),
        Route::post("/roster/posts/{id}/check-in", Access::Right(Right::Answer), check_in),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    body: String,
    /// Only where nobody is awake, or somebody is silent.
    bad: String,
}

#[derive(Template)]
#[template(path = "rosters/now.html")]
struct NowPage {
    p: Page,
    asked: Asked,
    bad: bool,
    rows: Vec<Row>,
    posts: usize,
    held: usize,
    short: usize,
    silent: usize,
    any: bool,
    may_answer: bool,
    at: String,
    tabs: Vec<(String, String, bool, String)>,
}

#[derive(Template)]
#[template(path = "rosters/card.html")]
struct CardPage {
    p: Page,
    rows: Vec<Row>,
    at: String,
}

/// A post as it is now.
pub(super) struct Row {
    pub id: PostId,
    pub name: String,
    pub body: String,
    pub presence: String,
    pub covered: bool,
    pub people: Vec<Who>,
    pub held: bool,
    pub silent: bool,
}

/// Somebody on duty.
pub(super) struct Who {
    pub name: String,
    pub line: String,
    pub backup: bool,
    pub since: String,
    pub until: String,
    /// The last check-in, for machines and for people; empty for none.
    pub seen_iso: String,
    pub seen: String,
    pub silent: bool,
    /// What to call, as people read it, and for `tel:`.
    pub phone: Option<(String, String)>,
    pub mail: Option<String>,
}

fn who(v: &Visit, on: OnDuty) -> Who {
    let of = |kind| on.channels.iter().find(|(k, _)| *k == kind).map(|(_, address)| address.clone());
    let dialled =
        |text: &String| text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
    Who {
        line: say::line(v, on.line),
        backup: on.line == Line::Backup,
        since: say::moment(on.since),
        until: say::moment(on.until),
        seen_iso: on.checked_in.map(|t| t.to_string()).unwrap_or_default(),
        seen: on.checked_in.map(say::moment).unwrap_or_default(),
        silent: on.silent,
        phone: of(ChannelKind::Phone).map(|text| (text.clone(), dialled(&text))),
        mail: of(ChannelKind::Email),
        name: on.name,
    }
}

fn row(v: &Visit, of: Awake) -> Row {
    Row {
        id: of.post.id,
        held: of.is_held(),
        silent: of.is_silent(),
        presence: say::presence(v, of.post.presence),
        covered: of.post.covered_by.is_some(),
        people: of.people.into_iter().map(|on| who(v, on)).collect(),
        name: of.post.name,
        body: of.body_name,
    }
}

/// Gaps first, then the silent, then the others as they come.
fn order(row: &Row) -> u8 {
    match (row.held, row.silent) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    }
}

async fn rows(v: &Visit, asked: &Asked) -> Result<Vec<Row>, AppError> {
    let body = asked.body.parse().ok();
    let mut sql = v.app.db.read().await?;
    let found = rosters::awake(&mut sql, v.scope(), body, v.now).await?;
    drop(sql);
    let mut rows: Vec<Row> = found.into_iter().map(|a| row(v, a)).collect();
    rows.sort_by_key(order);
    Ok(rows)
}

async fn now(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let all = rows(&v, &asked).await?;
    let count = |test: fn(&Row) -> bool| all.iter().filter(|r| test(r)).count();
    let (posts, held) = (all.len(), count(|r| r.held));
    let (short, silent) = (posts - held, count(|r| r.held && r.silent));
    let (wanted, bad) = (fold(asked.q.trim()), asked.bad == "1");
    let matches = |r: &Row| {
        let text = format!("{} {} {}", r.name, r.body, names(r));
        (wanted.is_empty() || fold(&text).contains(&wanted)) && (!bad || order(r) < 2)
    };
    let any = !all.is_empty();
    let rows = all.into_iter().filter(matches).collect();
    let p = v.page(v.t("roster-now"));
    let at = p.time(&v.now);
    v.html(&NowPage {
        may_answer: v.user.may(Right::Answer),
        p,
        asked,
        bad,
        rows,
        posts,
        held,
        short,
        silent,
        any,
        at,
        tabs: mine::tabs(&v, "now", 0),
    })
}

fn names(row: &Row) -> String {
    row.people.iter().map(|w| w.name.as_str()).collect::<Vec<_>>().join(" ")
}

async fn card(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let rows = rows(&v, &asked).await?;
    let p = v.page(v.t("roster-card"));
    let at = p.time(&v.now);
    v.html(&CardPage { p, rows, at })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    note: String,
    from: String,
}

/// Checks in for whoever is on duty; for anybody else who may, takes a silent watch over.
async fn check_in(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => rosters::check_in(tx, v.scope(), &tools, id, Way::Page, &typed.note).await);
    let ok = match &done {
        Ok(done) if !done.took_over.is_empty() => "roster-taken-over",
        _ => "roster-checked-in",
    };
    back(&v, &place(&typed.from, "/roster/mine"), done.map(|_| ()), ok)
}
