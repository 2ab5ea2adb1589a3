//! What is known of flaws: the list, and one flaw with what every issuer says of it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{right::Right, weakness::Weakness};
use review::advisory::Statement;
use serde::Deserialize;
use store::{
    advisories::{self, Advised, Filter, PAGE_MAX},
    warnings,
};

use super::{say, tabs};
use crate::{Access, AppError, Page, Route, Visit};

/// Statements of one advisory that are shown; Microsoft's speak of a hundred products.
const STATEMENTS: usize = 60;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![Route::get("/review/advisories", see, list), Route::get("/review/flaws/{flaw}", see, show)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    severity: String,
    feed: String,
    exploited: String,
}

#[derive(Template)]
#[template(path = "review/advisories.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    q: String,
    severity: String,
    /// ` checked` or nothing.
    exploited: &'static str,
    severities: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    lead: String,
    more: bool,
}

struct Row {
    number: String,
    title: String,
    severity: (String, &'static str),
    published: String,
    feed: String,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let filter = Filter {
        text: Some(asked.q.clone()),
        severity: Some(asked.severity.clone()).filter(|s| !s.is_empty()),
        feed: asked.feed.parse().ok(),
        exploited: !asked.exploited.is_empty(),
    };
    let mut sql = v.app.db.read().await?;
    let found = advisories::list(&mut sql, v.scope(), &filter).await?;
    let n = advisories::count(&mut sql, v.scope(), &filter).await?;
    drop(sql);
    let (p, words) = (v.page(v.t("advisories-title")), v.words());
    let rows = found.into_iter().map(|a| Row {
        severity: say::severity(words, a.severity.as_deref()),
        published: a
            .published
            .as_deref()
            .and_then(|d| d.parse().ok())
            .map(|d| p.date(&d))
            .unwrap_or_default(),
        number: a.advisory.id,
        title: a.advisory.title,
        feed: if a.feed_name == "–" { p.t("feeds-own-name") } else { a.feed_name },
    });
    v.html(&ListPage {
        tabs: tabs(&v, "advisories"),
        rows: rows.collect(),
        lead: p.t1("advisories-lead", "n", n),
        more: n as usize > PAGE_MAX,
        severities: ["critical", "high", "medium", "low"]
            .map(|s| (s, say::severity(words, Some(s)).0))
            .into(),
        q: asked.q,
        severity: asked.severity,
        exploited: if filter.exploited { "checked" } else { "" },
        p,
    })
}

#[derive(Template)]
#[template(path = "review/flaw.html")]
struct FlawPage {
    p: Page,
    number: String,
    title: String,
    severity: (String, &'static str),
    exploited: bool,
    ransomware: bool,
    likely: String,
    /// Of a weakness: what it is, and what closes it.
    own: Option<say::Says>,
    parts: Vec<Part>,
    warnings: Vec<(String, String)>,
}

struct Part {
    number: String,
    feed: String,
    document: String,
    published: String,
    signed: bool,
    withdrawn: bool,
    rows: Vec<say::Says>,
    more: usize,
}

async fn show(v: Visit, Path(number): Path<String>) -> Result<Response, AppError> {
    let number = number.trim().to_uppercase();
    if number.is_empty() || number.len() > 100 || !number.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(AppError::NotFound);
    }
    let mut sql = v.app.db.read().await?;
    let found = advisories::by_number(&mut sql, v.scope(), &number).await?;
    let signal = advisories::signal(&mut sql, &number).await?;
    let named = warnings::naming(&mut sql, v.scope(), &number).await?;
    drop(sql);
    let weakness = Weakness::of_number(&number);
    if found.is_empty() && named.is_empty() && weakness.is_none() {
        return Err(AppError::NotFound);
    }
    let (p, words) = (v.page(number.clone()), v.words());
    let grade = ["critical", "high", "medium", "low"]
        .into_iter()
        .find(|g| found.iter().any(|a| a.severity.as_deref() == Some(g)));
    let title = found.iter().map(|a| a.advisory.title.trim()).find(|t| !t.is_empty()).unwrap_or_default();
    let rule = weakness.and_then(|kind| v.pack().weaknesses().rule(kind));
    let own = weakness.map(|kind| say::says(&p, &Statement::Weakness(kind)));
    v.html(&FlawPage {
        title: weakness.map_or_else(|| title.to_owned(), |kind| p.t(&format!("weakness-{kind}"))),
        severity: rule.map_or_else(|| say::severity(words, grade), |r| say::grade(words, r.severity)),
        own,
        exploited: signal.exploited,
        ransomware: signal.ransomware,
        likely: signal.likely.map(percent).unwrap_or_default(),
        parts: found.into_iter().map(|a| part(&p, a)).collect(),
        warnings: named.into_iter().map(|w| (w.id.to_string(), w.title)).collect(),
        number,
        p,
    })
}

/// `12,3` of 123,456 millionths.
fn percent(millionths: u32) -> String {
    format!("{},{}", millionths / 10_000, millionths % 10_000 / 1_000)
}

fn part(p: &Page, a: Advised) -> Part {
    let all = a.advisory.statements.len();
    Part {
        feed: if a.feed_name == "–" { p.t("feeds-own-name") } else { a.feed_name },
        published: a
            .published
            .as_deref()
            .and_then(|d| d.parse().ok())
            .map(|d| p.date(&d))
            .unwrap_or_default(),
        signed: a.signed == domain::feed::Signed::Good,
        withdrawn: a.advisory.withdrawn,
        rows: a.advisory.statements.iter().take(STATEMENTS).map(|s| say::says(p, s)).collect(),
        more: all.saturating_sub(STATEMENTS),
        number: a.advisory.id,
        document: a.advisory.document,
    }
}
