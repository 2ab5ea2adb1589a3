//! All bodies beside their counts, and the same as CSV.

use askama::Template;
use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{right::Right, time};
use paper::sheet::{Cell, to_csv};
use serde::Deserialize;
use store::counts::{self, Filter, Gap};

use super::say;
use crate::{Access, AppError, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/register/counts", SEE, list), Route::get("/register/counts.csv", SEE, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    /// `more`, `none`, `stale`, or nothing for all.
    show: String,
    /// `name` or `gap`, with `-` for down.
    sort: String,
}

#[derive(Template)]
#[template(path = "counts/list.html")]
struct ListPage {
    p: Page,
    q: String,
    show: String,
    sort: String,
    query: String,
    csv: String,
    shows: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    short: usize,
    all: usize,
}

struct Row {
    id: String,
    name: String,
    registered: u32,
    all: u32,
    gap: bool,
    lines: Vec<say::Line>,
}

/// The bodies asked for, in the order asked for.
async fn found(v: &Visit, asked: &Asked) -> Result<Vec<Gap>, AppError> {
    let filter = Filter { text: Some(asked.q.clone()), under: None };
    let mut sql = v.app.db.read().await?;
    let mut gaps = counts::gaps(&mut sql, v.scope(), v.pack(), &filter, time::date(v.now)).await?;
    drop(sql);
    gaps.retain(|g| match asked.show.as_str() {
        "more" => g.machines.more().is_some(),
        "none" => g.machines.lines.is_empty(),
        "stale" => g.machines.stale(),
        _ => true,
    });
    let missing = |g: &Gap| g.machines.all().saturating_sub(g.machines.registered);
    match asked.sort.as_str() {
        "-name" => gaps.reverse(),
        "gap" => gaps.sort_by_key(missing),
        "name" => {}
        // What burns first.
        _ => gaps.sort_by_key(|g| std::cmp::Reverse(missing(g))),
    }
    Ok(gaps)
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let gaps = found(&v, &asked).await?;
    let p = v.page(v.t("counts-list-title"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([("q", &asked.q), ("show", &asked.show)].into_iter().filter(|(_, v)| !v.is_empty()));
    let query = query.finish();
    let rows: Vec<Row> = gaps
        .iter()
        .map(|g| Row {
            id: g.body.to_string(),
            name: g.name.clone(),
            registered: g.machines.registered,
            all: g.machines.all(),
            gap: g.machines.more().is_some(),
            lines: say::lines(&p, v.words(), &g.machines),
        })
        .collect();
    v.html(&ListPage {
        csv: format!("/register/counts.csv?{query}"),
        query: if query.is_empty() { query } else { format!("{query}&") },
        shows: ["", "more", "none", "stale"].map(|s| (s, v.t(&format!("counts-show-{}", or_all(s))))).into(),
        short: rows.iter().filter(|r| r.gap).count(),
        all: rows.len(),
        rows,
        q: asked.q,
        show: asked.show,
        sort: if asked.sort.is_empty() { "-gap".into() } else { asked.sort },
        p,
    })
}

fn or_all(show: &str) -> &str {
    if show.is_empty() { "all" } else { show }
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let gaps = found(&v, &asked).await?;
    let p = v.page(String::new());
    let heads = [
        "counts-body",
        "counts-registered",
        "counts-all",
        "counts-source",
        "counts-n",
        "counts-on",
        "counts-state",
    ]
    .map(|id| v.t(id));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for g in &gaps {
        let head = [g.name.clone(), g.machines.registered.to_string(), g.machines.all().to_string()];
        let lines = say::lines(&p, v.words(), &g.machines);
        if lines.is_empty() {
            rows.push(head.iter().map(|c| Cell::from(c.as_str())).collect());
        }
        for line in lines {
            let cells = head.iter().cloned().chain([line.source, line.n, line.on, line.word]);
            rows.push(cells.map(Cell::from).collect());
        }
    }
    let name = format!("attachment; filename=\"canh-counts-{}.csv\"", time::date(v.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&heads, &rows))
        .into_response())
}
