//! Sources of logs: who is heard, who fell silent, who sends much less than usual. Killed at any point it goes on where it
//! was: what was said stands beside the source.

use domain::{id::Ids, job::Outcome, legal::Legal, time};
use jiff::{SignedDuration, Timestamp};
use store::{Db, assignments::Tools, sources};

/// The kind of job; one for all.
pub const KIND: &str = "sources";
/// How often sources are looked at: terms are in minutes.
pub const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Looks once. `up`: since when this process listens for events.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    up: Timestamp,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    sources::look(db, &tools, up, now).await?;
    Ok(Outcome::Again(now.checked_add(EVERY).unwrap_or(Timestamp::MAX)))
}
