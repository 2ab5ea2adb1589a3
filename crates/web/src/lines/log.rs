//! The log of outages of all lines one sees, and the same as CSV.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::right::Right;
use paper::sheet::Cell;
use serde::Deserialize;
use store::{
    board,
    lines::{self, LOG_MAX, Logged},
};

use super::{page, say, window};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![Route::get("/lines/outages", see, list), Route::get("/lines/outages.csv", see, csv)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    /// `open`, or nothing for all.
    state: String,
    /// Through the window of that campaign; else of the one that runs.
    campaign: String,
}

struct Row {
    href: String,
    line: String,
    body: String,
    served: String,
    from: String,
    to: String,
    minutes: u32,
    lasting: String,
    cause: String,
    effect: String,
}

#[derive(Template)]
#[template(path = "lines/log.html")]
struct LogPage {
    p: Page,
    q: String,
    state: String,
    campaign: String,
    csv: String,
    over: String,
    rows: Vec<Row>,
    full: bool,
}

async fn found(v: &Visit, asked: &Asked) -> Result<(String, Vec<Logged>), AppError> {
    let mut sql = v.app.db.read().await?;
    let (campaign, window) = match asked.campaign.as_str() {
        "" => window(v, &mut sql).await?,
        id => {
            let of =
                board::campaign(&mut sql, v.scope(), id.parse().map_err(|_| AppError::NotFound)?).await?;
            (Some(of.name), of.window.ok_or(AppError::NotFound)?)
        }
    };
    let log = lines::log(&mut sql, v.scope(), window, &asked.q, asked.state == "open").await?;
    let name = campaign.unwrap_or_else(|| v.t("lines-week"));
    Ok((format!("{name}: {} – {}", say::short(window.from), say::short(window.to)), log))
}

fn row(v: &Visit, p: &Page, o: &Logged) -> Row {
    let minutes = say::between(o.from, o.to.unwrap_or(v.now));
    Row {
        href: page(o.line),
        line: o.line_name.clone(),
        body: o.body_name.clone(),
        served: o.served_name.clone().unwrap_or_default(),
        from: p.time(&o.from),
        to: o.to.map(|to| p.time(&to)).unwrap_or_default(),
        minutes,
        lasting: say::lasting(v, minutes),
        cause: o.cause.clone(),
        effect: o.effect.clone(),
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (over, log) = found(&v, &asked).await?;
    let p = v.page(v.t("lines-outages"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(
        [("q", &asked.q), ("state", &asked.state), ("campaign", &asked.campaign)]
            .into_iter()
            .filter(|(_, v)| !v.is_empty()),
    );
    v.html(&LogPage {
        csv: format!("/lines/outages.csv?{}", query.finish()),
        over,
        full: i64::try_from(log.len()).is_ok_and(|n| n >= LOG_MAX),
        rows: log.iter().map(|o| row(&v, &p, o)).collect(),
        q: asked.q,
        campaign: asked.campaign,
        state: asked.state,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (_, log) = found(&v, &asked).await?;
    let p = v.page(String::new());
    let rows: Vec<Vec<Cell>> = log
        .iter()
        .map(|o| {
            let r = row(&v, &p, o);
            let mut cells: Vec<Cell> =
                [r.line, r.body, r.served, r.from, r.to].into_iter().map(Cell::from).collect();
            cells.push(Cell::from(r.minutes));
            cells.extend([r.cause, r.effect].map(Cell::from));
            cells
        })
        .collect();
    let heads = [
        "lines-name",
        "lines-body",
        "lines-served",
        "lines-from",
        "lines-to",
        "lines-minutes-down",
        "lines-cause",
        "lines-effect",
    ];
    Ok(v.csv("outages", &heads, &rows))
}
