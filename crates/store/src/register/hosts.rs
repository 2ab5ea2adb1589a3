//! Hosts of a system: servers, workstations, devices, each with the names and addresses it is known by.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    system::Host,
};

use super::systems::{done, owned};
use crate::{Query, Sql, StoreError, Tx, args};

/// At most so many names of one host.
pub const NAMES_MAX: usize = 20;
/// At most so many characters of one name (a DNS name has at most 253).
pub const NAME_MAX: usize = 255;

/// Puts a host into the register. Needs [`Right::Register`] over the system's owner.
/// Refusals: `host-names-bad` (none, too many, or one with blanks or too long), `host-name-taken` (within the system).
pub async fn add(tx: &mut Tx, scope: &Scope, host: &Host) -> Result<(), StoreError> {
    let system = owned(tx, scope, host.system).await?.system;
    let names = tidy(&host.names)?;
    let mut query =
        Query::new("select n.name from host_name n join host h on h.id = n.host where h.system =");
    query.bind(host.system).push("and n.name in").list(names.iter().map(String::as_str));
    if query.row(tx).await?.is_some() {
        return Err(StoreError::Refused("host-name-taken"));
    }
    let now = tx.now();
    tx.exec("insert into host (id, system, created_at) values ($1,$2,$3)", args![host.id, host.system, now])
        .await?;
    for name in &names {
        tx.exec("insert into host_name (host, name) values ($1,$2)", args![host.id, name]).await?;
    }
    done(tx, "host.added", host.system, system.body, host);
    Ok(())
}

/// Takes a host out of the register. Needs [`Right::Register`] over the system's owner.
pub async fn remove(tx: &mut Tx, scope: &Scope, id: Id<kind::Host>) -> Result<(), StoreError> {
    let row = tx
        .row("select system from host where id = $1", args![id])
        .await?
        .ok_or(StoreError::NotFound("host"))?;
    let system = owned(tx, scope, row.id("system")?).await.map_err(|e| match e {
        StoreError::NotFound(_) => StoreError::NotFound("host"),
        e => e,
    })?;
    tx.exec("delete from host_name where host = $1", args![id]).await?;
    tx.exec("delete from host where id = $1", args![id]).await?;
    done(tx, "host.removed", system.system.id, system.system.body, &id);
    Ok(())
}

/// The hosts of a system, by their first names. Seen by the owner's and the operator's side.
pub async fn of_system(
    sql: &mut Sql,
    scope: &Scope,
    system: Id<kind::System>,
) -> Result<Vec<Host>, StoreError> {
    let mut query = Query::new(
        "select h.id, n.name from host h join host_name n on n.host = h.id join system s on s.id = h.system
         where h.system =",
    );
    query.bind(system).push("and (").visible(scope, Right::See, "s.body");
    query.push("or").visible(scope, Right::See, "s.operator").push(") order by h.id, n.name");
    let mut names: BTreeMap<Id<kind::Host>, Vec<String>> = BTreeMap::new();
    for row in query.rows(sql).await? {
        names.entry(row.id("id")?).or_default().push(row.text("name")?);
    }
    let mut hosts: Vec<Host> = names.into_iter().map(|(id, names)| Host { id, system, names }).collect();
    hosts.sort_by(|a, b| a.names.cmp(&b.names));
    Ok(hosts)
}

fn tidy(names: &[String]) -> Result<Vec<String>, StoreError> {
    let mut tidy: Vec<String> =
        names.iter().map(|n| n.trim().to_lowercase()).filter(|n| !n.is_empty()).collect();
    tidy.sort();
    tidy.dedup();
    let bad =
        |n: &String| n.chars().count() > NAME_MAX || n.chars().any(|c| c.is_whitespace() || c.is_control());
    if tidy.is_empty() || tidy.len() > NAMES_MAX || tidy.iter().any(bad) {
        return Err(StoreError::Refused("host-names-bad"));
    }
    Ok(tidy)
}
