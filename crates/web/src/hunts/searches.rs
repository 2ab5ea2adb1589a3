//! Searches saved under a name; the address of one may be passed on, and opens for whoever may read the body's logs.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::Deserialize;
use store::hunts::{self, Saved};

use super::write;
use crate::{Access, AppError, Form, Route, Visit, act::own_body};

type SearchId = Id<kind::SavedSearch>;

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::post("/searches", answer, save),
        Route::get("/searches/{saved_search}", Access::Right(Right::Read), open),
        Route::post("/searches/{saved_search}/drop", answer, drop_it),
    ]
}

/// Where a saved search leads.
pub(super) fn href(s: &Saved) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(
        [("q", s.query.as_str()), ("span", s.span.as_str())].iter().filter(|(_, v)| !v.is_empty()),
    );
    format!("/logs?{}", query.finish())
}

#[derive(Deserialize)]
struct NewSearch {
    #[serde(default)]
    name: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    span: String,
}

async fn save(v: Visit, Form(new): Form<NewSearch>) -> Result<Response, AppError> {
    let (body, id): (_, SearchId) = (own_body(&v)?, v.id());
    let done = write!(v, tx => hunts::save(tx, v.scope(), id, body, (&new.name, &new.q, &new.span)).await);
    v.acted("/hunts", done, "search-saved")
}

async fn open(v: Visit, Path(id): Path<SearchId>) -> Result<Response, AppError> {
    let found = hunts::saved(&mut v.app.db.read().await?, v.scope(), id).await?;
    Ok(Redirect::to(&href(&found)).into_response())
}

#[derive(Deserialize)]
struct Nothing {}

async fn drop_it(v: Visit, Path(id): Path<SearchId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => hunts::drop_search(tx, v.scope(), id).await);
    v.acted("/hunts", done, "search-dropped")
}
