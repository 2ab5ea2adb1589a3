//! Hosts as lists and one by one.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    host::{Host, HostKind},
    id::{Id, kind},
    inventory::Family,
    right::Right,
};

use super::{Entry, Filter, Source, visible};
use crate::{
    Query, Row, Sql, StoreError,
    register::{PAGE_MAX, containing},
};

const ENTRY: &str = "select h.*, b.name as body_name, s.name as system_name
    from host h join body b on b.id = h.body left join system s on s.id = h.system where";

/// One host. Seen by the side of its body and of its system's owner and operator.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Host>) -> Result<Entry, StoreError> {
    let mut query = Query::new(ENTRY);
    visible(query.push("h.id =").bind(id).push("and"), scope, Right::See);
    let found = entries(sql, query).await?;
    found.into_iter().next().ok_or(StoreError::NotFound("host"))
}

/// Hosts in the order of their names. `after` is the sort key of the name and the id of the last one seen.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    after: Option<(String, Id<kind::Host>)>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = Query::new(ENTRY);
    narrow(visible(&mut query, scope, Right::See), filter);
    if let Some((key, id)) = after {
        query.push("and (h.sort_key >").bind(key.clone()).push("or (h.sort_key =").bind(key);
        query.push("and h.id >").bind(id).push("))");
    }
    query.push("order by h.sort_key, h.id limit").bind(limit.min(PAGE_MAX));
    entries(sql, query).await
}

/// How many hosts a filter finds.
pub async fn number(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<u32, StoreError> {
    let mut query = Query::new("select count(*) as n from host h where");
    narrow(visible(&mut query, scope, Right::See), filter);
    query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))
}

/// All hosts in service of one body, in the order of their names.
pub async fn of_body(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<Vec<Entry>, StoreError> {
    let mut query = Query::new(ENTRY);
    visible(&mut query, scope, Right::See);
    query.push("and h.closed_at is null and h.body =").bind(body).push("order by h.sort_key, h.id");
    entries(sql, query).await
}

/// All hosts in service of one system, in the order of their names.
pub async fn of_system(
    sql: &mut Sql,
    scope: &Scope,
    system: Id<kind::System>,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = Query::new(ENTRY);
    visible(&mut query, scope, Right::See);
    query.push("and h.closed_at is null and h.system =").bind(system).push("order by h.sort_key, h.id");
    entries(sql, query).await
}

fn narrow(query: &mut Query, filter: &Filter) {
    if !filter.closed {
        query.push("and h.closed_at is null");
    }
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        let text = containing(text);
        query
            .push("and (h.search like")
            .bind(text.clone())
            .push("escape '\\' or exists (select 1 from system fs");
        query.push("where fs.id = h.system and fs.folded like").bind(text).push("escape '\\'))");
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = h.body and u.above =").bind(top);
        query.push(")");
    }
    if let Some(body) = filter.body {
        query.push("and h.body =").bind(body);
    }
    if let Some(system) = filter.system {
        query.push("and h.system =").bind(system);
    }
    if let Some(kind) = filter.kind {
        query.push("and h.kind =").bind(kind.name());
    }
    if let Some(family) = filter.family {
        query.push("and h.family =").bind(family_name(family));
    }
    if let Some(before) = filter.stale_before {
        query.push("and (h.last_seen is null or h.last_seen <").bind(before).push(")");
    }
    for (wanted, condition) in [
        (filter.no_system, "and h.system is null"),
        (filter.no_kind, "and h.kind is null"),
        (filter.silent, "and h.last_seen is null"),
        (filter.disagreeing, "and h.disagreements > 0"),
        (filter.odd, "and h.odd > 0"),
    ] {
        if wanted {
            query.push(condition);
        }
    }
}

/// Rows of hosts with their names.
pub(super) async fn entries(sql: &mut Sql, query: Query) -> Result<Vec<Entry>, StoreError> {
    let mut found = query.rows(sql).await?.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    for page in found.chunks_mut(NAMES_AT_ONCE) {
        let mut query =
            Query::new("select host, value from host_key where kind in ('name', 'address') and host in");
        query.list(page.iter().map(|e| e.host.id)).push("order by kind desc, value");
        let mut names: BTreeMap<Id<kind::Host>, Vec<String>> = BTreeMap::new();
        for row in query.rows(sql).await? {
            names.entry(row.id("host")?).or_default().push(row.text("value")?);
        }
        for entry in page {
            let mut own = names.remove(&entry.host.id).unwrap_or_default();
            own.retain(|n| *n != entry.name);
            own.insert(0, entry.name.clone());
            entry.host.names = own;
        }
    }
    Ok(found)
}

/// Names of so many hosts are read in one query: both engines take more values bound.
const NAMES_AT_ONCE: usize = 400;

pub(super) fn family_name(family: Family) -> &'static str {
    match family {
        Family::Windows => "windows",
        Family::Linux => "linux",
        Family::Other => "other",
    }
}

fn family(name: &str) -> Option<Family> {
    [Family::Windows, Family::Linux, Family::Other].into_iter().find(|f| family_name(*f) == name)
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let kind = row.opt_text("kind")?.map(|k| HostKind::parse(&k).ok_or(StoreError::Corrupt("kind", k)));
    let name = row.text("name")?;
    Ok(Entry {
        host: Host {
            id: row.id("id")?,
            body: row.id("body")?,
            system: row.opt_id("system")?,
            names: vec![name.clone()],
            kind: kind.transpose()?,
            in_charge: row.opt_text("in_charge")?,
            note: row.opt_text("note")?,
        },
        name,
        body_name: row.text("body_name")?,
        system_name: row.opt_text("system_name")?,
        source: row.word("source", Source::parse)?,
        os: row.opt_text("os")?,
        family: row.opt_text("family")?.as_deref().and_then(family),
        build: row.opt_text("build")?,
        first_seen: row.opt_time("first_seen")?,
        last_seen: row.opt_time("last_seen")?,
        seen_told: row.bool("seen_told")?,
        reports: row.count("reports")?,
        packages: row.count("packages")?,
        updates: row.count("updates")?,
        disagreements: row.count("disagreements")?,
        odd: row.count("odd")?,
        revision: u64::try_from(row.int("revision")?).unwrap_or_default(),
        closed_at: row.opt_time("closed_at")?,
    })
}
