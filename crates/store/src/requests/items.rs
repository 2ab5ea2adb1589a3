//! The entries of filter requests, each with its own times.

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    request::{
        ItemState,
        filter::{Item, ItemKind},
        settled,
    },
    right::Right,
};
use jiff::Timestamp;

use super::{Held, Need, Tools, WORDS_MAX, answer, held, seen, wrote};
use crate::{
    Query, Row, Sql, StoreError, Tx, args,
    assignments::{said, somebody},
};

/// Entries of a page.
pub const ITEMS_PAGE: usize = 200;
/// Rows of one insert: far below what either engine accepts in bound values.
const ROWS: usize = 200;
/// Why an entry cannot be filtered: a sentence.
const REASON_MAX: usize = 500;

/// An entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Its number in the list, from 1.
    pub place: i64,
    /// What it names.
    pub item: Item,
    /// How it stands.
    pub state: ItemState,
    /// When that was said.
    pub at: Option<Timestamp>,
    /// Why it is impossible.
    pub reason: String,
}

/// Which entries an operator speaks of.
#[derive(Debug, Clone)]
pub enum Mark {
    /// Those, by their numbers.
    Some(Vec<i64>),
    /// All that are open.
    Rest,
}

pub(super) async fn insert(tx: &mut Tx, id: Id<kind::Request>, items: &[Item]) -> Result<(), StoreError> {
    for (chunk, rows) in items.chunks(ROWS).enumerate() {
        let mut query = Query::new("insert into request_item (request, place, kind, value) values");
        for (n, item) in rows.iter().enumerate() {
            let place = i64::try_from(chunk * ROWS + n + 1).unwrap_or(i64::MAX);
            query.push(if n == 0 { "(" } else { ", (" });
            query.bind(id).push(",").bind(place).push(",").bind(item.kind.name()).push(",");
            query.bind(item.value.as_str()).push(")");
        }
        query.exec(tx).await?;
    }
    Ok(())
}

/// What a list names, in its order.
pub(super) async fn named(sql: &mut Sql, id: Id<kind::Request>) -> Result<Vec<Item>, StoreError> {
    let rows =
        sql.rows("select kind, value from request_item where request = $1 order by place", args![id]).await?;
    rows.iter().map(item).collect()
}

/// How many entries nobody has spoken of.
pub(super) async fn open(sql: &mut Sql, id: Id<kind::Request>) -> Result<u32, StoreError> {
    let row = sql
        .row("select count(*) as n from request_item where request = $1 and state = 'open'", args![id])
        .await?;
    row.map_or(Ok(0), |r| r.count("n"))
}

/// What nobody has spoken of is impossible too.
pub(super) async fn rest_impossible(tx: &mut Tx, of: &Held, why: &str) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let reason: String = why.chars().take(REASON_MAX).collect();
    tx.exec(
        "update request_item set state = 'impossible', at = $1, by_person = $2, reason = $3
         where request = $4 and state = 'open'",
        args![now, by, reason, of.id],
    )
    .await?;
    Ok(())
}

/// A returned answer asks anew for what was impossible; what was filtered stays filtered.
pub(super) async fn reopen(tx: &mut Tx, id: Id<kind::Request>) -> Result<(), StoreError> {
    tx.exec(
        "update request_item set state = 'open', at = null, by_person = null, reason = ''
         where request = $1 and state = 'impossible'",
        args![id],
    )
    .await?;
    Ok(())
}

/// Says of some entries that they are filtered or cannot be; once none is open the request is answered by that.
/// Returns how many entries changed. `Refused`: `request-why` (impossible without a reason), `request-accepted`,
/// `request-withdrawn`, `text-long`.
pub async fn mark(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
    which: &Mark,
    state: ItemState,
    reason: &str,
) -> Result<u64, StoreError> {
    let of = held(tx, scope, Need::Answer, id).await?;
    of.in_force()?;
    let by = somebody(tx.actor())?;
    if of.accepted_at.is_some() {
        return Err(StoreError::Refused("request-accepted"));
    }
    let reason = match (state, reason.trim()) {
        (ItemState::Impossible, "") => return Err(StoreError::Refused("request-why")),
        (ItemState::Impossible, reason) => said(reason, REASON_MAX.min(WORDS_MAX))?,
        _ => String::new(),
    };
    answer::receive(tx, scope, tools, id).await?;
    let at = (state != ItemState::Open).then_some(tx.now());
    let mut query = Query::new("update request_item set state =");
    query.bind(state.name()).push(", at =").bind(at).push(", by_person =").bind(at.map(|_| by));
    query.push(", reason =").bind(reason.as_str()).push("where request =").bind(id);
    match which {
        Mark::Some(places) => {
            query.push("and state <>").bind(state.name()).push("and place in");
            query.list(places.iter().copied().take(ITEMS_PAGE));
        }
        Mark::Rest => {
            query.push("and state = 'open'");
        }
    }
    let touched = query.exec(tx).await?;
    if touched == 0 {
        tx.unchanged();
        return Ok(0);
    }
    let text = format!("{} {touched}", state.name());
    wrote(tx, &of, "request.items-marked", "item", &text, &(state, touched, &reason)).await?;
    let count = counts(tx, id).await?;
    if let Some(outcome) = settled(count.0, count.1, count.2) {
        let all = count.0.saturating_add(count.1);
        let handled = Some(Count { handled: count.0, all });
        answer::settle(tx, tools, &of, outcome, handled, &reason).await?;
    }
    Ok(touched)
}

/// Done, impossible, open.
pub(super) async fn counts(sql: &mut Sql, id: Id<kind::Request>) -> Result<(u32, u32, u32), StoreError> {
    let rows = sql
        .rows("select state, count(*) as n from request_item where request = $1 group by state", args![id])
        .await?;
    let mut found = (0, 0, 0);
    for row in &rows {
        let n = row.count("n")?;
        match row.word("state", ItemState::parse)? {
            ItemState::Done => found.0 = n,
            ItemState::Impossible => found.1 = n,
            ItemState::Open => found.2 = n,
        }
    }
    Ok(found)
}

/// Entries of a list after that number, at most [`ITEMS_PAGE`]. Needs [`Right::Read`] from either side.
pub async fn items(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
    after: i64,
) -> Result<Vec<ItemRow>, StoreError> {
    some(sql, scope, id, after, ITEMS_PAGE).await
}

/// The whole list: for the file an operator puts into its router.
pub async fn all_items(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
) -> Result<Vec<ItemRow>, StoreError> {
    some(sql, scope, id, 0, domain::request::filter::ITEMS_MAX).await
}

async fn some(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
    after: i64,
    limit: usize,
) -> Result<Vec<ItemRow>, StoreError> {
    let mut query = Query::new("select r.id from request r where r.id =");
    query.bind(id).push("and");
    seen(&mut query, scope);
    query.push("and (").visible(scope, Right::Read, "r.body").push("or");
    query.visible(scope, Right::Read, "r.asker_body").push(")");
    query.row(sql).await?.ok_or(StoreError::NotFound("request"))?;
    let mut query = Query::new("select * from request_item where request =");
    query.bind(id).push("and place >").bind(after).push("order by place limit");
    query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query
        .rows(sql)
        .await?
        .iter()
        .map(|row| {
            Ok(ItemRow {
                place: row.int("place")?,
                item: item(row)?,
                state: row.word("state", ItemState::parse)?,
                at: row.opt_time("at")?,
                reason: row.text("reason")?,
            })
        })
        .collect()
}

fn item(row: &Row) -> Result<Item, StoreError> {
    Ok(Item { kind: row.word("kind", ItemKind::parse)?, value: row.text("value")? })
}
