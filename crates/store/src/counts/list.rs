//! All bodies with their counts: where the register falls short, who was never counted.

use domain::{
    actor::Scope,
    counts::Comparison,
    id::{Id, kind},
    legal::Pack,
    right::Right,
};
use jiff::civil::Date;

use super::of;
use crate::{Query, Sql, StoreError, register::containing};

/// At most so many bodies are compared at once; the list is cut there and says so.
pub const PAGE_MAX: u32 = 2_000;

/// Which bodies.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name, with or without marks.
    pub text: Option<String>,
    /// In the subtree of that body.
    pub under: Option<Id<kind::Body>>,
}

/// A body beside its counts.
#[derive(Debug, Clone)]
pub struct Gap {
    /// Which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// The register and the counts.
    pub machines: Comparison,
}

/// Bodies in the order of their names, each beside its counts.
pub async fn gaps(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    filter: &Filter,
    today: Date,
) -> Result<Vec<Gap>, StoreError> {
    let mut query = Query::new("select b.id, b.name from body b where b.closed_at is null and");
    query.visible(scope, Right::See, "b.id");
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and b.folded like").bind(containing(text)).push("escape '\\'");
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = b.id and u.above =").bind(top);
        query.push(")");
    }
    query.push("order by b.sort_key, b.id limit").bind(PAGE_MAX);
    let mut bodies: Vec<(Id<kind::Body>, String)> = Vec::new();
    for row in query.rows(sql).await? {
        bodies.push((row.id("id")?, row.text("name")?));
    }
    let ids: Vec<_> = bodies.iter().map(|(id, _)| *id).collect();
    let mut found = of(sql, scope, pack, &ids, today).await?;
    let gap = |(body, name)| Some(Gap { body, name, machines: found.remove(&body)? });
    Ok(bodies.into_iter().filter_map(gap).collect())
}
