//! Small secrets that change by themselves, and what came in from channels: whatever an adapter must remember so that
//! another process could go on.

use domain::id::Secrets;
use jiff::{SignedDuration, Timestamp};

use crate::{Db, Sql, StoreError, Topic, args, sign_in::InstanceKey};

/// The value of a name.
pub async fn get(sql: &mut Sql, key: &InstanceKey, name: &str) -> Result<Option<String>, StoreError> {
    let row = sql.row("select value from kept where name = $1", args![name]).await?;
    row.map(|row| open(key, name, &row.text("value")?)).transpose()
}

/// Gives a name a value if it still has the value `before`; says whether it did.
pub async fn swap(
    db: &Db,
    key: &InstanceKey,
    secrets: &dyn Secrets,
    now: Timestamp,
    name: &str,
    before: Option<&str>,
    value: &str,
) -> Result<bool, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    if get(&mut tx, key, name).await?.as_deref() != before {
        tx.rollback().await;
        return Ok(false);
    }
    tx.exec(
        "insert into kept (name, value, changed_at) values ($1,$2,$3)
         on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at",
        args![name, seal(key, secrets, name, value)?, now],
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// A secret as it is kept: sealed for its name.
pub(crate) fn seal(
    key: &InstanceKey,
    secrets: &dyn Secrets,
    name: &str,
    value: &str,
) -> Result<String, StoreError> {
    Ok(hex::encode(key.seal(secrets, &format!("kept {name}"), value.as_bytes())?))
}

/// The secret behind [`seal`].
pub(crate) fn open(key: &InstanceKey, name: &str, sealed: &str) -> Result<String, StoreError> {
    let bad = || StoreError::Corrupt("kept secret", "it is not what was sealed".into());
    let plain = key.open(&format!("kept {name}"), &hex::decode(sealed).map_err(|_| bad())?)?;
    String::from_utf8(plain).map_err(|_| bad())
}

/// How long a worker may hold something that came in.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// After so many tries it is left: whoever pressed a button has long seen that nothing came of it.
const TRIES_MAX: u32 = 10;
/// Longest thing that may come in.
pub const INCOMING_MAX: usize = 64 * 1024;

/// Something that came in from a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Over what: `telegram`, `voice`.
    pub source: String,
    /// Its number there.
    pub number: String,
    /// As it came.
    pub body: String,
    /// When.
    pub received_at: Timestamp,
}

/// Writes down what came in. The same number twice is one thing: returns how many were new.
pub async fn receive(
    db: &Db,
    now: Timestamp,
    source: &str,
    came: &[(String, String)],
) -> Result<u64, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let mut new = 0;
    for (number, body) in came.iter().filter(|(_, body)| body.len() <= INCOMING_MAX) {
        new += tx
            .exec(
                "insert into incoming (source, number, body, received_at) values ($1,$2,$3,$4)
                 on conflict (source, number) do nothing",
                args![source, number, body, now],
            )
            .await?;
    }
    if new > 0 {
        tx.changed(Topic::Incoming, format!("incoming:{source}"), None);
    }
    tx.commit().await?;
    Ok(new)
}

/// When the next thing waits to be dealt with.
pub async fn next_incoming(sql: &mut Sql) -> Result<Option<Timestamp>, StoreError> {
    let row = sql
        .row(
            "select min(case when lease > received_at then lease else received_at end) as due
             from incoming where done_at is null",
            vec![],
        )
        .await?;
    row.map_or(Ok(None), |row| row.opt_time("due"))
}

/// Takes the next thing to deal with.
pub async fn take(db: &Db, now: Timestamp) -> Result<Option<Incoming>, StoreError> {
    let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let mut tx = db.begin_quiet(now).await?;
    let row = tx
        .row(
            "select source, number, body, received_at, tries from incoming
             where done_at is null and lease <= $1 order by received_at, number limit 1",
            args![now],
        )
        .await?;
    let Some(row) = row else {
        tx.rollback().await;
        return Ok(None);
    };
    let (source, number) = (row.text("source")?, row.text("number")?);
    let given_up = (row.count("tries")? >= TRIES_MAX).then_some(now);
    let body = row.text("body")?;
    // What is given up holds a token still: only its number is needed any more.
    let kept = if given_up.is_some() { "" } else { body.as_str() };
    tx.exec(
        "update incoming set lease = $1, tries = tries + 1, done_at = $2, body = $5 where source = $3 and number = $4",
        args![until, given_up, source.as_str(), number.as_str(), kept],
    )
    .await?;
    let came = Incoming { source, number, body, received_at: row.time("received_at")? };
    tx.commit().await?;
    Ok(given_up.is_none().then_some(came))
}

/// It was dealt with: what it said is not needed any more, its number is.
pub async fn done(db: &Db, now: Timestamp, came: &Incoming) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    tx.exec(
        "update incoming set done_at = $1, body = '' where source = $2 and number = $3",
        args![now, came.source.as_str(), came.number.as_str()],
    )
    .await?;
    tx.commit().await
}

/// The number of what came in is kept so long after it was dealt with, so that the same thing sent again is known again.
/// Telegram repeats an update for a day, gateways a callback for some hours; a week covers a link that was down. No law
/// wants it for longer: what an answer did stands in the log of its call-out and in the audit log, which are kept.
pub const INCOMING_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Forgets what came in and was dealt with before [`INCOMING_KEPT`]; returns how many. The highest number of each source
/// stays: by it Telegram is asked what came next.
pub async fn forget_incoming(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let before = now.checked_sub(INCOMING_KEPT).unwrap_or(Timestamp::MIN);
    let mut tx = db.begin_quiet(now).await?;
    let newest = tx
        .row(
            "select number from incoming where source = 'telegram' order by cast(number as bigint) desc limit 1",
            vec![],
        )
        .await?;
    let newest = newest.map(|row| row.text("number")).transpose()?.unwrap_or_default();
    let gone = tx
        .exec(
            "delete from incoming where done_at < $1 and not (source = 'telegram' and number = $2)",
            args![before, newest],
        )
        .await?;
    tx.commit().await?;
    Ok(gone)
}

/// The highest number of a source whose numbers count up.
pub async fn last_number(sql: &mut Sql, source: &str) -> Result<Option<i64>, StoreError> {
    let row = sql
        .row("select max(cast(number as bigint)) as n from incoming where source = $1", args![source])
        .await?;
    row.map_or(Ok(None), |row| row.opt_int("n"))
}
