//! Information systems and hosts.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    host::Host,
    id::{Id, kind},
    right::Right,
    system::{Level, System},
};
use serde::{Deserialize, Serialize};
use store::{hosts, register::systems};
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
        Route::api(register, LIMIT_FORM, operation!(close)),
        Route::api(register, LIMIT_FORM, operation!(reopen)),
        Route::api(register, LIMIT_FORM, operation!(add_host)),
        Route::api(register, LIMIT_FORM, operation!(remove_host)),
    ]
}

/// An information system.
#[derive(Serialize, ToSchema)]
struct SystemOut {
    id: String,
    /// The owner.
    body: String,
    body_name: String,
    /// Who runs it, if not the owner.
    operator: Option<String>,
    operator_name: Option<String>,
    name: String,
    /// 1–5; absent = not classified.
    level: Option<u8>,
    important: bool,
    personal_data: bool,
    national_platform: bool,
    note: Option<String>,
    hosts: u32,
    closed_at: Option<String>,
}

impl From<systems::Entry> for SystemOut {
    fn from(e: systems::Entry) -> Self {
        Self {
            id: e.system.id.to_string(),
            body: e.system.body.to_string(),
            body_name: e.body_name,
            operator: e.system.operator.map(|o| o.to_string()),
            operator_name: e.operator_name,
            name: e.system.name,
            level: e.system.level.map(Level::get),
            important: e.system.important,
            personal_data: e.system.personal_data,
            national_platform: e.system.national_platform,
            note: e.note,
            hosts: e.hosts,
            closed_at: e.closed_at.map(|t| t.to_string()),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct SystemList {
    items: Vec<SystemOut>,
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct HostOut {
    id: String,
    names: Vec<String>,
}

/// A system with its hosts.
#[derive(Serialize, ToSchema)]
struct SystemDetail {
    #[serde(flatten)]
    system: SystemOut,
    host_list: Vec<HostOut>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of the name.
    q: Option<String>,
    /// Only of owners in the subtree of that body.
    under: Option<String>,
    /// Only of that very owner.
    body: Option<String>,
    /// 1–5.
    level: Option<u8>,
    /// Only those not classified.
    #[serde(default)]
    unclassified: bool,
    #[serde(default)]
    important: bool,
    #[serde(default)]
    personal_data: bool,
    #[serde(default)]
    national_platform: bool,
    /// Those out of service, too.
    #[serde(default)]
    closed: bool,
    after: Option<String>,
    /// 1–499; 100 if absent.
    limit: Option<u32>,
}

#[utoipa::path(get, path = "/api/v1/systems", tag = "register", params(Asked), responses((status = 200, body = SystemList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<SystemList>, AppError> {
    let limit = limit(asked.limit);
    let filter = systems::Filter {
        text: asked.q,
        under: opt_id(asked.under.as_deref())?,
        body: opt_id(asked.body.as_deref())?,
        level: asked.level.and_then(Level::new),
        unclassified: asked.unclassified,
        important: asked.important,
        personal_data: asked.personal_data,
        national_platform: asked.national_platform,
        closed: asked.closed,
    };
    let after = asked.after.as_deref().and_then(choices::after);
    let mut sql = v.app.db.read().await?;
    let found = systems::list(&mut sql, v.scope(), &filter, after, limit + 1).await?;
    let (found, next) = page(found, limit, |e| choices::cursor(&e.system.name, e.system.id));
    Ok(Out(SystemList { items: found.into_iter().map(Into::into).collect(), next }))
}

/// What a system is.
#[derive(Deserialize, ToSchema)]
struct SystemIn {
    /// The owner.
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    #[schema(value_type = Option<String>)]
    operator: Option<Id<kind::Body>>,
    name: String,
    #[schema(value_type = Option<u8>)]
    level: Option<Level>,
    #[serde(default)]
    important: bool,
    #[serde(default)]
    personal_data: bool,
    #[serde(default)]
    national_platform: bool,
    note: Option<String>,
}

impl SystemIn {
    fn system(&self, id: Id<kind::System>) -> System {
        System {
            id,
            body: self.body,
            operator: self.operator,
            name: self.name.clone(),
            level: self.level,
            important: self.important,
            personal_data: self.personal_data,
            national_platform: self.national_platform,
        }
    }
}

#[utoipa::path(post, path = "/api/v1/systems", tag = "register", request_body = SystemIn, responses((status = 201, body = SystemDetail)))]
async fn create(v: Visit, Json(new): Json<SystemIn>) -> Result<(StatusCode, Out<SystemDetail>), AppError> {
    let system = new.system(v.id());
    write!(v, tx => systems::create(tx, v.scope(), &system, new.note.as_deref()).await)?;
    Ok((StatusCode::CREATED, detail(&v, system.id).await?))
}

#[utoipa::path(get, path = "/api/v1/systems/{id}", tag = "register", responses((status = 200, body = SystemDetail)))]
async fn get(v: Visit, Path(system): Path<String>) -> Result<Out<SystemDetail>, AppError> {
    detail(&v, id(&system)?).await
}

async fn detail(v: &Visit, id: Id<kind::System>) -> Result<Out<SystemDetail>, AppError> {
    let mut sql = v.app.db.read().await?;
    let system = systems::get(&mut sql, v.scope(), id).await?.into();
    let hosts = hosts::of_system(&mut sql, v.scope(), id).await?;
    let host_list =
        hosts.into_iter().map(|h| HostOut { id: h.host.id.to_string(), names: h.host.names }).collect();
    Ok(Out(SystemDetail { system, host_list }))
}

#[utoipa::path(put, path = "/api/v1/systems/{id}", tag = "register", request_body = SystemIn, responses((status = 200, body = SystemDetail)))]
async fn put(
    v: Visit,
    Path(system): Path<String>,
    Json(change): Json<SystemIn>,
) -> Result<Out<SystemDetail>, AppError> {
    let system = change.system(id(&system)?);
    write!(v, tx => systems::update(tx, v.scope(), &system, change.note.as_deref()).await)?;
    detail(&v, system.id).await
}

#[utoipa::path(post, path = "/api/v1/systems/{id}/close", tag = "register", responses((status = 204)))]
async fn close(v: Visit, _: ApiGuard, Path(system): Path<String>) -> Result<StatusCode, AppError> {
    let system = id(&system)?;
    write!(v, tx => systems::close(tx, v.scope(), system).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/systems/{id}/reopen", tag = "register", responses((status = 204)))]
async fn reopen(v: Visit, _: ApiGuard, Path(system): Path<String>) -> Result<StatusCode, AppError> {
    let system = id(&system)?;
    write!(v, tx => systems::reopen(tx, v.scope(), system).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct HostIn {
    /// Host names and addresses it is known by.
    names: Vec<String>,
}

#[utoipa::path(post, path = "/api/v1/systems/{id}/hosts", tag = "register", request_body = HostIn, responses((status = 201, body = HostOut)))]
async fn add_host(
    v: Visit,
    Path(system): Path<String>,
    Json(new): Json<HostIn>,
) -> Result<(StatusCode, Out<HostOut>), AppError> {
    let system = id(&system)?;
    let body = systems::get(&mut v.app.db.read().await?, v.scope(), system).await?.system.body;
    let (kind, in_charge, note) = (None, None, None);
    let host = Host { id: v.id(), body, system: Some(system), names: new.names, kind, in_charge, note };
    write!(v, tx => hosts::add(tx, v.scope(), &host, hosts::Source::Hand).await)?;
    Ok((StatusCode::CREATED, Out(HostOut { id: host.id.to_string(), names: host.names })))
}

#[utoipa::path(delete, path = "/api/v1/hosts/{id}", tag = "register", responses((status = 204)))]
async fn remove_host(v: Visit, _: ApiGuard, Path(host): Path<String>) -> Result<StatusCode, AppError> {
    let host = id(&host)?;
    write!(v, tx => hosts::remove(tx, v.scope(), host).await)?;
    Ok(StatusCode::NO_CONTENT)
}
