//! Upload links: whoever has one hands inventory of one body in, and fetches collectors that do.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{Method, StatusCode},
    response::Response,
};
use review::collect::Collector;
use store::{
    StoreError,
    hosts::{links, take::Via},
    sign_in::InstanceKey,
};

use super::{LIMIT_INVENTORY, inventory, inventory::failed, say, take::Intake};
use crate::{Access, App, AppError, Lang, Route, Words};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(Method::POST, "/inventory/{upload_link}", Access::Public, LIMIT_INVENTORY, take),
        Route::page(Method::PUT, "/inventory/{upload_link}", Access::Public, LIMIT_INVENTORY, take),
        Route::get("/inventory/{upload_link}/{collector}", Access::Public, collector),
    ]
}

/// A file, bare, as collectors and `curl --data-binary` send it. Answers a line a file.
async fn take(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, String), AppError> {
    let (now, key) = (app.clock.now(), InstanceKey::new(app.config.instance_key));
    let (link, actor, scope) = links::open(&mut app.db.read().await?, &key, &token, now).await?;
    if body.is_empty() {
        return Err(AppError::Unreadable("an empty file".into()));
    }
    let counted: Result<(), StoreError> =
        store::write!(app.db, actor, now, tx => links::used(tx, link.id, body.len() as u64).await);
    counted?;
    let intake = Intake {
        db: &app.db,
        blobs: &app.blobs,
        worker: &app.worker,
        ids: &*app.ids,
        now,
        actor,
        scope: &scope,
        body: link.body,
        via: Via::Link,
        link: Some(link.id),
    };
    let came = intake.file(&link.name, body.to_vec()).await.map_err(failed)?;
    if let [only] = came.as_slice()
        && let Some(why) = &only.refused
    {
        // Whoever sends it has told no language.
        let [vi, en] = [Lang::Vi, Lang::En].map(|lang| say::refused(Words::of(lang), why));
        return Ok((StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("refused\t0\t{}\n{vi}\n{en}\n", only.name)));
    }
    let one = |c: &super::Came| {
        let what = if c.refused.is_some() {
            "refused"
        } else if c.again {
            "known"
        } else {
            "taken"
        };
        format!("{what}\t{}\t{}\n", c.hosts, c.name)
    };
    Ok((StatusCode::OK, came.iter().map(one).collect()))
}

/// A collector with the link's address in it.
async fn collector(
    State(app): State<Arc<App>>,
    Path((token, name)): Path<(String, String)>,
) -> Result<Response, AppError> {
    let key = InstanceKey::new(app.config.instance_key);
    links::open(&mut app.db.read().await?, &key, &token, app.clock.now()).await?;
    let collector = Collector::named(&name).ok_or(AppError::NotFound)?;
    let base = app.config.public_url.trim_end_matches('/');
    Ok(inventory::script(collector, Some(&format!("{base}/inventory/{token}"))))
}
