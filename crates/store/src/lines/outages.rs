//! Outages: start, end, cause, whom they hit.

use domain::{
    actor::Scope,
    fact::{Fact, Source, kinds},
    id::{Id, kind},
    intent::{To, Urgency},
    right::Right,
};
use jiff::Timestamp;
use serde_json::json;

use super::{Held, Need, held};
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, fact, said, tell, written},
    facts,
};

/// Why a line was out: a paragraph.
pub const CAUSE_MAX: usize = 2_000;
/// More bodies than this are "everybody"; the cause says so.
const BODIES_MAX: usize = 500;
/// So many outages of a line are shown.
const SHOWN_MAX: i64 = 100;

/// An outage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Its id.
    pub id: Id<kind::Outage>,
    /// First moment.
    pub from: Timestamp,
    /// First moment after; `None`: it lasts.
    pub to: Option<Timestamp>,
    /// Why; empty while nobody knows.
    pub cause: String,
    /// Who wrote it last.
    pub by: Option<String>,
    /// Whom it hits, of those that may be seen.
    pub bodies: Vec<(Id<kind::Body>, String)>,
}

/// An outage that is entered afterwards, or with its start known.
#[derive(Debug, Clone)]
pub struct NewOutage {
    /// Its id.
    pub id: Id<kind::Outage>,
    /// Which line.
    pub line: Id<kind::Line>,
    /// What is said of it.
    pub said: OutageChange,
}

/// What is said of an outage.
#[derive(Debug, Clone)]
pub struct OutageChange {
    /// First moment; not later than now.
    pub from: Timestamp,
    /// First moment after; not later than now. `None`: it lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub cause: String,
    /// Whom it hits.
    pub bodies: Vec<Id<kind::Body>>,
}

/// Enters an outage; needs [`Right::Answer`] over the line's body. `Refused`: `line-closed`, `outage-times`,
/// `outage-open` (one lasts already), `outage-many`, `text-long`, `body-not-yours`.
pub async fn open(tx: &mut Tx, scope: &Scope, tools: &Tools<'_>, new: &NewOutage) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, new.line).await?;
    of.in_use()?;
    let cause = check(tx, scope, &new.said).await?;
    if new.said.to.is_none() && lasting(tx, of.id).await?.is_some() {
        return Err(StoreError::Refused("outage-open"));
    }
    let detail = (new.said.from, new.said.to, &cause, &new.said.bodies);
    let seq = tx.record("line.outage-entered", of.subject(), Some(of.body), &detail);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    insert(tx, tools, &of, new.id, &new.said, &cause, seq).await
}

/// Corrects an outage; needs [`Right::Answer`] over the line's body. The fact of what was said before is superseded.
pub async fn amend(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Outage>,
    change: &OutageChange,
) -> Result<Id<kind::Line>, StoreError> {
    let row = tx.row("select line, to_at from outage where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("outage"))?;
    let (line, ended) = (row.id("line")?, row.opt_time("to_at")?);
    let of = held(tx, scope, Need::Own, line).await.map_err(|error| match error {
        StoreError::NotFound(_) => StoreError::NotFound("outage"),
        other => other,
    })?;
    let cause = check(tx, scope, change).await?;
    if change.to.is_none() && ended.is_some() && lasting(tx, line).await?.is_some() {
        return Err(StoreError::Refused("outage-open"));
    }
    let detail = (id, change.from, change.to, &cause, &change.bodies);
    let seq = tx.record("line.outage-corrected", of.subject(), Some(of.body), &detail);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    let by = tx.actor().person();
    tx.exec(
        "update outage set from_at = $1, to_at = $2, cause = $3, by_person = $4 where id = $5",
        args![change.from, change.to, &cause, by, id],
    )
    .await?;
    tx.exec("delete from outage_body where outage = $1", args![id]).await?;
    hit(tx, id, &change.bodies).await?;
    revise(tx, tools, &of, id, seq).await?;
    Ok(line)
}

/// A report of *down*: an outage begins unless one lasts already. Tells the body it serves.
pub(super) async fn begin(tx: &mut Tx, tools: &Tools<'_>, of: &Held, seq: u64) -> Result<(), StoreError> {
    if lasting(tx, of.id).await?.is_some() {
        return Ok(());
    }
    let served = tx.row("select served from line where id = $1", args![of.id]).await?;
    let served: Option<Id<kind::Body>> = served.map_or(Ok(None), |r| r.opt_id("served"))?;
    let said =
        OutageChange { from: tx.now(), to: None, cause: String::new(), bodies: served.into_iter().collect() };
    insert(tx, tools, of, Id::new(tools.ids), &said, "", seq).await
}

/// A report of anything but *down*: the outage that lasts is over.
pub(super) async fn over(tx: &mut Tx, tools: &Tools<'_>, of: &Held, seq: u64) -> Result<(), StoreError> {
    let Some(id) = lasting(tx, of.id).await? else { return Ok(()) };
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec("update outage set to_at = $1, by_person = $2 where id = $3", args![now, by, id]).await?;
    revise(tx, tools, of, id, seq).await
}

async fn insert(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    id: Id<kind::Outage>,
    said: &OutageChange,
    cause: &str,
    seq: u64,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into outage (id, line, from_at, to_at, cause, by_person, created_at) values ($1,$2,$3,$4,$5,$6,$7)",
        args![id, of.id, said.from, said.to, cause, by, now],
    )
    .await?;
    hit(tx, id, &said.bodies).await?;
    facts::learn(tx, &stated(tools, now, of, id, 0, (said.from, said.to), seq)).await?;
    if said.to.is_some() {
        return Ok(());
    }
    for body in said.bodies.iter().filter(|b| **b != of.body) {
        let vars = vec![
            ("line", of.name.clone()),
            ("since", written(said.from)),
            ("link", format!("{}/lines/{}", tools.base, of.id)),
        ];
        let (key, to) = (format!("outage/{id}/{body}"), To::Body(*body));
        tell(tx, tools, Telling { key, to, template: "line-down", vars, urgency: Urgency::Normal }).await?;
    }
    Ok(())
}

async fn hit(tx: &mut Tx, id: Id<kind::Outage>, bodies: &[Id<kind::Body>]) -> Result<(), StoreError> {
    for body in bodies {
        tx.exec(
            "insert into outage_body (outage, body) values ($1,$2) on conflict (outage, body) do nothing",
            args![id, *body],
        )
        .await?;
    }
    Ok(())
}

/// The fact of an outage as it is now known takes the place of the one before.
async fn revise(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    id: Id<kind::Outage>,
    seq: u64,
) -> Result<(), StoreError> {
    let row = tx.row("select from_at, to_at, revision from outage where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("outage"))?;
    let (revision, times) = (row.int("revision")?, (row.time("from_at")?, row.opt_time("to_at")?));
    let old = tx.row("select id from fact where key = $1", args![key(id, revision)]).await?;
    let old = old.ok_or(StoreError::NotFound("fact"))?.id("id")?;
    let now = tx.now();
    facts::supersede(tx, old, &stated(tools, now, of, id, revision + 1, times, seq)).await?;
    tx.exec("update outage set revision = revision + 1 where id = $1", args![id]).await?;
    Ok(())
}

fn stated(
    tools: &Tools<'_>,
    now: Timestamp,
    of: &Held,
    id: Id<kind::Outage>,
    revision: i64,
    (from, to): (Timestamp, Option<Timestamp>),
    seq: u64,
) -> Fact {
    let value = json!({"outage": id, "over": to.is_some(), "kind": of.kind});
    let (key, source) = (key(id, revision), Source::Audit(seq));
    let made = fact(tools, now, kinds::LINE_OUT, key, of.body, of.subject(), source, value);
    Fact { from, to: to.unwrap_or(now.max(from)), ..made }
}

fn key(id: Id<kind::Outage>, revision: i64) -> String {
    format!("{}/{id}/{revision}", kinds::LINE_OUT)
}

async fn lasting(sql: &mut Sql, line: Id<kind::Line>) -> Result<Option<Id<kind::Outage>>, StoreError> {
    let row = sql
        .row("select id from outage where line = $1 and to_at is null order by from_at limit 1", args![line])
        .await?;
    row.map(|r| r.id("id")).transpose()
}

async fn check(tx: &mut Tx, scope: &Scope, change: &OutageChange) -> Result<String, StoreError> {
    let now = tx.now();
    if change.from > now || change.to.is_some_and(|to| to <= change.from || to > now) {
        return Err(StoreError::Refused("outage-times"));
    }
    if change.bodies.len() > BODIES_MAX {
        return Err(StoreError::Refused("outage-many"));
    }
    let mut seen = Query::new("select count(*) as n from body b where b.id in");
    seen.list(change.bodies.iter().copied()).push("and").visible(scope, Right::See, "b.id");
    let mut distinct = change.bodies.clone();
    distinct.sort();
    distinct.dedup();
    if seen.row(tx).await?.map_or(Ok(0), |r| r.count("n"))? as usize != distinct.len() {
        return Err(StoreError::Refused("body-not-yours"));
    }
    match change.cause.trim() {
        "" => Ok(String::new()),
        text => said(text, CAUSE_MAX),
    }
}

/// The outages of a line, newest first.
pub async fn of_line(sql: &mut Sql, scope: &Scope, id: Id<kind::Line>) -> Result<Vec<Outage>, StoreError> {
    held(sql, scope, Need::See, id).await?;
    let rows = sql
        .rows(
            "select o.*, p.name from outage o left join person p on p.id = o.by_person
             where o.line = $1 order by o.from_at desc, o.id desc limit $2",
            args![id, SHOWN_MAX],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(from_row(sql, scope, row).await?);
    }
    Ok(found)
}

async fn from_row(sql: &mut Sql, scope: &Scope, row: &Row) -> Result<Outage, StoreError> {
    let id: Id<kind::Outage> = row.id("id")?;
    let mut query =
        Query::new("select b.id, b.name from outage_body o join body b on b.id = o.body where o.outage =");
    query.bind(id).push("and").visible(scope, Right::See, "b.id").push("order by b.sort_key, b.id");
    let bodies = query.rows(sql).await?;
    Ok(Outage {
        id,
        from: row.time("from_at")?,
        to: row.opt_time("to_at")?,
        cause: row.text("cause")?,
        by: row.opt_text("name")?,
        bodies: bodies
            .iter()
            .map(|b| Ok((b.id("id")?, b.text("name")?)))
            .collect::<Result<_, StoreError>>()?,
    })
}
