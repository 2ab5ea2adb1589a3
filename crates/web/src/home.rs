//! The front door, and whether anybody is home.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::right::Right;
use store::housekeeping;

use crate::{Access, AppError, Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/", Access::SignedIn, home),
        Route::get("/health", Access::Public, health),
        Route::get("/health/clocks", Access::Public, clocks),
    ]
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

/// 200 while jobs and urgent messages are done about when they are due, 503 once they are not: pages that answer call
/// nobody. For whoever listens from another machine (`canh heartbeat watch`). Says nothing else.
async fn clocks(visit: Visit) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    Ok(match housekeeping::late(&mut sql, visit.now).await? {
        false => "ok\n".into_response(),
        true => (StatusCode::SERVICE_UNAVAILABLE, "the clocks stand\n").into_response(),
    })
}
