//! Requests: what an authority asks between letters, passed down, answered with proof, receipted, accepted or returned.
//!
//! Pages and API call the same functions of `store::requests`; what may never be filtered is checked there.

mod act;
mod api;
mod export;
mod from_letter;
mod items;
mod link;
mod list;
mod new;
mod pass_on;
mod receipt;
mod say;
mod show;

use axum::response::Response;
use domain::{
    id::{Id, kind},
    time,
};
use jiff::{Timestamp, civil::DateTime};
use store::{assignments, requests::Tools, sign_in::InstanceKey};

pub(crate) use self::{
    link::{act as link_act, show as link_show},
    say::standing,
};
use crate::{AppError, Flash, Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(new::routes());
    all.extend(show::routes());
    all.extend(act::routes());
    all.extend(items::routes());
    all.extend(pass_on::routes());
    all.extend(receipt::routes());
    all.extend(export::routes());
    all.extend(api::routes());
    all
}

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
use write;

type RequestId = Id<kind::Request>;

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    let common = assignments::Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.pack() };
    Tools { common, key: InstanceKey::new(v.app.config.instance_key) }
}

/// The id in a path; what is no id is not there.
fn id<K>(text: &str) -> Result<Id<K>, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// Before what was sent is looked at: is the request theirs to know of at all.
async fn known(v: &Visit, request: &str) -> Result<RequestId, AppError> {
    let id = id(request)?;
    store::requests::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    Ok(id)
}

/// After a button: back at the request, saying what was done, or why it cannot be.
fn back(v: &Visit, id: RequestId, done: Result<Flash, AppError>) -> Result<Response, AppError> {
    let to = format!("/requests/{id}");
    match done {
        Ok(flash) => Ok(v.redirect(&to, flash)),
        Err(AppError::Refused(why)) => Ok(v.redirect(&to, Flash::bad(why_text(&why)))),
        Err(AppError::Stale) => Ok(v.redirect(&to, Flash::bad("error-stale"))),
        Err(other) => Err(other),
    }
}

/// The text of a refusal: words may be longer here than in the rooms that share the code.
fn why_text(code: &str) -> &str {
    if code == "error-text-long" { "error-request-long" } else { code }
}

/// The local time of a form; `None` for a blank one.
fn local(text: &str) -> Result<Option<Timestamp>, AppError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = text.trim().parse::<DateTime>().ok().and_then(|at| at.to_zoned(time::zone()).ok());
    at.map(|z| Some(z.timestamp())).ok_or_else(|| AppError::Refused("error-request-time".into()))
}

/// An instant as a form's field writes it.
fn field(at: Timestamp) -> String {
    time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}
