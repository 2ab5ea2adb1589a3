//! Hosts and inventory for programs.

use crate::route::operation as route;
use axum::{
    Json as Out,
    body::Bytes,
    extract::{Path, Query},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::hosts::{self, Filter, take::Via};
use utoipa::{IntoParams, ToSchema};

use super::{LIMIT_INVENTORY, inventory::failed, say, take::Intake};
use crate::{
    Access, ApiGuard, AppError, LIMIT_FORM, Route, Visit,
    register::{list_after, list_cursor},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::api(Access::Right(Right::See), LIMIT_FORM, route!(list)),
        Route::api(Access::Right(Right::Read), LIMIT_FORM, route!(inventory)),
        Route::api(Access::SignedIn, LIMIT_INVENTORY, route!(hand_in)),
    ]
}

/// A host.
#[derive(Serialize, ToSchema)]
struct HostRecord {
    id: String,
    name: String,
    /// All names and addresses it is known by.
    names: Vec<String>,
    body: String,
    body_name: String,
    system: Option<String>,
    /// server, workstation, network, storage, camera, printer, other; absent = nobody said.
    kind: Option<String>,
    in_charge: Option<String>,
    os: Option<String>,
    /// Running build of Windows, release of others.
    build: Option<String>,
    /// When the newest report was taken, or came in if it does not say.
    last_seen: Option<String>,
    /// Whether the report says so itself.
    seen_told: bool,
    packages: u32,
    updates: u32,
    disagreements: u32,
    /// Moves with every change of its inventory.
    revision: u64,
}

#[derive(Serialize, ToSchema)]
struct HostList {
    hosts: Vec<HostRecord>,
    /// Give it as `after` for the next page; absent at the end.
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of a name, address, system.
    q: Option<String>,
    /// Only in the subtree of that body.
    under: Option<String>,
    /// Where the page before ended.
    after: Option<String>,
    /// At most so many, 500 at most.
    limit: Option<u32>,
}

#[utoipa::path(get, path = "/api/v1/hosts", tag = "register", params(Asked), responses((status = 200, body = HostList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<HostList>, AppError> {
    let limit = asked.limit.unwrap_or(100).clamp(1, 500);
    let under = asked.under.map(|u| u.parse().map_err(|_| AppError::NotFound)).transpose()?;
    let filter = Filter { text: asked.q, under, ..Filter::default() };
    let after = list_after(asked.after.as_deref().unwrap_or_default());
    let found = hosts::list(&mut v.app.db.read().await?, v.scope(), &filter, after, limit).await?;
    let full = found.len() >= limit as usize;
    let next = found.last().filter(|_| full).map(|e| list_cursor(&e.name, e.host.id));
    let one = |e: hosts::Entry| HostRecord {
        id: e.host.id.to_string(),
        name: e.name,
        names: e.host.names,
        body: e.host.body.to_string(),
        body_name: e.body_name,
        system: e.host.system.map(|s| s.to_string()),
        kind: e.host.kind.map(|k| k.to_string()),
        in_charge: e.host.in_charge,
        os: e.os,
        build: e.build,
        last_seen: e.last_seen.map(|at| at.to_string()),
        seen_told: e.seen_told,
        packages: e.packages,
        updates: e.updates,
        disagreements: e.disagreements,
        revision: e.revision,
    };
    Ok(Out(HostList { hosts: found.into_iter().map(one).collect(), next }))
}

/// What is held of a host: all its reports together, as `canh inventory read --format json` writes it.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/inventory", tag = "register", responses((status = 200, body = Object)))]
async fn inventory(v: Visit, Path(host): Path<Id<kind::Host>>) -> Result<Out<serde_json::Value>, AppError> {
    let held = hosts::inventory(&mut v.app.db.read().await?, v.scope(), host).await?;
    let held = held.ok_or(AppError::NotFound)?;
    Ok(Out(
        serde_json::json!({ "hosts": [held.inventory], "revision": held.revision, "at": held.at.to_string() }),
    ))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HandIn {
    /// Whose hosts the file speaks of.
    body: String,
    /// What the file is called.
    name: Option<String>,
}

/// What came of one file.
#[derive(Serialize, ToSchema)]
struct CameOut {
    name: String,
    /// The file in the records.
    id: String,
    /// Whether the same file was there already: then nothing changed.
    again: bool,
    hosts: usize,
    /// Why it was not read.
    refused: Option<String>,
    /// The first of what was not understood.
    odd: Vec<String>,
    odd_count: usize,
}

/// Takes in a file of inventory, or a zip with many; the same bytes are taken once.
#[utoipa::path(post, path = "/api/v1/inventory", tag = "register", params(HandIn), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, body = Vec<CameOut>)))]
async fn hand_in(
    v: Visit,
    _: ApiGuard,
    Query(into): Query<HandIn>,
    bytes: Bytes,
) -> Result<Out<Vec<CameOut>>, AppError> {
    let intake = Intake {
        db: &v.app.db,
        blobs: &v.app.blobs,
        worker: &v.app.worker,
        ids: &*v.app.ids,
        now: v.now,
        actor: v.actor(),
        scope: v.scope(),
        body: into.body.parse().map_err(|_| AppError::NotFound)?,
        via: Via::Api,
        link: None,
    };
    let name = into.name.unwrap_or_else(|| "inventory".into());
    let came = intake.file(&name, bytes.to_vec()).await.map_err(failed)?;
    let words = v.words();
    let one = |c: super::Came| CameOut {
        name: c.name,
        id: c.file.to_string(),
        again: c.again,
        hosts: c.hosts,
        refused: c.refused.as_ref().map(|r| say::refused(words, r)),
        odd: c.odd.iter().take(20).map(|o| say::odd(words, o)).collect(),
        odd_count: c.odd_count,
    };
    Ok(Out(came.into_iter().map(one).collect()))
}
