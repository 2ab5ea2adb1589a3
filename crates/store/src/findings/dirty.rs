//! Which hosts must be judged again.

use domain::{
    actor::Scope,
    id::{Id, kind},
};

use jiff::civil::Date;

use crate::{Query, Sql, StoreError, Tx, advisories, args, hosts};

/// Changed advisories are followed one by one up to so many; beyond, every host is judged again, which is cheaper.
const ADVISORIES_MAX: u32 = 500;
/// Changed hosts taken over at once.
const HOSTS_MAX: u32 = 2_000;

/// Notes the hosts that changes made dirty since the last time: those whose inventory changed, and those that share a
/// word with a changed advisory. Returns whether there is more.
pub async fn gather(tx: &mut Tx) -> Result<bool, StoreError> {
    tx.unchanged();
    let changed = advisories::dirty(tx, ADVISORIES_MAX + 1).await?;
    if changed.len() > ADVISORIES_MAX as usize || changed.iter().any(|id| id == advisories::GONE) {
        tx.exec("delete from advisory_dirty", vec![]).await?;
        all(tx).await?;
    } else if !changed.is_empty() {
        let mut query = Query::new(
            "insert into host_dirty (host) select distinct w.host from advisory_key k join host_word w on w.key = k.key
             where k.advisory in",
        );
        query.list(changed.iter()).push("on conflict (host) do nothing");
        query.exec(tx).await?;
        advisories::forget_dirty(tx, &changed).await?;
    }
    let row = tx.row("select revision, host from judge_mark where id = 1", vec![]).await?;
    let row = row.ok_or(StoreError::Corrupt("judge_mark", "no row".into()))?;
    let mark = (u64::try_from(row.int("revision")?).unwrap_or_default(), row.opt_id("host")?);
    let found = hosts::changed_after(tx, &Scope::system(), None, mark, HOSTS_MAX).await?;
    for (_, host, _) in &found {
        tx.exec("insert into host_dirty (host) values ($1) on conflict (host) do nothing", args![*host])
            .await?;
    }
    if let Some((revision, host, _)) = found.last() {
        let revision = i64::try_from(*revision).unwrap_or(i64::MAX);
        tx.exec("update judge_mark set revision = $1, host = $2 where id = 1", args![revision, *host])
            .await?;
    }
    Ok(found.len() == HOSTS_MAX as usize)
}

/// A new day: support that ended since the day before makes weaknesses though no machine changed. `ends` says whether any
/// did between two days.
pub async fn new_day(
    tx: &mut Tx,
    today: Date,
    ends: impl Fn(Date, Date) -> bool + Send,
) -> Result<(), StoreError> {
    tx.unchanged();
    let row = tx.row("select day from judge_mark where id = 1", vec![]).await?;
    let last = row.and_then(|r| r.opt_date("day").transpose()).transpose()?;
    if last == Some(today) {
        return Ok(());
    }
    if last.is_some_and(|last| ends(last, today)) {
        all(tx).await?;
    }
    tx.exec("update judge_mark set day = $1 where id = 1", args![today.to_string()]).await?;
    Ok(())
}

/// Every host that has an inventory: what they are judged by is different.
pub(crate) async fn all(tx: &mut Tx) -> Result<(), StoreError> {
    super::known::moved(tx).await?;
    tx.exec("insert into host_dirty (host) select i.host from host_inventory i where 1 = 1 on conflict (host) do nothing", vec![])
        .await?;
    Ok(())
}

/// Hosts that must be judged again, at most `limit`.
pub async fn pending(sql: &mut Sql, limit: u32) -> Result<Vec<Id<kind::Host>>, StoreError> {
    let rows = sql.rows("select host from host_dirty order by host limit $1", args![limit]).await?;
    rows.iter().map(|r| r.id("host")).collect()
}
