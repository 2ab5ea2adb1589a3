//! Making and closing sources.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    source::{Kind, Network},
    text::sort_key,
};

use super::{New, may};
use crate::{StoreError, Topic, Tx, args, assignments::said};

/// Longest name.
const NAME_MAX: usize = 120;
/// Sources of one body.
const EACH_MAX: i64 = 500;
/// The most events a second one source may be allowed: what this Canh takes in all.
const RATE_MAX: u32 = 100_000;
/// A source is noticed to be silent after a minute at least and a week at most.
const QUIET_MAX: u32 = 7 * 24 * 60;

/// Makes a source. Needs [`Right::Register`] over the body. `Refused`: `text-empty`, `text-long`, `source-address`,
/// `source-taken`, `source-system`, `source-zone`, `source-rate`, `source-quiet`, `sources-many`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &New) -> Result<(), StoreError> {
    may(tx, scope, Right::Register, new.body).await?;
    let name = said(&new.name, NAME_MAX)?;
    let address = new.address.as_deref().map(str::trim).filter(|a| !a.is_empty());
    match (new.kind, address) {
        (Kind::Syslog, None) => return Err(StoreError::Refused("source-address")),
        (_, Some(text)) if Network::parse(text).is_none() => {
            return Err(StoreError::Refused("source-address"));
        }
        _ => {}
    }
    if let Some(text) = address.filter(|_| new.kind == Kind::Syslog) {
        let held = tx
            .row(
                "select id from event_source where address = $1 and kind = 'syslog' and closed_at is null",
                args![text],
            )
            .await?;
        if held.is_some() {
            return Err(StoreError::Refused("source-taken"));
        }
    }
    if jiff::tz::TimeZone::get(&new.zone).is_err() {
        return Err(StoreError::Refused("source-zone"));
    }
    if !(1..=RATE_MAX).contains(&new.rate) {
        return Err(StoreError::Refused("source-rate"));
    }
    if !(1..=QUIET_MAX).contains(&new.quiet_minutes) {
        return Err(StoreError::Refused("source-quiet"));
    }
    if let Some(system) = new.system {
        let own = tx
            .row(
                "select id from system where id = $1 and body = $2 and closed_at is null",
                args![system, new.body],
            )
            .await?;
        own.ok_or(StoreError::Refused("source-system"))?;
    }
    let held = tx
        .row("select count(*) as n from event_source where body = $1 and closed_at is null", args![new.body])
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("sources-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into event_source (id, body, system, name, sort_key, kind, digest, address, zone, rate, quiet_minutes,
           created_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        args![
            new.id,
            new.body,
            new.system,
            &name,
            sort_key(&name),
            new.kind.name(),
            &new.digest,
            address,
            &new.zone,
            new.rate,
            new.quiet_minutes,
            now
        ],
    )
    .await?;
    tx.exec("insert into event_source_count (source) values ($1)", args![new.id]).await?;
    tx.exec("insert into source_health (source) values ($1)", args![new.id]).await?;
    if let Some(text) = address {
        tx.exec("delete from event_stranger where address = $1", args![text]).await?;
    }
    let subject = format!("source:{}", new.id);
    tx.record("source.created", &subject, Some(new.body), &(&name, new.kind, address, new.system));
    tx.changed(Topic::Heard, &subject, Some(new.body));
    tx.changed(Topic::Source, subject, Some(new.body));
    Ok(())
}

/// Closes a source: what it sends is refused. What it sent stays.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Source>) -> Result<(), StoreError> {
    let body = open(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update event_source set closed_at = $2 where id = $1", args![id, now]).await?;
    tx.record("source.closed", format!("source:{id}"), Some(body), &());
    tx.changed(Topic::Heard, format!("source:{id}"), Some(body));
    tx.changed(Topic::Source, format!("source:{id}"), Some(body));
    Ok(())
}

/// Gives a source another token; the old one ends.
pub async fn new_token(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Source>,
    digest: &str,
) -> Result<(), StoreError> {
    let body = open(tx, scope, id).await?;
    tx.exec("update event_source set digest = $2 where id = $1", args![id, digest]).await?;
    tx.record("source.token", format!("source:{id}"), Some(body), &());
    tx.changed(Topic::Source, format!("source:{id}"), Some(body));
    Ok(())
}

async fn open(tx: &mut Tx, scope: &Scope, id: Id<kind::Source>) -> Result<Id<kind::Body>, StoreError> {
    let row = tx.row("select body from event_source where id = $1 and closed_at is null", args![id]).await?;
    let body = row.ok_or(StoreError::NotFound("source"))?.id("body")?;
    may(tx, scope, Right::Register, body).await.map_err(|_| StoreError::NotFound("source"))?;
    Ok(body)
}
