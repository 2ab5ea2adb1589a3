//! Roles over subtrees, and delegations for a time.
//!
//! A delegation never carries more than its giver holds: only rights of roles which the giver holds in their own name
//! over that body, and only as long as they do. It always has an end, and cannot be delegated further.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::{Right, Role},
};
use jiff::Timestamp;
use serde::Serialize;

use super::{people, require};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// A role to be given.
#[derive(Debug, Clone, Serialize)]
pub struct NewGrant {
    /// Its id.
    pub id: Id<kind::Grant>,
    /// To whom.
    pub person: Id<kind::Person>,
    /// Which role.
    pub role: Role,
    /// Over the subtree of which body.
    pub body: Id<kind::Body>,
    /// From when; `None` = now.
    pub from: Option<Timestamp>,
    /// Until when; `None` = until revoked. A delegation must have an end.
    pub until: Option<Timestamp>,
}

/// A role as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: Id<kind::Grant>,
    /// Who holds it.
    pub person: Id<kind::Person>,
    /// Their name.
    pub person_name: String,
    /// Which role.
    pub role: Role,
    /// Over the subtree of which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Who delegated it, if it is a delegation.
    pub delegated_by: Option<Id<kind::Person>>,
    /// Their name.
    pub delegated_by_name: Option<String>,
    /// From when; `None` = always so far.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// The roles which a person holds at `now`: what their [`Scope`] is made of. Nothing for who left the register.
pub async fn of_person(
    sql: &mut Sql,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Vec<(Role, Id<kind::Body>)>, StoreError> {
    let rows = sql
        .rows(
            "select g.role, g.body, g.delegated_by from role_grant g
             join person p on p.id = g.person and p.closed_at is null
             where g.person = $1 and g.revoked_at is null
               and (g.from_at is null or g.from_at <= $2) and (g.until_at is null or g.until_at > $2)
             order by g.role, g.body",
            args![person, now],
        )
        .await?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        let (role, body) = (row.word("role", Role::parse)?, row.id("body")?);
        let good = match row.opt_id::<kind::Person>("delegated_by")? {
            None => true,
            Some(giver) => may_delegate(sql, giver, role, body, now).await?.is_some(),
        };
        if good && !held.contains(&(role, body)) {
            held.push((role, body));
        }
    }
    Ok(held)
}

/// The grants in force or still to come over that very body. Needs [`Right::See`] over it.
pub async fn of_body(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let mut query = Query::new(GRANT);
    query.push("g.body =").bind(body);
    shown(query, sql, scope, now).await
}

/// The grants of one person in force or still to come, as far as the scope sees their bodies.
pub async fn held(
    sql: &mut Sql,
    scope: &Scope,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let mut query = Query::new(GRANT);
    query.push("g.person =").bind(person);
    shown(query, sql, scope, now).await
}

/// The delegations a person has given that are in force or still to come.
pub async fn delegated_by(
    sql: &mut Sql,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    let mut query = Query::new(GRANT);
    query.push("g.delegated_by =").bind(person);
    shown(query, sql, &Scope::system(), now).await
}

const GRANT: &str = "select g.id, g.person, g.role, g.body, g.delegated_by, g.from_at, g.until_at,
        p.name as person_name, b.name as body_name, d.name as giver
    from role_grant g join person p on p.id = g.person join body b on b.id = g.body
    left join person d on d.id = g.delegated_by
    where g.revoked_at is null and";

async fn shown(
    mut query: Query,
    sql: &mut Sql,
    scope: &Scope,
    now: Timestamp,
) -> Result<Vec<Grant>, StoreError> {
    query.push("and (g.until_at is null or g.until_at >").bind(now).push(") and");
    query.visible(scope, Right::See, "g.body");
    query.push("order by b.sort_key, p.sort_key, g.role, g.id");
    query.rows(sql).await?.iter().map(grant).collect()
}

/// Gives a role. Needs [`Right::Administer`] over the body; the person must be visible.
/// Refusals: `person-closed`, `grant-there` (held already), `grant-span-bad` (ends before it begins, or has ended).
pub async fn give(tx: &mut Tx, scope: &Scope, new: &NewGrant) -> Result<(), StoreError> {
    require(tx, scope, Right::Administer, new.body).await?;
    insert(tx, scope, new, None).await?;
    done(tx, "grant.given", new.id, new.person, new.body, new);
    Ok(())
}

/// Delegates a role for a time, from the acting person. The person must be visible to them.
///
/// Refusals: `delegation-not-held` (the giver lacks a right of the role over that body in their own name),
/// `delegation-endless`, `delegation-outlasts` (it would end after the giver's own role),
/// `delegation-to-self`, and those of [`give`].
pub async fn delegate(tx: &mut Tx, scope: &Scope, new: &NewGrant) -> Result<(), StoreError> {
    require(tx, scope, Right::See, new.body).await?;
    let giver = tx.actor().person().ok_or(StoreError::Refused("delegation-not-held"))?;
    if giver == new.person {
        return Err(StoreError::Refused("delegation-to-self"));
    }
    let until = new.until.ok_or(StoreError::Refused("delegation-endless"))?;
    let now = tx.now();
    let own = may_delegate(tx, giver, new.role, new.body, now)
        .await?
        .ok_or(StoreError::Refused("delegation-not-held"))?;
    if own.is_some_and(|end| end < until) {
        return Err(StoreError::Refused("delegation-outlasts"));
    }
    insert(tx, scope, new, Some(giver)).await?;
    done(tx, "grant.delegated", new.id, new.person, new.body, new);
    Ok(())
}

/// Ends a grant. Needs [`Right::Administer`] over its body, or to be the one who delegated it.
/// Refusal: `grant-last-administrator`.
pub async fn revoke(tx: &mut Tx, scope: &Scope, id: Id<kind::Grant>) -> Result<(), StoreError> {
    let row = tx
        .row(
            "select person, body, delegated_by from role_grant where id = $1 and revoked_at is null",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("grant"))?;
    let (person, body): (Id<kind::Person>, Id<kind::Body>) = (row.id("person")?, row.id("body")?);
    let giver: Option<Id<kind::Person>> = row.opt_id("delegated_by")?;
    if giver.is_none() || giver != tx.actor().person() {
        require(tx, scope, Right::Administer, body).await.map_err(|e| match e {
            StoreError::NotFound(_) => StoreError::NotFound("grant"),
            e => e,
        })?;
    }
    let now = tx.now();
    tx.exec("update role_grant set revoked_at = $1 where id = $2", args![now, id]).await?;
    keep_an_administrator(tx).await?;
    done(tx, "grant.revoked", id, person, body, &"");
    Ok(())
}

/// Refuses (`grant-last-administrator`) to leave the root body without an administrator: nobody could give roles.
pub(super) async fn keep_an_administrator(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    let left = tx
        .row(
            "select g.id from role_grant g join body b on b.id = g.body and b.parent is null
             join person p on p.id = g.person and p.closed_at is null
             where g.role = 'administrator' and g.revoked_at is null and g.delegated_by is null
               and (g.from_at is null or g.from_at <= $1) and g.until_at is null limit 1",
            args![now],
        )
        .await?;
    left.map(|_| ()).ok_or(StoreError::Refused("grant-last-administrator"))
}

/// Whether `giver` holds, in their own name, every right of the role over that body; if so until when all of them
/// last (`None` = without end).
async fn may_delegate(
    sql: &mut Sql,
    giver: Id<kind::Person>,
    role: Role,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Option<Option<Timestamp>>, StoreError> {
    let rows = sql
        .rows(
            "select g.role, g.until_at from role_grant g
             join person p on p.id = g.person and p.closed_at is null
             join body_closure c on c.above = g.body and c.below = $1
             where g.person = $2 and g.delegated_by is null and g.revoked_at is null
               and (g.from_at is null or g.from_at <= $3) and (g.until_at is null or g.until_at > $3)",
            args![body, giver, now],
        )
        .await?;
    let mut own = Vec::with_capacity(rows.len());
    for row in rows {
        own.push((row.word("role", Role::parse)?, row.opt_time("until_at")?.unwrap_or(Timestamp::MAX)));
    }
    // Each right lasts as long as the longest own role that carries it; the delegation as long as the shortest right.
    let ends: Option<Vec<Timestamp>> = role
        .rights()
        .iter()
        .map(|right| own.iter().filter(|(r, _)| r.may(*right)).map(|(_, end)| *end).max())
        .collect();
    Ok(ends.map(|ends| ends.into_iter().min().filter(|end| *end < Timestamp::MAX)))
}

async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    new: &NewGrant,
    giver: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    if people::get(tx, scope, new.person).await?.closed_at.is_some() {
        return Err(StoreError::Refused("person-closed"));
    }
    let now = tx.now();
    if new.until.is_some_and(|until| until <= new.from.unwrap_or(now).max(now)) {
        return Err(StoreError::Refused("grant-span-bad"));
    }
    let there = tx
        .row(
            "select id from role_grant where person = $1 and role = $2 and body = $3 and revoked_at is null
               and (until_at is null or until_at > $4) and (delegated_by is null or delegated_by = $5)",
            args![new.person, new.role.name(), new.body, now, giver],
        )
        .await?;
    if there.is_some() {
        return Err(StoreError::Refused("grant-there"));
    }
    tx.exec(
        "insert into role_grant (id, person, role, body, delegated_by, from_at, until_at, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![new.id, new.person, new.role.name(), new.body, giver, new.from, new.until, now],
    )
    .await?;
    Ok(())
}

fn done(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Grant>,
    person: Id<kind::Person>,
    body: Id<kind::Body>,
    detail: &impl Serialize,
) {
    tx.changed(Topic::Register, format!("person:{person}"), Some(body));
    tx.record(action, format!("grant:{id}"), Some(body), detail);
}

fn grant(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.id("id")?,
        person: row.id("person")?,
        person_name: row.text("person_name")?,
        role: row.word("role", Role::parse)?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        delegated_by: row.opt_id("delegated_by")?,
        delegated_by_name: row.opt_text("giver")?,
        from: row.opt_time("from_at")?,
        until: row.opt_time("until_at")?,
    })
}
