//! Bookkeeping of the ways in: what came, from where, and how far the log was read. Not audited: it is no act.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    host::Key,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Db, Sql, StoreError, Topic, Tx, args};

/// Samples kept of a source: enough to write a parser by.
const SAMPLES: usize = 20;
/// Addresses nobody knows that are remembered: a scan of a network is not to fill the table.
const STRANGERS: i64 = 1_000;

/// What came in at a source since it was last written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flush {
    /// Lines that reached us.
    pub received: u64,
    /// Lines kept.
    pub kept: u64,
    /// Lines refused.
    pub refused: u64,
    /// Lines no parser understood.
    pub unparsed: u64,
    /// Lines whose clock is off.
    pub skewed: u64,
    /// When the last line was kept.
    pub last_at: Option<Timestamp>,
    /// Lines nobody understood.
    pub samples: Vec<String>,
    /// Machines anti-malware spoke of, and when.
    pub contacts: BTreeMap<String, Timestamp>,
}

/// An address that sends and that no source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// The address.
    pub address: String,
    /// How many lines it sent.
    pub lines: u64,
    /// When it sent the last.
    pub last_at: Timestamp,
}

/// Writes down what came in.
pub async fn flush(
    db: &Db,
    now: Timestamp,
    sources: &[(Id<kind::Source>, Flush)],
    strangers: &[Stranger],
) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    for (id, flush) in sources {
        one(&mut tx, *id, flush).await?;
    }
    for stranger in strangers {
        let lines = i64::try_from(stranger.lines).unwrap_or(i64::MAX);
        tx.exec(
            "insert into event_stranger (address, lines, last_at) values ($1,$2,$3)
             on conflict (address) do update set lines = event_stranger.lines + excluded.lines, last_at = excluded.last_at",
            args![&stranger.address, lines, stranger.last_at],
        )
        .await?;
    }
    if !strangers.is_empty() {
        tx.exec(
            "delete from event_stranger where address not in
               (select address from event_stranger order by last_at desc, address limit $1)",
            args![STRANGERS],
        )
        .await?;
    }
    tx.commit().await
}

async fn one(tx: &mut Tx, id: Id<kind::Source>, flush: &Flush) -> Result<(), StoreError> {
    let row = tx
        .row(
            "select e.body, c.samples from event_source e join event_source_count c on c.source = e.id where e.id = $1",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(()) };
    let mut samples: Vec<String> = row.json("samples")?;
    samples.extend(flush.samples.iter().cloned());
    let samples = samples.split_off(samples.len().saturating_sub(SAMPLES));
    let samples =
        serde_json::to_string(&samples).map_err(|e| StoreError::Corrupt("samples", e.to_string()))?;
    let n = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    tx.exec(
        "update event_source_count set received = received + $2, kept = kept + $3, refused = refused + $4,
           unparsed = unparsed + $5, skewed = skewed + $6, first_at = coalesce(first_at, $7),
           last_at = coalesce($7, last_at), samples = $8 where source = $1",
        args![
            id,
            n(flush.received),
            n(flush.kept),
            n(flush.refused),
            n(flush.unparsed),
            n(flush.skewed),
            flush.last_at,
            samples
        ],
    )
    .await?;
    let body: Id<kind::Body> = row.id("body")?;
    spoken_of(tx, id, body, flush).await?;
    tx.changed(Topic::Source, format!("source:{id}"), Some(body));
    Ok(())
}

/// Machines anti-malware spoke of. One it never spoke of before changes what is known of the body and those below.
async fn spoken_of(
    tx: &mut Tx,
    source: Id<kind::Source>,
    body: Id<kind::Body>,
    flush: &Flush,
) -> Result<(), StoreError> {
    for (name, at) in &flush.contacts {
        let Some(key) = Key::named(name) else { continue };
        let look = key.look().to_owned();
        let known = tx
            .exec(
                "update antimalware_contact set last_at = $3, name = $4 where body = $1 and look = $2 and last_at < $3",
                args![body, &look, *at, &key.value],
            )
            .await?;
        if known > 0 {
            continue;
        }
        let fresh = tx
            .exec(
                "insert into antimalware_contact (body, look, name, source, last_at) values ($1, $2, $3, $4, $5)
                 on conflict (body, look) do nothing",
                args![body, &look, &key.value, source, *at],
            )
            .await?;
        if fresh > 0 {
            tx.changed(Topic::Heard, format!("source:{source}"), Some(body));
        }
    }
    Ok(())
}

/// Addresses that send and that no source names, the newest first; for those who may register anything at all, since
/// nobody knows whose they are.
pub async fn strangers(sql: &mut Sql, scope: &Scope) -> Result<Vec<Stranger>, StoreError> {
    if !scope.anywhere(Right::Administer) {
        return Ok(Vec::new());
    }
    let rows =
        sql.rows("select * from event_stranger order by last_at desc, address limit 50", vec![]).await?;
    let one = |r: &crate::Row| {
        let lines = u64::try_from(r.int("lines")?).unwrap_or(0);
        Ok(Stranger { address: r.text("address")?, lines, last_at: r.time("last_at")? })
    };
    rows.iter().map(one).collect()
}

/// How far a follower of the log has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// It has read up to here.
    pub position: i64,
    /// It has told what only time can tell up to then.
    pub upto: Timestamp,
}

/// How far a follower has come, if it ever began.
pub async fn followed(sql: &mut Sql, name: &str) -> Result<Option<Followed>, StoreError> {
    let row = sql.row("select position, at from event_follower where name = $1", args![name]).await?;
    row.map(|r| Ok(Followed { position: r.int("position")?, upto: r.time("at")? })).transpose()
}

/// Writes down, in the transaction of what follows from it, how far a follower has come. `false` where it had come
/// further than `from` already: another one reads, or this was recorded before.
pub async fn follow(tx: &mut Tx, name: &str, from: i64, to: Followed) -> Result<bool, StoreError> {
    let held = tx.row("select position from event_follower where name = $1", args![name]).await?;
    if held.map(|r| r.int("position")).transpose()?.is_some_and(|held| held != from) {
        return Ok(false);
    }
    tx.exec(
        "insert into event_follower (name, position, at) values ($1,$2,$3)
         on conflict (name) do update set position = excluded.position, at = excluded.at",
        args![name, to.position, to.upto],
    )
    .await?;
    Ok(true)
}
