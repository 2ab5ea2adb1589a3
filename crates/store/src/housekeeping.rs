//! What keeps the database quick, and whether the clocks run.

use jiff::{SignedDuration, Timestamp};

use crate::{Db, Sql, StoreError, args, callouts::MONITORS_JOB};

/// What should have been done so long ago and was not even begun means that nobody does anything: the job that looks
/// at monitors is due every minute, urgent messages at once.
const LATE: SignedDuration = SignedDuration::from_mins(3);

/// Whether the clocks stand: nobody has begun what was due some minutes ago.
pub async fn late(sql: &mut Sql, now: Timestamp) -> Result<bool, StoreError> {
    let before = now.checked_sub(LATE).unwrap_or(Timestamp::MIN);
    let on_time = sql
        .row(
            "select id from job where key = $1 and (due > $2 or lease > $3)",
            args![MONITORS_JOB, before, now],
        )
        .await?;
    let waits = sql
        .row(
            "select id from delivery where hurry = 0 and state in ('due', 'claimed') and due <= $1 and lease <= $2 limit 1",
            args![before, now],
        )
        .await?;
    Ok(on_time.is_none() || waits.is_some())
}

/// Refreshes what the engine knows about its tables, so that it goes on choosing the right indexes.
pub async fn optimise(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let statement = if tx.is_pg() { "analyze" } else { "pragma optimize" };
    tx.rows(statement, vec![]).await?;
    tx.commit().await
}
