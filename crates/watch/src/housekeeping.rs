//! Every night: what nobody can use any more goes, and the database is kept quick.

use domain::job::Outcome;
use jiff::{SignedDuration, Timestamp};
use store::{Db, blobs::Blobs, housekeeping, intents, kept, sign_in};

/// The kind of job.
pub const KIND: &str = "housekeeping";
/// A follower of the changes that is further behind than this starts over from the records.
const CHANGES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Sweeps, then tidies; again tomorrow, an hour after the checkpoint. The audit log, facts and the records of the
/// trade are never touched.
pub async fn run(db: Db, blobs: Blobs, now: Timestamp) -> anyhow::Result<Outcome> {
    let ended = sign_in::purge(&db, now).await?;
    let changes = db.forget_changes(now, now.checked_sub(CHANGES).unwrap_or(Timestamp::MIN)).await?;
    let words = intents::forget_words(&db, now, now).await?;
    let heard = kept::forget_incoming(&db, now).await?;
    let files = blobs.sweep(&db, now).await?;
    housekeeping::optimise(&db, now).await?;
    tracing::info!(ended, changes, words, heard, files, "housekeeping");
    Ok(Outcome::Again(next(now)))
}

/// When the job runs next.
pub fn next(now: Timestamp) -> Timestamp {
    crate::checkpoint::next(now).checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX)
}
