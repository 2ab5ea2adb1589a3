//! Repeated requests: a create sent twice with the same `Idempotency-Key` is done once and answered twice.
//!
//! The key is reserved before the request runs, so a request that died half-way is never silently run again: its
//! repetition learns that the outcome is not known.

use domain::id::{Id, kind};
use jiff::{SignedDuration, Timestamp};

use crate::{Db, StoreError, args};

/// Answers are kept so long.
pub const KEEP: SignedDuration = SignedDuration::from_hours(24);
/// The longest key, in bytes.
pub const KEY_MAX: usize = 200;

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Run it; then [`finish`] or [`forget`].
    Run,
    /// It ran before: this was the answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        response: String,
    },
    /// It ran before, and its answer showed a secret, which is told once and kept nowhere.
    Told,
    /// The same request is under way, or died half-way.
    Running,
    /// The key was used for another request.
    Other,
}

/// Reserves a key for a request with that digest.
pub async fn begin(
    db: &Db,
    person: Id<kind::Person>,
    key: &str,
    digest: &str,
    now: Timestamp,
) -> Result<Begun, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let old = now.checked_sub(KEEP).unwrap_or(Timestamp::MIN);
    tx.exec("delete from idempotency where at < $1", args![old]).await?;
    let added = tx
        .exec(
            "insert into idempotency (person, key, digest, status, response, at) values ($1,$2,$3,0,'',$4)
             on conflict (person, key) do nothing",
            args![person, key, digest, now],
        )
        .await?;
    let begun = if added > 0 {
        Begun::Run
    } else {
        let row = tx
            .row(
                "select digest, status, response, told_once from idempotency where person = $1 and key = $2",
                args![person, key],
            )
            .await?
            .ok_or(StoreError::NotFound("idempotency key"))?;
        match (row.text("digest")? == digest, row.int("status")?) {
            (false, _) => Begun::Other,
            (true, 0) => Begun::Running,
            (true, _) if row.bool("told_once")? => Begun::Told,
            (true, status) => Begun::Answer {
                status: u16::try_from(status)
                    .map_err(|e| StoreError::Corrupt("idempotency", e.to_string()))?,
                response: row.text("response")?,
            },
        }
    };
    tx.commit().await?;
    Ok(begun)
}

/// Keeps the answer; `None` if it shows a secret: then only that it was given.
pub async fn finish(
    db: &Db,
    person: Id<kind::Person>,
    key: &str,
    status: u16,
    response: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    tx.exec(
        "update idempotency set status = $1, response = $2, told_once = $3 where person = $4 and key = $5 and status = 0",
        args![i64::from(status), response.unwrap_or_default(), response.is_none(), person, key],
    )
    .await?;
    tx.commit().await
}

/// Frees the key: the request was refused and changed nothing, so it may be tried again.
pub async fn forget(db: &Db, person: Id<kind::Person>, key: &str, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    tx.exec("delete from idempotency where person = $1 and key = $2 and status = 0", args![person, key])
        .await?;
    tx.commit().await
}
