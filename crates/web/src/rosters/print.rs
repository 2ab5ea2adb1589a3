//! A post's roster on paper and as a table: what is published, turn by turn.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    person::Lang,
    register::{self as tables, SHIFT_COLUMNS},
    right::Right,
    roster::{Line, Shift},
    time::{self, Window},
};
use jiff::ToSpan;
use serde::Deserialize;
use store::{register::export, rosters};

use super::{PostId, lanes, post::people, say};
use crate::{Access, AppError, Page, Route, Visit, register::table_file};

const SEE: Access = Access::Right(Right::See);
/// Without dates a month is printed.
const DAYS: i64 = 31;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/posts/{id}/print", SEE, print),
        Route::get("/roster/posts/{id}/table", SEE, table),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    /// First and last day.
    from: String,
    to: String,
    /// `csv` or `xlsx`.
    format: String,
}

impl Asked {
    fn window(&self, v: &Visit) -> Window {
        let first = self.from.parse().unwrap_or_else(|_| time::date(v.now));
        let month = first.checked_add((DAYS - 1).days()).unwrap_or(first);
        let last = self.to.parse().unwrap_or(month).max(first);
        let most = first.checked_add((lanes::DAYS_MAX - 1).days()).unwrap_or(first);
        Window::days(first, last.min(most))
    }
}

#[derive(Template)]
#[template(path = "rosters/print.html")]
struct PrintPage {
    p: Page,
    id: PostId,
    name: String,
    body: String,
    presence: String,
    rule: String,
    from: String,
    to: String,
    span: String,
    days: Vec<PrintDay>,
    /// By whom and when what is shown was published last.
    published: Option<(String, String)>,
}

struct PrintDay {
    day: String,
    off: bool,
    turns: Vec<PrintTurn>,
}

struct PrintTurn {
    span: String,
    first: String,
    backup: String,
}

async fn print(v: Visit, Path(id): Path<PostId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let window = asked.window(&v);
    let mut sql = v.app.db.read().await?;
    let of = rosters::shown(&mut sql, v.scope(), id).await?;
    let shifts = rosters::shifts(&mut sql, v.scope(), id, window).await?;
    let names = rosters::names(&mut sql, &people(&shifts)).await?;
    let last = rosters::publications(&mut sql, v.scope(), id).await?.into_iter().next();
    drop(sql);
    let name = |s: &Shift| names.get(&s.person).cloned().unwrap_or_default();
    let (first_day, last_day) = (time::date(window.from), time::last_day(window));
    let mut days = Vec::new();
    let mut day = first_day;
    while day <= last_day {
        let first = || shifts.iter().filter(|s| s.line == Line::Primary);
        let mut turns = spans(first().filter(|s| time::date(s.from.max(window.from)) == day));
        // A turn of a week stands on each of its days: on paper an empty one would say that nobody watches.
        if turns.is_empty() {
            let whole = Window::days(day, day);
            turns = spans(first().filter(|s| s.from < whole.to && whole.from < s.to));
        }
        let turns = turns
            .into_iter()
            .map(|(span, first)| {
                let behind = shifts
                    .iter()
                    .filter(|s| s.line == Line::Backup && s.from < span.to && span.from < s.to)
                    .map(name);
                PrintTurn {
                    span: say::span(span),
                    first: first.into_iter().map(name).collect::<Vec<_>>().join(", "),
                    backup: once(behind).join(", "),
                }
            })
            .collect();
        days.push(PrintDay { day: lanes::weekday(&v, day), off: !v.pack().is_worked(day), turns });
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    let p = v.page(v.t("roster-print"));
    let published = last.map(|l| (p.time(&l.at), l.by.unwrap_or_default()));
    v.html(&PrintPage {
        id,
        name: of.post.name,
        body: of.body_name,
        presence: say::presence(&v, of.post.presence),
        rule: say::rule(&v, of.post.check_in),
        from: first_day.to_string(),
        to: last_day.to_string(),
        span: format!("{} – {}", first_day.strftime("%d/%m/%Y"), last_day.strftime("%d/%m/%Y")),
        days,
        published,
        p,
    })
}

/// Turns that begin and end together are one line of the table.
fn spans<'a>(shifts: impl Iterator<Item = &'a Shift>) -> Vec<(Window, Vec<&'a Shift>)> {
    let mut found: Vec<(Window, Vec<&Shift>)> = Vec::new();
    for shift in shifts {
        let span = Window { from: shift.from, to: shift.to };
        match found.iter_mut().find(|(known, _)| *known == span) {
            Some((_, with)) => with.push(shift),
            None => found.push((span, vec![shift])),
        }
    }
    found
}

/// Each name once, in the order of time.
fn once(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The same as a file, in the columns that an import reads.
async fn table(v: Visit, Path(id): Path<PostId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let window = asked.window(&v);
    let mut sql = v.app.db.read().await?;
    let of = rosters::shown(&mut sql, v.scope(), id).await?.post;
    let rows = export::shifts(&mut sql, v.scope(), of.body, Some(id), window).await?;
    drop(sql);
    let lang = if v.lang == crate::Lang::En { Lang::En } else { Lang::Vi };
    let rows = rows.iter().map(|r| tables::shift_cells(r, lang)).collect();
    table_file(SHIFT_COLUMNS, "shifts", rows, lang, &asked.format)
}
