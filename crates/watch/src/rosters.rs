//! Missed check-ins: each post has one job that looks at what is owed there and wakes whoever is to be woken.

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    job::{Job, Outcome},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{Db, StoreError, assignments::Tools, rosters};

/// The kind of job.
pub const KIND: &str = rosters::WAKE_JOB;

/// Looks at one post. What was missed and who was told go in one commit, so that a process killed at any point neither
/// forgets nor repeats a call. Ends when the post is closed.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    job: &Job,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let id = job.payload.get("post").and_then(|p| p.as_str()).context("a job without a post")?;
    let id: Id<kind::Post> = id.parse().context("a job without a post")?;
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    let next: Result<_, StoreError> =
        store::write!(db, Actor::System, now, tx => rosters::wake(tx, &tools, id).await);
    Ok(next?.map_or(Outcome::Done, Outcome::Again))
}
