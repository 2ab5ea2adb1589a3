//! Who may sign a report off, and in which capacity they do.

use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, kind},
    legal::Pack,
    report::{Draft, sign_as, signature},
    right::{Right, Role},
    text::fold,
};
use jiff::Timestamp;

use super::Report;
use crate::{Query, Sql, StoreError, args};

/// Somebody who signs for a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Who.
    pub id: Id<kind::Person>,
    /// The name as a paper writes it: with rank or degree, if there is one.
    pub name: String,
    /// The name alone.
    pub bare: String,
    /// What they are there.
    pub position: Option<String>,
    /// Whether they sign by a delegation of the head.
    pub delegated: bool,
}

/// Those who may sign for that very body at `now`, the head before whoever the head delegated that to.
pub async fn signers(
    sql: &mut Sql,
    body: Id<kind::Body>,
    only: Option<Id<kind::Person>>,
    now: Timestamp,
) -> Result<Vec<Signer>, StoreError> {
    let mut query = Query::new(
        "select p.id, p.name, p.title, m.position, g.delegated_by from role_grant g join person p on p.id = g.person
         left join membership m on m.person = p.id and m.body = g.body
         where g.revoked_at is null and p.closed_at is null and g.body =",
    );
    query.bind(body).push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now).push(") and g.role in");
    query.list(Role::ALL.iter().filter(|r| r.may(Right::Sign)).map(|r| r.name()));
    if let Some(person) = only {
        query.push("and p.id =").bind(person);
    }
    query.push("order by case when g.delegated_by is null then 0 else 1 end, p.sort_key, p.id");
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|row| {
            let bare = row.text("name")?;
            let name = row.opt_text("title")?.map_or_else(|| bare.clone(), |title| format!("{title} {bare}"));
            let delegated = row.opt_id::<kind::Person>("delegated_by")?.is_some();
            Ok(Signer { id: row.id("id")?, name, bare, position: row.opt_text("position")?, delegated })
        })
        .collect()
}

impl Signer {
    /// The lines of capacity, for a body of that kind and name.
    pub fn capacity(&self, pack: &Pack, kind: BodyKind, body: &str) -> Vec<String> {
        let position = self.position.as_deref();
        signature(pack, kind, body, sign_as(position, self.delegated), position)
    }
}

/// Whether the scope holds [`Right::Sign`] at that very body: a superior does not sign in the name of a body below.
pub(super) fn signs(scope: &Scope, body: Id<kind::Body>) -> bool {
    scope.tops(Right::Sign).is_some_and(|tops| tops.contains(&body))
}

/// The draft as it is signed by that person: who signs stands under it. Where the draft names them already its own
/// lines stay, since somebody may have written a rank or another capacity; else their lines are set. `None` when they
/// sign for this body by no grant.
pub async fn signed_by(
    sql: &mut Sql,
    pack: &Pack,
    report: &Report,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Option<Draft>, StoreError> {
    let Some(signer) = signers(sql, report.body, Some(person), now).await?.into_iter().next() else {
        return Ok(None);
    };
    let mut draft = report.draft.clone();
    if fold(&draft.signer).ends_with(&fold(&signer.bare)) && !draft.capacity.is_empty() {
        return Ok(Some(draft));
    }
    let row = sql
        .row("select kind from body where id = $1", args![report.body])
        .await?
        .ok_or(StoreError::NotFound("body"))?;
    let kind = row.word("kind", BodyKind::parse)?;
    draft.capacity = signer.capacity(pack, kind, &draft.issuer);
    draft.signer = signer.name;
    Ok(Some(draft))
}
