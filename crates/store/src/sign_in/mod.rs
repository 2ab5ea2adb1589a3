//! Who is who: accounts, second factors, sessions, API tokens, one-time links, repeated requests.
//!
//! Secrets are never stored as they are: passwords as argon2id (made in `web`, this crate only keeps the text), random
//! secrets as SHA-256, TOTP secrets sealed with the [`InstanceKey`], one-time links not at all.

pub mod accounts;
pub mod first;
pub mod idempotency;
mod key;
pub mod links;
pub mod phone;
pub mod recovery;
pub mod sessions;
pub mod tokens;
pub mod tries;

pub use key::{InstanceKey, code, digest, grouped, same, text, typed, untext};

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Db, Query, Sql, StoreError, args, register::grants};

fn after(now: Timestamp, span: SignedDuration) -> Timestamp {
    time::cut(now.checked_add(span).unwrap_or(Timestamp::MAX))
}

/// The roles a person holds at that moment, delegations in force included.
pub async fn scope_of(sql: &mut Sql, person: Id<kind::Person>, now: Timestamp) -> Result<Scope, StoreError> {
    Ok(Scope::of(grants::of_person(sql, person, now).await?))
}

/// The bodies somebody works for: those they serve and those they hold a role over, by name.
pub async fn bodies_of(
    sql: &mut Sql,
    person: Id<kind::Person>,
    scope: &Scope,
) -> Result<Vec<(Id<kind::Body>, String)>, StoreError> {
    let mut query = Query::new(
        "select b.id, b.name from body b where b.closed_at is null
         and (exists (select 1 from membership m where m.body = b.id and m.person =",
    );
    query.bind(person).push(") or b.id in").list(scope.grants().iter().map(|(_, body)| *body));
    query.push(") order by b.sort_key, b.id");
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?))).collect()
}

/// Ended sessions, tokens and links are kept so long for whoever looks into an incident; the audit log keeps all.
pub const KEEP_ENDED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Clears away what ended long ago; a daily job of `watch`. Returns how many records went.
pub async fn purge(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let old = now.checked_sub(KEEP_ENDED).unwrap_or(Timestamp::MIN);
    let day = now.checked_sub(idempotency::KEEP).unwrap_or(Timestamp::MIN);
    let mut tx = db.begin_quiet(now).await?;
    let mut gone = tx.exec("delete from session where ends_at < $1", args![old]).await?;
    gone += tx.exec("delete from api_token where expires_at < $1", args![old]).await?;
    gone += tx.exec("delete from one_time_link where expires_at < $1", args![old]).await?;
    gone += tx.exec("delete from idempotency where at < $1", args![day]).await?;
    gone += tx.exec("delete from sign_in_try where seen_at < $1", args![day]).await?;
    tx.commit().await?;
    Ok(gone)
}

/// A token's rights as JSON.
fn rights_json(rights: &[Right]) -> Result<String, StoreError> {
    serde_json::to_string(rights).map_err(|e| StoreError::Corrupt("api_token", e.to_string()))
}
