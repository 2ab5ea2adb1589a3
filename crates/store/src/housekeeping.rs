//! What is thrown away when its time is over, and what keeps the database quick.

use jiff::{SignedDuration, Timestamp};

use crate::{Db, StoreError, args};

/// Followers of changes further behind than this start over from the records.
const CHANGES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long an ended session or link is kept for its owner's list.
const ENDED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a client may repeat a request under the same idempotency key.
const IDEMPOTENCY: SignedDuration = SignedDuration::from_hours(48);

/// How much was thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Ended sessions.
    pub sessions: u64,
    /// One-time links that ended.
    pub links: u64,
    /// Remembered requests.
    pub requests: u64,
    /// Changes everybody has seen.
    pub changes: u64,
}

/// Throws away what nobody can use any more. The audit log, facts and records of the trade are never touched.
pub async fn sweep(db: &Db, now: Timestamp) -> Result<Swept, StoreError> {
    let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let mut tx = db.begin_quiet(now).await?;
    let sessions = tx
        .exec(
            "delete from session where ends_at < $1 or idle_until < $1 or revoked_at < $1",
            args![before(ENDED)],
        )
        .await?;
    let links = tx
        .exec("delete from one_time_link where expires_at < $1 or revoked_at < $1", args![before(ENDED)])
        .await?;
    let requests = tx.exec("delete from idempotency where at < $1", args![before(IDEMPOTENCY)]).await?;
    let changes = tx.exec("delete from change where at < $1", args![before(CHANGES)]).await?;
    tx.commit().await?;
    Ok(Swept { sessions, links, requests, changes })
}

/// Refreshes what the engine knows about its tables, so that it goes on choosing the right indexes.
pub async fn optimise(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let statement = if tx.is_pg() { "analyze" } else { "pragma optimize" };
    tx.rows(statement, vec![]).await?;
    tx.commit().await
}
