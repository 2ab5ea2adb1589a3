//! Hosts put in, changed and taken out by people.

use domain::{
    actor::Scope,
    host::{Host, HostKind, Key, KeyKind},
    id::{Id, kind},
    right::Right,
    text::{fold, sort_key},
};
use serde_json::json;

use super::{Entry, IN_CHARGE_MAX, NAMES_MAX, NOTE_MAX, Source, get};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    register::{optional, require, systems},
};

/// What to change of many hosts at once; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Another system; `Some(None)` = none.
    pub system: Option<Option<Id<kind::System>>>,
    /// Another kind; `Some(None)` = not known.
    pub kind: Option<Option<HostKind>>,
    /// Who is in charge; `Some(None)` = nobody named.
    pub in_charge: Option<Option<String>>,
}

/// Puts a host into the register. Needs [`Right::Register`] over its body.
/// Refusals: `host-names-bad` (none, too many, or one with blanks or too long), `host-name-taken` (by another host of
/// the body), `host-system-bad` (neither the body's own nor run by it), `host-in-charge-bad`, `host-note-bad`.
pub async fn add(tx: &mut Tx, scope: &Scope, host: &Host, source: Source) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, host.body).await?;
    let (keys, in_charge, note) = checked(tx, scope, host).await?;
    let (now, name) = (tx.now(), keys.first().map(|k| k.value.clone()).unwrap_or_default());
    tx.exec(
        "insert into host (id, body, system, name, sort_key, search, kind, in_charge, note, source, created_at)
         values ($1,$2,$3,$4,$5,'',$6,$7,$8,$9,$10)",
        args![
            host.id,
            host.body,
            host.system,
            &name,
            sort_key(&name),
            host.kind.map(HostKind::name),
            in_charge,
            note,
            source.name(),
            now
        ],
    )
    .await?;
    tell(tx, host.id, &keys).await?;
    searchable(tx, host.id).await?;
    done(tx, "host.added", host.id, host.body, host);
    Ok(())
}

/// Changes a host. Needs [`Right::Register`] over its body, the old one and the new. Says whether anything was
/// different. Refusals: as [`add`].
pub async fn update(tx: &mut Tx, scope: &Scope, host: &Host) -> Result<bool, StoreError> {
    let old = owned(tx, scope, host.id).await?;
    require(tx, scope, Right::Register, host.body).await?;
    let (keys, in_charge, note) = checked(tx, scope, host).await?;
    let values: Vec<String> = keys.iter().map(|k| k.value.clone()).collect();
    let told = told(tx, host.id).await?;
    let new =
        Host { names: values.clone(), in_charge: in_charge.clone(), note: note.clone(), ..host.clone() };
    let same_names = {
        let mut sorted = values.clone();
        sorted.sort();
        sorted == told && values.first() == Some(&old.name)
    };
    if same_names && new == (Host { names: values.clone(), ..old.host.clone() }) {
        tx.nothing_to_do();
        return Ok(false);
    }
    let name = values.first().cloned().unwrap_or_default();
    tx.exec(
        "update host set body = $1, system = $2, name = $3, sort_key = $4, kind = $5, in_charge = $6, note = $7 where id = $8",
        args![
            host.body,
            host.system,
            &name,
            sort_key(&name),
            host.kind.map(HostKind::name),
            in_charge,
            note,
            host.id
        ],
    )
    .await?;
    tx.exec("delete from host_key where host = $1 and told = true", args![host.id]).await?;
    tell(tx, host.id, &keys).await?;
    searchable(tx, host.id).await?;
    if old.host.body != host.body {
        tx.exec("update inventory_report set body = $1 where host = $2", args![host.body, host.id]).await?;
        tx.changed(Topic::System, format!("host:{}", host.id), Some(old.host.body));
    }
    done(tx, "host.updated", host.id, host.body, &new);
    Ok(true)
}

/// Changes many hosts at once. Needs [`Right::Register`] over the body of each. Returns how many were different.
/// Refusals: `host-system-bad`, `host-in-charge-bad`.
pub async fn change(
    tx: &mut Tx,
    scope: &Scope,
    hosts: &[Id<kind::Host>],
    change: &Change,
) -> Result<u32, StoreError> {
    let mut changed = 0;
    for id in hosts {
        let old = owned(tx, scope, *id).await?.host;
        let mut new = old.clone();
        if let Some(system) = change.system {
            new.system = system;
        }
        if let Some(kind) = change.kind {
            new.kind = kind;
        }
        if let Some(in_charge) = &change.in_charge {
            new.in_charge = optional(in_charge.as_deref(), IN_CHARGE_MAX, "host-in-charge-bad")?;
        }
        if new == old {
            continue;
        }
        serves(tx, scope, &new).await?;
        tx.exec(
            "update host set system = $1, kind = $2, in_charge = $3 where id = $4",
            args![new.system, new.kind.map(HostKind::name), new.in_charge.clone(), *id],
        )
        .await?;
        searchable(tx, *id).await?;
        done(tx, "host.updated", *id, new.body, &new);
        changed += 1;
    }
    if changed == 0 {
        tx.nothing_to_do();
    }
    Ok(changed)
}

/// Takes a host out of service; it stays for history. Needs [`Right::Register`] over its body. Refusal: `host-closed`.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Host>) -> Result<(), StoreError> {
    let old = owned(tx, scope, id).await?;
    if old.closed_at.is_some() {
        return Err(StoreError::Refused("host-closed"));
    }
    let now = tx.now();
    tx.exec("update host set closed_at = $1 where id = $2", args![now, id]).await?;
    done(tx, "host.closed", id, old.host.body, &"");
    Ok(())
}

/// Takes a host back into service. Needs [`Right::Register`] over its body. Refusal: `host-open`.
pub async fn reopen(tx: &mut Tx, scope: &Scope, id: Id<kind::Host>) -> Result<(), StoreError> {
    let old = owned(tx, scope, id).await?;
    if old.closed_at.is_none() {
        return Err(StoreError::Refused("host-open"));
    }
    tx.exec("update host set closed_at = null where id = $1", args![id]).await?;
    done(tx, "host.reopened", id, old.host.body, &"");
    Ok(())
}

/// Takes a host out of the register that no report ever spoke of: a slip. Needs [`Right::Register`] over its body.
/// Refusal: `host-reported` (it has reports: it can only be closed).
pub async fn remove(tx: &mut Tx, scope: &Scope, id: Id<kind::Host>) -> Result<(), StoreError> {
    let old = owned(tx, scope, id).await?;
    if tx.row("select id from inventory_report where host = $1 limit 1", args![id]).await?.is_some() {
        return Err(StoreError::Refused("host-reported"));
    }
    tx.exec("delete from host_key where host = $1", args![id]).await?;
    tx.exec("delete from host where id = $1", args![id]).await?;
    done(tx, "host.removed", id, old.host.body, &id);
    Ok(())
}

/// The host, if the scope holds [`Right::Register`] over its body.
pub(super) async fn owned(tx: &mut Tx, scope: &Scope, id: Id<kind::Host>) -> Result<Entry, StoreError> {
    let mut query = Query::new("select h.id from host h where h.id =");
    query.bind(id).push("and").visible(scope, Right::Register, "h.body");
    query.row(tx).await?.ok_or(StoreError::NotFound("host"))?;
    get(tx, &Scope::system(), id).await
}

type Checked = (Vec<Key>, Option<String>, Option<String>);

async fn checked(tx: &mut Tx, scope: &Scope, host: &Host) -> Result<Checked, StoreError> {
    let bad = StoreError::Refused("host-names-bad");
    let mut keys: Vec<Key> = Vec::new();
    for name in host.names.iter().filter(|n| !n.trim().is_empty()) {
        let Some(key) = Key::named(name) else { return Err(bad) };
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() || keys.len() > NAMES_MAX {
        return Err(bad);
    }
    let mut query = Query::new(
        "select k.kind, k.value from host_key k join host h on h.id = k.host where h.closed_at is null and h.body =",
    );
    query.bind(host.body).push("and h.id <>").bind(host.id);
    query.push("and k.look in").list(keys.iter().map(Key::look));
    for row in query.rows(tx).await? {
        let other = Key { kind: row.word("kind", KeyKind::parse)?, value: row.text("value")? };
        if keys.iter().any(|k| k.same(&other)) {
            return Err(StoreError::Refused("host-name-taken"));
        }
    }
    serves(tx, scope, host).await?;
    let in_charge = optional(host.in_charge.as_deref(), IN_CHARGE_MAX, "host-in-charge-bad")?;
    let note = host.note.as_deref().map(str::trim).filter(|n| !n.is_empty());
    if note.is_some_and(|n| n.chars().count() > NOTE_MAX) {
        return Err(StoreError::Refused("host-note-bad"));
    }
    Ok((keys, in_charge, note.map(str::to_owned)))
}

/// A host serves a system of its own body, or one its body runs, or one that whoever says so may change.
async fn serves(tx: &mut Tx, scope: &Scope, host: &Host) -> Result<(), StoreError> {
    let Some(id) = host.system else { return Ok(()) };
    let bad = StoreError::Refused("host-system-bad");
    let Ok(system) = systems::get(tx, scope, id).await else { return Err(bad) };
    let own = system.system.body == host.body || system.system.operator == Some(host.body);
    if own || require(tx, scope, Right::Register, system.system.body).await.is_ok() {
        Ok(())
    } else {
        Err(bad)
    }
}

/// What a person told, sorted.
pub(crate) async fn told(sql: &mut Sql, id: Id<kind::Host>) -> Result<Vec<String>, StoreError> {
    let rows = sql.rows("select value from host_key where host = $1 and told = true", args![id]).await?;
    let mut told = rows.iter().map(|r| r.text("value")).collect::<Result<Vec<_>, _>>()?;
    told.sort();
    Ok(told)
}

async fn tell(tx: &mut Tx, id: Id<kind::Host>, keys: &[Key]) -> Result<(), StoreError> {
    for key in keys {
        tx.exec(
            "insert into host_key (host, kind, value, look, told) values ($1,$2,$3,$4,true)
             on conflict (host, kind, value) do update set told = true",
            args![id, key.kind.name(), &key.value, key.look()],
        )
        .await?;
    }
    Ok(())
}

/// Writes down anew what a host is found by.
pub(super) async fn searchable(tx: &mut Tx, id: Id<kind::Host>) -> Result<(), StoreError> {
    let row = tx
        .row("select name, os, build, in_charge from host where id = $1", args![id])
        .await?
        .ok_or(StoreError::NotFound("host"))?;
    let mut text = row.text("name")?;
    for column in ["os", "build", "in_charge"] {
        if let Some(more) = row.opt_text(column)? {
            text = format!("{text} {more}");
        }
    }
    for key in tx.rows("select value from host_key where host = $1 order by value", args![id]).await? {
        text = format!("{text} {}", key.text("value")?);
    }
    tx.exec("update host set search = $1 where id = $2", args![fold(&text), id]).await?;
    Ok(())
}

fn done(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Host>,
    body: Id<kind::Body>,
    detail: &impl serde::Serialize,
) {
    tx.changed(Topic::System, format!("host:{id}"), Some(body));
    tx.record(action, format!("host:{id}"), Some(body), &json!({ "host": id, "detail": detail }));
}
