//! What providers commit for a holiday (VEND): people on each shift, a contract, a licence and its end.

use domain::{
    actor::Scope,
    fact::{Fact, Source, kinds},
    id::{Id, kind},
    right::Right,
    time::Window,
};
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use super::changes::span;
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, fact, said},
    facts,
    register::require,
};

/// A contract or licence by its number and title.
const TEXT_MAX: usize = 300;
/// More people than this on one shift is a slip of the finger.
const PEOPLE_MAX: u32 = 1_000;

/// A commitment as it is entered.
#[derive(Debug, Clone)]
pub struct NewCommitment<'a> {
    /// Its id.
    pub id: Id<kind::Commitment>,
    /// Who commits.
    pub provider: Id<kind::Body>,
    /// To whom.
    pub body: Id<kind::Body>,
    /// The contract.
    pub contract: &'a str,
    /// How many people on each shift.
    pub people: u32,
    /// The licence to provide the service; may be empty.
    pub licence: &'a str,
    /// Its last day.
    pub licence_to: Option<Date>,
    /// For when.
    pub window: Window,
}

/// A commitment as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Its id.
    pub id: Id<kind::Commitment>,
    /// Who commits, with name.
    pub provider: (Id<kind::Body>, String),
    /// To whom, with name.
    pub body: (Id<kind::Body>, String),
    /// The contract.
    pub contract: String,
    /// How many people on each shift.
    pub people: u32,
    /// The licence.
    pub licence: String,
    /// Its last day.
    pub licence_to: Option<Date>,
    /// For when.
    pub window: Window,
    /// When it was entered.
    pub at: Timestamp,
}

/// Enters a commitment; needs [`Right::Answer`] over the provider and sight of whom it serves. `Refused`: `span-bad`,
/// `commitment-people`, `text-empty`, `text-long`.
pub async fn commit(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    new: &NewCommitment<'_>,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Answer, new.provider).await?;
    require(tx, &Scope::system(), Right::See, new.body).await?;
    if new.window.from >= new.window.to {
        return Err(StoreError::Refused("span-bad"));
    }
    if !(1..=PEOPLE_MAX).contains(&new.people) {
        return Err(StoreError::Refused("commitment-people"));
    }
    let contract = said(new.contract, TEXT_MAX)?;
    let licence = match new.licence.trim() {
        "" => String::new(),
        text => said(text, TEXT_MAX)?,
    };
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into commitment (id, provider, body, contract, people, licence, licence_to, from_at, to_at, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        args![
            new.id,
            new.provider,
            new.body,
            &contract,
            new.people,
            &licence,
            new.licence_to,
            new.window.from,
            new.window.to,
            now,
            by
        ],
    )
    .await?;
    let detail = (new.id, new.body, &contract, new.people, &licence, new.licence_to, new.window);
    let seq = tx.record("provider.committed", format!("body:{}", new.provider), Some(new.provider), &detail);
    let value = json!({"people": new.people, "licence-to": new.licence_to});
    let (key, about) = (format!("{}/{}", kinds::COMMITTED, new.id), format!("body:{}", new.provider));
    let learnt = fact(tools, now, kinds::COMMITTED, key, new.provider, about, Source::Audit(seq), value);
    facts::learn(tx, &Fact { from: new.window.from, to: new.window.to, ..learnt }).await?;
    told(tx, new.provider, new.body);
    Ok(())
}

/// Takes a commitment back; what it said stays on record.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Commitment>,
) -> Result<(), StoreError> {
    let row = tx
        .row("select provider, body from commitment where id = $1 and withdrawn_at is null", args![id])
        .await?;
    let row = row.ok_or(StoreError::NotFound("commitment"))?;
    let (provider, body) = (row.id("provider")?, row.id("body")?);
    require(tx, scope, Right::Answer, provider).await.map_err(|_| StoreError::NotFound("commitment"))?;
    let now = tx.now();
    tx.exec("update commitment set withdrawn_at = $1 where id = $2", args![now, id]).await?;
    let about = format!("body:{provider}");
    let seq = tx.record("provider.commitment-withdrawn", about.clone(), Some(provider), &id);
    let key = format!("{}/{id}", kinds::COMMITTED);
    if let Some(old) = tx.row("select id from fact where key = $1", args![key]).await? {
        let key = format!("{}/{id}", kinds::COMMITMENT_WITHDRAWN);
        let value = json!({});
        let new =
            fact(tools, now, kinds::COMMITMENT_WITHDRAWN, key, provider, about, Source::Audit(seq), value);
        facts::supersede(tx, old.id("id")?, &new).await?;
    }
    told(tx, provider, body);
    Ok(())
}

/// Says otherwise what a provider commits: the old commitment is taken back and the new one entered, in one commit.
pub async fn amend(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    old: Id<kind::Commitment>,
    new: &NewCommitment<'_>,
) -> Result<(), StoreError> {
    withdraw(tx, scope, tools, old).await?;
    commit(tx, scope, tools, new).await
}

/// The bodies a provider may commit to: those the scope may see, and those above the bodies it answers for.
pub async fn served(sql: &mut Sql, scope: &Scope) -> Result<Vec<(Id<kind::Body>, String)>, StoreError> {
    let mut query = Query::new("select b.id, b.name from body b where b.closed_at is null and (");
    query.visible(scope, Right::See, "b.id");
    query.push("or exists (select 1 from body_closure u where u.above = b.id and");
    query
        .visible(scope, Right::Answer, "u.below")
        .push(")) order by b.sort_key, b.id limit")
        .bind(SERVED_MAX);
    query.rows(sql).await?.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}

/// So many bodies are offered: a province has some 2,000.
const SERVED_MAX: u32 = 3_000;

fn told(tx: &mut Tx, provider: Id<kind::Body>, body: Id<kind::Body>) {
    for of in [provider, body] {
        tx.changed(Topic::Roster, format!("body:{of}"), Some(of));
    }
}

/// The commitments that stand and end after `since`, of what the scope may see from either side: of one body or of all.
pub async fn commitments(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    since: Timestamp,
) -> Result<Vec<Commitment>, StoreError> {
    let mut query = seen(scope);
    query.push("and c.to_at >").bind(since);
    if let Some(body) = body {
        query.push("and (c.provider =").bind(body).push("or c.body =").bind(body).push(")");
    }
    query.push("order by c.from_at, p.sort_key, c.id limit").bind(LIST_MAX);
    query.rows(sql).await?.iter().map(read).collect()
}

/// One that stands, from either side.
pub async fn commitment(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Commitment>,
) -> Result<Commitment, StoreError> {
    let mut query = seen(scope);
    query.push("and c.id =").bind(id);
    query.row(sql).await?.as_ref().map(read).transpose()?.ok_or(StoreError::NotFound("commitment"))
}

fn seen(scope: &Scope) -> Query {
    let mut query = Query::new(
        "select c.*, p.name as provider_name, b.name as body_name from commitment c
         join body p on p.id = c.provider join body b on b.id = c.body where c.withdrawn_at is null and (",
    );
    query.visible(scope, Right::See, "c.provider").push("or");
    query.visible(scope, Right::See, "c.body").push(")");
    query
}

/// So many commitments are listed.
const LIST_MAX: u32 = 500;

fn read(row: &Row) -> Result<Commitment, StoreError> {
    Ok(Commitment {
        id: row.id("id")?,
        provider: (row.id("provider")?, row.text("provider_name")?),
        body: (row.id("body")?, row.text("body_name")?),
        contract: row.text("contract")?,
        people: row.count("people")?,
        licence: row.text("licence")?,
        licence_to: row.opt_date("licence_to")?,
        window: span(row)?,
        at: row.time("at")?,
    })
}
