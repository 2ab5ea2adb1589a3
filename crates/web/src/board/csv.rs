//! The board as a table file: two columns a duty, state and *n/m*.

use axum::{
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Response},
};
use domain::id::{Id, kind};
use paper::sheet::{Cell, to_csv};
use store::board;

use super::{ask::Ask, page::kind_word, state};
use crate::{AppError, Visit};

pub(super) async fn board(
    visit: Visit,
    Path(campaign): Path<Id<kind::Campaign>>,
    Query(ask): Query<Ask>,
) -> Result<Response, AppError> {
    let scope = visit.scope();
    let mut sql = visit.app.db.read().await?;
    let campaign = board::campaign(&mut sql, scope, campaign).await?;
    let mut shown = board::load(&mut sql, scope, campaign.id, visit.now).await?;
    shown.keep(&ask.filter(&mut sql, scope).await?);
    shown.sort(&ask.order());
    drop(sql);
    let mut header = vec![visit.t("board-body"), visit.t("board-kind")];
    for code in &shown.codes {
        header.push(code.clone());
        header.push(format!("{code} {}", visit.t("board-csv-handled")));
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = shown
        .rows
        .iter()
        .map(|row| {
            let mut line = vec![Cell::from(row.name.as_str()), Cell::from(kind_word(&visit, row.kind))];
            for cell in &row.cells {
                let state = cell.map(|c| state::word(visit.words(), c.state)).unwrap_or_default();
                // With a space, so that no table program takes it for a date.
                let count = cell.filter(|c| c.total > 0).map(|c| format!("{} / {}", c.handled, c.total));
                line.push(Cell::from(state));
                line.push(Cell::from(count.unwrap_or_default()));
            }
            line
        })
        .collect();
    let name = format!("attachment; filename=\"canh-board-{}.csv\"", domain::time::date(visit.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&header, &rows))
        .into_response())
}
