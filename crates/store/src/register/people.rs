//! People and where they serve.
//!
//! A person is seen by whoever may see one of the bodies they serve or hold a role over. Only who holds
//! [`Right::Register`] over *all* of these may change the person (or the person themselves): otherwise a body could
//! redirect the mail of somebody who also serves its superior.

use domain::{
    actor::{Actor, Scope},
    body::tidy_name,
    id::{Id, kind},
    person::{Lang, Membership, Person},
    right::Right,
    text::{fold, sort_key},
};
use serde::Serialize;

use super::{PAGE_MAX, channels, containing, optional, require};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// At most so many characters of a title or position.
pub const TITLE_MAX: usize = 120;

/// A person to be written down.
#[derive(Debug, Clone, Serialize)]
pub struct NewPerson {
    /// Their id.
    pub id: Id<kind::Person>,
    /// Full name.
    pub name: String,
    /// Rank or degree before the name.
    pub title: Option<String>,
    /// In which language Canh writes to them.
    pub lang: Lang,
    /// Where they serve; at least one.
    pub memberships: Vec<Membership>,
}

/// What of a person shall change.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Full name.
    pub name: String,
    /// Rank or degree before the name.
    pub title: Option<String>,
    /// In which language Canh writes to them.
    pub lang: Lang,
}

/// Which people to list; the default is everyone still there.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, with or without marks.
    pub text: Option<String>,
    /// Only who serves in the subtree of that body.
    pub under: Option<Id<kind::Body>>,
    /// Only who serves that very body.
    pub body: Option<Id<kind::Body>>,
    /// Only named contacts.
    pub contacts: bool,
    /// Those who left, too.
    pub closed: bool,
}

/// That a person serves a body, with the body's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serves {
    /// Whose membership.
    pub person: Id<kind::Person>,
    /// The membership.
    pub membership: Membership,
    /// The body's name.
    pub body_name: String,
}

const PERSON: &str = "select p.id, p.name, p.title, p.lang, p.closed_at from person p where";

fn visible<'q>(query: &'q mut Query, scope: &Scope, right: Right) -> &'q mut Query {
    query.push("(exists (select 1 from membership m where m.person = p.id and");
    query.visible(scope, right, "m.body");
    query.push(") or exists (select 1 from role_grant g where g.person = p.id and g.revoked_at is null and");
    query.visible(scope, right, "g.body").push("))")
}

/// One person.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Person>) -> Result<Person, StoreError> {
    let mut query = Query::new(PERSON);
    visible(query.push("p.id =").bind(id).push("and"), scope, Right::See);
    query.row(sql).await?.as_ref().map(person).transpose()?.ok_or(StoreError::NotFound("person"))
}

/// People in the order of their names. `after` is the sort key of the name and the id of the last one seen.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    after: Option<(String, Id<kind::Person>)>,
    limit: u32,
) -> Result<Vec<Person>, StoreError> {
    let mut query = Query::new(PERSON);
    visible(&mut query, scope, Right::See);
    if !filter.closed {
        query.push("and p.closed_at is null");
    }
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and p.folded like").bind(containing(text)).push("escape '\\'");
    }
    if let Some(body) = filter.body {
        query.push("and exists (select 1 from membership f where f.person = p.id and f.body =").bind(body);
        query.push(if filter.contacts { "and f.contact = true)" } else { ")" });
    } else if filter.contacts {
        query.push("and exists (select 1 from membership f where f.person = p.id and f.contact = true)");
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from membership f join body_closure u on u.below = f.body");
        query.push("where f.person = p.id and u.above =").bind(top).push(")");
    }
    if let Some((key, id)) = after {
        query.push("and (p.sort_key >").bind(&key).push("or (p.sort_key =").bind(&key);
        query.push("and p.id >").bind(id).push("))");
    }
    query.push("order by p.sort_key, p.id limit").bind(limit.min(PAGE_MAX));
    query.rows(sql).await?.iter().map(person).collect()
}

/// Where some people serve, as far as the scope sees those bodies; contacts first.
pub async fn serves(
    sql: &mut Sql,
    scope: &Scope,
    people: &[Id<kind::Person>],
) -> Result<Vec<Serves>, StoreError> {
    let mut query = Query::new(
        "select m.person, m.body, m.position, m.contact, b.name
         from membership m join body b on b.id = m.body where m.person in",
    );
    query.list(people.iter().copied()).push("and").visible(scope, Right::See, "m.body");
    query.push("order by case when m.contact = true then 0 else 1 end, b.sort_key, b.id");
    let rows = query.rows(sql).await?;
    let serves = |row: &Row| {
        Ok(Serves {
            person: row.id("person")?,
            membership: Membership {
                body: row.id("body")?,
                position: row.opt_text("position")?,
                contact: row.bool("contact")?,
            },
            body_name: row.text("name")?,
        })
    };
    rows.iter().map(serves).collect()
}

/// Writes a person down. Needs [`Right::Register`] over every body they are said to serve.
/// Refusals: `person-name-bad`, `person-title-bad`, `person-serves-nobody`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewPerson) -> Result<(), StoreError> {
    let name = tidy_name(&new.name).ok_or(StoreError::Refused("person-name-bad"))?;
    let title = optional(new.title.as_deref(), TITLE_MAX, "person-title-bad")?;
    if new.memberships.is_empty() {
        return Err(StoreError::Refused("person-serves-nobody"));
    }
    for membership in &new.memberships {
        require(tx, scope, Right::Register, membership.body).await?;
        optional(membership.position.as_deref(), TITLE_MAX, "person-title-bad")?;
    }
    let now = tx.now();
    tx.exec(
        "insert into person (id, name, folded, sort_key, title, lang, created_at) values ($1,$2,$3,$4,$5,$6,$7)",
        args![new.id, &name, fold(&name), sort_key(&name), title, new.lang.name(), now],
    )
    .await?;
    for membership in &new.memberships {
        put(tx, new.id, membership).await?;
    }
    done(tx, "person.created", new.id, new).await?;
    Ok(())
}

/// Changes a person. For whom, see the module. Says whether anything was different.
/// Refusals: `person-name-bad`, `person-title-bad`.
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Person>,
    change: &Change,
) -> Result<bool, StoreError> {
    may_change(tx, scope, id).await?;
    let name = tidy_name(&change.name).ok_or(StoreError::Refused("person-name-bad"))?;
    let title = optional(change.title.as_deref(), TITLE_MAX, "person-title-bad")?;
    let old = any(tx, id).await?;
    if (&name, &title, change.lang) == (&old.name, &old.title, old.lang) {
        tx.nothing_to_do();
        return Ok(false);
    }
    tx.exec(
        "update person set name = $1, folded = $2, sort_key = $3, title = $4, lang = $5 where id = $6",
        args![&name, fold(&name), sort_key(&name), title, change.lang.name(), id],
    )
    .await?;
    done(tx, "person.updated", id, change).await?;
    Ok(true)
}

/// Writes down that a person serves a body, or as what. Needs [`Right::Register`] over the body, and the person must
/// be visible. Says whether anything was different. Refusals: `person-title-bad`, `person-closed`.
pub async fn serve(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Person>,
    membership: &Membership,
) -> Result<bool, StoreError> {
    require(tx, scope, Right::Register, membership.body).await?;
    if get(tx, scope, id).await?.closed_at.is_some() {
        return Err(StoreError::Refused("person-closed"));
    }
    let position = optional(membership.position.as_deref(), TITLE_MAX, "person-title-bad")?;
    let old = tx
        .row(
            "select position, contact from membership where person = $1 and body = $2",
            args![id, membership.body],
        )
        .await?;
    if let Some(old) = old
        && (old.opt_text("position")?, old.bool("contact")?) == (position, membership.contact)
    {
        tx.nothing_to_do();
        return Ok(false);
    }
    put(tx, id, membership).await?;
    tx.changed(Topic::Register, format!("person:{id}"), Some(membership.body));
    let entry = tx.record("person.serves", format!("person:{id}"), Some(membership.body), membership);
    channels::learn(tx, id, entry).await?;
    Ok(true)
}

/// Ends that a person serves a body. Needs [`Right::Register`] over the body.
pub async fn leave(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Person>,
    body: Id<kind::Body>,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, body).await?;
    let gone = tx.exec("delete from membership where person = $1 and body = $2", args![id, body]).await?;
    if gone == 0 {
        return Err(StoreError::NotFound("person"));
    }
    tx.changed(Topic::Register, format!("person:{id}"), Some(body));
    tx.record("person.left", format!("person:{id}"), Some(body), &"");
    Ok(())
}

/// Takes a person out of the register: their roles end, their account is disabled with its sessions, tokens and links,
/// their channels are no longer used; the record stays.
/// For whom, see the module, except that nobody closes themselves (`person-is-self`). Refusals: `person-closed`,
/// and `grant-last-administrator` (the last one of the root body).
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Person>) -> Result<(), StoreError> {
    if tx.actor().person() == Some(id) {
        return Err(StoreError::Refused("person-is-self"));
    }
    may_change(tx, scope, id).await?;
    if any(tx, id).await?.closed_at.is_some() {
        return Err(StoreError::Refused("person-closed"));
    }
    let now = tx.now();
    tx.exec(
        "update role_grant set revoked_at = $1 where revoked_at is null and (person = $2 or delegated_by = $2)",
        args![now, id],
    )
    .await?;
    super::grants::keep_an_administrator(tx).await?;
    tx.exec("update person set closed_at = $1 where id = $2", args![now, id]).await?;
    crate::sign_in::accounts::leave(tx, id).await?;
    done(tx, "person.closed", id, &"").await
}

/// Fails with `NotFound("person")` unless the actor is that person, or the scope holds [`Right::Register`] over all
/// bodies which that person serves or holds a role over.
pub(super) async fn may_change(tx: &mut Tx, scope: &Scope, id: Id<kind::Person>) -> Result<(), StoreError> {
    // A token or a link stands for the person only in what it was made for.
    if tx.actor() == Actor::Person(id) {
        return Ok(());
    }
    let now = tx.now();
    if changeable(tx, scope, id, now).await? { Ok(()) } else { Err(StoreError::NotFound("person")) }
}

/// Whether the scope holds [`Right::Register`] over all bodies that a person serves or holds a role over; also decides
/// which forms are shown.
pub async fn changeable(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Person>,
    now: jiff::Timestamp,
) -> Result<bool, StoreError> {
    let mut query = Query::new(PERSON);
    visible(query.push("p.id =").bind(id).push("and"), scope, Right::Register);
    query.push("and not exists (select 1 from membership o where o.person = p.id and not");
    query.visible(scope, Right::Register, "o.body");
    query.push(") and not exists (select 1 from role_grant o where o.person = p.id and o.revoked_at is null");
    query.push("and (o.until_at is null or o.until_at >").bind(now).push(") and not");
    query.visible(scope, Right::Register, "o.body").push(")");
    Ok(query.row(sql).await?.is_some())
}

/// A person for themselves.
pub async fn own(sql: &mut Sql, id: Id<kind::Person>) -> Result<Person, StoreError> {
    any(sql, id).await
}

/// A person whatever the scope, for callers that have checked already.
pub(super) async fn any(sql: &mut Sql, id: Id<kind::Person>) -> Result<Person, StoreError> {
    let mut query = Query::new(PERSON);
    query.push("p.id =").bind(id);
    query.row(sql).await?.as_ref().map(person).transpose()?.ok_or(StoreError::NotFound("person"))
}

async fn put(tx: &mut Tx, id: Id<kind::Person>, membership: &Membership) -> Result<(), StoreError> {
    let position = optional(membership.position.as_deref(), TITLE_MAX, "person-title-bad")?;
    tx.exec(
        "insert into membership (person, body, position, contact) values ($1,$2,$3,$4)
         on conflict (person, body) do update set position = excluded.position, contact = excluded.contact",
        args![id, membership.body, position, membership.contact],
    )
    .await?;
    Ok(())
}

/// Records an act on a person, and tells every body they serve.
pub(super) async fn done(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Person>,
    detail: &impl Serialize,
) -> Result<(), StoreError> {
    let bodies = bodies(tx, id).await?;
    for body in &bodies {
        tx.changed(Topic::Register, format!("person:{id}"), Some(*body));
    }
    tx.record(action, format!("person:{id}"), bodies.first().copied(), detail);
    Ok(())
}

pub(super) async fn bodies(sql: &mut Sql, id: Id<kind::Person>) -> Result<Vec<Id<kind::Body>>, StoreError> {
    let rows = sql.rows("select body from membership where person = $1 order by body", args![id]).await?;
    rows.iter().map(|r| r.id("body")).collect()
}

fn person(row: &Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.id("id")?,
        name: row.text("name")?,
        title: row.opt_text("title")?,
        lang: row.word("lang", Lang::parse)?,
        closed_at: row.opt_time("closed_at")?,
    })
}
