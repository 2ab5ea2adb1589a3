//! The page of a board.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    board::{Board, Row},
    body::BodyKind,
    id::{Id, kind},
    order::CampaignState,
    time,
};
use store::{
    board::{self, Campaign, RollUp},
    counts,
};

use super::{
    ask::Ask,
    pages::{self, Pages},
    state::{self, Short},
    strip::{Strip, span, strip},
};
use crate::{AppError, Page, Visit};

/// Rows by assignment.
type RollUps = HashMap<Id<kind::Assignment>, RollUp>;

#[derive(Template)]
#[template(path = "board/board.html")]
struct BoardPage {
    p: Page,
    ask: Ask,
    wall: bool,
    /// Whether the queue of evidence may be opened.
    may_review: bool,
    days: String,
    after: i64,
    campaign: Campaign,
    choices: Vec<(String, String, bool)>,
    clock: Clock,
    strip: Strip,
    kinds: Vec<(String, String)>,
    states: Vec<(&'static str, String)>,
    duties: Vec<(String, String)>,
    legend: Vec<(&'static str, String)>,
    heads: Vec<Head>,
    name_sort: (&'static str, String),
    lines: Vec<Line>,
    said: String,
    pages: Option<Pages>,
}

/// The head of a column.
struct Head {
    code: String,
    label: String,
    /// `ascending`, `descending` or nothing.
    order: &'static str,
    href: String,
}

/// A row as it is written: a body, or what it passed on.
enum Line {
    Body { number: u32, name: String, kind: String, gap: String, cells: Vec<Option<(&'static str, String)>> },
    Sum { number: u32, href: String, label: String, cells: Vec<Option<(&'static str, String)>> },
}

/// What is left of the window.
struct Clock {
    label: String,
    iso: String,
    text: String,
    done: i64,
    all: i64,
}

#[derive(Template)]
#[template(path = "board/none.html")]
struct NonePage {
    p: Page,
    may_prepare: bool,
}

/// When there is no campaign to show.
pub(super) fn none(visit: &Visit) -> Result<Response, AppError> {
    let may_prepare = visit.user.may(domain::right::Right::Prepare);
    visit.html(&NonePage { p: visit.page(visit.t("board-title")), may_prepare })
}

pub(super) async fn board(
    visit: Visit,
    Path(campaign): Path<Id<kind::Campaign>>,
    Query(ask): Query<Ask>,
) -> Result<Response, AppError> {
    let scope = visit.scope();
    // Before the rows are read: what changes from here on the page hears of.
    let after = visit.app.db.last_change().await?;
    let mut sql = visit.app.db.read().await?;
    let campaign = board::campaign(&mut sql, scope, campaign).await?;
    let all = board::campaigns(&mut sql, scope).await?;
    let mut shown = board::load(&mut sql, scope, campaign.id, visit.now).await?;
    let strip = strip(&visit, &mut sql, scope, &campaign, &shown).await?;
    let filter = ask.filter(&mut sql, scope).await?;
    let duties = shown.codes.iter().map(|c| (c.clone(), format!("{c} · {}", short(&visit, c)))).collect();
    let kinds = kinds(&visit, &shown);
    let whole = shown.rows.len();
    let last = shown.rows.iter().map(|r| r.number).max().unwrap_or_default();
    shown.keep(&filter);
    shown.sort(&ask.order());
    let said = said(&visit, shown.rows.len(), whole);
    let pages = pages::cut(&visit, &ask, &mut shown, last);
    // Only of the rows that are written.
    let assignments: Vec<_> = shown.rows.iter().map(|r| r.assignment).collect();
    let rolled =
        board::rollups(&mut sql, scope, campaign.id, pages.is_some().then_some(&assignments[..])).await?;
    let bodies: Vec<_> = shown.rows.iter().map(|r| r.body).collect();
    let machines = counts::of(&mut sql, scope, visit.pack(), &bodies, time::date(visit.now)).await?;
    drop(sql);
    let page = BoardPage {
        p: visit.page(format!("{} · {}", visit.t("board-title"), campaign.name)),
        wall: ask.wall == "1",
        may_review: visit.user.may(domain::right::Right::Review),
        days: days(&campaign),
        after,
        choices: choices(&all, campaign.id),
        clock: clock(&visit, &campaign),
        strip,
        kinds,
        states: states(&visit),
        duties,
        legend: states(&visit),
        heads: heads(&visit, &shown, &ask),
        name_sort: name_sort(&ask),
        said,
        pages,
        lines: lines(&visit, shown, &rolled, &machines),
        campaign,
        ask,
    };
    visit.html(&page)
}

/// The duty's short name, or its code where it has left the catalogue.
pub(crate) fn short(visit: &Visit, code: &str) -> String {
    let english = visit.lang == crate::Lang::En;
    visit
        .pack()
        .duty(code)
        .map_or_else(|| code.to_owned(), |d| if english { d.short_en.clone() } else { d.short_vi.clone() })
}

pub(super) fn kind_word(visit: &Visit, kind: BodyKind) -> String {
    visit.t(&format!("board-kind-{}", kind.name()))
}

/// First and last day of the window.
fn days(campaign: &Campaign) -> String {
    let written = |day: jiff::civil::Date| day.strftime("%d/%m/%Y").to_string();
    let days = campaign.window.map(|w| (written(time::date(w.from)), written(time::last_day(w))));
    days.map(|(from, to)| format!("{from} – {to}")).unwrap_or_default()
}

fn choices(all: &[Campaign], shown: Id<kind::Campaign>) -> Vec<(String, String, bool)> {
    all.iter()
        .filter(|c| c.state != CampaignState::Cancelled || c.id == shown)
        .map(|c| (format!("/campaigns/{}/board", c.id), c.name.clone(), c.id == shown))
        .collect()
}

fn clock(visit: &Visit, campaign: &Campaign) -> Clock {
    let Some(w) = campaign.window else {
        let none = visit.t("board-no-window");
        return Clock { label: visit.t("board-window"), iso: String::new(), text: none, done: 0, all: 0 };
    };
    let days = |from: jiff::Timestamp, to: jiff::Timestamp| {
        (to.duration_since(from).as_secs().max(0) + 86_399) / 86_400
    };
    let (label, iso, text) = if visit.now < w.from {
        ("board-starts-in", w.from.to_string(), span(visit, visit.now, w.from))
    } else if visit.now < w.to {
        ("board-left", w.to.to_string(), span(visit, visit.now, w.to))
    } else {
        ("board-window", String::new(), visit.t("board-ended"))
    };
    let all = days(w.from, w.to);
    let done = if visit.now < w.from { 0 } else { days(w.from, visit.now).min(all) };
    Clock { label: visit.t(label), iso, text, done, all }
}

fn states(visit: &Visit) -> Vec<(&'static str, String)> {
    use domain::evidence::State::*;
    let order = [NotMet, Unknown, Partly, NotYetDue, Met, Excused, NotApplicable];
    order.map(|s| (state::letter(s), state::word(visit.words(), s))).into()
}

fn kinds(visit: &Visit, board: &Board) -> Vec<(String, String)> {
    BodyKind::ALL
        .iter()
        .filter(|k| board.rows.iter().any(|r| r.kind == **k))
        .map(|k| (k.name().to_owned(), kind_word(visit, *k)))
        .collect()
}

fn heads(visit: &Visit, board: &Board, ask: &Ask) -> Vec<Head> {
    board
        .codes
        .iter()
        .map(|code| {
            let back = format!("-{code}");
            let (order, next) = match &ask.sort {
                s if s == code => ("ascending", back.as_str()),
                s if *s == back => ("descending", ""),
                _ => ("", code.as_str()),
            };
            Head { code: code.clone(), label: short(visit, code), order, href: ask.with("sort", next) }
        })
        .collect()
}

fn name_sort(ask: &Ask) -> (&'static str, String) {
    match ask.sort.as_str() {
        "name" => ("ascending", ask.with("sort", "-name")),
        "-name" => ("descending", ask.with("sort", "")),
        _ => ("", ask.with("sort", "name")),
    }
}

fn said(visit: &Visit, shown: usize, whole: usize) -> String {
    let (shown, whole) = (shown as u64, whole as u64);
    visit.words().with("board-said", [("shown", shown.into()), ("all", whole.into())])
}

fn lines(visit: &Visit, board: Board, rolled: &RollUps, machines: &counts::Machines) -> Vec<Line> {
    let words = Short::new(visit.words());
    let mut kinds: HashMap<BodyKind, String> = HashMap::new();
    let mut lines = Vec::with_capacity(board.rows.len() + rolled.len());
    for row in board.rows {
        let sum = rolled.get(&row.assignment).map(|r| sum(visit, row.number, &board.codes, r));
        let kind = kinds.entry(row.kind).or_insert_with(|| kind_word(visit, row.kind)).clone();
        let gap = machines.get(&row.body).and_then(|m| crate::counts::gap(visit.words(), m));
        lines.push(body(row, kind, gap.map(|g| g.text).unwrap_or_default(), &words));
        lines.extend(sum);
    }
    lines
}

fn body(row: Row, kind: String, gap: String, words: &Short) -> Line {
    let cells = row.cells.iter().map(|c| c.map(|c| (state::letter(c.state), words.cell(&c)))).collect();
    Line::Body { number: row.number, name: row.name, kind, gap, cells }
}

/// *met/all* of everything below that counts, in the colour of the worst.
fn sum(visit: &Visit, number: u32, codes: &[String], rolled: &RollUp) -> Line {
    let cells = codes.iter().map(|code| sum_cell(rolled, code)).collect();
    Line::Sum {
        number,
        href: format!("/campaigns/{}/board", rolled.campaign),
        label: visit.words().with("board-below", [("n", rolled.bodies.into())]),
        cells,
    }
}

/// Letter and text of one duty over everything below; nothing where nothing counts.
pub(crate) fn sum_cell(rolled: &RollUp, code: &str) -> Option<(&'static str, String)> {
    let cell = rolled.cells.get(code).filter(|c| c.all > 0)?;
    Some((state::letter(cell.worst), format!("{}/{}", cell.met, cell.all)))
}
