//! Which machines anti-malware consoles speak of: those in the register, and names that are in no register.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError};

/// Bodies asked for in one statement.
const CHUNK: usize = 500;

/// A machine: registered, spoken of, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whose.
    pub body: Id<kind::Body>,
    /// Which; `None`: its name is in no register of that body.
    pub host: Option<Id<kind::Host>>,
    /// What it is called.
    pub name: String,
    /// When a console last spoke of it; `None`: never.
    pub last: Option<Timestamp>,
}

/// The registered machines of those bodies with the last word of a console of the body or of one above it, and names
/// the body's own consoles speak of that are not registered; by name.
pub async fn contacts(
    sql: &mut Sql,
    scope: &Scope,
    bodies: &[Id<kind::Body>],
) -> Result<Vec<Contact>, StoreError> {
    let mut all = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select h.id, h.body, h.name, h.sort_key, max(c.last_at) as last_at from host h
             left join host_key k on k.host = h.id
             left join antimalware_contact c on c.look = k.look
               and exists (select 1 from body_closure u where u.below = h.body and u.above = c.body)
             where h.closed_at is null and h.body in",
        );
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "h.body");
        query.push("group by h.id, h.body, h.name, h.sort_key order by h.sort_key, h.id");
        for row in query.rows(sql).await? {
            all.push(Contact {
                body: row.id("body")?,
                host: Some(row.id("id")?),
                name: row.text("name")?,
                last: row.opt_time("last_at")?,
            });
        }
        // A console above speaks of many bodies' machines: whose a stranger among them is, nobody knows.
        let mut query = Query::new(
            "select c.body, c.name, c.last_at from antimalware_contact c where not exists
               (select 1 from host_key k join host h on h.id = k.host join body_closure u on u.below = h.body
                where k.look = c.look and u.above = c.body and h.closed_at is null) and c.body in",
        );
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "c.body");
        query.push("order by c.look");
        for row in query.rows(sql).await? {
            let (body, name) = (row.id("body")?, row.text("name")?);
            all.push(Contact { body, host: None, name, last: row.opt_time("last_at")? });
        }
    }
    Ok(all)
}
