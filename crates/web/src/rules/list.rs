//! All rules: the gravest first, or those that find most.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Query, response::Response};
use detect::{
    Level,
    book::{Known, Origin},
};
use domain::{right::Right, text::fold};
use jiff::{SignedDuration, Timestamp};
use paper::sheet::Cell;
use serde::Deserialize;
use store::{
    alerts::{self, Yield},
    rules::{self, Off},
};

use super::{DAYS, Fault, State, book::All, fault, href, level_said, source_said};
use crate::{Access, AppError, Page, Route, Visit, alerts::tabs, board::number, register::Options};

/// Rules on a page.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![Route::get("/rules", read, list), Route::get("/rules.csv", read, csv)]
}

#[derive(Deserialize, Default, Clone, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Words of title, id, tags, author, log, file; all must be there.
    pub q: String,
    /// At least as grave: `informational`, `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// `folder`, `imported`, `own`.
    pub origin: String,
    /// `on`, `off`, `unused`.
    pub state: String,
    /// `-alerts`: those that found most of late first; otherwise the gravest.
    pub sort: String,
    /// From 1.
    pub page: usize,
}

/// A rule with what is known of it.
pub(super) struct Found<'a> {
    pub rule: &'a Known,
    pub off: Option<&'a Off>,
    pub state: State,
    pub found: Option<Yield>,
}

/// What each rule found of late.
pub(super) type Yields = HashMap<String, Yield>;

impl<'a> Found<'a> {
    pub(super) fn of(rule: &'a Known, all: &'a All, yields: &Yields) -> Self {
        let off = all.off(rule);
        let found = yields.get(rule.about.called()).copied();
        Found { rule, off, state: State::of(rule, off.is_some()), found }
    }
}

impl Asked {
    fn by_alerts(&self) -> bool {
        self.sort == "-alerts"
    }

    /// The rules that are meant, in their order.
    pub(super) fn of<'a>(&self, all: &'a All, yields: &Yields) -> Vec<Found<'a>> {
        let words: Vec<String> = self.q.split_whitespace().map(fold).collect();
        let (level, origin) = (Level::of(&self.level), Origin::of(&self.origin));
        let meant = |f: &Found<'_>| {
            level.is_none_or(|level| f.rule.about.level >= level)
                && origin.is_none_or(|origin| f.rule.sheet.origin == origin)
                && (self.state.is_empty() || f.state.word() == self.state)
                && (words.is_empty() || holds(f.rule, &words))
        };
        let each = all.listing.rules.iter().map(|rule| Found::of(rule, all, yields));
        let mut found: Vec<Found<'a>> = each.filter(meant).collect();
        if self.by_alerts() {
            found.sort_by_key(|f| std::cmp::Reverse(f.found.map_or(0, |y| y.alerts)));
        }
        found
    }

    fn query(&self, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let all = [
            ("q", &*self.q),
            ("level", &*self.level),
            ("origin", &*self.origin),
            ("state", &*self.state),
            ("sort", &*self.sort),
            ("page", &*page),
        ];
        let given = all.into_iter().filter(|(_, v)| !v.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }
}

fn holds(rule: &Known, words: &[String]) -> bool {
    let about = &rule.about;
    let parts = [
        &about.title,
        about.called(),
        &about.author,
        &about.tags.join(" "),
        &source_said(&rule.source),
        &rule.sheet.name,
    ];
    let text = fold(&parts.join(" "));
    words.iter().all(|word| text.contains(word))
}

#[derive(Template)]
#[template(path = "rules/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    asked: Asked,
    levels: Options,
    origins: Options,
    states: Options,
    sorts: Options,
    rows: Vec<Row>,
    unread: Vec<(String, Fault)>,
    said: String,
    rows_said: String,
    prev: String,
    next: String,
    csv: String,
    may_change: bool,
    again: String,
}

struct Row {
    href: String,
    title: String,
    source: String,
    level: (&'static str, String),
    state: (&'static str, String),
    origin: String,
    reason: String,
    alerts: u32,
    wrong: u32,
}

fn row(v: &Visit, f: &Found<'_>) -> Row {
    let about = &f.rule.about;
    let problem = f.rule.problem.as_ref().filter(|_| f.state == State::Unused);
    Row {
        href: href(about.called()),
        title: about.title.clone(),
        source: source_said(&f.rule.source),
        level: level_said(v, about.level),
        state: f.state.said(v),
        origin: v.t(&format!("rule-origin-{}", f.rule.sheet.origin.word())),
        reason: match (f.off, problem) {
            (Some(off), _) => off.reason.clone(),
            (None, Some(problem)) => super::problem_said(v, problem),
            (None, None) => String::new(),
        },
        alerts: f.found.map_or(0, |y| y.alerts),
        wrong: f.found.map_or(0, |y| y.wrong),
    }
}

/// Since when it is looked for what they found.
pub(super) fn since(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(24 * DAYS)
}

/// All rules, and what each found of late as far as the asker may read it.
pub(super) async fn known(v: &Visit) -> Result<(All, Yields), AppError> {
    let mut sql = v.app.db.read().await?;
    let all = v.app.rules.all(&mut sql, v.scope()).await?;
    let yields = alerts::by_rule(&mut sql, v.scope(), since(v.now)).await?;
    Ok((all, yields))
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (all, yields) = known(&v).await?;
    let may_change = rules::may_change(&mut v.app.db.read().await?, v.scope()).await?;
    let (found, p) = (asked.of(&all, &yields), v.page(v.t("rule-title")));
    let here = asked.page.max(1);
    let skip = (here - 1).saturating_mul(PAGE);
    let rows: Vec<Row> = found.iter().skip(skip).take(PAGE).map(|f| row(&v, f)).collect();
    let at = |page: usize| format!("/rules?{}", asked.query(page));
    let options = |first: &str, rest: &mut dyn Iterator<Item = (String, String)>| -> Options {
        std::iter::once((String::new(), v.t(first))).chain(rest).collect()
    };
    let level = |level: &Level| (level.word().to_owned(), level_said(&v, *level).1);
    let origin = |o: &Origin| (o.word().to_owned(), v.t(&format!("rule-origin-{}", o.word())));
    let state = |state: &State| (state.word().to_owned(), state.said(&v).1);
    let of = |n: usize| number(n as u64);
    let off = all.listing.rules.iter().filter(|rule| all.off(rule).is_some()).count();
    let rows_said =
        [("from", of((skip + 1).min(found.len()))), ("to", of(skip + rows.len())), ("all", of(found.len()))];
    v.html(&ListPage {
        tabs: tabs(&v, "rules"),
        levels: options("rule-any-level", &mut Level::ALL.iter().rev().map(level)),
        origins: options("rule-any-origin", &mut Origin::ALL.iter().map(origin)),
        states: options("rule-any-state", &mut State::ALL.iter().map(state)),
        sorts: vec![(String::new(), v.t("rule-sort-level")), ("-alerts".to_owned(), v.t("rule-sort-alerts"))],
        unread: all.listing.unread.iter().map(|s| (s.file.clone(), fault(&v, &s.problem))).collect(),
        said: v
            .words()
            .with("rules-list-sum", [("rules", of(all.listing.rules.len()).into()), ("off", of(off).into())]),
        rows_said: v
            .words()
            .with_texts("rule-rows", &rows_said.each_ref().map(|(name, n)| (*name, n.as_str()))),
        prev: if here > 1 { at(here - 1) } else { String::new() },
        next: if skip + rows.len() < found.len() { at(here + 1) } else { String::new() },
        csv: format!("/rules.csv?{}", asked.query(1)),
        again: v.uri.to_string(),
        rows,
        may_change,
        asked,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (all, yields) = known(&v).await?;
    let heads = [
        "rule-name",
        "rule-id",
        "rule-level",
        "rule-state",
        "rule-reason",
        "rule-source",
        "rule-status",
        "rule-tags",
        "rule-author",
        "rule-origin",
        "rule-file",
        "rule-alerts",
        "rule-wrong",
    ];
    let line = |f: &Found<'_>| -> Vec<Cell> {
        let (about, r) = (&f.rule.about, row(&v, f));
        let cells = [
            r.title,
            about.called().to_owned(),
            r.level.1,
            r.state.1,
            r.reason,
            r.source,
            about.status.clone(),
            about.tags.join(" "),
            about.author.clone(),
            r.origin,
            f.rule.sheet.name.clone(),
            r.alerts.to_string(),
            r.wrong.to_string(),
        ];
        cells.into_iter().map(Cell::from).collect()
    };
    let rows: Vec<Vec<Cell>> = asked.of(&all, &yields).iter().map(line).collect();
    Ok(v.csv("rules", &heads, &rows))
}
