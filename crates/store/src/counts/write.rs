//! Recording and taking back.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    counts::{COUNT_MAX, Kind, LeftOut, Source},
    fact::{self, Fact, kinds},
    id::{Id, Ids, kind},
    right::Right,
    time,
};
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    blobs::{self, Blob},
    facts,
};

/// Words beside a count, or why it was taken back.
pub const NOTE_MAX: usize = 500;

/// A count to be recorded.
#[derive(Debug, Clone)]
pub struct NewCount<'a> {
    /// Whose machines.
    pub body: Id<kind::Body>,
    /// Who counted.
    pub source: Source,
    /// What, and how many of it: of one list servers and workstations, say.
    pub counts: &'a [(Kind, u32)],
    /// The day of the list.
    pub on: Date,
    /// Words beside it; may be empty.
    pub note: &'a str,
    /// The list itself, its name and sniffed content type.
    pub file: Option<(&'a Blob, &'a str, &'a str)>,
    /// Lines of it that did not count.
    pub left_out: &'a BTreeMap<LeftOut, u32>,
}

/// Records counts of one list; needs [`Right::Answer`] or [`Right::Register`] over the body. What stands already for
/// that day is not doubled; returns how many are new.
/// `Refused`: `count-nothing`, `count-kind`, `count-many`, `count-day`, `count-note`.
pub async fn record(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    new: &NewCount<'_>,
) -> Result<u32, StoreError> {
    may(tx, scope, new.body).await?;
    let today = time::date(tx.now());
    if new.counts.is_empty() {
        return Err(StoreError::Refused("count-nothing"));
    }
    if new.counts.iter().any(|(kind, _)| !new.source.counts(*kind)) {
        return Err(StoreError::Refused("count-kind"));
    }
    if new.counts.iter().any(|(_, n)| *n > COUNT_MAX) {
        return Err(StoreError::Refused("count-many"));
    }
    if new.on > today || new.on < OLDEST {
        return Err(StoreError::Refused("count-day"));
    }
    let note = checked_note(new.note)?;
    let mut added = 0;
    for (kind, n) in new.counts {
        added += u32::from(one(tx, ids, new, &note, *kind, *n).await?);
    }
    if added == 0 {
        tx.unchanged();
    } else {
        tx.changed(Topic::System, format!("body:{}", new.body), Some(new.body));
    }
    Ok(added)
}

/// Nobody kept such lists before.
const OLDEST: Date = jiff::civil::date(2000, 1, 1);

async fn one(
    tx: &mut Tx,
    ids: &dyn Ids,
    new: &NewCount<'_>,
    note: &str,
    kind: Kind,
    n: u32,
) -> Result<bool, StoreError> {
    let newest = tx
        .row(
            "select n, sha256 from machine_count where body = $1 and source = $2 and kind = $3 and counted_on = $4
               and withdrawn_at is null order by at desc, id desc limit 1",
            args![new.body, new.source.name(), kind.name(), new.on],
        )
        .await?;
    let sha256 = new.file.map(|(blob, ..)| blob.sha256.clone());
    if let Some(row) = newest
        && row.count("n")? == n
        && (sha256.is_none() || row.opt_text("sha256")? == sha256)
    {
        return Ok(false);
    }
    let (id, now, person): (Id<kind::MachineCount>, _, _) = (Id::new(ids), tx.now(), tx.actor().person());
    if let Some((blob, name, mime)) = new.file {
        blobs::attach(tx, blob, new.body, &format!("count:{id}"), name, mime).await?;
    }
    let left_out = serde_json::to_value(new.left_out)
        .map_err(|e| StoreError::Corrupt("machine_count", e.to_string()))?;
    tx.exec(
        "insert into machine_count (id, body, source, kind, n, counted_on, note, sha256, file_name, left_out, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        args![
            id,
            new.body,
            new.source.name(),
            kind.name(),
            n,
            new.on,
            note,
            sha256.clone(),
            new.file.map(|(_, name, _)| name),
            left_out,
            now,
            person
        ],
    )
    .await?;
    let detail = (id, new.source, kind, n, new.on, note, &sha256);
    let seq = tx.record("count.recorded", format!("count:{id}"), Some(new.body), &detail);
    let source = sha256.map_or(fact::Source::Audit(seq), fact::Source::Blob);
    let at = time::start_of(new.on);
    let value = json!({"count": id, "source": new.source, "counted": kind, "on": new.on, "n": n});
    let fact =
        Fact { from: at, to: at, ..fact_of(ids, now, kinds::MACHINES_COUNTED, id, new.body, source, value) };
    facts::learn(tx, &fact).await
}

/// Takes a wrong count back; it stays on record. Needs [`Right::Answer`] or [`Right::Register`] over the body.
/// `Refused`: `count-withdrawn`, `count-why`, `count-note`.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::MachineCount>,
    why: &str,
) -> Result<Id<kind::Body>, StoreError> {
    let row = tx.row("select body from machine_count where id = $1", args![id]).await?;
    let body = row.ok_or(StoreError::NotFound("count"))?.id("body")?;
    may(tx, scope, body).await.map_err(|_| StoreError::NotFound("count"))?;
    let why = checked_note(why)?;
    if why.is_empty() {
        return Err(StoreError::Refused("count-why"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    let touched = tx
        .exec(
            "update machine_count set withdrawn_at = $1, withdrawn_by = $2, withdrawn_why = $3
             where id = $4 and withdrawn_at is null",
            args![now, person, &why, id],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Refused("count-withdrawn"));
    }
    let seq = tx.record("count.withdrawn", format!("count:{id}"), Some(body), &(id, &why));
    let key = format!("{}/{id}", kinds::MACHINES_COUNTED);
    if let Some(old) = tx.row("select id from fact where key = $1", args![key]).await? {
        let value = json!({"count": id, "reason": why});
        let source = fact::Source::Audit(seq);
        let new = fact_of(ids, now, kinds::COUNT_WITHDRAWN, id, body, source, value);
        facts::supersede(tx, old.id("id")?, &new).await?;
    }
    tx.changed(Topic::System, format!("body:{body}"), Some(body));
    Ok(body)
}

fn fact_of(
    ids: &dyn Ids,
    now: Timestamp,
    kind: &str,
    count: Id<kind::MachineCount>,
    body: Id<kind::Body>,
    source: fact::Source,
    value: serde_json::Value,
) -> Fact {
    Fact {
        id: Id::new(ids),
        key: format!("{kind}/{count}"),
        kind: kind.to_owned(),
        body,
        subject: format!("body:{body}"),
        from: now,
        to: now,
        learnt: now,
        source,
        value,
    }
}

/// Whoever answers for the body or keeps its register may add counts; anybody else finds no such body.
pub async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and (").visible(scope, Right::Answer, "b.id").push("or");
    query.visible(scope, Right::Register, "b.id").push(")");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

fn checked_note(note: &str) -> Result<String, StoreError> {
    let note = note.trim();
    if note.chars().count() > NOTE_MAX {
        return Err(StoreError::Refused("count-note"));
    }
    Ok(note.to_owned())
}
