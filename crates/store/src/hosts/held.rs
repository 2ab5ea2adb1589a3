//! What is held of each host: all its reports together, in the form that `review` judges.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    host::{HostKind, Key, KeyKind, keys, kind_of},
    id::{Id, kind},
    inventory::{Inventory, Report, current, product_of},
    right::Right,
    text::sort_key,
};
use jiff::Timestamp;

use super::{doc, read::family_name, visible, write::searchable};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// The inventory held of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Of which host.
    pub host: Id<kind::Host>,
    /// Of which body.
    pub body: Id<kind::Body>,
    /// Number of the audit entry that changed it last: a judgement made at it stands until it moves.
    pub revision: u64,
    /// When the newest report was taken; when it came in, if it does not say.
    pub at: Timestamp,
    /// Whether the report itself says so.
    pub told: bool,
    /// All reports together.
    pub inventory: Inventory,
}

const HELD: &str = "select h.id, h.body, h.revision, h.last_seen, h.seen_told, i.doc
    from host h join host_inventory i on i.host = h.id where";

/// The inventory of one host; none if no report spoke of it. Needs [`Right::Read`].
pub async fn inventory(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
) -> Result<Option<Held>, StoreError> {
    Ok(inventories(sql, scope, &[host]).await?.into_iter().next())
}

/// The inventories of some hosts, those that have none left out. Needs [`Right::Read`] over each.
pub async fn inventories(
    sql: &mut Sql,
    scope: &Scope,
    hosts: &[Id<kind::Host>],
) -> Result<Vec<Held>, StoreError> {
    let mut query = Query::new(HELD);
    visible(&mut query, scope, Right::Read);
    query.push("and h.id in").list(hosts.iter().copied()).push("order by h.id");
    query.rows(sql).await?.iter().map(held).collect()
}

/// Hosts in service whose inventory changed after that revision and host, in the order of the changes: revision, host,
/// body. Begin with `(0, None)`; go on from the last one given, so that nothing is left out between two pages.
pub async fn changed_after(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
    (revision, host): (u64, Option<Id<kind::Host>>),
    limit: u32,
) -> Result<Vec<(u64, Id<kind::Host>, Id<kind::Body>)>, StoreError> {
    let revision = i64::try_from(revision).unwrap_or(i64::MAX);
    let mut query = Query::new("select h.revision, h.id, h.body from host h where h.closed_at is null and");
    visible(&mut query, scope, Right::See);
    query.push("and (h.revision >").bind(revision);
    if let Some(host) = host {
        query.push("or (h.revision =").bind(revision).push("and h.id >").bind(host).push(")");
    }
    query.push(")");
    if let Some(top) = under {
        query.push("and exists (select 1 from body_closure u where u.below = h.body and u.above =").bind(top);
        query.push(")");
    }
    query.push("order by h.revision, h.id limit").bind(limit);
    let one =
        |r: &Row| Ok((u64::try_from(r.int("revision")?).unwrap_or_default(), r.id("id")?, r.id("body")?));
    query.rows(sql).await?.iter().map(one).collect()
}

fn held(row: &Row) -> Result<Held, StoreError> {
    Ok(Held {
        host: row.id("id")?,
        body: row.id("body")?,
        revision: u64::try_from(row.int("revision")?).unwrap_or_default(),
        at: row.time("last_seen")?,
        told: row.bool("seen_told")?,
        inventory: doc::unpack(&row.bytes("doc")?)?,
    })
}

/// Puts a host's reports together anew, as of the audit entry `revision`.
pub(super) async fn merge(tx: &mut Tx, host: Id<kind::Host>, revision: u64) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "select r.id, r.tool, r.received_at, r.doc, f.name as file, f.odd_count from inventory_report r
             join inventory_file f on f.id = r.file where r.host = $1 and r.state = 'live' order by r.received_at, r.id",
            args![host],
        )
        .await?;
    let mut reports = Vec::with_capacity(rows.len());
    for row in &rows {
        let says = doc::unpack(&row.bytes("doc")?)?;
        let (tool, file, received) = (row.text("tool")?, row.text("file")?, row.time("received_at")?);
        reports.push(Report { tool, file, received, says });
    }
    // Addresses wander: only those of the newest report that tells any still find the host.
    let newest = reports.iter().rev().map(|r| keys(&r.says)).find(has_address).unwrap_or_default();
    let mut it = current(reports);
    review::inventory::place(&mut it.inventory);
    if let Some(os) = &mut it.inventory.os {
        os.product = os.product.take().or_else(|| product_of(os));
    }
    let mut odd = 0_u32;
    for (place, row) in rows.iter().enumerate() {
        if it.superseded.contains(&place) {
            let id: Id<kind::InventoryReport> = row.id("id")?;
            tx.exec("update inventory_report set state = 'superseded' where id = $1", args![id]).await?;
        } else {
            odd += u32::from(row.count("odd_count")? > 0);
        }
    }
    let live = rows.len() - it.superseded.len();
    addresses(tx, host, &newest).await?;
    keep(tx, host, revision, &it.inventory, it.at, it.told, (live, odd)).await
}

fn has_address(keys: &BTreeSet<Key>) -> bool {
    keys.iter().any(|k| k.kind == KeyKind::Address)
}

async fn addresses(tx: &mut Tx, host: Id<kind::Host>, newest: &BTreeSet<Key>) -> Result<(), StoreError> {
    if !has_address(newest) {
        return Ok(());
    }
    tx.exec("delete from host_key where host = $1 and kind = 'address' and told = false", args![host])
        .await?;
    for key in newest.iter().filter(|k| k.kind == KeyKind::Address) {
        tx.exec(
            "insert into host_key (host, kind, value, look, told) values ($1,'address',$2,$2,false)
             on conflict (host, kind, value) do nothing",
            args![host, &key.value],
        )
        .await?;
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
async fn keep(
    tx: &mut Tx,
    host: Id<kind::Host>,
    revision: u64,
    it: &Inventory,
    at: Option<Timestamp>,
    told: bool,
    (live, odd): (usize, u32),
) -> Result<(), StoreError> {
    let row = tx
        .row("select body, name, kind, source, first_seen from host where id = $1", args![host])
        .await?
        .ok_or(StoreError::NotFound("host"))?;
    let (body, name, os): (Id<kind::Body>, _, _) = (row.id("body")?, row.text("name")?, it.os.as_ref());
    // What a report found by its address alone is called by its name as soon as one tells it.
    let own = keys(it).into_iter().find(|k| k.kind == KeyKind::Name).map(|k| k.value);
    let nameless =
        row.text("source")? == "report" && Key::named(&name).is_some_and(|k| k.kind == KeyKind::Address);
    let name = own.filter(|_| nameless).unwrap_or(name);
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let kind = row.opt_text("kind")?.or_else(|| os.and_then(kind_of).map(|k: HostKind| k.name().to_owned()));
    let first = row.opt_time("first_seen")?.into_iter().chain(at).min();
    let build = os.and_then(|os| os.running().or_else(|| os.build.clone()).or_else(|| os.version.clone()));
    tx.exec(
        "update host set name = $1, sort_key = $2, kind = $3, os = $4, family = $5, build = $6, first_seen = $7,
           last_seen = $8, seen_told = $9, reports = $10, packages = $11, updates = $12, disagreements = $13, odd = $14,
           revision = $15 where id = $16",
        args![
            &name,
            sort_key(&name),
            kind,
            os.map(|os| os.name.clone()).filter(|n| !n.is_empty()),
            os.map(|os| family_name(os.family)),
            build,
            first,
            at,
            told,
            count(live),
            count(it.packages.len()),
            count(it.kbs.len()),
            count(it.disagreements.len()),
            odd,
            i64::try_from(revision).unwrap_or(i64::MAX),
            host
        ],
    )
    .await?;
    if live == 0 {
        tx.exec("delete from host_inventory where host = $1", args![host]).await?;
    } else {
        tx.exec(
            "insert into host_inventory (host, doc) values ($1,$2)
             on conflict (host) do update set doc = excluded.doc",
            args![host, doc::pack(it)?],
        )
        .await?;
    }
    searchable(tx, host).await?;
    tx.changed(Topic::Inventory, format!("host:{host}"), Some(body));
    Ok(())
}
