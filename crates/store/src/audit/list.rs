//! The log for an auditor's eyes: filtered, newest first, page by page.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{Entry, Root, head::hash};
use crate::{Arg, Query, Row, Sql, StoreError};

/// Most entries on one page.
pub const LIMIT_MAX: u32 = 500;

/// Which entries; an absent field does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Done by this person: signed in, by token or by link.
    pub actor: Option<Id<kind::Person>>,
    /// The action's word (`letter.confirmed`), or its first part (`letter`).
    pub action: Option<String>,
    /// The subject (`letter:ID`), or its first part.
    pub subject: Option<String>,
    /// Of this body or one below it.
    pub body: Option<Id<kind::Body>>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
}

/// One entry with what a page shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The entry, as it was hashed.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf_hash: Root,
    /// The acting person's name today, if it was a person and is still known. Not part of the log.
    pub who: Option<String>,
    /// The body's name today. Not part of the log.
    pub of: Option<String>,
}

/// The entries the scope may audit that match, newest first, those before number `before`. Entries without a body
/// (failed sign-ins, the system's own acts) are shown to who may audit the top of the tree.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let mut query = select();
    audited(&mut query, scope);
    if let Some(actor) = filter.actor {
        let person = format!("person:{actor}");
        query
            .push("and (e.actor =")
            .bind(&person)
            .push("or e.actor like")
            .bind(format!("{person} %"))
            .push(")");
    }
    stem(&mut query, "and e.action", filter.action.as_deref(), '.');
    stem(&mut query, "and e.subject", filter.subject.as_deref(), ':');
    if let Some(body) = filter.body {
        query.push("and e.body in (select below from body_closure where above =").bind(body).push(")");
    }
    if let Some(from) = filter.from {
        query.push("and e.at >=").bind(from);
    }
    if let Some(until) = filter.until {
        query.push("and e.at <").bind(until);
    }
    if let Some(before) = before {
        query.push("and e.seq <").bind(i64::try_from(before).unwrap_or(i64::MAX));
    }
    query.push("order by e.seq desc limit").bind(limit.clamp(1, LIMIT_MAX));
    let rows = query.rows(sql).await?;
    listed(sql, &rows).await
}

/// One entry, if the scope may audit it.
pub async fn get(sql: &mut Sql, scope: &Scope, seq: u64) -> Result<Listed, StoreError> {
    let mut query = select();
    audited(&mut query, scope);
    query.push("and e.seq =").bind(i64::try_from(seq).unwrap_or(i64::MAX));
    let rows = query.rows(sql).await?;
    listed(sql, &rows).await?.pop().ok_or(StoreError::NotFound("entry"))
}

/// Whether the scope may audit everything: exports and verification show the whole log.
pub async fn may_audit_all(sql: &mut Sql, scope: &Scope) -> Result<bool, StoreError> {
    let mut query = Query::new("select id from body b where b.parent is null and not");
    query.visible(scope, Right::Audit, "b.id").push("limit 1");
    Ok(scope.anywhere(Right::Audit) && query.row(sql).await?.is_none())
}

fn select() -> Query {
    Query::new("select e.seq, e.leaf, e.body from audit_entry e where")
}

fn audited(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::Audit, "e.body");
    query.push("or (e.body is null and exists (select 1 from body top where top.parent is null and");
    query.visible(scope, Right::Audit, "top.id").push(")))");
}

/// `column` is `value`, or begins with it and the separator. Words and ids are lower-case ASCII, on which `like`
/// means the same on both engines whatever their collation.
fn stem(query: &mut Query, column: &'static str, value: Option<&str>, separator: char) {
    let Some(value) = value.map(str::trim).filter(|v| !v.is_empty()) else { return };
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if value.chars().all(word) {
        query.push(column).push("like").bind(format!("{value}{separator}%"));
    } else {
        query.push(column).push("=").bind(value);
    }
}

async fn listed(sql: &mut Sql, rows: &[Row]) -> Result<Vec<Listed>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let entry = Entry::from_leaf(&row.bytes("leaf")?).ok_or_else(|| {
            StoreError::Corrupt("audit_entry", format!("entry {}", row.int("seq").unwrap_or(-1)))
        })?;
        found.push(entry);
    }
    let person = |e: &Entry| {
        e.actor.strip_prefix("person:").map(|rest| rest.split(' ').next().unwrap_or(rest).to_owned())
    };
    let people =
        names(sql, "select id, name from person where id in", found.iter().filter_map(person)).await?;
    let bodies = found.iter().filter_map(|e| e.body.map(|b| b.to_string()));
    let bodies = names(sql, "select id, name from body where id in", bodies).await?;
    let mut query = Query::new("select idx, hash from audit_hash where idx in");
    query.list(found.iter().map(|e| leaf_index(e.seq)));
    let hashes: BTreeMap<i64, Vec<u8>> = query
        .rows(sql)
        .await?
        .iter()
        .map(|r| Ok((r.int("idx")?, r.bytes("hash")?)))
        .collect::<Result<_, StoreError>>()?;
    found
        .into_iter()
        .map(|entry| {
            let stored = hashes.get(&leaf_index(entry.seq)).ok_or(StoreError::NotFound("entry"))?;
            Ok(Listed {
                leaf_hash: hash(stored)?.0,
                who: person(&entry).and_then(|id| people.get(&id).cloned()),
                of: entry.body.and_then(|b| bodies.get(&b.to_string()).cloned()),
                entry,
            })
        })
        .collect()
}

fn leaf_index(seq: u64) -> i64 {
    tlog_tiles::tlog::stored_hash_index(0, seq) as i64
}

async fn names(
    sql: &mut Sql,
    select: &'static str,
    ids: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    let mut query = Query::new(select);
    query.list(ids.into_iter().map(Arg::from));
    query.rows(sql).await?.iter().map(|r| Ok((r.text("id")?, r.text("name")?))).collect()
}
