//! Whose events somebody may see. The events themselves are in the lake, which knows no rights: this is the one place
//! where a scope becomes the bodies it is asked about.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};

use crate::{Query, Sql, StoreError};

/// The bodies whose events may be seen, with their names; `under`: only of that one and those below it.
pub async fn bodies(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
) -> Result<BTreeMap<Id<kind::Body>, String>, StoreError> {
    let mut query = Query::new("select body.id, body.name from body where");
    query.visible(scope, Right::Read, "body.id");
    if let Some(under) = under {
        query.push("and exists (select 1 from body_closure c where c.below = body.id and c.above =");
        query.bind(under).push(")");
    }
    query.rows(sql).await?.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}

/// The names of sources that may be seen.
pub async fn sources(sql: &mut Sql, scope: &Scope) -> Result<BTreeMap<Id<kind::Source>, String>, StoreError> {
    let mut query = Query::new("select e.id, e.name from event_source e where");
    query.visible(scope, Right::Read, "e.body");
    query.rows(sql).await?.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}
