//! What was found, as a file: a table, lines of JSON with everything, or the table's own columns as Parquet.

use anyhow::Context;
use axum::{extract::Query, http::header, response::IntoResponse, response::Response};
use domain::{event::Column, right::Right};
use lake::search::{Ask, Export, Found, ROWS};
use paper::sheet::Cell;

use super::{
    api::full,
    ask::{Asked, bodies},
    page::exact,
    said, search,
};
use crate::{Access, AppError, FieldError, Route, Visit};

/// Most events of one file.
const MOST: usize = 10_000;
/// Most bytes of one file: lines may be long, and the file is made in memory.
const BYTES: usize = 32 << 20;

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/logs.csv", read, csv),
        Route::get("/logs.ndjson", read, ndjson),
        Route::get("/logs.parquet", read, parquet),
    ]
}

/// The newest events, page by page, until the file is full.
pub(super) async fn all(v: &Visit, asked: &Asked) -> Result<Vec<Found>, AppError> {
    let unread = |field: &str| AppError::Invalid(vec![FieldError::new(field, "error-search-time")]);
    let times = asked.times(v.now).map_err(unread)?;
    let seen = bodies(v, asked.under()).await?;
    let wrong = |fault| AppError::Unreadable(said(v, &fault));
    let mut ask: Ask = asked.ask(times, seen.keys().copied().collect(), ROWS).map_err(wrong)?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while found.len() < MOST && bytes < BYTES {
        let page = search(v, ask.clone()).await?.map_err(wrong)?;
        if page.cut.is_some() {
            return Err(AppError::TooSlow);
        }
        let full = page.rows.len() >= ROWS;
        bytes += page.rows.iter().map(|e| 2 * e.raw.len() + 400).sum::<usize>();
        ask.after = page.rows.last().map(|e| e.key);
        found.extend(page.rows);
        if !full {
            break;
        }
    }
    Ok(found)
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let found = all(&v, &asked).await?;
    let names = bodies(&v, asked.under()).await?;
    let columns = [
        Column::Host,
        Column::User,
        Column::SourceIp,
        Column::DestinationIp,
        Column::Process,
        Column::Code,
        Column::Action,
        Column::Outcome,
    ];
    let heads = [
        "logs-time",
        "roster-body",
        "logs-column-host",
        "logs-column-user",
        "logs-column-source-ip",
        "logs-column-destination-ip",
        "logs-column-process",
        "logs-column-code",
        "logs-column-action",
        "logs-column-outcome",
        "logs-line",
    ];
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .map(|e| {
            let mut cells = vec![exact(e.time), names.get(&e.body).cloned().unwrap_or_default()];
            let value = |c: &Column| e.columns.iter().find(|(o, _)| o == c).map(|(_, v)| v.clone());
            cells.extend(columns.iter().map(|c| value(c).unwrap_or_default()));
            cells.push(e.raw.clone());
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    Ok(v.csv("logs", &heads, &rows))
}

async fn ndjson(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut out = String::new();
    for e in all(&v, &asked).await? {
        out.push_str(&serde_json::to_string(&full(&e)).map_err(anyhow::Error::from)?);
        out.push('\n');
    }
    Ok(attached(&v, "ndjson", "application/x-ndjson", out.into_bytes()))
}

async fn parquet(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let out = packed(all(&v, &asked).await?).await?;
    Ok(attached(&v, "parquet", PARQUET, out))
}

/// As the registry of media types has it.
pub(super) const PARQUET: &str = "application/vnd.apache.parquet";

/// Events as a Parquet file.
pub(super) async fn packed(found: Vec<Found>) -> Result<Vec<u8>, AppError> {
    // Packing takes some tenths of a second: not on a thread that serves.
    let packing = tokio::task::spawn_blocking(move || {
        let mut file = Export::begin(Vec::new(), found.len())?;
        file.add(&found)?;
        file.finish()
    });
    Ok(packing.await.context("packing")?.context("packing")?)
}

/// A file to be saved under a name with its day.
pub(super) fn attached(v: &Visit, ending: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"canh-logs-{}.{ending}\"", domain::time::date(v.now));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
}
