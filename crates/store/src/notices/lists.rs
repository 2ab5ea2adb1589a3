//! Imported staff lists: people with an address who need no account. Rows are taken in by [`crate::register::import`].

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, Tx, args, register::require};

/// A staff list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffList {
    /// Its id.
    pub id: Id<kind::StaffList>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Their name.
    pub body_name: String,
    /// Its name.
    pub name: String,
    /// How many people stand on it.
    pub people: u32,
    /// When it was imported.
    pub created_at: Timestamp,
}

/// Characters of a list's name.
const NAME_MAX: usize = 120;

/// Begins a list; its rows follow in the same transaction. Refuses `list-name`.
pub async fn list_create(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::StaffList>,
    body: Id<kind::Body>,
    name: &str,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, body).await?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(StoreError::Refused("list-name"));
    }
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into staff_list (id, body, name, created_at, created_by) values ($1,$2,$3,$4,$5)",
        args![id, body, name, now, by],
    )
    .await?;
    tx.record("staff-list.imported", format!("staff-list:{id}"), Some(body), &name);
    Ok(())
}

/// The lists of bodies over which one may prepare notices, newest first.
pub async fn lists(sql: &mut Sql, scope: &Scope, limit: u32) -> Result<Vec<StaffList>, StoreError> {
    let mut query =
        Query::new("select l.*, b.name as body_name from staff_list l join body b on b.id = l.body where");
    query
        .visible(scope, Right::Prepare, "l.body")
        .push("order by l.created_at desc, l.id desc limit")
        .bind(limit);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|r| {
            Ok(StaffList {
                id: r.id("id")?,
                body: r.id("body")?,
                body_name: r.text("body_name")?,
                name: r.text("name")?,
                people: r.count("people")?,
                created_at: r.time("created_at")?,
            })
        })
        .collect()
}

/// Fails unless one holds the right over the list's body.
pub(super) async fn require_list(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    id: Id<kind::StaffList>,
) -> Result<(), StoreError> {
    let mut query = Query::new("select l.id from staff_list l where l.id =");
    query.bind(id).push("and").visible(scope, right, "l.body");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("staff list"))
}
