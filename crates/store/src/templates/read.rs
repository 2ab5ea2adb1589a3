//! Reading templates.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};

use super::{Kept, TEMPLATES_MAX};
use crate::{Query, Row, Sql, StoreError};

/// The templates somebody may use, by name.
pub async fn list(sql: &mut Sql, scope: &Scope) -> Result<Vec<Kept>, StoreError> {
    let mut query = seen(scope);
    query.push("order by t.folded, t.id limit").bind(TEMPLATES_MAX);
    query.rows(sql).await?.iter().map(kept).collect()
}

/// One of them.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Template>) -> Result<Kept, StoreError> {
    let mut query = seen(scope);
    query.push("and t.id =").bind(id);
    query.row(sql).await?.as_ref().map(kept).transpose()?.ok_or(StoreError::NotFound("template"))
}

fn seen(scope: &Scope) -> Query {
    let mut query = Query::new(
        "select t.*, c.name as campaign_name, p.name as person_name from template t
         left join campaign c on c.id = t.made_from left join person p on p.id = t.changed_by
         where t.retired_at is null and",
    );
    query.visible(scope, Right::Prepare, "t.body");
    query
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    let from = row.opt_id("made_from")?;
    Ok(Kept {
        id: row.id("id")?,
        body: row.id("body")?,
        name: row.text("name")?,
        made_from: from.zip(row.opt_text("campaign_name")?),
        content: row.json("content")?,
        version: row.int("version")?,
        changed_at: row.time("changed_at")?,
        changed_by: row.opt_text("person_name")?,
    })
}
