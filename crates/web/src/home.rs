//! The front door, and whether anybody is home.

use axum::response::{IntoResponse, Redirect, Response};
use domain::right::Right;

use crate::{Access, AppError, Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::SignedIn, home), Route::get("/health", Access::Public, health)]
}

/// Whoever directs others starts at the board; everybody else at their own duties.
async fn home(visit: Visit) -> Response {
    let start = if visit.user.may(Right::Review) { "/board" } else { "/tasks" };
    Redirect::to(start).into_response()
}

/// 200 when the records answer: for supervisors and load balancers. Says nothing else.
async fn health(visit: Visit) -> Result<&'static str, AppError> {
    visit.app.db.last_change().await?;
    Ok("ok\n")
}
