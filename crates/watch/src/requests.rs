//! Chasing requests: each has one job that sends what is due and comes back for the next reminder.

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    job::{Job, Outcome},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{Db, StoreError, assignments::Tools, requests::chase};

/// The kind of job.
pub const KIND: &str = chase::JOB;

/// Sends the reminders of one request that are due, each with its record in one commit, so that a process killed at any
/// point neither forgets nor repeats one. Ends when nothing is owed any more.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    job: &Job,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let id = job.payload.get("request").and_then(|r| r.as_str()).context("a job without a request")?;
    let id: Id<kind::Request> = id.parse().context("a job without a request")?;
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    let next: Result<_, StoreError> = store::write!(db, Actor::System, now, tx => {
        let next = chase::run(tx, &tools, id).await?;
        // Most looks find nothing to say.
        tx.unchanged();
        Ok(next)
    });
    Ok(next?.map_or(Outcome::Done, Outcome::Again))
}
