//! Every night: what nobody can use any more goes, and the database is kept quick.

use domain::job::Outcome;
use jiff::{SignedDuration, Timestamp};
use store::{Db, housekeeping};

/// The kind of job.
pub const KIND: &str = "housekeeping";

/// Sweeps, then tidies; again tomorrow, an hour after the checkpoint.
pub async fn run(db: Db, now: Timestamp) -> anyhow::Result<Outcome> {
    let swept = housekeeping::sweep(&db, now).await?;
    housekeeping::optimise(&db, now).await?;
    tracing::info!(
        sessions = swept.sessions,
        links = swept.links,
        requests = swept.requests,
        changes = swept.changes,
        "housekeeping"
    );
    Ok(Outcome::Again(next(now)))
}

fn next(now: Timestamp) -> Timestamp {
    crate::checkpoint::next(now).checked_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX)
}
