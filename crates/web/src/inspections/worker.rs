//! The script that lets the form be opened again without a network. A browser gives a script power over the addresses
//! below its own alone, so it has one here and not among the assets.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use domain::right::Right;

use crate::{Access, AppError, Route, Visit, assets};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/inspections/sw.js", Access::Right(Right::See), script)]
}

async fn script(_: Visit, headers: HeaderMap) -> Result<Response, AppError> {
    let mut response = assets::serve_plain("sw.js", &headers).await;
    if !response.status().is_success() {
        return Err(AppError::NotFound);
    }
    // The same address for every version: asked for anew each time.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().remove(header::ETAG);
    Ok(response)
}
