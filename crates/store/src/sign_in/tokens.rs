//! API tokens: a person's rights, narrowed, for a program, for a time.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{after, rights_json, scope_of};
use crate::{Db, Row, Sql, StoreError, Tx, args};

/// What every token begins with, so that scanners of leaked secrets can recognise one.
pub const PREFIX: &str = "canh_";
/// No token lives longer: a year and a day.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A person has no more than this many living tokens: more is a program that forgets its own.
pub const COUNT_MAX: u32 = 50;
/// `used_at` is written no more often than this.
const TOUCH: SignedDuration = SignedDuration::from_secs(60);

/// One token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: Id<kind::Token>,
    /// Whose.
    pub person: Id<kind::Person>,
    /// What it is for.
    pub name: String,
    /// The rights it may use; the person's own rights limit it further.
    pub rights: Vec<Right>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Last use, to the minute.
    pub used_at: Option<Timestamp>,
    /// Made at.
    pub created_at: Timestamp,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its id.
    pub id: Id<kind::Token>,
    /// Digest of its secret.
    pub digest: &'a str,
    /// What it is for: 1–100 characters.
    pub name: &'a str,
    /// The rights it may use; at least one.
    pub rights: &'a [Right],
    /// When it ends: later than now, within [`LONGEST`].
    pub expires_at: Timestamp,
}

/// Makes a token for a person.
pub async fn create(tx: &mut Tx, person: Id<kind::Person>, new: &New<'_>) -> Result<(), StoreError> {
    let (now, name) = (tx.now(), new.name.trim());
    if name.is_empty() || name.chars().count() > 100 {
        return Err(StoreError::Refused("token-name"));
    }
    if new.rights.is_empty() {
        return Err(StoreError::Refused("token-rights"));
    }
    if new.expires_at <= now || new.expires_at > after(now, LONGEST) {
        return Err(StoreError::Refused("token-expiry"));
    }
    let living = tx
        .row(
            "select count(*) as n from api_token where person = $1 and revoked_at is null and expires_at > $2",
            args![person, now],
        )
        .await?;
    if living.map_or(Ok(0), |r| r.count("n"))? >= COUNT_MAX {
        return Err(StoreError::Refused("token-count"));
    }
    tx.exec(
        "insert into api_token (id, hash, person, name, rights, expires_at, created_at) values ($1,$2,$3,$4,$5,$6,$7)",
        args![new.id, new.digest, person, name, rights_json(new.rights)?, new.expires_at, now],
    )
    .await?;
    tx.record("token.created", format!("token:{}", new.id), None, &(person, new.rights, new.expires_at));
    Ok(())
}

/// Who acts through a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: Token,
    /// The person's name.
    pub name: String,
    /// The person's language.
    pub lang: String,
    /// The person's rights now, narrowed to the token's.
    pub scope: Scope,
}

/// The bearer of a token, by the digest of its secret; `None` if it is unknown, ended, revoked, or the account disabled.
pub async fn find(sql: &mut Sql, digest: &str, now: Timestamp) -> Result<Option<Bearer>, StoreError> {
    let row = sql
        .row(
            "select t.*, p.name as person_name, p.lang from api_token t
             join person p on p.id = t.person join account a on a.person = t.person
             where t.hash = $1 and t.revoked_at is null and t.expires_at > $2
               and a.disabled_at is null and p.closed_at is null",
            args![digest, now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let token = from_row(&row)?;
    let scope = scope_of(sql, token.person, now).await?.narrowed(&token.rights);
    Ok(Some(Bearer { name: row.text("person_name")?, lang: row.text("lang")?, scope, token }))
}

/// Writes down that a token was used, at most once a minute.
pub async fn touch(db: &Db, token: &Token, now: Timestamp) -> Result<(), StoreError> {
    if token.used_at.is_some_and(|at| now.duration_since(at) < TOUCH) {
        return Ok(());
    }
    let mut tx = db.begin_quiet(now).await?;
    tx.exec("update api_token set used_at = $1 where id = $2", args![now, token.id]).await?;
    tx.commit().await
}

/// A person's living tokens, newest first.
pub async fn list(sql: &mut Sql, person: Id<kind::Person>, now: Timestamp) -> Result<Vec<Token>, StoreError> {
    let rows = sql
        .rows(
            "select * from api_token where person = $1 and revoked_at is null and expires_at > $2
             order by created_at desc, id desc",
            args![person, now],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Revokes one of a person's tokens.
pub async fn revoke(tx: &mut Tx, person: Id<kind::Person>, id: Id<kind::Token>) -> Result<(), StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "update api_token set revoked_at = $1 where id = $2 and person = $3 and revoked_at is null",
            args![now, id, person],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound("token"));
    }
    tx.record("token.revoked", format!("token:{id}"), None, &person);
    Ok(())
}

/// Revokes all of a person's tokens: they left.
pub(super) async fn revoke_all(tx: &mut Tx, person: Id<kind::Person>) -> Result<(), StoreError> {
    let now = tx.now();
    let rows = tx
        .rows(
            "update api_token set revoked_at = $1 where person = $2 and revoked_at is null returning id",
            args![now, person],
        )
        .await?;
    for row in rows {
        let id: Id<kind::Token> = row.id("id")?;
        tx.record("token.revoked", format!("token:{id}"), None, &person);
    }
    Ok(())
}

fn from_row(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.id("id")?,
        person: row.id("person")?,
        name: row.text("name")?,
        rights: row.json("rights")?,
        expires_at: row.time("expires_at")?,
        used_at: row.opt_time("used_at")?,
        created_at: row.time("created_at")?,
    })
}
