//! Moving the second factor to another telephone: offered to one session for a while, then proved there.
//!
//! The old one works until the new one is proved, so that nobody is locked out by a code they never scanned.

use domain::id::{Id, kind};
use jiff::{SignedDuration, Timestamp};

use super::{accounts, after, sessions};
use crate::{Sql, StoreError, Tx, args};

/// How long an offer stands: time to install an authenticator.
pub const OFFER: SignedDuration = SignedDuration::from_mins(15);

/// What binds a sealed secret that is still to be proved to its person; another than that of a secret in use.
pub fn context(person: Id<kind::Person>) -> String {
    format!("totp-next {person}")
}

/// Offers another secret to a session; the one before, and an earlier offer, are gone only when this is proved.
pub async fn offer(
    tx: &mut Tx,
    person: Id<kind::Person>,
    session: Id<kind::Session>,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let until = after(tx.now(), OFFER);
    let changed = tx
        .exec(
            "update account set totp_next = $1, totp_next_session = $2, totp_next_until = $3
             where person = $4 and totp_confirmed_at is not null and disabled_at is null",
            args![sealed, session, until, person],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound("account"));
    }
    tx.record("account.second-factor-offered", format!("account:{person}"), None, &());
    Ok(())
}

/// The secret offered to that session, while the offer stands.
pub async fn offered(
    sql: &mut Sql,
    person: Id<kind::Person>,
    session: Id<kind::Session>,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sql
        .row(
            "select totp_next from account where person = $1 and totp_next_session = $2 and totp_next_until > $3",
            args![person, session, now],
        )
        .await?;
    row.map_or(Ok(None), |r| r.opt_bytes("totp_next"))
}

/// Puts the offered secret, sealed for use, in the place of the old one; `step` is the step of the code that proved
/// it. All other sessions end. Refused with `second-factor-offer` if the offer is no longer that session's.
pub async fn moved(
    tx: &mut Tx,
    person: Id<kind::Person>,
    session: Id<kind::Session>,
    sealed: &[u8],
    step: i64,
) -> Result<(), StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "update account set totp_secret = $1, totp_confirmed_at = $2, totp_last_step = $3,
                    totp_next = null, totp_next_session = null, totp_next_until = null
             where person = $4 and totp_next_session = $5 and totp_next_until > $2 and disabled_at is null",
            args![sealed, now, step, person, session],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Refused("second-factor-offer"));
    }
    sessions::revoke_all(tx, person, Some(session)).await?;
    accounts::say(tx, "account.second-factor-moved", person);
    Ok(())
}
