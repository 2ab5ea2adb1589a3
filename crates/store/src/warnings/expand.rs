//! From what was warned of to flaws.

use std::collections::BTreeMap;

use domain::{
    id::{Id, kind},
    warning::{FLAWS_MAX, Item},
};

use super::items;
use crate::{Query, Sql, StoreError, Tx, advisories, args};

/// Rows of one insert.
const ROWS: usize = 100;

/// Looks a warning up in what is known now; returns how many flaws are new.
pub async fn expand(tx: &mut Tx, id: Id<kind::Warning>) -> Result<u32, StoreError> {
    let mut found: BTreeMap<String, (i64, String)> = BTreeMap::new();
    for (n, item) in items(tx, id).await?.iter().enumerate() {
        for (flaw, because) in look_up(tx, id, item).await? {
            found.entry(flaw).or_insert((n as i64, because));
        }
    }
    let rows = tx.rows("select flaw from warning_flaw where warning = $1", args![id]).await?;
    let standing = rows.len();
    for row in rows {
        found.remove(&row.text("flaw")?);
    }
    let fresh: Vec<_> = found.into_iter().take(FLAWS_MAX.saturating_sub(standing)).collect();
    let now = tx.now();
    for part in fresh.chunks(ROWS) {
        let mut query = Query::new("insert into warning_flaw (warning, flaw, n, because, since) values");
        for (at, (flaw, (n, because))) in part.iter().enumerate() {
            query.push(if at == 0 { "(" } else { ",(" }).bind(id).push(",").bind(flaw).push(",").bind(*n);
            query.push(",").bind(because).push(",").bind(now).push(")");
        }
        query.push("on conflict (warning, flaw) do nothing");
        query.exec(tx).await?;
    }
    if !fresh.is_empty() {
        // What is warned of is judged on every host, also where nothing is known of it.
        tx.exec(
            "insert into host_dirty (host, whole) select h.id, true from host h where 1 = 1
             on conflict (host) do update set whole = true",
            vec![],
        )
        .await?;
    }
    Ok(u32::try_from(fresh.len()).unwrap_or(u32::MAX))
}

/// Looks all warnings in force up again; returns those that grew.
pub async fn expand_all(tx: &mut Tx) -> Result<Vec<Id<kind::Warning>>, StoreError> {
    // The oldest first: "all that was warned of" takes from those before.
    let rows =
        tx.rows("select id from warning where closed_at is null order by created_at, id", vec![]).await?;
    let mut grown = Vec::new();
    for row in rows {
        let id = row.id("id")?;
        if expand(tx, id).await? > 0 {
            grown.push(id);
        }
    }
    Ok(grown)
}

/// Flaws of an item, each with what it was found by.
async fn look_up(
    sql: &mut Sql,
    id: Id<kind::Warning>,
    item: &Item,
) -> Result<BTreeMap<String, String>, StoreError> {
    match item {
        Item::Flaws { numbers, .. } => Ok(numbers.iter().map(|n| (n.clone(), n.clone())).collect()),
        Item::Months { vendor, from, to, severities } => {
            advisories::in_months(sql, vendor, &from.to_string(), &to.to_string(), severities).await
        }
        Item::All => {
            let rows = sql
                .rows(
                    "select f.flaw, min(o.title) as title from warning w join warning o on o.body = w.body
                       and o.id <> w.id and o.closed_at is null and o.on_day <= w.on_day
                     join warning_flaw f on f.warning = o.id where w.id = $1 group by f.flaw",
                    args![id],
                )
                .await?;
            rows.iter().map(|r| Ok((r.text("flaw")?, r.text("title")?))).collect()
        }
    }
}
