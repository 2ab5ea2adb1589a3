//! Searches saved for a body: whoever may read its logs finds them again, and the address of one may be passed on.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    text::sort_key,
};
use jiff::Timestamp;

use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, assignments::said};

/// Longest name.
const NAME_MAX: usize = 200;
/// Saved searches of one body.
const EACH_MAX: i64 = 200;

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub id: Id<kind::SavedSearch>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// The query.
    pub query: String,
    /// The time, as the search page takes it.
    pub span: String,
    /// Who saved it.
    pub person: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Saves a search. Needs [`Right::Answer`] over the body. `Refused`: `text-empty`, `text-long`, `searches-many`.
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::SavedSearch>,
    body: Id<kind::Body>,
    (name, query, span): (&str, &str, &str),
) -> Result<(), StoreError> {
    may(tx, scope, body).await?;
    let name = said(name, NAME_MAX)?;
    if query.chars().count() > domain::query::LENGTH || span.len() > 40 {
        return Err(StoreError::Refused("text-long"));
    }
    let held = tx.row("select count(*) as n from saved_search where body = $1", args![body]).await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("searches-many"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into saved_search (id, body, name, sort_key, query, span, person, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![id, body, &name, sort_key(&name), query, span, person, now],
    )
    .await?;
    tx.record("search.saved", format!("search:{id}"), Some(body), &(&name, query, span));
    tx.changed(Topic::Hunt, format!("search:{id}"), Some(body));
    Ok(())
}

async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Answer, "b.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

const SHOWN: &str =
    "select s.*, p.name as person_name from saved_search s left join person p on p.id = s.person where";

/// The saved searches a scope may see, by name.
pub async fn saved_list(sql: &mut Sql, scope: &Scope) -> Result<Vec<Saved>, StoreError> {
    let mut query = Query::new(SHOWN);
    query.visible(scope, Right::Read, "s.body").push("order by s.sort_key, s.id limit 500");
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// One saved search.
pub async fn saved(sql: &mut Sql, scope: &Scope, id: Id<kind::SavedSearch>) -> Result<Saved, StoreError> {
    let mut query = Query::new(SHOWN);
    query.push("s.id =").bind(id).push("and").visible(scope, Right::Read, "s.body");
    from_row(&query.row(sql).await?.ok_or(StoreError::NotFound("search"))?)
}

fn from_row(row: &Row) -> Result<Saved, StoreError> {
    Ok(Saved {
        id: row.id("id")?,
        body: row.id("body")?,
        name: row.text("name")?,
        query: row.text("query")?,
        span: row.text("span")?,
        person: row.opt_text("person_name")?,
        created_at: row.time("created_at")?,
    })
}

/// Drops a saved search.
pub async fn drop_search(tx: &mut Tx, scope: &Scope, id: Id<kind::SavedSearch>) -> Result<(), StoreError> {
    let held = saved(tx, scope, id).await?;
    may(tx, scope, held.body).await?;
    tx.exec("delete from saved_search where id = $1", args![id]).await?;
    tx.record("search.dropped", format!("search:{id}"), Some(held.body), &held.name);
    tx.changed(Topic::Hunt, format!("search:{id}"), Some(held.body));
    Ok(())
}
