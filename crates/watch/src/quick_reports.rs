//! Quick reports: one job looks after the rounds of all campaigns and sends the reminders that are due.

use domain::{id::Ids, job::Outcome, legal::Legal};
use jiff::Timestamp;
use store::{
    Db,
    quick_reports::{Desk, chase},
    sign_in::InstanceKey,
};

/// The kind of job.
pub const KIND: &str = chase::JOB;

/// Sends what is due, each reminder with its record in one commit, and comes back for the next.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    key: &InstanceKey,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let next = chase::run(db, &Desk { ids, legal, base, key }, now).await?;
    Ok(Outcome::Again(next))
}
