//! The words under which advisories find a host, kept as of its last judgement.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::id::{Id, kind};
use review::judge::keys;

use crate::{Query, StoreError, Tx, args, hosts::Held};

/// Rows of one insert.
const AT_ONCE: usize = 600;

/// Brings the words of those hosts up to date where their inventories changed, and returns all of them.
pub(super) async fn keep(tx: &mut Tx, held: &[&Held]) -> Result<BTreeSet<String>, StoreError> {
    let as_they_are = unchanged(tx, held).await?;
    let mut all = BTreeSet::new();
    let mut query = Query::new("select distinct key from host_word where host in");
    query.list(as_they_are.iter().copied());
    for row in query.rows(tx).await? {
        all.insert(row.text("key")?);
    }
    let changed: Vec<&Held> = held.iter().copied().filter(|h| !as_they_are.contains(&h.host)).collect();
    let mut before: BTreeMap<Id<kind::Host>, BTreeSet<String>> = BTreeMap::new();
    let mut query = Query::new("select host, key from host_word where host in");
    query.list(changed.iter().map(|h| h.host));
    for row in query.rows(tx).await? {
        before.entry(row.id("host")?).or_default().insert(row.text("key")?);
    }
    let mut fresh = Vec::new();
    for held in changed {
        let (old, new) = (before.remove(&held.host).unwrap_or_default(), keys::of_host(&held.inventory));
        for gone in old.difference(&new) {
            tx.exec("delete from host_word where key = $1 and host = $2", args![gone, held.host]).await?;
        }
        fresh.extend(new.difference(&old).map(|word| (word.clone(), held.host)));
        all.extend(new);
    }
    for part in fresh.chunks(AT_ONCE) {
        let mut query = Query::new("insert into host_word (key, host) values");
        for (n, (word, host)) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(word.as_str()).push(",").bind(*host).push(")");
        }
        query.exec(tx).await?;
    }
    Ok(all)
}

/// Hosts whose words are those of the inventory they have.
pub(super) async fn unchanged(tx: &mut Tx, held: &[&Held]) -> Result<HashSet<Id<kind::Host>>, StoreError> {
    let mut query = Query::new("select host, revision from host_judged where words =");
    query.bind(keys::VERSION).push("and host in").list(held.iter().map(|h| h.host));
    let mut found = HashSet::new();
    for row in query.rows(tx).await? {
        let (host, revision): (Id<kind::Host>, _) = (row.id("host")?, row.int("revision")?);
        let same = |h: &&Held| h.host == host && i64::try_from(h.revision) == Ok(revision);
        if held.iter().any(same) {
            found.insert(host);
        }
    }
    Ok(found)
}
