//! Call-outs: each has one job that takes it as far as it goes now and waits for its next minute.

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids, Secrets, kind},
    job::{Job, Outcome, retry_at},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{Db, StoreError, assignments::Tools, callouts};

use crate::outbox::Outbox;

/// The kind of job.
pub const KIND: &str = callouts::JOB;

/// Takes one call-out further. What is done and that it was done go in one commit, so that a process killed at any
/// point neither forgets nor repeats a call. Ends when only somebody's act moves it; that act plans it again.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    secrets: &dyn Secrets,
    legal: &Legal,
    base: &str,
    job: &Job,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let id = of(job)?;
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    let next: Result<_, StoreError> =
        store::write!(db, Actor::System, now, tx => callouts::step(tx, &tools, secrets, id).await);
    Ok(next?.map_or(Outcome::Done, Outcome::Again))
}

/// The kind of job that listens for monitors' silence; one for all.
pub const MONITORS: &str = callouts::MONITORS_JOB;

/// Raises a call-out for every monitor that has fallen silent.
pub async fn monitors(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    let next: Result<_, StoreError> =
        store::write!(db, Actor::System, now, tx => callouts::look(tx, &tools).await);
    Ok(Outcome::Again(next?))
}

/// The kind of job that changes delivered messages once somebody has taken it, or it came right by itself.
pub const REVISE: &str = callouts::REVISE;

/// Tries so often to change a message before it stays as it is.
const REVISE_TRIES: u32 = 5;

/// Changes the delivered messages about one call-out.
pub async fn revise(outbox: &Outbox, job: &Job, now: Timestamp) -> anyhow::Result<Outcome> {
    outbox.revise(of(job)?, now).await?;
    let rest = outbox.to_revise(of(job)?).await?;
    let again = retry_at(now, job.tries);
    Ok(if rest && job.tries < REVISE_TRIES { Outcome::Again(again) } else { Outcome::Done })
}

/// The call-out a job is about.
pub(crate) fn of(job: &Job) -> anyhow::Result<Id<kind::Callout>> {
    let id = job.payload.get("callout").and_then(|p| p.as_str()).context("a job without a call-out")?;
    id.parse().context("a job without a call-out")
}
