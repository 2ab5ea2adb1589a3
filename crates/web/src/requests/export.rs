//! The list of what is to be filtered as files: plain lines for a router, a table for people and programs.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use domain::right::Right;
use paper::sheet::Cell;
use store::requests;

use super::{id, say};
use crate::{Access, AppError, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/requests/{id}/items.txt", read, text),
        Route::get("/requests/{id}/items.csv", read, csv),
        Route::get("/api/v1/requests/{id}/items.txt", read, text),
        Route::get("/api/v1/requests/{id}/items.csv", read, csv),
    ]
}

/// One entry a line, in the spelling machines take.
async fn text(v: Visit, Path(request): Path<String>) -> Result<Response, AppError> {
    let id = id(&request)?;
    let items = requests::all_items(&mut v.app.db.read().await?, v.scope(), id).await?;
    let lines: String = items.iter().map(|i| format!("{}\n", i.item.value)).collect();
    let name = format!("attachment; filename=\"canh-filter-{id}.txt\"");
    let kind = "text/plain; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], lines).into_response())
}

async fn csv(v: Visit, Path(request): Path<String>) -> Result<Response, AppError> {
    let p = v.page(String::new());
    let items = requests::all_items(&mut v.app.db.read().await?, v.scope(), id(&request)?).await?;
    let rows: Vec<Vec<Cell>> = items
        .into_iter()
        .map(|i| {
            let at = i.at.map(|at| p.time(&at)).unwrap_or_default();
            let kind = v.t(&format!("request-item-kind-{}", i.item.kind));
            let cells = [i.place.to_string(), kind, i.item.value, say::item(&v, i.state).1, at, i.reason];
            cells.into_iter().map(Cell::from).collect()
        })
        .collect();
    let heads = [
        "request-item-n",
        "request-item-kind",
        "request-item-value",
        "request-state",
        "request-item-at",
        "request-item-reason",
    ];
    Ok(v.csv("filter", &heads, &rows))
}
