//! Chasing findings of inspections: each has one job that sends what is due and comes back for the next reminder.

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    job::{Job, Outcome},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{Db, StoreError, assignments::Tools, inspections::chase};

/// The kind of job.
pub const KIND: &str = chase::JOB;

/// Sends the reminders about one finding that are due, all with their records in one commit. Ends when it is said to
/// be put right; sent back, it begins anew.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    job: &Job,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let id = job.payload.get("finding").and_then(|f| f.as_str()).context("a job without a finding")?;
    let id: Id<kind::Finding> = id.parse().context("a job without a finding")?;
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    let next: Result<_, StoreError> = store::write!(db, Actor::System, now, tx => {
        let next = chase::run(tx, &tools, id).await?;
        // Most looks find nothing to say.
        tx.unchanged();
        Ok(next)
    });
    Ok(next?.map_or(Outcome::Done, Outcome::Again))
}
