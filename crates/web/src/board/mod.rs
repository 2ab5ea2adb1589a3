//! The board: bodies × duties, and down from a cell to its facts. What is shown first and what filters leave is
//! decided in `domain::board`; who sees which row, in `store::board`.

mod api;
mod ask;
mod cell;
mod csv;
mod minutes;
mod page;
mod pages;
pub(crate) mod state;
mod strip;
mod systems;

use crate::route::operation;
use axum::response::{IntoResponse, Redirect, Response};
use domain::right::Right;
use store::board;

use crate::{Access, AppError, LIMIT_FORM, Route, Visit};

pub(crate) use page::{short, sum_cell};
pub(crate) use strip::{number, strip};

pub(crate) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::get("/board", see, start),
        Route::get("/campaigns/{campaign}/board", see, page::board),
        Route::get("/campaigns/{campaign}/board.csv", see, csv::board),
        Route::get("/campaigns/{campaign}/b/{number}", see, cell::row),
        Route::get("/campaigns/{campaign}/b/{number}/{code}", see, cell::cell),
        Route::api(see, LIMIT_FORM, operation!(api::boards)),
        Route::api(see, LIMIT_FORM, operation!(api::board)),
        Route::api(see, LIMIT_FORM, operation!(api::evidence)),
        Route::api(see, LIMIT_FORM, operation!(api::facts)),
        Route::api(see, LIMIT_FORM, operation!(api::fact)),
    ]
}

/// To the board of the campaign that runs.
async fn start(visit: Visit) -> Result<Response, AppError> {
    let all = board::campaigns(&mut visit.app.db.read().await?, visit.scope()).await?;
    match board::running(&all, visit.now) {
        Some(campaign) => Ok(Redirect::to(&format!("/campaigns/{}/board", campaign.id)).into_response()),
        None => page::none(&visit),
    }
}
