//! Which hosts must be judged again.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    id::{Id, kind},
};
use jiff::civil::Date;
use review::{advisory::Advisory, judge::keys};

use crate::{Query, Sql, StoreError, Tx, args, hosts};

/// Hosts are judged by changed flaws alone up to so many of them; beyond, by all that is known, which is cheaper.
const FLAWS_MAX: usize = 1_000;
/// Hosts that changed flaws concern are looked for up to so many; beyond, it is every host.
const FLAWS_FOLLOWED: usize = 50_000;
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
    /// Words of Microsoft's products of whose updates something is said no more.
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
    pub fn changed(&mut self, before: &Advisory, after: Option<&Advisory>) {
        if !self.all() {
            self.flaws.extend(before.numbers());
            self.flaws.extend(after.into_iter().flat_map(Advisory::numbers));
            self.products.extend(keys::of_untold(before, after));
        }
    }
    /// A flaw is used otherwise than before.
    pub fn used(&mut self, flaw: &str) {
        self.used.insert(flaw.to_owned());
    }
    /// Whether it is so much that all is judged again anyway.
    pub fn all(&self) -> bool {
        self.flaws.len() > FLAWS_FOLLOWED
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
    let limit = i64::try_from(FLAWS_FOLLOWED + 1).unwrap_or(i64::MAX);
    let rows = tx.rows("select flaw, gathered from flaw_dirty limit $1", args![limit]).await?;
    let (mut every, mut fresh) = (rows.len() > FLAWS_FOLLOWED, Vec::new());
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
    let many = rows.len() > FLAWS_MAX;
    sharing(tx, &fresh, many).await?;
    if many {
        having_many(tx).await?;
        tx.exec("delete from flaw_dirty", vec![]).await?;
        return Ok(());
    }
    for part in fresh.chunks(AT_ONCE) {
        for (find, end) in [
            ("select distinct f.host, false from host_flaw f where f.flaw in", ""),
            (
                "select distinct w.host, false from warning_host w
                 where w.warning in (select x.warning from warning_flaw x where x.flaw in",
                ")",
            ),
        ] {
            let mut query = Query::new("insert into host_dirty (host, whole)");
            query.push(find).list(part.iter()).push(end).push("on conflict (host) do nothing");
            query.exec(tx).await?;
        }
    }
    tx.exec("update flaw_dirty set gathered = true where gathered = false", vec![]).await?;
    Ok(())
}

/// Hosts that share a word with an advisory of those flaws.
async fn sharing(tx: &mut Tx, flaws: &[String], whole: bool) -> Result<(), StoreError> {
    let mut words = BTreeSet::new();
    for part in flaws.chunks(AT_ONCE) {
        let mut query = Query::new(
            "select distinct k.key from advisory_key c join advisory_key k on k.advisory = c.advisory where c.key in",
        );
        query.list(part.iter().map(|flaw| keys::of_number(flaw)));
        for row in &query.rows(tx).await? {
            words.insert(row.text("key")?);
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for part in words.chunks(AT_ONCE) {
        let mut query = Query::new("insert into host_dirty (host, whole) select distinct w.host,");
        query.bind(whole).push("from host_word w where w.key in").list(part.iter().copied());
        query.push(match whole {
            true => "on conflict (host) do update set whole = true",
            false => "on conflict (host) do nothing",
        });
        query.exec(tx).await?;
    }
    Ok(())
}

/// Hosts that have any of the changed flaws, or were warned of one, where these are many; whoever waits to be judged by them
/// is judged whole.
async fn having_many(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec("update host_dirty set whole = true where whole = false", vec![]).await?;
    tx.exec(
        "insert into host_dirty (host, whole) select i.host, true from host_inventory i
         where not exists (select 1 from host_dirty d where d.host = i.host)
           and (exists (select 1 from host_flaw f join flaw_dirty c on c.flaw = f.flaw where f.host = i.host)
             or exists (select 1 from warning_host w join warning_flaw x on x.warning = w.warning
                        join flaw_dirty c on c.flaw = x.flaw where w.host = i.host))
         on conflict (host) do nothing",
        vec![],
    )
    .await?;
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
