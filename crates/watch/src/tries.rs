//! Tries whether people can be reached: the daily test of channels, drills before a window, one call a shift.

use domain::{id::Ids, job::Outcome, legal::Legal, time};
use jiff::Timestamp;
use store::{Db, assignments::Tools, sign_in::InstanceKey, tries};

/// The kind of job; one for all.
pub const KIND: &str = tries::JOB;

/// Looks at what is to be tried now and at what came of what was. Each commit says what it did, so that a process killed
/// at any point sends and calls nothing twice.
pub async fn run(
    db: &Db,
    ids: &dyn Ids,
    legal: &Legal,
    base: &str,
    key: &InstanceKey,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let tools = Tools { ids, base, pack: legal.on(time::date(now)) };
    Ok(Outcome::Again(tries::look(db, &tools, key, now).await?))
}
