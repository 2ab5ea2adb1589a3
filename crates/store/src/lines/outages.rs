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

use super::{Held, Need, either, held};
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
    /// What it did; may be empty.
    pub effect: String,
    /// Who wrote it last.
    pub by: Option<String>,
    /// Whom it hits, of those that may be seen.
    pub bodies: Vec<(Id<kind::Body>, String)>,
    /// What was said of it before, newest first.
    pub was: Vec<Was>,
}

/// What was said of an outage until it was corrected, or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Was {
    /// First moment.
    pub from: Timestamp,
    /// First moment after; `None`: it lasted.
    pub to: Option<Timestamp>,
    /// Why.
    pub cause: String,
    /// What it did.
    pub effect: String,
    /// Who had written it.
    pub by: Option<String>,
    /// When it was said otherwise.
    pub until: Timestamp,
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
    /// What it did.
    pub effect: String,
    /// Whom it hits; bodies that the one who writes does not see stay as they are.
    pub bodies: Vec<Id<kind::Body>>,
}

/// Enters an outage; needs [`Right::Answer`] over the line's body. `Refused`: `line-closed`, `outage-times`,
/// `outage-open` (one lasts already), `outage-many`, `text-long`, `body-not-yours`.
pub async fn open(tx: &mut Tx, scope: &Scope, tools: &Tools<'_>, new: &NewOutage) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Own, new.line).await?;
    of.in_use()?;
    let said = &check(tx, scope, &of, &new.said).await?;
    if new.said.to.is_none() && lasting(tx, of.id).await?.is_some() {
        return Err(StoreError::Refused("outage-open"));
    }
    let detail = (said.from, said.to, &said.cause, &said.effect, &said.bodies);
    let seq = tx.record("line.outage-entered", of.subject(), Some(of.body), &detail);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    insert(tx, tools, &of, new.id, said, seq).await
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
    let change = &check(tx, scope, &of, change).await?;
    if change.to.is_none() && ended.is_some() && lasting(tx, line).await?.is_some() {
        return Err(StoreError::Refused("outage-open"));
    }
    let detail = (id, change.from, change.to, &change.cause, &change.effect, &change.bodies);
    let seq = tx.record("line.outage-corrected", of.subject(), Some(of.body), &detail);
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    keep(tx, id).await?;
    let by = tx.actor().person();
    tx.exec(
        "update outage set from_at = $1, to_at = $2, cause = $3, effect = $4, by_person = $5 where id = $6",
        args![change.from, change.to, &change.cause, &change.effect, by, id],
    )
    .await?;
    let mut seen = Query::new("delete from outage_body where outage =");
    seen.bind(id).push("and body in (select b.id from body b where").visible(scope, Right::See, "b.id");
    seen.push(")");
    seen.exec(tx).await?;
    hit(tx, id, &change.bodies).await?;
    revise(tx, tools, &of, id, seq).await?;
    Ok(line)
}

/// A report of *down*: an outage begins unless one lasts already. Tells the body it serves.
pub(super) async fn begin(tx: &mut Tx, tools: &Tools<'_>, of: &Held, seq: u64) -> Result<(), StoreError> {
    if lasting(tx, of.id).await?.is_some() {
        return Ok(());
    }
    let bodies = of.served.into_iter().collect();
    let said = OutageChange { from: tx.now(), to: None, cause: String::new(), effect: String::new(), bodies };
    insert(tx, tools, of, Id::new(tools.ids), &said, seq).await
}

/// A report of anything but *down*: the outage that lasts is over.
pub(super) async fn over(tx: &mut Tx, tools: &Tools<'_>, of: &Held, seq: u64) -> Result<(), StoreError> {
    let Some(id) = lasting(tx, of.id).await? else { return Ok(()) };
    keep(tx, id).await?;
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
    seq: u64,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into outage (id, line, from_at, to_at, cause, effect, by_person, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![id, of.id, said.from, said.to, &said.cause, &said.effect, by, now],
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

/// What is said of an outage now stays readable once it is said otherwise.
async fn keep(tx: &mut Tx, id: Id<kind::Outage>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into outage_was (outage, revision, from_at, to_at, cause, effect, by_person, until_at)
         select id, revision, from_at, to_at, cause, effect, by_person, $1 from outage where id = $2",
        args![now, id],
    )
    .await?;
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

/// What is said, tidied and with nothing that cannot be. The body the line serves may always be named.
async fn check(
    tx: &mut Tx,
    scope: &Scope,
    of: &Held,
    change: &OutageChange,
) -> Result<OutageChange, StoreError> {
    let now = tx.now();
    if change.from > now || change.to.is_some_and(|to| to <= change.from || to > now) {
        return Err(StoreError::Refused("outage-times"));
    }
    if change.bodies.len() > BODIES_MAX {
        return Err(StoreError::Refused("outage-many"));
    }
    let mut distinct: Vec<_> = change.bodies.iter().copied().filter(|b| of.served != Some(*b)).collect();
    distinct.sort();
    distinct.dedup();
    let mut seen = Query::new("select count(*) as n from body b where b.id in");
    seen.list(distinct.iter().copied()).push("and").visible(scope, Right::See, "b.id");
    if seen.row(tx).await?.map_or(Ok(0), |r| r.count("n"))? as usize != distinct.len() {
        return Err(StoreError::Refused("body-not-yours"));
    }
    let optional = |text: &str| match text.trim() {
        "" => Ok(String::new()),
        text => said(text, CAUSE_MAX),
    };
    let (cause, effect) = (optional(&change.cause)?, optional(&change.effect)?);
    Ok(OutageChange { cause, effect, ..change.clone() })
}

const OUTAGE: &str = "select o.*, p.name from outage o left join person p on p.id = o.by_person";

/// The outages of a line, newest first.
pub async fn of_line(sql: &mut Sql, scope: &Scope, id: Id<kind::Line>) -> Result<Vec<Outage>, StoreError> {
    held(sql, scope, Need::See, id).await?;
    let mut query = Query::new(OUTAGE);
    query.push("where o.line =").bind(id).push("order by o.from_at desc, o.id desc limit").bind(SHOWN_MAX);
    let rows = query.rows(sql).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(from_row(sql, scope, row).await?);
    }
    Ok(found)
}

/// One outage, and of which line.
pub async fn one(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Outage>,
) -> Result<(Id<kind::Line>, Outage), StoreError> {
    let mut query = Query::new(OUTAGE);
    query.push("join line l on l.id = o.line where o.id =").bind(id).push("and");
    either(&mut query, scope, Right::See);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("outage"))?;
    Ok((row.id("line")?, from_row(sql, scope, &row).await?))
}

async fn from_row(sql: &mut Sql, scope: &Scope, row: &Row) -> Result<Outage, StoreError> {
    let id: Id<kind::Outage> = row.id("id")?;
    let mut query =
        Query::new("select b.id, b.name from outage_body o join body b on b.id = o.body where o.outage =");
    query.bind(id).push("and").visible(scope, Right::See, "b.id").push("order by b.sort_key, b.id");
    let bodies = query.rows(sql).await?;
    let was = sql
        .rows(
            "select w.*, p.name from outage_was w left join person p on p.id = w.by_person
             where w.outage = $1 order by w.revision desc",
            args![id],
        )
        .await?;
    Ok(Outage {
        id,
        from: row.time("from_at")?,
        to: row.opt_time("to_at")?,
        cause: row.text("cause")?,
        effect: row.text("effect")?,
        by: row.opt_text("name")?,
        bodies: bodies
            .iter()
            .map(|b| Ok((b.id("id")?, b.text("name")?)))
            .collect::<Result<_, StoreError>>()?,
        was: was
            .iter()
            .map(|w| {
                Ok(Was {
                    from: w.time("from_at")?,
                    to: w.opt_time("to_at")?,
                    cause: w.text("cause")?,
                    effect: w.text("effect")?,
                    by: w.opt_text("name")?,
                    until: w.time("until_at")?,
                })
            })
            .collect::<Result<_, StoreError>>()?,
    })
}
