//! Whether people can be reached, tried before it matters: every channel once a day, every post before a holiday's
//! watch, everybody on duty once a shift; and what people are told of their turns.
//!
//! When and whether is data of the legal pack ([`domain::roster::terms`]). Everything here is found by what is not
//! there yet, so that whoever looks twice, or was killed in between, does nothing twice.

mod calls;
mod channels;
mod read;
mod turns;

use domain::time;
use jiff::{SignedDuration, Timestamp, civil};

pub use self::read::{AtPost, Called, Failing, Tested, at_posts, by_kind, called, tested};
use crate::{Db, StoreError, assignments::Tools, sign_in::InstanceKey};

/// The kind of job; one for all.
pub const JOB: &str = "tries";
/// It looks at least so often, and sooner where something was sent of which it is to learn what came.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);
const LOOK_SOON: SignedDuration = SignedDuration::from_mins(1);

/// Looks at everything that is to be tried and at what came of what was. Returns when to look again: at once where
/// there was more than one transaction should do.
pub async fn look(
    db: &Db,
    tools: &Tools<'_>,
    key: &InstanceKey,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let actor = domain::actor::Actor::System;
    let done: Result<usize, StoreError> = crate::write!(db, actor, now, tx => {
        let mut done = channels::send(tx, tools).await?;
        done += channels::settle(tx, tools).await?;
        let calls = calls::drills(tx, tools).await? + calls::of_shifts(tx, tools).await?;
        done += calls + turns::soon(tx, tools, key).await? + turns::swaps(tx, tools).await?;
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

/// A day's test of channels from its sending to what came of it, its messages sent by something else than the outbox: the
/// days a demonstration has behind it. `lost` says of each message, by its place, whether nobody took it.
pub async fn lived(
    db: &Db,
    tools: &Tools<'_>,
    now: Timestamp,
    lost: &(dyn Fn(usize) -> bool + Sync),
) -> Result<(), StoreError> {
    let actor = domain::actor::Actor::System;
    let quiet = |tx: &mut crate::Tx, done: usize| {
        if done == 0 {
            tx.unchanged();
        }
        done
    };
    loop {
        let done: Result<usize, StoreError> = crate::write!(db, actor, now, tx => {
            let done = channels::send(tx, tools).await?;
            Ok(quiet(tx, done))
        });
        if done? == 0 {
            break;
        }
    }
    let sent: Result<(), StoreError> = crate::write!(db, actor, now, tx => channels::sent(tx, lost).await);
    sent?;
    loop {
        let done: Result<usize, StoreError> = crate::write!(db, actor, now, tx => {
            let done = channels::settle(tx, tools).await?;
            Ok(quiet(tx, done))
        });
        if done? == 0 {
            return Ok(());
        }
    }
}

/// Whoever has a turn within so much after the hour of the test is on duty that day.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// So much is done in one transaction: others want to write, too.
const BATCH: usize = 300;

/// That time of that day.
fn at(day: civil::Date, time: civil::Time) -> Timestamp {
    day.to_datetime(time).to_zoned(time::zone()).map_or(Timestamp::MAX, |z| z.timestamp())
}
