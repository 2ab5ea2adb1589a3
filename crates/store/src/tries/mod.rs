//! Whether people can be reached, tried before it matters: every channel once a day, every post before a holiday's
//! watch, everybody on duty once a shift.
//!
//! When and whether is data of the legal pack ([`domain::roster::terms`]). Everything here is found by what is not
//! there yet, so that whoever looks twice, or was killed in between, does nothing twice.

mod calls;
mod channels;
mod read;

use domain::time;
use jiff::{SignedDuration, Timestamp, civil};

pub use self::read::{Called, Failing, Tested, by_kind, called, tested};
use crate::{Db, StoreError, assignments::Tools};

/// The kind of job; one for all.
pub const JOB: &str = "tries";
/// It looks at least so often, and sooner where something was sent of which it is to learn what came.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);
const LOOK_SOON: SignedDuration = SignedDuration::from_mins(1);

/// Looks at everything that is to be tried and at what came of what was. Returns when to look again: at once where
/// there was more than one transaction should do.
pub async fn look(db: &Db, tools: &Tools<'_>, now: Timestamp) -> Result<Timestamp, StoreError> {
    let actor = domain::actor::Actor::System;
    let done: Result<usize, StoreError> = crate::write!(db, actor, now, tx => {
        let mut done = channels::send(tx, tools).await?;
        done += channels::settle(tx, tools).await?;
        let calls = calls::drills(tx, tools).await? + calls::of_shifts(tx, tools).await?;
        done += calls;
        if done == 0 {
            tx.unchanged();
        }
        Ok(done)
    });
    let wait = match done? {
        0 => LOOK_AGAIN,
        n if n < BATCH => LOOK_SOON,
        _ => return Ok(now),
    };
    Ok(now.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// So much is done in one transaction: others want to write, too.
const BATCH: usize = 300;

/// That time of that day.
fn at(day: civil::Date, time: civil::Time) -> Timestamp {
    day.to_datetime(time).to_zoned(time::zone()).map_or(Timestamp::MAX, |z| z.timestamp())
}
