//! The page: a box, a time, what was found and when, what it is made of.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    event::Column,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use lake::search::{Ask, Cut, Found, Top};

use super::{
    ask::{Asked, SPANS, TOPS, bodies, href, written},
    said, search,
};
use crate::{
    Access, AppError, Page, Route, Visit, alerts,
    register::{Options, body_options},
};

/// Rows on a page.
const ROWS: usize = 100;
/// Bars of the histogram.
const BARS: usize = 60;
/// A row shows so many characters of the line.
const SHORT: usize = 240;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/logs", Access::Right(Right::Read), page)]
}

#[derive(Template)]
#[template(path = "logs/list.html")]
struct LogsPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    asked: Asked,
    /// From when and until when, where that is asked.
    ends: [String; 2],
    bodies: Options,
    spans: Options,
    wrong: String,
    wrong_time: bool,
    found: Option<Result_>,
    csv: String,
    ndjson: String,
    parquet: String,
    sql: String,
    hunt: String,
    may_save: bool,
}

struct Result_ {
    said: String,
    cut: bool,
    bars: Vec<Bar>,
    ends: [String; 2],
    rows: Vec<Row>,
    tops: Vec<TopView>,
    older: String,
}

struct Bar {
    href: String,
    x: usize,
    y: u64,
    height: u64,
    said: String,
}

struct TopView {
    name: &'static str,
    values: Vec<(String, u64, String, u64)>,
    more: String,
}

/// An event as a row.
pub(super) struct Row {
    pub href: String,
    pub at: String,
    pub iso: String,
    pub body: String,
    pub source: String,
    pub host: String,
    pub text: String,
    pub raw: String,
    pub columns: Vec<(String, String)>,
    pub fields: Vec<(String, String)>,
    pub on: bool,
}

/// Names by which rows are shown.
pub(super) struct Names {
    pub bodies: BTreeMap<Id<kind::Body>, String>,
    pub sources: BTreeMap<Id<kind::Source>, String>,
}

impl Names {
    pub fn row(&self, e: &Found) -> Row {
        let column = |c: Column| e.columns.iter().find(|(o, _)| *o == c).map(|(_, v)| v.clone());
        let text = column(Column::Message).filter(|m| !m.is_empty()).unwrap_or_else(|| e.raw.clone());
        Row {
            href: href(e.key),
            at: exact(e.time),
            iso: e.time.to_string(),
            body: self.bodies.get(&e.body).cloned().unwrap_or_default(),
            source: e.source.and_then(|s| self.sources.get(&s).cloned()).unwrap_or_default(),
            host: column(Column::Host).unwrap_or_default(),
            text: text.chars().take(SHORT).collect(),
            columns: e.columns.iter().map(|(c, v)| (c.name().to_owned(), v.clone())).collect(),
            fields: e.fields.clone(),
            raw: e.raw.clone(),
            on: false,
        }
    }
}

/// A moment to the second, as people here write it.
pub(super) fn exact(at: Timestamp) -> String {
    domain::time::moment(at)
}

async fn page(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let seen = bodies(&v, asked.under()).await?;
    let times = asked.times(v.now);
    let (mut wrong, mut found) = (String::new(), None);
    if let Ok(times) = times {
        let ask = asked.ask(times, seen.keys().copied().collect(), ROWS);
        let ask = ask.map(|ask| Ask { buckets: BARS, top: TOPS.to_vec(), count: true, ..ask });
        let answer = match ask {
            Ok(ask) => search(&v, ask).await?,
            Err(fault) => Err(fault),
        };
        match answer {
            Ok(answer) => {
                let sources = store::events::sources(&mut v.app.db.read().await?, v.scope()).await?;
                let names = Names { bodies: seen, sources };
                found = Some(result(&v, &asked, times, &names, answer));
            }
            Err(fault) => wrong = said(&v, &fault),
        }
    }
    let mut sql = v.app.db.read().await?;
    let bodies = body_options(&v, &mut sql, Right::Read, Some("roster-any-body")).await?;
    drop(sql);
    let own = !asked.from.is_empty() || !asked.to.is_empty();
    let mut spans: Options =
        SPANS.iter().map(|(n, _)| ((*n).to_owned(), v.t(&format!("logs-span-{n}")))).collect();
    if own {
        spans.insert(0, (String::new(), v.t("logs-span-own")));
    }
    v.html(&LogsPage {
        tabs: alerts::tabs(&v, "logs"),
        p: v.page(v.t("logs-title")),
        bodies,
        spans,
        wrong,
        wrong_time: times.is_err(),
        found,
        csv: asked.address("/logs.csv", &[]),
        ndjson: asked.address("/logs.ndjson", &[]),
        parquet: asked.address("/logs.parquet", &[]),
        sql: asked.address("/logs/sql", &[]),
        hunt: asked.address(
            "/hunts/new",
            &[
                ("body", String::new()),
                ("from", String::new()),
                ("to", String::new()),
                ("span", String::new()),
            ],
        ),
        may_save: v.user.may(Right::Answer),
        ends: asked.ends(),
        asked,
    })
}

fn result(
    v: &Visit,
    asked: &Asked,
    times: (Timestamp, Timestamp),
    names: &Names,
    answer: lake::search::Answer,
) -> Result_ {
    let cut = answer.cut == Some(Cut::Time);
    let id = if cut { "logs-found-cut" } else { "logs-found" };
    let figures = [("n", answer.total.into()), ("looked", answer.looked_at.into())];
    let most = answer.histogram.iter().max().copied().unwrap_or_default().max(1);
    let (from, to) = (times.0.as_microsecond(), times.1.as_microsecond());
    let step = |n: usize| {
        let n = i64::try_from(n).unwrap_or_default();
        let bars = i64::try_from(BARS).unwrap_or(1);
        Timestamp::from_microsecond(from + (to - from) / bars * n).unwrap_or(times.1)
    };
    let bars = answer.histogram.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| {
        let (from, to) = (step(at), step(at + 1));
        let height = (*n * 96 / most).max(2);
        let there = [("from", from.to_string()), ("to", to.to_string()), ("span", String::new())];
        Bar {
            href: asked.address("/logs", &there),
            x: at * 10,
            y: 100 - height,
            height,
            said: format!("{} – {}: {n}", exact(from), exact(to)),
        }
    });
    let older = answer.rows.get(ROWS - 1).map(|last| asked.address("/logs", &[("after", written(last.key))]));
    Result_ {
        said: v.words().with(id, figures),
        cut,
        bars: bars.collect(),
        ends: [exact(times.0), exact(times.1)],
        rows: answer.rows.iter().map(|e| names.row(e)).collect(),
        tops: answer.top.iter().filter(|t| !t.values.is_empty()).map(|t| top(v, asked, t)).collect(),
        older: older.unwrap_or_default(),
    }
}

fn top(v: &Visit, asked: &Asked, top: &Top) -> TopView {
    let most = top.values.first().map_or(1, |(_, n)| (*n).max(1));
    let narrowed = |value: &str| {
        let value = value.replace('"', "\\\"");
        let q = format!("{} {}:\"{value}\"", asked.q.trim(), top.column.name());
        asked.address("/logs", &[("q", q.trim().to_owned())])
    };
    let other = top.different.saturating_sub(top.values.len()) as u64;
    TopView {
        name: top.column.name(),
        values: top.values.iter().map(|(t, n)| (t.clone(), *n, narrowed(t), n * 100 / most)).collect(),
        more: if other > 0 {
            v.words().with("logs-more-values", [("n", other.into())])
        } else {
            String::new()
        },
    }
}
