//! Failed sign-ins: a wait that grows per (account, source).
//!
//! Nobody can lock somebody else out: a wait belongs to the pair of account and source (or account and known device),
//! never to the account alone — except for the second factor, which only somebody who has the password reaches.
//! Keys are made from what was typed, not from whether such an account exists, so waits tell nothing about accounts.

use domain::{
    actor::Actor,
    id::{Id, kind},
    time,
};
use jiff::{SignedDuration, Timestamp};

use super::digest;
use crate::{Db, Query, Sql, StoreError, Tx, args};

/// The first wait after the allowance is used up; it doubles with every further failure.
const FIRST: SignedDuration = SignedDuration::from_secs(2);
/// No wait is longer: a person who mistyped often gets in within a quarter of an hour.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// Failures are forgotten after a day of quiet.
const FORGET: SignedDuration = SignedDuration::from_hours(24);

/// Against what failures are counted, and how many are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    digest: String,
    free: u32,
}

impl Key {
    /// A key from its parts, with so many free failures.
    pub fn new(parts: &[&str], free: u32) -> Self {
        // The unit separator cannot be typed into a login.
        Self { digest: digest(&parts.join("\u{1f}")), free }
    }
}

/// The wait after `failures`, of which `free` cost nothing.
pub fn wait(failures: u32, free: u32) -> SignedDuration {
    match failures.checked_sub(free.saturating_add(1)) {
        None => SignedDuration::ZERO,
        Some(more) => FIRST
            .checked_mul(1_i32.checked_shl(more.min(20)).unwrap_or(i32::MAX))
            .map_or(LONGEST, |w| w.min(LONGEST)),
    }
}

/// Until when every one of these keys must wait; `None` = may try now.
pub async fn blocked(sql: &mut Sql, keys: &[Key], now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut query = Query::new("select max(until_at) as until_at from sign_in_try where key in");
    query.list(keys.iter().map(|k| &k.digest)).push("and until_at >").bind(now);
    query.row(sql).await?.map_or(Ok(None), |r| r.opt_time("until_at"))
}

/// Counts one failure against each key and forgets what is a day old. Returns the greatest count: powers of two are
/// worth an audit entry, so that a flood of failures makes only a trickle of entries.
pub async fn failed(tx: &mut Tx, keys: &[Key]) -> Result<u32, StoreError> {
    let now = tx.now();
    let old = now.checked_sub(FORGET).unwrap_or(Timestamp::MIN);
    tx.exec("delete from sign_in_try where seen_at < $1", args![old]).await?;
    let mut most = 0;
    for key in keys {
        let row = tx
            .row(
                "insert into sign_in_try (key, failures, until_at, seen_at) values ($1, 1, 0, $2)
                 on conflict (key) do update set failures = sign_in_try.failures + 1, seen_at = $2
                 returning failures",
                args![&key.digest, now],
            )
            .await?;
        let failures = row.map_or(Ok(1), |r| r.count("failures"))?;
        let until = time::cut(now.checked_add(wait(failures, key.free)).unwrap_or(Timestamp::MAX));
        tx.exec("update sign_in_try set until_at = $1 where key = $2", args![until, &key.digest]).await?;
        most = most.max(failures);
    }
    Ok(most)
}

/// Counts a failed factor in a transaction of its own, and writes it into the audit log at the 1st, 2nd, 4th, 8th … time.
/// `person` is only who the account is of, if there is one; what was typed is written nowhere: it may be a password.
pub async fn refuse(
    db: &Db,
    keys: &[Key],
    person: Option<Id<kind::Person>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = db.begin(Actor::Nobody, now).await?.quiet();
    let most = failed(&mut tx, keys).await?;
    if most.is_power_of_two() {
        let subject = person.map_or_else(|| "account:unknown".to_owned(), |p| format!("account:{p}"));
        tx.record("session.refused", subject, None, &most);
    }
    tx.commit().await
}

/// A success: these keys start afresh.
pub async fn cleared(tx: &mut Tx, keys: &[Key]) -> Result<(), StoreError> {
    let mut query = Query::new("delete from sign_in_try where key in");
    query.list(keys.iter().map(|k| &k.digest));
    query.exec(tx).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_ends() {
        assert_eq!(wait(0, 4), SignedDuration::ZERO);
        assert_eq!(wait(4, 4), SignedDuration::ZERO);
        assert_eq!(wait(5, 4), FIRST);
        assert_eq!(wait(6, 4), FIRST * 2);
        assert_eq!(wait(13, 4), SignedDuration::from_secs(512));
        for failures in 14..200 {
            assert_eq!(wait(failures, 4), LONGEST);
        }
        assert_ne!(Key::new(&["a", "bc"], 4), Key::new(&["ab", "c"], 4));
    }
}
