//! Information systems. Seen by the owner's and the operator's side; changed by the owner's.

use domain::{
    actor::Scope,
    body::tidy_name,
    id::{Id, kind},
    right::Right,
    system::{Level, System},
    text::{fold, sort_key},
};
use jiff::Timestamp;

use super::{PAGE_MAX, containing, require};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// At most so many characters of a note.
pub const NOTE_MAX: usize = 2_000;

/// A system as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The system.
    pub system: System,
    /// The owner's name.
    pub body_name: String,
    /// The operator's name, if it is not the owner.
    pub operator_name: Option<String>,
    /// Remarks.
    pub note: Option<String>,
    /// When it was taken out of service; kept for history.
    pub closed_at: Option<Timestamp>,
    /// How many hosts it has.
    pub hosts: u32,
}

/// Which systems to list; the default is all in service.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, with or without marks.
    pub text: Option<String>,
    /// Only of owners in the subtree of that body.
    pub under: Option<Id<kind::Body>>,
    /// Only of that very owner.
    pub body: Option<Id<kind::Body>>,
    /// Only of that level.
    pub level: Option<Level>,
    /// Only those not yet classified.
    pub unclassified: bool,
    /// Only important ones.
    pub important: bool,
    /// Only those with personal data.
    pub personal_data: bool,
    /// Only national platforms.
    pub national_platform: bool,
    /// Those out of service, too.
    pub closed: bool,
}

const ENTRY: &str = "select s.id, s.body, s.operator, s.name, s.level, s.important, s.personal_data,
        s.national_platform, s.note, s.closed_at, b.name as body_name, o.name as operator_name,
        (select count(*) from host h where h.system = s.id and h.closed_at is null) as hosts
    from system s join body b on b.id = s.body left join body o on o.id = s.operator where";

fn visible<'q>(query: &'q mut Query, scope: &Scope) -> &'q mut Query {
    query.push("(").visible(scope, Right::See, "s.body");
    query.push("or").visible(scope, Right::See, "s.operator").push(")")
}

/// One system.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::System>) -> Result<Entry, StoreError> {
    let mut query = Query::new(ENTRY);
    visible(query.push("s.id =").bind(id).push("and"), scope);
    query.row(sql).await?.as_ref().map(entry).transpose()?.ok_or(StoreError::NotFound("system"))
}

/// Systems in the order of their names. `after` is the sort key of the name and the id of the last one seen.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    after: Option<(String, Id<kind::System>)>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = Query::new(ENTRY);
    visible(&mut query, scope);
    if !filter.closed {
        query.push("and s.closed_at is null");
    }
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and s.folded like").bind(containing(text)).push("escape '\\'");
    }
    if let Some(body) = filter.body {
        query.push("and s.body =").bind(body);
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = s.body and u.above =").bind(top);
        query.push(")");
    }
    if let Some(level) = filter.level {
        query.push("and s.level =").bind(level.get());
    }
    for (wanted, condition) in [
        (filter.unclassified, "and s.level is null"),
        (filter.important, "and s.important = true"),
        (filter.personal_data, "and s.personal_data = true"),
        (filter.national_platform, "and s.national_platform = true"),
    ] {
        if wanted {
            query.push(condition);
        }
    }
    if let Some((key, id)) = after {
        query.push("and (s.sort_key >").bind(&key).push("or (s.sort_key =").bind(&key);
        query.push("and s.id >").bind(id).push("))");
    }
    query.push("order by s.sort_key, s.id limit").bind(limit.min(PAGE_MAX));
    query.rows(sql).await?.iter().map(entry).collect()
}

/// Puts a system into the register. Needs [`Right::Register`] over the owner and [`Right::See`] over the operator.
/// Refusals: `system-name-bad`, `system-name-taken` (the owner has one of that name), `system-note-bad`.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    system: &System,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let (name, note) = checked(tx, scope, system, note).await?;
    let now = tx.now();
    tx.exec(
        "insert into system (id, body, operator, name, folded, sort_key, level, important, personal_data,
                             national_platform, note, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)",
        args![
            system.id,
            system.body,
            operator(system),
            &name,
            fold(&name),
            sort_key(&name),
            system.level.map(Level::get),
            system.important,
            system.personal_data,
            system.national_platform,
            note.clone(),
            now
        ],
    )
    .await?;
    done(tx, "system.created", system.id, system.body, &(system, &note));
    Ok(())
}

/// Changes a system. Needs [`Right::Register`] over the owner, the old one and the new. Says whether anything was
/// different. Refusals: as [`create`], and `system-closed`.
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    system: &System,
    note: Option<&str>,
) -> Result<bool, StoreError> {
    let old = owned(tx, scope, system.id).await?;
    if old.closed_at.is_some() {
        return Err(StoreError::Refused("system-closed"));
    }
    let (name, note) = checked(tx, scope, system, note).await?;
    let new = System { name: name.clone(), operator: operator(system), ..system.clone() };
    if (&new, &note) == (&old.system, &old.note) {
        tx.nothing_to_do();
        return Ok(false);
    }
    tx.exec(
        "update system set body = $1, operator = $2, name = $3, folded = $4, sort_key = $5, level = $6,
           important = $7, personal_data = $8, national_platform = $9, note = $10 where id = $11",
        args![
            new.body,
            new.operator,
            &name,
            fold(&name),
            sort_key(&name),
            new.level.map(Level::get),
            new.important,
            new.personal_data,
            new.national_platform,
            note.clone(),
            new.id
        ],
    )
    .await?;
    if old.system.body != new.body {
        tx.changed(Topic::System, format!("system:{}", new.id), Some(old.system.body));
    }
    done(tx, "system.updated", new.id, new.body, &(&new, &note));
    Ok(true)
}

/// Takes a system out of service; it stays for history. Needs [`Right::Register`] over the owner.
/// Refusal: `system-closed`.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::System>) -> Result<(), StoreError> {
    let old = owned(tx, scope, id).await?;
    if old.closed_at.is_some() {
        return Err(StoreError::Refused("system-closed"));
    }
    let now = tx.now();
    tx.exec("update system set closed_at = $1 where id = $2", args![now, id]).await?;
    done(tx, "system.closed", id, old.system.body, &"");
    Ok(())
}

/// Takes a system back into service. Needs [`Right::Register`] over the owner.
/// Refusals: `system-open`, `system-name-taken`.
pub async fn reopen(tx: &mut Tx, scope: &Scope, id: Id<kind::System>) -> Result<(), StoreError> {
    let old = owned(tx, scope, id).await?;
    if old.closed_at.is_none() {
        return Err(StoreError::Refused("system-open"));
    }
    name_is_free(tx, &old.system, &old.system.name).await?;
    tx.exec("update system set closed_at = null where id = $1", args![id]).await?;
    done(tx, "system.reopened", id, old.system.body, &"");
    Ok(())
}

/// The system, if the scope holds [`Right::Register`] over its owner.
pub(super) async fn owned(tx: &mut Tx, scope: &Scope, id: Id<kind::System>) -> Result<Entry, StoreError> {
    let mut query = Query::new(ENTRY);
    query.push("s.id =").bind(id).push("and").visible(scope, Right::Register, "s.body");
    query.row(tx).await?.as_ref().map(entry).transpose()?.ok_or(StoreError::NotFound("system"))
}

async fn checked(
    tx: &mut Tx,
    scope: &Scope,
    system: &System,
    note: Option<&str>,
) -> Result<(String, Option<String>), StoreError> {
    require(tx, scope, Right::Register, system.body).await?;
    if let Some(operator) = operator(system) {
        // Who was the operator may stay it, seen or not.
        let same = tx
            .row("select id from system where id = $1 and operator = $2", args![system.id, operator])
            .await?;
        if same.is_none() {
            require(tx, scope, Right::See, operator).await?;
        }
    }
    let name = tidy_name(&system.name).ok_or(StoreError::Refused("system-name-bad"))?;
    name_is_free(tx, system, &name).await?;
    let note = note.map(str::trim).filter(|n| !n.is_empty());
    if note.is_some_and(|n| n.chars().count() > NOTE_MAX) {
        return Err(StoreError::Refused("system-note-bad"));
    }
    Ok((name, note.map(str::to_owned)))
}

async fn name_is_free(sql: &mut Sql, system: &System, name: &str) -> Result<(), StoreError> {
    let taken = sql
        .row(
            "select id from system where body = $1 and name = $2 and id <> $3 and closed_at is null",
            args![system.body, name, system.id],
        )
        .await?;
    if taken.is_some() { Err(StoreError::Refused("system-name-taken")) } else { Ok(()) }
}

/// The owner as operator is the same as none.
fn operator(system: &System) -> Option<Id<kind::Body>> {
    system.operator.filter(|o| *o != system.body)
}

pub(super) fn done(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::System>,
    body: Id<kind::Body>,
    detail: &impl serde::Serialize,
) {
    tx.changed(Topic::System, format!("system:{id}"), Some(body));
    tx.record(action, format!("system:{id}"), Some(body), detail);
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let level = row.opt_int("level")?;
    let known = level.and_then(|l| u8::try_from(l).ok()).and_then(Level::new);
    if level.is_some() && known.is_none() {
        return Err(StoreError::Corrupt("level", format!("{level:?}")));
    }
    Ok(Entry {
        system: System {
            id: row.id("id")?,
            body: row.id("body")?,
            operator: row.opt_id("operator")?,
            name: row.text("name")?,
            level: known,
            important: row.bool("important")?,
            personal_data: row.bool("personal_data")?,
            national_platform: row.bool("national_platform")?,
        },
        body_name: row.text("body_name")?,
        operator_name: row.opt_text("operator_name")?,
        note: row.opt_text("note")?,
        closed_at: row.opt_time("closed_at")?,
        hosts: row.count("hosts")?,
    })
}
