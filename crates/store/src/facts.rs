//! Facts: append-only; a heartbeat extends an interval; a correction supersedes.

use domain::{
    actor::Scope,
    fact::{Fact, Source},
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Row, Sql, StoreError, Tx, args};

/// Learns a fact. Learning the same key again changes nothing and returns `false`.
pub async fn learn(tx: &mut Tx, fact: &Fact) -> Result<bool, StoreError> {
    let source =
        serde_json::to_string(&fact.source).map_err(|e| StoreError::Corrupt("fact", e.to_string()))?;
    let added = tx
        .exec(
            "insert into fact (id, key, kind, body, subject, from_at, to_at, learnt_at, source, value)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) on conflict (key) do nothing",
            args![
                fact.id,
                &fact.key,
                &fact.kind,
                fact.body,
                &fact.subject,
                fact.from,
                fact.to,
                fact.learnt,
                source,
                fact.value.clone()
            ],
        )
        .await?;
    Ok(added > 0)
}

/// The same for many at once, each with a key of its own; as many as one statement binds.
pub async fn learn_all(tx: &mut Tx, all: &[Fact]) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let mut query = Query::new(
        "insert into fact (id, key, kind, body, subject, from_at, to_at, learnt_at, source, value) values",
    );
    for (n, fact) in all.iter().enumerate() {
        let source =
            serde_json::to_string(&fact.source).map_err(|e| StoreError::Corrupt("fact", e.to_string()))?;
        query.push(if n == 0 { "(" } else { ",(" }).bind(fact.id).push(",").bind(&fact.key);
        query.push(",").bind(&fact.kind).push(",").bind(fact.body).push(",").bind(&fact.subject);
        query.push(",").bind(fact.from).push(",").bind(fact.to).push(",").bind(fact.learnt);
        query.push(",").bind(source).push(",").bind(fact.value.clone()).push(")");
    }
    query.push("on conflict (key) do nothing");
    query.exec(tx).await?;
    Ok(())
}

/// A heartbeat: the fact of that key is known to hold until `to`. Never shortens. `false` if there is no such fact.
pub async fn extend(tx: &mut Tx, key: &str, to: Timestamp) -> Result<bool, StoreError> {
    let touched = tx
        .exec(
            "update fact set to_at = case when to_at < $1 then $1 else to_at end
             where key = $2 and superseded_by is null",
            args![to, key],
        )
        .await?;
    Ok(touched > 0)
}

/// A correction: `fact` takes the place of `old`, which stays for the record but no longer counts.
pub async fn supersede(tx: &mut Tx, old: Id<kind::Fact>, fact: &Fact) -> Result<(), StoreError> {
    learn(tx, fact).await?;
    let touched = tx
        .exec(
            "update fact set superseded_by = $1 where id = $2 and superseded_by is null",
            args![fact.id, old],
        )
        .await?;
    if touched == 0 { Err(StoreError::NotFound("fact")) } else { Ok(()) }
}

/// The facts about some subjects that still count, oldest learnt first, at most `limit`.
pub async fn about(
    sql: &mut Sql,
    scope: &Scope,
    subjects: &[String],
    kinds: &[&str],
    limit: usize,
) -> Result<Vec<Fact>, StoreError> {
    let mut query = Query::new("select * from fact where superseded_by is null and subject in");
    query.list(subjects);
    if !kinds.is_empty() {
        query.push("and kind in").list(kinds.iter().copied());
    }
    query.push("and").visible(scope, Right::See, "fact.body");
    query.push("order by learnt_at, id limit").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// One fact; not found if the scope may not see its body.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Fact>) -> Result<Fact, StoreError> {
    let mut query = Query::new("select * from fact where id =");
    query.bind(id).push("and").visible(scope, Right::See, "fact.body");
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("fact"))
}

pub(crate) fn from_row(row: &Row) -> Result<Fact, StoreError> {
    Ok(Fact {
        id: row.id("id")?,
        key: row.text("key")?,
        kind: row.text("kind")?,
        body: row.id("body")?,
        subject: row.text("subject")?,
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        learnt: row.time("learnt_at")?,
        source: row.json::<Source>("source")?,
        value: row.json("value")?,
    })
}
