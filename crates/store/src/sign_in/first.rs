//! What signs a person in: password or first-login code, then the second factor.

use domain::id::{Id, kind};
use jiff::Timestamp;

use super::{accounts, sessions};
use crate::{Sql, StoreError, Tx, args};

/// What the first factor is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub person: Id<kind::Person>,
    /// The person's name.
    pub name: String,
    /// The folded login.
    pub login: String,
    /// The password's PHC string, if one is set.
    pub password_hash: Option<String>,
    /// Digest of the first-login code, while it is good.
    pub first_code: Option<String>,
    /// Whether a second factor is proved.
    pub totp: bool,
}

/// The credentials behind a typed login; `None` if there is no such account or it may not sign in.
pub async fn credentials(
    sql: &mut Sql,
    typed: &str,
    now: Timestamp,
) -> Result<Option<Credentials>, StoreError> {
    let row = sql.row("select person from account where login = $1", args![accounts::login(typed)]).await?;
    match row {
        Some(row) => credentials_of(sql, row.id("person")?, now).await,
        // The same amount of work as for a login that exists.
        None => credentials_of(sql, Id::from_uuid(domain::id::Uuid::nil()), now).await,
    }
}

/// The credentials of a person.
pub async fn credentials_of(
    sql: &mut Sql,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Option<Credentials>, StoreError> {
    let row = sql
        .row(
            "select a.*, p.name from account a join person p on p.id = a.person
             where a.person = $1 and a.disabled_at is null and p.closed_at is null",
            args![person],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fresh = row.opt_time("first_code_expires")?.is_some_and(|at| at > now);
    Ok(Some(Credentials {
        person: row.id("person")?,
        name: row.text("name")?,
        login: row.text("login")?,
        password_hash: row.opt_text("password_hash")?,
        first_code: if fresh { row.opt_text("first_code_hash")? } else { None },
        totp: row.opt_time("totp_confirmed_at")?.is_some(),
    }))
}

/// Sets the password (a PHC string). A first-login code has done its work; all other sessions end.
pub async fn set_password(
    tx: &mut Tx,
    person: Id<kind::Person>,
    phc: &str,
    but: Option<Id<kind::Session>>,
) -> Result<(), StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "update account set password_hash = $1, password_changed_at = $2, first_code_hash = null, first_code_expires = null
             where person = $3 and disabled_at is null",
            args![phc, now, person],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound("account"));
    }
    sessions::revoke_all(tx, person, but).await?;
    accounts::say(tx, "account.password-set", person);
    Ok(())
}

/// Keeps the same password under newer parameters: the person changed nothing, so nothing else happens.
pub async fn rehash(tx: &mut Tx, person: Id<kind::Person>, old: &str, phc: &str) -> Result<(), StoreError> {
    tx.exec(
        "update account set password_hash = $1 where person = $2 and password_hash = $3",
        args![phc, person, old],
    )
    .await
    .map(|_| ())
}

/// A second factor by time-based codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// The secret, sealed with the instance key for the context [`totp_context`].
    pub sealed: Vec<u8>,
    /// Whether the person has proved to hold it.
    pub confirmed: bool,
    /// The last step used: that and earlier ones are spent.
    pub last_step: i64,
}

/// What binds a sealed secret to its person.
pub fn totp_context(person: Id<kind::Person>) -> String {
    format!("totp {person}")
}

/// A person's second factor.
pub async fn totp(sql: &mut Sql, person: Id<kind::Person>) -> Result<Option<Totp>, StoreError> {
    let row = sql
        .row(
            "select totp_secret, totp_confirmed_at, totp_last_step from account where person = $1",
            args![person],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (confirmed, step) = (row.opt_time("totp_confirmed_at")?.is_some(), row.opt_int("totp_last_step")?);
    let sealed = row.opt_bytes("totp_secret")?;
    Ok(sealed.map(|sealed| Totp { sealed, confirmed, last_step: step.unwrap_or(0) }))
}

/// Offers a secret that is still to be proved; replaces an earlier offer, never a proved one.
pub async fn offer_totp(tx: &mut Tx, person: Id<kind::Person>, sealed: &[u8]) -> Result<(), StoreError> {
    let changed = tx
        .exec(
            "update account set totp_secret = $1, totp_last_step = null where person = $2 and totp_confirmed_at is null",
            args![sealed, person],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Refused("second-factor-set"));
    }
    tx.record("account.second-factor-offered", format!("account:{person}"), None, &());
    Ok(())
}

/// Spends a step of the time-based codes, and proves the secret if it was only offered. Returns `false` if that step
/// or a later one was used before: a code is good once.
pub async fn use_step(tx: &mut Tx, person: Id<kind::Person>, step: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let first = tx
        .exec(
            "update account set totp_confirmed_at = $1 where person = $2 and totp_confirmed_at is null and totp_secret is not null",
            args![now, person],
        )
        .await?;
    if first > 0 {
        accounts::say(tx, "account.second-factor-set", person);
    }
    let spent = tx
        .exec(
            "update account set totp_last_step = $1 where person = $2 and totp_secret is not null
               and (totp_last_step is null or totp_last_step < $1)",
            args![step, person],
        )
        .await?;
    Ok(spent > 0)
}
