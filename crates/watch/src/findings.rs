//! Judging hosts: what changed is noted, then judged in chunks, each a transaction of its own. Killed at any point, it goes
//! on where it was; a host judged twice comes to the same.

use domain::{actor::Actor, job::Outcome, legal::Legal, time};
use jiff::{SignedDuration, Timestamp};
use store::{
    Db, StoreError,
    findings::{self, CHUNK, Judge},
};

/// The kind of job; one for all hosts.
pub const KIND: &str = findings::JOB;
/// How often it is looked whether something changed: "one minute after a warning the province knows".
pub const EVERY: SignedDuration = SignedDuration::from_secs(20);
/// Chunks of one run, so that it ends well within its lease.
const CHUNKS: usize = 10;

/// Judges what became dirty; comes again at once while there is more.
pub async fn run(db: &Db, legal: &Legal, now: Timestamp) -> anyhow::Result<Outcome> {
    let today = time::date(now);
    let (rules, weaknesses) = (legal.on(today).flaw_rules(), legal.on(today).weaknesses());
    let ends = |after, until| weaknesses.ends_between(after, until);
    let day: Result<(), StoreError> =
        store::write!(db, Actor::System, now, tx => findings::new_day(tx, today, ends).await);
    day?;
    let more: Result<bool, StoreError> =
        store::write!(db, Actor::System, now, tx => findings::gather(tx).await);
    let more = more?;
    // What is known of flaws is read once for all the chunks.
    let mut judge = Judge::new(rules, weaknesses);
    for _ in 0..CHUNKS {
        let ids = findings::pending(&mut db.read().await?, CHUNK as u32).await?;
        if ids.is_empty() {
            let wait = if more { SignedDuration::ZERO } else { EVERY };
            return Ok(Outcome::Again(now.checked_add(wait).unwrap_or(Timestamp::MAX)));
        }
        let judged: Result<_, StoreError> =
            store::write!(db, Actor::System, now, tx => judge.hosts(tx, &ids).await);
        judged?;
    }
    Ok(Outcome::Again(now))
}
