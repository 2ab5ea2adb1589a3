//! Upload links: whoever has one may hand inventory of one body in, and nothing else. For collectors on machines that
//! nobody signs in from.
//!
//! The address is the link's id and a MAC of it under the instance key, so no secret is stored and the address can be
//! shown again. A link reaches as far as the person who made it still does.

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::take;
use crate::{
    Query, Row, Sql, StoreError, Tx, args,
    register::optional,
    sign_in::{
        InstanceKey,
        links::{sealed, unsealed},
        scope_of,
    },
};

/// No link lives longer: a year, and the days it takes to hand out the next.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);
/// At most so many links of one body that work.
pub const LINKS_MAX: u32 = 20;
/// At most so many characters of a link's name.
pub const NAME_MAX: usize = 100;
/// At most so many files by one link: a year of daily reports of a large body.
pub const FILES_MAX: u32 = 500_000;
/// At most so many bytes by one link: a lost link cannot fill the disk.
pub const BYTES_MAX: i64 = 20 << 30;

const PURPOSE: &str = "inventory";

/// An upload link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: Id<kind::InventoryLink>,
    /// Of which body inventory may be handed in.
    pub body: Id<kind::Body>,
    /// That body's name.
    pub body_name: String,
    /// What it is called: where it is used.
    pub name: String,
    /// Who made it.
    pub created_by: Id<kind::Person>,
    /// Their name.
    pub creator: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Files that came in by it.
    pub files: u32,
    /// Bytes of them.
    pub bytes: i64,
    /// When the last did.
    pub last_at: Option<Timestamp>,
}

impl Link {
    /// Whether it still works.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at > now && self.files < FILES_MAX && self.bytes < BYTES_MAX
    }
}

/// The secret part of a link's address.
#[must_use]
pub fn token(key: &InstanceKey, id: Id<kind::InventoryLink>) -> String {
    sealed(key, PURPOSE, id.uuid())
}

const LINK: &str = "select l.*, b.name as body_name, p.name as creator from inventory_link l
    join body b on b.id = l.body join person p on p.id = l.created_by where";

/// Makes a link for whoever acts. Needs [`Right::Answer`] or [`Right::Register`] over the body.
/// Refusals: `inventory-link-name`, `inventory-link-until` (past, or later than [`LONGEST`]), `inventory-links-many`.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::InventoryLink>,
    body: Id<kind::Body>,
    name: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    take::may(tx, scope, body).await?;
    let person = tx.actor().person().ok_or(StoreError::NotFound("person"))?;
    let bad = StoreError::Refused("inventory-link-name");
    let name = optional(Some(name), NAME_MAX, "inventory-link-name")?.ok_or(bad)?;
    let now = tx.now();
    if expires_at <= now || expires_at > now.checked_add(LONGEST).unwrap_or(Timestamp::MAX) {
        return Err(StoreError::Refused("inventory-link-until"));
    }
    let row = tx
        .row(
            "select count(*) as n from inventory_link where body = $1 and revoked_at is null and expires_at > $2",
            args![body, now],
        )
        .await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= LINKS_MAX {
        return Err(StoreError::Refused("inventory-links-many"));
    }
    tx.exec(
        "insert into inventory_link (id, body, name, created_by, created_at, expires_at) values ($1,$2,$3,$4,$5,$6)",
        args![id, body, &name, person, now, expires_at],
    )
    .await?;
    let subject = format!("inventory-link:{id}");
    tx.record("inventory.link-created", subject, Some(body), &json!({ "name": name, "until": expires_at }));
    Ok(())
}

/// Takes a link back. Needs [`Right::Answer`] or [`Right::Register`] over its body.
pub async fn revoke(tx: &mut Tx, scope: &Scope, id: Id<kind::InventoryLink>) -> Result<(), StoreError> {
    let missing = StoreError::NotFound("link");
    let row =
        tx.row("select body from inventory_link where id = $1 and revoked_at is null", args![id]).await?;
    let Some(row) = row else { return Err(missing) };
    let body: Id<kind::Body> = row.id("body")?;
    if take::may(tx, scope, body).await.is_err() {
        return Err(missing);
    }
    let now = tx.now();
    tx.exec("update inventory_link set revoked_at = $1 where id = $2", args![now, id]).await?;
    tx.record("inventory.link-revoked", format!("inventory-link:{id}"), Some(body), &json!({ "link": id }));
    Ok(())
}

/// The links of the bodies below one, the newest first. For whoever may hand inventory in there.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
) -> Result<Vec<Link>, StoreError> {
    let mut query = Query::new(LINK);
    query.push("(").visible(scope, Right::Answer, "l.body");
    query.push("or").visible(scope, Right::Register, "l.body").push(")");
    if let Some(top) = under {
        query.push("and exists (select 1 from body_closure u where u.below = l.body and u.above =").bind(top);
        query.push(")");
    }
    query.push("order by l.created_at desc, l.id desc limit 200");
    query.rows(sql).await?.iter().map(link).collect()
}

/// The link behind a token, who acts by it, and what it reaches: [`Right::Answer`] and [`Right::Register`] of its maker,
/// for handing inventory in only. `NotFound` for one that does not work, without saying why.
pub async fn open(
    sql: &mut Sql,
    key: &InstanceKey,
    token: &str,
    now: Timestamp,
) -> Result<(Link, Actor, Scope), StoreError> {
    let missing = || StoreError::NotFound("link");
    let id: Id<kind::InventoryLink> = unsealed(key, PURPOSE, token).map(Id::from_uuid).ok_or_else(missing)?;
    let mut query = Query::new(LINK);
    query.push("l.id =").bind(id);
    let found = query.row(sql).await?.as_ref().map(link).transpose()?.ok_or_else(missing)?;
    if !found.works(now) {
        return Err(missing());
    }
    let scope = scope_of(sql, found.created_by, now).await?.narrowed(&[Right::Answer, Right::Register]);
    take::may(sql, &scope, found.body).await.map_err(|_| missing())?;
    let actor = Actor::Link(id.cast(), found.created_by);
    Ok((found, actor, scope))
}

/// Counts a file that came in by a link.
pub async fn used(tx: &mut Tx, id: Id<kind::InventoryLink>, bytes: u64) -> Result<(), StoreError> {
    let (now, bytes) = (tx.now(), i64::try_from(bytes).unwrap_or(i64::MAX));
    tx.exec(
        "update inventory_link set files = files + 1, bytes = bytes + $1, last_at = $2 where id = $3",
        args![bytes, now, id],
    )
    .await?;
    tx.unchanged();
    Ok(())
}

fn link(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        created_by: row.id("created_by")?,
        creator: row.text("creator")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.opt_time("revoked_at")?,
        files: row.count("files")?,
        bytes: row.int("bytes")?,
        last_at: row.opt_time("last_at")?,
    })
}
