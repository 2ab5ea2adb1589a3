//! The register: bodies, people, channels, roles, systems. Hosts are in [`crate::hosts`].
//!
//! Every write checks its right by a scoped read inside its own transaction. What is not there and what is not
//! visible give the same [`StoreError::NotFound`].

pub mod bodies;
pub mod channels;
pub mod export;
pub mod grants;
pub mod import;
pub mod levels;
pub mod link;
pub mod people;
pub mod reach;
pub mod sending;
pub mod systems;
pub mod webhooks;

use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, kind},
    person::{Lang, Membership},
    right::{Right, Role},
};

use crate::{Query, Sql, StoreError, Tx};

/// At most so many rows of a page.
pub const PAGE_MAX: u32 = 500;

/// Fails with `NotFound("body")` unless the scope holds `right` over that body.
pub async fn require(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    body: Id<kind::Body>,
) -> Result<(), StoreError> {
    let mut query = Query::new("select body.id from body where body.id =");
    query.bind(body).push("and").visible(scope, right, "body.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

/// What the first start needs to know.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Id of the root body.
    pub root: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Its kind, usually [`BodyKind::Lead`].
    pub kind: BodyKind,
    /// Its official code.
    pub code: Option<String>,
    /// Id of the first administrator.
    pub person: Id<kind::Person>,
    /// Their name.
    pub person_name: String,
    /// Id of their role.
    pub grant: Id<kind::Grant>,
}

/// The first start: the root body and its first administrator. Refuses (`already-founded`) if there is any body.
pub async fn found(tx: &mut Tx, founding: &Founding) -> Result<(), StoreError> {
    let scope = Scope::system();
    if Query::new("select id from body limit 1").row(tx).await?.is_some() {
        return Err(StoreError::Refused("already-founded"));
    }
    let body = bodies::NewBody {
        id: founding.root,
        parent: None,
        kind: founding.kind,
        name: founding.name.clone(),
        code: founding.code.clone(),
        from: None,
        aliases: Vec::new(),
    };
    bodies::create(tx, &scope, &body).await?;
    let person = people::NewPerson {
        id: founding.person,
        name: founding.person_name.clone(),
        title: None,
        lang: Lang::Vi,
        memberships: vec![Membership { body: founding.root, position: None, contact: false }],
    };
    people::create(tx, &scope, &person).await?;
    let grant = grants::NewGrant {
        id: founding.grant,
        person: founding.person,
        role: Role::Administrator,
        body: founding.root,
        from: None,
        until: None,
    };
    grants::give(tx, &scope, &grant).await
}

/// `%text%` for a folded column, with the characters LIKE gives a meaning to escaped by `\`.
pub(crate) fn containing(text: &str) -> String {
    let folded = domain::text::fold(text);
    let mut pattern = String::with_capacity(folded.len() + 2);
    pattern.push('%');
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Text that may be left out: trimmed, and absent if nothing is left. Over `max` characters: `Refused(code)`.
pub(crate) fn optional(
    text: Option<&str>,
    max: usize,
    code: &'static str,
) -> Result<Option<String>, StoreError> {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    match text {
        Some(text) if text.chars().count() > max || text.chars().any(char::is_control) => {
            Err(StoreError::Refused(code))
        }
        text => Ok(text.map(str::to_owned)),
    }
}
