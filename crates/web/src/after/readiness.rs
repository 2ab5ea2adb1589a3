//! How a campaign's readiness grew: the chart of the board, and its figures as page and table file.

use askama::Template;
use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    readiness::{self, Point, QUARTER},
    right::Right,
    time::{self, Window},
};
use paper::sheet::{Cell, to_csv};
use store::{
    Sql,
    board::{self, Campaign},
};

use super::chart::{Chart, chart};
use crate::{Access, AppError, Page, Route, Visit, board::number};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/campaigns/{campaign}/readiness", see, page),
        Route::get("/campaigns/{campaign}/readiness.csv", see, csv),
    ]
}

/// The points of a campaign, from its issue until now or, when it is over, until a day after its window.
pub(super) async fn points(v: &Visit, sql: &mut Sql, campaign: &Campaign) -> Result<Vec<Point>, AppError> {
    let day = jiff::SignedDuration::from_hours(24);
    let over = campaign.window.and_then(|w| w.to.checked_add(day).ok());
    let until = over.map_or(v.now, |at| at.min(v.now));
    let from = campaign.issued_at.unwrap_or(until).min(until);
    let step = readiness::step(Window { from, to: until });
    let moved = v.app.movements.of(sql, v.scope(), campaign.id, v.now).await?;
    Ok(readiness::points(&readiness::coarser(&moved, step / QUARTER), step, until))
}

struct Line {
    at: String,
    iso: String,
    share: String,
    figures: [String; 6],
}

#[derive(Template)]
#[template(path = "after/readiness.html")]
struct ReadinessPage {
    p: Page,
    id: String,
    name: String,
    chart: Chart,
    lines: Vec<Line>,
}

async fn page(v: Visit, Path(campaign): Path<Id<kind::Campaign>>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), campaign).await?;
    let points = points(&v, &mut sql, &campaign).await?;
    drop(sql);
    let p = v.page(v.t("after-readiness"));
    let lines = daily(&points).map(|point| line(&p, point)).collect();
    let chart = chart(&v, &points, campaign.window);
    v.html(&ReadinessPage { p, id: campaign.id.to_string(), name: campaign.name, chart, lines })
}

/// The last point of each day, newest first.
fn daily(points: &[Point]) -> impl Iterator<Item = &Point> {
    let last_of_day = |n: usize, point: &Point| {
        points.get(n + 1).is_none_or(|next| time::date(next.at) != time::date(point.at))
    };
    points.iter().enumerate().filter(move |(n, point)| last_of_day(*n, point)).map(|(_, p)| p).rev()
}

fn line(p: &Page, point: &Point) -> Line {
    let c = point.counts;
    let share = c.share();
    Line {
        at: p.time(&point.at),
        iso: p.iso(&point.at),
        share: format!("{},{} %", share / 10, share % 10),
        figures: [c.met, c.partly, c.not_met, c.unknown, c.not_yet_due, c.apart].map(|n| number(n.into())),
    }
}

async fn csv(v: Visit, Path(campaign): Path<Id<kind::Campaign>>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), campaign).await?;
    let points = points(&v, &mut sql, &campaign).await?;
    drop(sql);
    let states = ["met", "partly", "not-met", "unknown", "not-yet-due", "excused"];
    let mut head = vec![v.t("after-at")];
    head.extend(states.map(|s| v.t(&format!("state-{s}"))));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = points
        .iter()
        .map(|point| {
            let c = point.counts;
            let at = time::local(point.at).strftime("%Y-%m-%d %H:%M").to_string();
            let figures = [c.met, c.partly, c.not_met, c.unknown, c.not_yet_due, c.apart];
            std::iter::once(Cell::from(at)).chain(figures.map(Cell::from)).collect()
        })
        .collect();
    Ok(download("readiness", &v, to_csv(&head, &rows)))
}

/// A table file to keep.
pub(super) fn download(what: &str, v: &Visit, csv: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"canh-{what}-{}.csv\"", time::date(v.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], csv).into_response()
}
