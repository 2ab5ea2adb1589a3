//! A round from above: one sum, late and missing bodies by name, every figure a way to its report, one level further
//! down where the order was passed on; the same as CSV.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    quick_reports::{Figure, Round},
    right::Right,
    text::fold,
};
use jiff::Timestamp;
use paper::sheet::{Cell, to_csv};
use serde::Deserialize;
use store::quick_reports::{self, Row, Sheet, Standing};

use super::{
    course, own_page,
    show::{When, chip, hour, label, when},
};
use crate::{Access, AppError, Page, Route, Visit, board::number};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/reports/quick/{campaign}", see, front),
        Route::get("/reports/quick/{campaign}/{round}", see, page),
        Route::get("/reports/quick/{campaign}/{round}/table.csv", see, csv),
    ]
}

/// What is asked of a sheet.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Part of a body's name.
    #[serde(default)]
    pub q: String,
    /// `missing`, `late`, `in-time`, `nil`, `happened`, `excused`; all without.
    #[serde(default)]
    pub s: String,
    /// `name` or `-name`; worst first without.
    #[serde(default)]
    pub sort: String,
    /// Which page of rows, or `all`; programs get all rows.
    #[serde(default)]
    #[param(ignore)]
    pub page: String,
}

impl Asked {
    /// The address of another page of the same rows.
    fn at(&self, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        let all = [("q", self.q.as_str()), ("s", &self.s), ("sort", &self.sort), ("page", page)];
        query.extend_pairs(all.into_iter().filter(|(_, v)| !v.is_empty()));
        query.finish()
    }
}

/// Rows on a page, as on the board.
const ROWS: usize = 100;
/// What the address says of a page with every row.
const ALL: &str = "all";
/// So many bodies are named at once; the others a click away.
const NAMED: usize = 40;

/// What stands on the page and the ways to the rest.
struct Pages {
    said: String,
    prev: String,
    next: String,
    /// The page with every row, or back from it.
    whole: String,
    all: bool,
}

/// Leaves the rows of the page asked for; `None` where a page holds them all.
fn cut(v: &Visit, asked: &Asked, rows: &mut Vec<Row>) -> Option<Pages> {
    let len = rows.len();
    if len <= ROWS {
        return None;
    }
    let all = asked.page == ALL;
    let page = asked.page.parse::<usize>().unwrap_or(1).clamp(1, len.div_ceil(ROWS));
    let (from, to) = if all { (0, len) } else { ((page - 1) * ROWS, (page * ROWS).min(len)) };
    rows.truncate(to);
    rows.drain(..from);
    let figure = |n: usize| number(n as u64).into();
    let values = [("from", figure(from + 1)), ("to", figure(to)), ("all", figure(len))];
    let at = |there: bool, page: usize| match (there, page) {
        (false, _) => String::new(),
        (true, 1) => asked.at(""),
        (true, page) => asked.at(&page.to_string()),
    };
    Some(Pages {
        said: v.words().with("board-rows", values),
        prev: at(from > 0, page.saturating_sub(1)),
        next: at(to < len, page + 1),
        whole: asked.at(if all { "" } else { ALL }),
        all,
    })
}

/// Bodies by name with where each opens: the first, and the rest behind a click.
struct Named {
    all: u32,
    first: Vec<(String, String)>,
    rest: Vec<(String, String)>,
}

impl Named {
    fn new(mut first: Vec<(String, String)>) -> Self {
        let all = u32::try_from(first.len()).unwrap_or(u32::MAX);
        let rest = if first.len() > NAMED { first.split_off(NAMED) } else { Vec::new() };
        Self { all, first, rest }
    }
}

/// Where a body's report stands, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Missing,
    Late,
    Waiting,
    InTime,
    NotOwed,
}

pub(super) fn place(row: &Row, round: &Round, now: Timestamp) -> Place {
    match (&row.report, row.standing) {
        (Some(r), _) if r.late => Place::Late,
        (Some(_), _) => Place::InTime,
        (None, Standing::Expected) if round.due <= now => Place::Missing,
        (None, Standing::Expected) => Place::Waiting,
        (None, _) => Place::NotOwed,
    }
}

/// A figure over the reports of a sheet; `None` where nobody stated it.
pub(super) fn total(rows: &[Row], figure: Figure) -> Option<u32> {
    rows.iter()
        .filter_map(|r| r.report.as_ref()?.content.total(figure))
        .fold(None, |sum: Option<u32>, n| Some(sum.unwrap_or(0).saturating_add(n)))
}

/// The rows asked for, in the order asked for.
pub(super) fn chosen(mut sheet: Sheet, asked: &Asked, now: Timestamp) -> Sheet {
    let (round, q) = (sheet.round, fold(&asked.q));
    let nil = |r: &Row| r.report.as_ref().is_some_and(|r| r.content.nil);
    sheet.rows.retain(|r| {
        let of = place(r, &round, now);
        let state = match asked.s.as_str() {
            "missing" => of == Place::Missing || of == Place::Waiting,
            "late" => of == Place::Late,
            "in-time" => of == Place::InTime,
            "nil" => nil(r),
            "happened" => r.report.is_some() && !nil(r),
            "excused" => of == Place::NotOwed,
            _ => true,
        };
        state && fold(&r.name).contains(&q)
    });
    match asked.sort.as_str() {
        "name" => {}
        "-name" => sheet.rows.reverse(),
        _ => sheet.rows.sort_by_key(|r| place(r, &round, now)),
    }
    sheet
}

/// A campaign's sheet opens at the round under way; before the first, at the first; without rounds, at the hours.
async fn front(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let course = course(&v, &mut sql, &campaign).await?;
    drop(sql);
    let to = match course.current(v.now).or(course.rounds.first().copied()) {
        Some(round) => format!("/reports/quick/{}/{}", course.campaign, round.key()),
        None => format!("/reports/quick/{}/hours", course.campaign),
    };
    Ok(Redirect::to(&to).into_response())
}

struct Line {
    href: String,
    name: String,
    class: &'static str,
    state: String,
    nil: bool,
    said: bool,
    incidents: String,
    alerts: String,
    duties: String,
    machines: String,
    lines: String,
    on_duty: String,
    by: String,
    at: Option<When>,
    chased: u32,
    below: String,
}

struct Voice {
    body: String,
    href: String,
    text: String,
    at: When,
}

#[derive(Template)]
#[template(path = "quick_reports/sheet.html")]
struct SheetPage {
    p: Page,
    tab: &'static str,
    order: String,
    campaign: String,
    issuer: String,
    round: String,
    since: String,
    due: When,
    here: String,
    asked: Asked,
    expected: u32,
    in_time: u32,
    late: Named,
    missing: Named,
    overdue: bool,
    nil: u32,
    totals: Vec<(String, String)>,
    lines: Vec<Line>,
    pages: Option<Pages>,
    /// This very page, for its live parts.
    again: String,
    rounds: Vec<(String, String, bool)>,
    prev: String,
    next: String,
    states: Vec<(&'static str, String)>,
    difficulties: Vec<Voice>,
    proposals: Vec<Voice>,
    /// The report of the body that issued, to which this sum goes.
    up: String,
    is_lines: bool,
}

async fn load(v: &Visit, campaign: &str, round: &str) -> Result<Sheet, AppError> {
    let mut sql = v.app.db.read().await?;
    let course = course(v, &mut sql, campaign).await?;
    let round = course.round_named(round)?;
    Ok(quick_reports::sheet(&mut sql, v.scope(), course, round).await?)
}

/// *n/m*, or nothing where it was not stated.
fn of(row: &Row, part: Figure) -> String {
    let total = |f: Figure| row.report.as_ref().and_then(|r| r.content.total(f));
    match (total(part), part.whole().and_then(total)) {
        (Some(n), Some(all)) => format!("{n}/{all}"),
        (Some(n), None) => n.to_string(),
        _ => String::new(),
    }
}

async fn page(
    v: Visit,
    Path((campaign, round)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let all = load(&v, &campaign, &round).await?;
    let p = v.page(v.words().with("quick-sheet-of", [("round", hour(all.round.at).into())]));
    let (now, round) = (v.now, all.round);
    let named = |at: Place| {
        let of = |r: &&Row| place(r, &round, now) == at;
        let link = |r: &Row| (own_page(r.assignment, &round.key()), r.name.clone());
        all.rows.iter().filter(of).map(link).collect::<Vec<_>>()
    };
    let count = |f: &dyn Fn(&&Row) -> bool| {
        u32::try_from(all.rows.iter().filter(|r| f(r)).count()).unwrap_or(u32::MAX)
    };
    let missing = Named::new([named(Place::Missing), named(Place::Waiting)].concat());
    let mut rows = chosen(all.clone(), &asked, now).rows;
    let pages = cut(&v, &asked, &mut rows);
    let figures = [
        Figure::Incidents,
        Figure::Alerts,
        Figure::DutiesMet,
        Figure::MachinesHandled,
        Figure::LinesUp,
        Figure::Outages,
    ];
    let totals = figures
        .into_iter()
        .filter_map(|f| {
            let n = total(&all.rows, f)?;
            let whole = f.whole().and_then(|w| total(&all.rows, w));
            Some((label(&p, f), whole.map_or_else(|| n.to_string(), |w| format!("{n}/{w}"))))
        })
        .collect();
    let voices = |words: fn(&Row) -> &str| {
        let said = |r: &&Row| !words(r).is_empty();
        let voice = |r: &Row| Voice {
            body: r.name.clone(),
            href: own_page(r.assignment, &round.key()),
            text: words(r).to_owned(),
            at: when(&p, r.report.as_ref().map_or(now, |r| r.content.at)),
        };
        all.rows.iter().filter(said).map(voice).collect::<Vec<_>>()
    };
    let course = &all.course;
    let address = |r: &Round| format!("/reports/quick/{}/{}", course.campaign, r.key());
    let at = course.rounds.iter().position(|r| r.at == round.at).unwrap_or(0);
    let states = ["", "missing", "late", "in-time", "nil", "happened", "excused"];
    let shown = SheetPage {
        tab: "quick",
        order: course.name.clone(),
        campaign: course.campaign.to_string(),
        issuer: course.issuer_name.clone(),
        round: hour(round.at),
        since: hour(round.since),
        due: when(&p, round.due),
        here: address(&round),
        expected: count(&|r| r.standing == Standing::Expected || r.report.is_some()),
        in_time: count(&|r| place(r, &round, now) == Place::InTime),
        late: Named::new(named(Place::Late)),
        overdue: round.due <= now,
        nil: count(&|r| r.report.as_ref().is_some_and(|r| r.content.nil)),
        missing,
        totals,
        rounds: course.rounds.iter().map(|r| (address(r), hour(r.at), r.at == round.at)).collect(),
        prev: at.checked_sub(1).and_then(|n| course.rounds.get(n)).map(address).unwrap_or_default(),
        next: course.rounds.get(at + 1).map(address).unwrap_or_default(),
        states: states.into_iter().map(|s| (s, state_word(&p, s))).collect(),
        difficulties: voices(|r| r.report.as_ref().map_or("", |r| &r.content.difficulties)),
        proposals: voices(|r| r.report.as_ref().map_or("", |r| &r.content.proposals)),
        up: course.parent.map(|a| own_page(a, &round.key())).unwrap_or_default(),
        is_lines: total(&all.rows, Figure::LinesAll).is_some(),
        lines: rows.iter().map(|r| line(&p, r, &round, now)).collect(),
        pages,
        again: format!("{}{}", address(&round), asked.at(&asked.page)),
        asked,
        p,
    };
    v.html(&shown)
}

fn state_word(p: &Page, s: &str) -> String {
    p.t(match s {
        "missing" => "quick-state-missing",
        "late" => "quick-state-late",
        "in-time" => "quick-state-in-time",
        "nil" => "quick-nil",
        "happened" => "quick-happened",
        "excused" => "quick-state-not-owed",
        _ => "quick-state-all",
    })
}

fn line(p: &Page, row: &Row, round: &Round, now: Timestamp) -> Line {
    let content = row.report.as_ref().map(|r| &r.content);
    let (class, state) = match (row.standing, content) {
        (Standing::Excused, None) => ("x", p.t("quick-state-excused")),
        (Standing::NotYetReceived, None) => ("a", p.t("quick-state-not-received")),
        _ => chip(p, round, row.report.as_ref(), now),
    };
    let names =
        content.map(|c| [c.on_duty.roster.as_slice(), c.on_duty.stated.as_slice()].concat().join(", "));
    Line {
        href: own_page(row.assignment, &round.key()),
        name: row.name.clone(),
        class,
        state,
        nil: content.is_some_and(|c| c.nil),
        said: content.is_some(),
        incidents: of(row, Figure::Incidents),
        alerts: of(row, Figure::Alerts),
        duties: of(row, Figure::DutiesMet),
        machines: of(row, Figure::MachinesHandled),
        lines: of(row, Figure::LinesUp),
        on_duty: names.unwrap_or_default(),
        by: content.map(|c| c.by_name.clone()).unwrap_or_default(),
        at: content.map(|c| when(p, c.at)),
        chased: row.chased,
        below: row.below.map(|c| format!("/reports/quick/{c}/{}", round.key())).unwrap_or_default(),
    }
}

async fn csv(
    v: Visit,
    Path((campaign, round)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let sheet = chosen(load(&v, &campaign, &round).await?, &asked, v.now);
    let p = v.page("");
    let mut header = vec![v.t("quick-body"), v.t("quick-state"), v.t("quick-nil")];
    header.extend(Figure::ALL.iter().map(|f| label(&p, *f)));
    for id in [
        "quick-on-duty",
        "quick-difficulties",
        "quick-proposals",
        "quick-by",
        "quick-at",
        "quick-version",
        "quick-reminders",
        "quick-digest",
    ] {
        header.push(v.t(id));
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = sheet
        .rows
        .iter()
        .map(|r| {
            let shown = line(&p, r, &sheet.round, v.now);
            let content = r.report.as_ref().map(|r| &r.content);
            let text = |t: Option<&String>| Cell::from(t.map_or("", String::as_str));
            let nil = if shown.nil { v.t("quick-yes") } else { String::new() };
            let mut cells = vec![Cell::from(shown.name), Cell::from(shown.state), Cell::from(nil)];
            for figure in Figure::ALL {
                cells.push(content.and_then(|c| c.total(*figure)).map_or_else(|| Cell::from(""), Cell::from));
            }
            cells.push(Cell::from(shown.on_duty));
            cells.push(text(content.map(|c| &c.difficulties)));
            cells.push(text(content.map(|c| &c.proposals)));
            cells.push(Cell::from(shown.by));
            cells.push(Cell::from(shown.at.map(|at| at.text).unwrap_or_default()));
            cells.push(content.map_or_else(|| Cell::from(""), |c| Cell::from(c.version)));
            cells.push(Cell::from(shown.chased));
            cells.push(text(r.report.as_ref().map(|r| &r.digest)));
            cells
        })
        .collect();
    let name = format!("attachment; filename=\"canh-quick-{}.csv\"", sheet.round.key());
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&header, &rows))
        .into_response())
}
