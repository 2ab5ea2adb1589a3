//! Bodies.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    body::{Body, BodyKind, Name, Successor},
    id::{Id, kind},
    right::Right,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::register::bodies;
use utoipa::{IntoParams, ToSchema};

use super::super::{choices, write};
use super::{id, limit, opt_id, page};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let (see, register) = (Access::Right(Right::See), Access::Right(Right::Register));
    vec![
        Route::api(see, LIMIT_FORM, operation!(list)),
        Route::api(register, LIMIT_FORM, operation!(create)),
        Route::api(see, LIMIT_FORM, operation!(get)),
        Route::api(register, LIMIT_FORM, operation!(put)),
        Route::api(register, LIMIT_FORM, operation!(move_to)),
        Route::api(register, LIMIT_FORM, operation!(close)),
        Route::api(register, LIMIT_FORM, operation!(reopen)),
        Route::api(register, LIMIT_FORM, operation!(add_successor)),
        Route::api(register, LIMIT_FORM, operation!(remove_successor)),
    ]
}

/// A body.
#[derive(Serialize, ToSchema)]
struct BodyOut {
    id: String,
    parent: Option<String>,
    /// `lead`, `centre`, `department`, `commune`, …
    kind: String,
    name: String,
    code: Option<String>,
    closed_at: Option<String>,
}

impl From<Body> for BodyOut {
    fn from(b: Body) -> Self {
        Self {
            id: b.id.to_string(),
            parent: b.parent.map(|p| p.to_string()),
            kind: b.kind.to_string(),
            name: b.name,
            code: b.code,
            closed_at: b.closed_at.map(|t| t.to_string()),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct BodyList {
    items: Vec<BodyOut>,
    /// Give it as `after` for the next page; absent on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct NameOut {
    text: String,
    from: Option<String>,
    until: Option<String>,
    alias: bool,
}

#[derive(Serialize, ToSchema)]
struct SuccessorOut {
    function: String,
    body: String,
    name: String,
    from: String,
}

/// A body with its names and successors.
#[derive(Serialize, ToSchema)]
struct BodyDetail {
    #[serde(flatten)]
    body: BodyOut,
    names: Vec<NameOut>,
    successors: Vec<SuccessorOut>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Words of a name, alias or former name, or a code.
    q: Option<String>,
    /// Only that kind.
    kind: Option<String>,
    /// Only in the subtree of that body.
    under: Option<String>,
    /// Only directly below that body.
    parent: Option<String>,
    /// Ended bodies too.
    #[serde(default)]
    closed: bool,
    after: Option<String>,
    /// 1–499; 100 if absent.
    limit: Option<u32>,
}

#[utoipa::path(get, path = "/api/v1/bodies", tag = "register", params(Asked), responses((status = 200, body = BodyList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<BodyList>, AppError> {
    let limit = limit(asked.limit);
    let kinds = match asked.kind.as_deref() {
        Some(kind) => vec![BodyKind::parse(kind).ok_or(AppError::Unreadable("unknown kind".into()))?],
        None => Vec::new(),
    };
    let filter = bodies::Filter {
        text: asked.q,
        kinds,
        under: opt_id(asked.under.as_deref())?,
        parent: opt_id(asked.parent.as_deref())?,
        closed: asked.closed,
    };
    let after = asked.after.as_deref().and_then(choices::after);
    let mut sql = v.app.db.read().await?;
    let found = bodies::list(&mut sql, v.scope(), &filter, after, limit + 1).await?;
    let (found, next) = page(found, limit, |b| choices::cursor(&b.name, b.id));
    Ok(Out(BodyList { items: found.into_iter().map(Into::into).collect(), next }))
}

/// A body to be made.
#[derive(Deserialize, ToSchema)]
struct BodyNew {
    #[schema(value_type = String)]
    parent: Id<kind::Body>,
    #[schema(value_type = String)]
    kind: BodyKind,
    name: String,
    code: Option<String>,
    /// From which day it bears the name.
    #[schema(value_type = Option<String>)]
    from: Option<Date>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[utoipa::path(post, path = "/api/v1/bodies", tag = "register", request_body = BodyNew, responses((status = 201, body = BodyOut)))]
async fn create(v: Visit, Json(new): Json<BodyNew>) -> Result<(StatusCode, Out<BodyOut>), AppError> {
    let new = bodies::NewBody {
        id: v.id(),
        parent: Some(new.parent),
        kind: new.kind,
        name: new.name,
        code: new.code,
        from: new.from,
        aliases: new.aliases,
    };
    write!(v, tx => bodies::create(tx, v.scope(), &new).await)?;
    let mut sql = v.app.db.read().await?;
    Ok((StatusCode::CREATED, Out(bodies::get(&mut sql, v.scope(), new.id).await?.into())))
}

#[utoipa::path(get, path = "/api/v1/bodies/{id}", tag = "register", responses((status = 200, body = BodyDetail)))]
async fn get(v: Visit, Path(body): Path<String>) -> Result<Out<BodyDetail>, AppError> {
    detail(&v, id(&body)?).await
}

async fn detail(v: &Visit, id: Id<kind::Body>) -> Result<Out<BodyDetail>, AppError> {
    let mut sql = v.app.db.read().await?;
    let body = bodies::get(&mut sql, v.scope(), id).await?.into();
    let name = |n: Name| NameOut {
        text: n.text,
        from: n.from.map(|d| d.to_string()),
        until: n.until.map(|d| d.to_string()),
        alias: n.alias,
    };
    let names = bodies::names_of(&mut sql, id).await?.into_iter().map(name).collect();
    let successors = bodies::successors(&mut sql, v.scope(), id).await?;
    let successors = successors
        .into_iter()
        .map(|(s, name)| SuccessorOut {
            function: s.function,
            body: s.body.to_string(),
            name,
            from: s.from.to_string(),
        })
        .collect();
    Ok(Out(BodyDetail { body, names, successors }))
}

/// What a body shall be from now on.
#[derive(Deserialize, ToSchema)]
struct BodyChange {
    #[schema(value_type = String)]
    kind: BodyKind,
    name: String,
    /// Renamed on that day, the old name kept; absent: a correction in place.
    #[schema(value_type = Option<String>)]
    renamed_on: Option<Date>,
    code: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

#[utoipa::path(put, path = "/api/v1/bodies/{id}", tag = "register", request_body = BodyChange, responses((status = 200, body = BodyDetail)))]
async fn put(
    v: Visit,
    Path(body): Path<String>,
    Json(change): Json<BodyChange>,
) -> Result<Out<BodyDetail>, AppError> {
    let body = id(&body)?;
    let BodyChange { kind, name, renamed_on, code, aliases } = change;
    let change = bodies::Change { kind, name, renamed_on, code, aliases };
    write!(v, tx => bodies::update(tx, v.scope(), body, &change).await)?;
    detail(&v, body).await
}

#[derive(Deserialize, ToSchema)]
struct Under {
    #[schema(value_type = String)]
    parent: Id<kind::Body>,
}

#[utoipa::path(post, path = "/api/v1/bodies/{id}/move", tag = "register", request_body = Under, responses((status = 204)))]
async fn move_to(v: Visit, Path(body): Path<String>, Json(to): Json<Under>) -> Result<StatusCode, AppError> {
    let body = id(&body)?;
    write!(v, tx => bodies::move_to(tx, v.scope(), body, to.parent).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/bodies/{id}/close", tag = "register", responses((status = 204)))]
async fn close(v: Visit, _: ApiGuard, Path(body): Path<String>) -> Result<StatusCode, AppError> {
    let body = id(&body)?;
    write!(v, tx => bodies::close(tx, v.scope(), body).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/bodies/{id}/reopen", tag = "register", responses((status = 204)))]
async fn reopen(v: Visit, _: ApiGuard, Path(body): Path<String>) -> Result<StatusCode, AppError> {
    let body = id(&body)?;
    write!(v, tx => bodies::reopen(tx, v.scope(), body).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct SuccessorNew {
    /// `all`, `security`, `digital-transformation`, `loudspeakers` or another word of that shape.
    function: String,
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    #[schema(value_type = String)]
    from: Date,
}

#[utoipa::path(post, path = "/api/v1/bodies/{id}/successors", tag = "register", request_body = SuccessorNew, responses((status = 204)))]
async fn add_successor(
    v: Visit,
    Path(body): Path<String>,
    Json(new): Json<SuccessorNew>,
) -> Result<StatusCode, AppError> {
    let body = id(&body)?;
    let successor = Successor { function: new.function, body: new.body, from: new.from };
    write!(v, tx => bodies::add_successor(tx, v.scope(), body, &successor).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(delete, path = "/api/v1/bodies/{id}/successors/{function}/{from}", tag = "register",
    params(("id" = String, Path), ("function" = String, Path), ("from" = String, Path)), responses((status = 204)))]
async fn remove_successor(
    v: Visit,
    _: ApiGuard,
    Path((body, function, from)): Path<(String, String, String)>,
) -> Result<StatusCode, AppError> {
    let body = id(&body)?;
    let from: Date = from.parse().map_err(|_| AppError::NotFound)?;
    write!(v, tx => bodies::remove_successor(tx, v.scope(), body, &function, from).await)?;
    Ok(StatusCode::NO_CONTENT)
}
