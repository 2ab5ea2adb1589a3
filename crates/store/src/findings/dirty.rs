//! Which hosts must be judged again.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    id::{Id, kind},
};
use jiff::civil::Date;
use review::{advisory::Advisory, judge::keys};

use crate::{Query, Sql, StoreError, Tx, args, hosts};

/// Changed flaws are followed one by one up to so many; beyond, every host is judged again, which is cheaper.
const FLAWS_MAX: usize = 1_000;
/// Changed hosts taken over at once.
const HOSTS_MAX: u32 = 2_000;
/// Values of one list.
const AT_ONCE: usize = 400;
/// Stands for more flaws than are followed.
const ALL: &str = "*";

/// What is said otherwise than before, on its way to whoever judges.
#[derive(Debug, Default)]
pub(crate) struct Stirred {
    flaws: BTreeSet<String>,
    /// Flaws that are used otherwise than before: of concern only where they were found.
    used: BTreeSet<String>,
    /// Words of Microsoft's products of which something else is said than before.
    products: BTreeSet<String>,
}

impl Stirred {
    /// An advisory that was not there before.
    pub fn fresh(&mut self, advisory: &Advisory) {
        if !self.all() {
            self.flaws.extend(advisory.numbers());
        }
    }
    /// An advisory that says something else than before, or nothing any more: as it was and as it is.
    pub fn changed(&mut self, advisory: &Advisory) {
        if !self.all() {
            self.flaws.extend(advisory.numbers());
            self.products.extend(keys::of_products(advisory));
        }
    }
    /// A flaw is used otherwise than before.
    pub fn used(&mut self, flaw: &str) {
        self.used.insert(flaw.to_owned());
    }
    /// Whether it is so much that all is judged again anyway.
    pub fn all(&self) -> bool {
        self.flaws.len() > FLAWS_MAX
    }

    /// Writes it down.
    pub async fn note(self, tx: &mut Tx) -> Result<(), StoreError> {
        let all = BTreeSet::from([ALL.to_owned()]);
        let flaws: Vec<&String> = (if self.all() { &all } else { &self.flaws }).iter().collect();
        for part in flaws.chunks(AT_ONCE) {
            let mut query = Query::new("insert into flaw_dirty (flaw, gathered) values");
            for (n, flaw) in part.iter().enumerate() {
                query.push(if n == 0 { "(" } else { ",(" }).bind(flaw.as_str()).push(", false)");
            }
            query.push("on conflict (flaw) do update set gathered = false");
            query.exec(tx).await?;
        }
        let (used, products): (Vec<_>, Vec<_>) = (self.used.iter().collect(), self.products.iter().collect());
        for part in used.chunks(AT_ONCE) {
            let mut query = Query::new(
                "insert into flaw_dirty (flaw, gathered) select k.flaw, false from flaw_known k where k.flaw in",
            );
            query
                .list(part.iter().map(|f| f.as_str()))
                .push("on conflict (flaw) do update set gathered = false");
            query.exec(tx).await?;
        }
        for part in products.chunks(AT_ONCE) {
            let mut query = Query::new(
                "insert into host_dirty (host, whole) select distinct w.host, true from host_word w where w.key in",
            );
            query.list(part.iter().map(|w| w.as_str())).push("on conflict (host) do update set whole = true");
            query.exec(tx).await?;
        }
        Ok(())
    }
}

/// Notes the hosts that changes made dirty since the last time: wholly those whose inventory changed; for the flaws of
/// which something else is said those that have them, that were warned of them, or that share a word with an advisory of
/// them. Returns whether there is more.
pub async fn gather(tx: &mut Tx) -> Result<bool, StoreError> {
    tx.unchanged();
    flaws(tx).await?;
    let row = tx.row("select revision, host from judge_mark where id = 1", vec![]).await?;
    let row = row.ok_or(StoreError::Corrupt("judge_mark", "no row".into()))?;
    let mark = (u64::try_from(row.int("revision")?).unwrap_or_default(), row.opt_id("host")?);
    let found = hosts::changed_after(tx, &Scope::system(), None, mark, HOSTS_MAX).await?;
    for part in found.chunks(AT_ONCE) {
        let mut query = Query::new("insert into host_dirty (host, whole) values");
        for (n, (_, host, _)) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(", true)");
        }
        query.push("on conflict (host) do update set whole = true");
        query.exec(tx).await?;
    }
    if let Some((revision, host, _)) = found.last() {
        let revision = i64::try_from(*revision).unwrap_or(i64::MAX);
        tx.exec("update judge_mark set revision = $1, host = $2 where id = 1", args![revision, *host])
            .await?;
    }
    Ok(found.len() == HOSTS_MAX as usize)
}

async fn flaws(tx: &mut Tx) -> Result<(), StoreError> {
    // Nobody waits any more for those that were gathered before.
    if tx.row("select host from host_dirty where whole = false limit 1", vec![]).await?.is_none() {
        tx.exec("delete from flaw_dirty where gathered = true", vec![]).await?;
    }
    let rows = tx
        .rows(
            "select flaw, gathered from flaw_dirty limit $1",
            args![i64::try_from(FLAWS_MAX + 1).unwrap_or(i64::MAX)],
        )
        .await?;
    let (mut every, mut fresh) = (rows.len() > FLAWS_MAX, Vec::new());
    for row in &rows {
        let flaw = row.text("flaw")?;
        every |= flaw == ALL;
        if !row.bool("gathered")? {
            fresh.push(flaw);
        }
    }
    if every {
        tx.exec("delete from flaw_dirty", vec![]).await?;
        return all(tx).await;
    }
    for part in fresh.chunks(AT_ONCE) {
        let words: Vec<String> = part.iter().map(|flaw| keys::of_number(flaw)).collect();
        for (find, end, values) in [
            (
                "select distinct w.host, false from advisory_key c join advisory_key k on k.advisory = c.advisory
                 join host_word w on w.key = k.key where c.key in",
                "",
                &words[..],
            ),
            ("select distinct f.host, false from host_flaw f where f.flaw in", "", part),
            (
                "select distinct w.host, false from warning_host w
                 where w.warning in (select x.warning from warning_flaw x where x.flaw in",
                ")",
                part,
            ),
        ] {
            let mut query = Query::new("insert into host_dirty (host, whole)");
            query.push(find).list(values.iter()).push(end).push("on conflict (host) do nothing");
            query.exec(tx).await?;
        }
    }
    tx.exec("update flaw_dirty set gathered = true where gathered = false", vec![]).await?;
    Ok(())
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
    tx.exec(
        "insert into host_dirty (host, whole) select i.host, true from host_inventory i where 1 = 1
         on conflict (host) do update set whole = true",
        vec![],
    )
    .await?;
    Ok(())
}

/// Hosts that must be judged again, at most `limit`.
pub async fn pending(sql: &mut Sql, limit: u32) -> Result<Vec<Id<kind::Host>>, StoreError> {
    let rows = sql.rows("select host from host_dirty order by host limit $1", args![limit]).await?;
    rows.iter().map(|r| r.id("host")).collect()
}
