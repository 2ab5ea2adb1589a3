//! Lists read: by people, within their scope; by who watches, all.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::Scope,
    id::{Id, kind},
    indicator::Kind,
    right::Right,
};
use jiff::Timestamp;

use super::{Part, Shown, Watched, body_of, terms_of};
use crate::{Query, Row, Sql, StoreError, args};

/// At most so many on one page.
const LIST_MAX: i64 = 1_000;
/// Parts shown.
const PARTS_SHOWN: i64 = 100;

const SHOWN: &str = "select l.*, b.name as body_name from indicator_list l join body b on b.id = l.body
    where l.closed_at is null and";

/// The open lists a scope may see, by body and name; `under`: only of that body and those below it.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
) -> Result<Vec<Shown>, StoreError> {
    let mut query = Query::new(SHOWN);
    query.visible(scope, Right::Read, "l.body");
    if let Some(top) = under {
        query.push("and exists (select 1 from body_closure u where u.below = l.body and u.above =").bind(top);
        query.push(")");
    }
    query.push("order by b.sort_key, b.id, l.sort_key, l.id limit").bind(LIST_MAX);
    query.rows(sql).await?.iter().map(shown).collect()
}

/// One open list.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::IndicatorList>) -> Result<Shown, StoreError> {
    let mut query = Query::new(SHOWN);
    query.push("l.id =").bind(id).push("and").visible(scope, Right::Read, "l.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("indicator list"))?;
    let may_change = body_of(sql, scope, Right::Answer, id).await.is_ok();
    Ok(Shown { may_change, ..shown(&row)? })
}

fn shown(row: &Row) -> Result<Shown, StoreError> {
    Ok(Shown {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        letter: row.opt_id("letter")?,
        terms: terms_of(row)?,
        entries: number(row, "entries")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
        may_change: false,
    })
}

fn number(row: &Row, column: &'static str) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.int(column)?).unwrap_or(0))
}

/// The parts of a list, the newest first.
pub async fn parts(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::IndicatorList>,
) -> Result<Vec<Part>, StoreError> {
    body_of(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select t.*, p.name as person_name from indicator_part t left join person p on p.id = t.person
             where t.list = $1 order by t.seq desc limit $2",
            args![id, PARTS_SHOWN],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Part {
            seq: row.int("seq")?,
            sha256: row.text("sha256")?,
            name: row.text("name")?,
            shape: row.text("shape")?,
            kinds: row.json("kinds")?,
            taken: number(row, "taken")?,
            merged: number(row, "merged")?,
            passed: number(row, "passed")?,
            faults: number(row, "faults")?,
            problems: row.json("problems")?,
            person: row.opt_text("person_name")?,
            at: row.time("at")?,
            replaced_at: row.opt_time("replaced_at")?,
        })
    };
    rows.iter().map(one).collect()
}

/// What was taken out of a list, with the reason and when, the newest first.
pub async fn gone(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::IndicatorList>,
) -> Result<Vec<(Kind, String, String, Timestamp)>, StoreError> {
    body_of(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select kind, value, reason, at from indicator_gone where list = $1 order by at desc, value limit $2",
            args![id, LIST_MAX],
        )
        .await?;
    let one = |row: &Row| {
        Ok((row.word("kind", Kind::parse)?, row.text("value")?, row.text("reason")?, row.time("at")?))
    };
    rows.iter().map(one).collect()
}

/// Every open list that has something in it, for who watches. It serves nobody in particular: only programs call this;
/// `only`: that one alone.
pub async fn watched(
    sql: &mut Sql,
    only: Option<Id<kind::IndicatorList>>,
) -> Result<Vec<Watched>, StoreError> {
    let mut query =
        Query::new("select l.* from indicator_list l where l.closed_at is null and l.entries > 0");
    if let Some(id) = only {
        query.push("and l.id =").bind(id);
    }
    query.push("order by l.id");
    let lists = query.rows(sql).await?;
    let mut files: BTreeMap<Id<kind::IndicatorList>, Vec<String>> = BTreeMap::new();
    for row in sql
        .rows("select list, sha256 from indicator_part where replaced_at is null order by list, seq", vec![])
        .await?
    {
        files.entry(row.id("list")?).or_default().push(row.text("sha256")?);
    }
    let mut gone: BTreeMap<Id<kind::IndicatorList>, BTreeSet<(Kind, String)>> = BTreeMap::new();
    for row in sql.rows("select list, kind, value from indicator_gone", vec![]).await? {
        let entry = (row.word("kind", Kind::parse)?, row.text("value")?);
        gone.entry(row.id("list")?).or_default().insert(entry);
    }
    let one = |row: &Row| {
        let id = row.id("id")?;
        Ok(Watched {
            id,
            body: row.id("body")?,
            terms: terms_of(row)?,
            version: row.int("version")?,
            files: files.remove(&id).unwrap_or_default(),
            gone: gone.remove(&id).unwrap_or_default(),
        })
    };
    lists.iter().map(one).collect()
}

/// The bodies of these and all below each: whose events may be held against a list of that body.
pub async fn reach(
    sql: &mut Sql,
    bodies: &BTreeSet<Id<kind::Body>>,
) -> Result<BTreeMap<Id<kind::Body>, BTreeSet<Id<kind::Body>>>, StoreError> {
    let mut all: BTreeMap<_, BTreeSet<_>> = bodies.iter().map(|b| (*b, BTreeSet::from([*b]))).collect();
    if bodies.is_empty() {
        return Ok(all);
    }
    let mut query = Query::new("select above, below from body_closure where above in");
    query.list(bodies.iter().copied());
    for row in query.rows(sql).await? {
        all.entry(row.id("above")?).or_default().insert(row.id("below")?);
    }
    Ok(all)
}
