//! The duty roster: who is awake, one's own duty, posts and their rosters, what providers commit.
//!
//! Pages and API call the same functions of `store::rosters`. Nothing here needs a script: lanes are tables.

mod api;
mod calendar;
mod changes;
mod commitments;
mod history;
mod lanes;
mod layer_form;
mod link;
mod mine;
mod now;
mod plan;
mod post;
mod posts;
mod print;
mod reach;
pub(crate) mod say;

use axum::response::Response;
use domain::{
    id::{Id, kind},
    right::Right,
    time,
};
use store::{
    Sql, StoreError,
    assignments::Tools,
    register::{PAGE_MAX, bodies, people},
};

use crate::{AppError, Flash, Route, Visit};

pub(crate) use self::link::{act as link_act, show as link_show};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = now::routes();
    all.extend(mine::routes());
    all.extend(posts::routes());
    all.extend(post::routes());
    all.extend(plan::routes());
    all.extend(changes::routes());
    all.extend(history::routes());
    all.extend(print::routes());
    all.extend(reach::routes());
    all.extend(calendar::routes());
    all.extend(commitments::routes());
    all.extend(api::routes());
    all
}

/// The tabs over the room's pages, for its neighbours.
pub(crate) fn tabs(v: &Visit, on: &str) -> Vec<(String, String, bool, String)> {
    mine::tabs(v, on, 0)
}

type PostId = Id<kind::Post>;
/// Value and label of an option.
type Options = Vec<(String, String)>;

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
use write;

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.app.legal.on(time::date(v.now)) }
}

/// After a button: back where it was, saying what was done, or why it cannot be.
fn back(v: &Visit, to: &str, done: Result<(), StoreError>, ok: &str) -> Result<Response, AppError> {
    v.acted(to, done, ok)
}

/// What a refused form says; any other error goes on.
fn refusal(v: &Visit, error: StoreError) -> Result<String, AppError> {
    match error.into() {
        AppError::Refused(code) => Ok(v.t(&code)),
        AppError::Stale => Ok(v.t("error-stale")),
        other => Err(other),
    }
}

/// The bodies over which a right is held, set in by their depth.
async fn bodies_with(v: &Visit, sql: &mut Sql, right: Right) -> Result<Options, StoreError> {
    let nodes = bodies::choices(sql, v.scope(), right).await?;
    let name = |n: &bodies::Node| {
        format!("{}{}", "\u{2003}".repeat(usize::try_from(n.depth).unwrap_or(0)), n.body.name)
    };
    Ok(nodes.iter().map(|n| (n.body.id.to_string(), name(n))).collect())
}

/// The people of some bodies, as far as they may be seen; those of the first body first.
async fn people_of(v: &Visit, sql: &mut Sql, of: &[Id<kind::Body>]) -> Result<Options, StoreError> {
    let mut found: Options = Vec::new();
    for body in of {
        let filter = people::Filter { body: Some(*body), ..Default::default() };
        for person in people::list(sql, v.scope(), &filter, None, PAGE_MAX).await? {
            let id = person.id.to_string();
            if !found.iter().any(|(known, _)| *known == id) {
                found.push((id, person.name));
            }
        }
    }
    Ok(found)
}

/// After these forms one comes back to where they stood; only places of this room.
fn place(asked: &str, or: &str) -> String {
    let ours = asked == "/roster" || asked.starts_with("/roster/") && !asked.contains("//");
    if ours { asked.to_owned() } else { or.to_owned() }
}

/// Says that it worked.
fn done(v: &Visit, to: &str, ok: &str) -> Response {
    v.redirect(to, Flash::ok(ok))
}
