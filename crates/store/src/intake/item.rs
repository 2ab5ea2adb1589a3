//! The list of what came in by itself.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intake::{Inlet, ItemState},
    right::Right,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, register::require};

/// At most so many items of a page.
pub const PAGE_MAX: usize = 500;

/// Something that came in by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: Id<kind::InboxItem>,
    /// For whom.
    pub body: Id<kind::Body>,
    /// Which way.
    pub inlet: Inlet,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub state: ItemState,
    /// Why, of a trouble: a stable code.
    pub reason: Option<String>,
    /// File name.
    pub name: Option<String>,
    /// From, subject, date, message-id.
    pub origin: Value,
    /// The letter it became, or belongs to.
    pub letter: Option<Id<kind::Letter>>,
    /// SHA-256 of what was kept of it.
    pub sha256: Option<String>,
    /// When a person said that it is dealt with.
    pub settled_at: Option<Timestamp>,
}

/// What of it is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<ItemState>,
    /// Only by this way.
    pub inlet: Option<Inlet>,
    /// Only what a person must still look at.
    pub open: bool,
    /// Only after this row: the last one of the page before.
    pub after: Option<(Timestamp, Id<kind::InboxItem>)>,
}

const SELECT: &str =
    "select i.id, i.body, i.source, i.at, i.state, i.reason, i.name, i.origin, i.letter, i.sha256, i.settled_at
    from inbox_item i where";

/// What came in, newest first, at most `limit` (≤ [`PAGE_MAX`]).
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Item>, StoreError> {
    let mut query = Query::new(SELECT);
    query.visible(scope, Right::Read, "i.body");
    if let Some(state) = filter.state {
        query.push("and i.state =").bind(state.name());
    }
    if let Some(inlet) = filter.inlet {
        query.push("and i.source =").bind(inlet.name());
    }
    if filter.open {
        query.push("and i.state in ('trouble', 'secret') and i.settled_at is null");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (i.at <").bind(at).push("or (i.at =").bind(at);
        query.push("and i.id <").bind(id).push("))");
    }
    query.push("order by i.at desc, i.id desc limit").bind(limit.min(PAGE_MAX) as i64);
    query.rows(sql).await?.iter().map(read).collect()
}

/// One of them.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::InboxItem>) -> Result<Item, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("i.id =").bind(id).push("and").visible(scope, Right::Read, "i.body");
    query.row(sql).await?.as_ref().map(read).transpose()?.ok_or(StoreError::NotFound("inbox item"))
}

/// How many a person must still look at.
pub async fn open_troubles(sql: &mut Sql, scope: &Scope) -> Result<u32, StoreError> {
    let mut query = Query::new("select count(*) as n from inbox_item i where");
    query.visible(scope, Right::Read, "i.body");
    query.push("and i.state in ('trouble', 'secret') and i.settled_at is null");
    query.row(sql).await?.map_or(Ok(0), |row| row.count("n"))
}

/// A person has dealt with it; `letter` is the letter made of it by hand, if one was.
pub async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::InboxItem>,
    letter: Option<Id<kind::Letter>>,
) -> Result<(), StoreError> {
    let item = get(tx, scope, id).await?;
    require(tx, scope, Right::Prepare, item.body).await?;
    if !matches!(item.state, ItemState::Trouble | ItemState::Secret) {
        return Err(StoreError::Refused("inbox-not-open"));
    }
    if item.settled_at.is_some() {
        tx.unchanged();
        return Ok(());
    }
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "update inbox_item set settled_at = $1, settled_by = $2, letter = coalesce($3, letter) where id = $4",
        args![now, by, letter, id],
    )
    .await?;
    tx.record("inbox.settled", format!("inbox:{id}"), Some(item.body), &letter);
    tx.changed(Topic::Letter, format!("inbox:{id}"), Some(item.body));
    Ok(())
}

fn read(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        id: row.id("id")?,
        body: row.id("body")?,
        inlet: row.word("source", Inlet::parse)?,
        at: row.time("at")?,
        state: row.word("state", ItemState::parse)?,
        reason: row.opt_text("reason")?,
        name: row.opt_text("name")?,
        origin: row.json("origin")?,
        letter: row.opt_id("letter")?,
        sha256: row.opt_text("sha256")?,
        settled_at: row.opt_time("settled_at")?,
    })
}
