//! The list: what is being called, what one was called for, what was.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::right::Right;
use paper::sheet::Cell;
use serde::Deserialize;
use store::callouts::{self, Filter, Shown, Side};

use super::{CalloutId, say, tabs};
use crate::{Access, AppError, Page, Route, Visit, register::Options};

/// So many at once; of those that are not over, all that anybody could deal with.
const PAGE: u32 = 50;
const OPEN: u32 = 300;
/// So many in a file.
const FILE_MAX: u32 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    // Whoever was called may have no role anywhere: the query decides what they see.
    vec![
        Route::get("/roster/callouts", Access::SignedIn, list),
        Route::get("/roster/callouts.csv", Access::SignedIn, csv),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    side: String,
    body: String,
    before: String,
    after_id: String,
}

impl Asked {
    fn side(&self) -> Side {
        match self.side.as_str() {
            "mine" => Side::Mine,
            "all" => Side::All,
            _ => Side::Open,
        }
    }
    fn filter(&self) -> Filter {
        Filter { side: self.side(), body: self.body.parse().ok() }
    }
    fn before(&self) -> Option<(jiff::Timestamp, CalloutId)> {
        Some((self.before.parse().ok()?, self.after_id.parse().ok()?))
    }
}

#[derive(Template)]
#[template(path = "callouts/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    sides: Vec<(String, String, bool)>,
    asked: Asked,
    bodies: Options,
    rows: Vec<Row>,
    more: String,
    /// This list again.
    here: String,
    csv: String,
    may_plan: bool,
    may_call: bool,
}

/// A call-out as a row.
pub(super) struct Row {
    pub id: CalloutId,
    pub title: String,
    pub body: String,
    pub class: &'static str,
    pub standing: String,
    pub severity: String,
    pub at: String,
    pub at_iso: String,
    pub taken: String,
    pub may_take: bool,
    pub burning: bool,
    /// What more whoever called by hand said.
    pub detail: String,
}

pub(super) fn row(v: &Visit, p: &Page, s: &Shown) -> Row {
    let (class, standing) = say::standing(v, s.callout.state.standing);
    let open = s.callout.state.standing == domain::paging::Standing::Open;
    let taken = s.callout.taken.as_ref().zip(s.taker.as_ref());
    Row {
        id: s.callout.id,
        title: say::title(v, &s.callout),
        body: s.body_name.clone(),
        class,
        standing,
        severity: say::severity(v, s.callout.severity),
        at: p.time(&s.callout.at),
        at_iso: s.callout.at.to_string(),
        taken: taken.map(|(t, name)| format!("{name} · {}", p.time(&t.at))).unwrap_or_default(),
        may_take: s.may_answer && open,
        burning: open,
        detail: s.callout.words.get("detail").cloned().unwrap_or_default(),
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let most = if asked.side() == Side::Open { OPEN } else { PAGE };
    let found =
        callouts::list(&mut sql, v.scope(), v.user.person, asked.filter(), asked.before(), most + 1).await?;
    let bodies = crate::register::body_options(&v, &mut sql, Right::See, Some("roster-any-body")).await?;
    drop(sql);
    let p = v.page(v.t("callout-title"));
    let page = usize::try_from(most).unwrap_or(usize::MAX);
    let query = |side: &str, more: &[(&str, String)]| {
        let mut q = form_urlencoded::Serializer::new(String::new());
        q.extend_pairs(
            [("side", side), ("body", asked.body.as_str())].into_iter().filter(|(_, v)| !v.is_empty()),
        );
        q.extend_pairs(more);
        q.finish()
    };
    let more = match found.get(page).and(found.get(page.saturating_sub(1))) {
        Some(last) if asked.side() != Side::Open => {
            let at = [("before", last.callout.at.to_string()), ("after_id", last.callout.id.to_string())];
            format!("/roster/callouts?{}", query(&asked.side, &at))
        }
        Some(_) => format!("/roster/callouts?{}", query("all", &[])),
        None => String::new(),
    };
    let sides = [
        ("", Side::Open, "callout-side-open"),
        ("mine", Side::Mine, "callout-side-mine"),
        ("all", Side::All, "callout-side-all"),
    ];
    let shown = ListPage {
        tabs: tabs(&v, "callouts"),
        sides: sides
            .iter()
            .map(|(word, side, id)| {
                (format!("/roster/callouts?{}", query(word, &[])), v.t(id), *side == asked.side())
            })
            .collect(),
        rows: found.iter().take(page).map(|s| row(&v, &p, s)).collect(),
        more,
        here: match asked.before() {
            Some((at, id)) => {
                let more = [("before", at.to_string()), ("after_id", id.to_string())];
                format!("/roster/callouts?{}", query(&asked.side, &more))
            }
            None => format!("/roster/callouts?{}", query(&asked.side, &[])),
        },
        csv: format!("/roster/callouts.csv?{}", query(&asked.side, &[])),
        may_plan: v.user.may(Right::See),
        may_call: v.user.may(Right::Answer),
        bodies,
        asked: asked.clone(),
        p,
    };
    v.html(&shown)
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = callouts::list(&mut sql, v.scope(), v.user.person, asked.filter(), None, FILE_MAX).await?;
    drop(sql);
    let p = v.page(String::new());
    let heads = [
        "callout-what",
        "roster-body",
        "callout-standing",
        "callout-severity",
        "callout-since",
        "callout-taken",
    ];
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .map(|s| row(&v, &p, s))
        .map(|r| {
            [r.title, r.body, r.standing, r.severity, r.at, r.taken].into_iter().map(Cell::from).collect()
        })
        .collect();
    Ok(v.csv("callouts", &heads, &rows))
}
