//! Recovery codes: for the day the telephone is lost. Each is good once.

use domain::id::{Id, kind};

use super::accounts::say;
use crate::{Sql, StoreError, Tx, args};

/// How many a person gets.
pub const COUNT: usize = 10;
/// Characters of one: 50 random bits, tried at most a few times (see `tries`), so SHA-256 is enough to keep it.
pub const LENGTH: usize = 10;

/// Replaces a person's recovery codes by new ones, of which only the digests come here.
pub async fn replace(tx: &mut Tx, person: Id<kind::Person>, digests: &[String]) -> Result<(), StoreError> {
    tx.exec("delete from recovery_code where person = $1", args![person]).await?;
    for digest in digests {
        tx.exec("insert into recovery_code (person, hash) values ($1,$2)", args![person, digest]).await?;
    }
    say(tx, "account.recovery-codes-made", person);
    Ok(())
}

/// Spends a code. Returns `false` if there is no such code left.
pub async fn spend(tx: &mut Tx, person: Id<kind::Person>, digest: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let spent = tx
        .exec(
            "update recovery_code set used_at = $1 where person = $2 and hash = $3 and used_at is null",
            args![now, person, digest],
        )
        .await?;
    if spent > 0 {
        say(tx, "account.recovery-code-used", person);
    }
    Ok(spent > 0)
}

/// How many are left.
pub async fn left(sql: &mut Sql, person: Id<kind::Person>) -> Result<u32, StoreError> {
    let row = sql
        .row("select count(*) as n from recovery_code where person = $1 and used_at is null", args![person])
        .await?;
    row.map_or(Ok(0), |r| r.count("n"))
}
