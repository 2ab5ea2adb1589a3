//! Sources read.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};

use super::{Counts, Known, Shown, from_row, may};
use crate::{Query, Row, Sql, StoreError};

/// At most so many on one page.
const LIST_MAX: i64 = 1_000;

/// Which sources to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of that body and those below it.
    pub under: Option<Id<kind::Body>>,
    /// Only of that system.
    pub system: Option<Id<kind::System>>,
}

/// Every source that may send, for the ways in. They serve nobody in particular: only programs call this.
pub async fn known(sql: &mut Sql) -> Result<Vec<Known>, StoreError> {
    let rows = sql.rows("select * from event_source where closed_at is null order by id", vec![]).await?;
    rows.iter().map(from_row).collect()
}

const SHOWN: &str =
    "select e.*, b.name as body_name, y.name as system_name, c.received, c.kept, c.refused, c.unparsed,
        c.skewed, c.first_at, c.last_at, c.samples
    from event_source e join body b on b.id = e.body left join system y on y.id = e.system
    join event_source_count c on c.source = e.id where e.closed_at is null and";

/// One source.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Source>) -> Result<Shown, StoreError> {
    let mut query = Query::new(SHOWN);
    query.push("e.id =").bind(id).push("and").visible(scope, Right::See, "e.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("source"))?;
    let mut one = shown(&row)?;
    one.may_change = may(sql, scope, Right::Register, one.known.body).await.is_ok();
    Ok(one)
}

/// The sources a scope may see, by body and name; samples are left out.
pub async fn list(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<Vec<Shown>, StoreError> {
    let mut query = Query::new(SHOWN);
    query.visible(scope, Right::See, "e.body");
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = e.body and u.above =").bind(top);
        query.push(")");
    }
    if let Some(system) = filter.system {
        query.push("and e.system =").bind(system);
    }
    query.push("order by b.sort_key, b.id, e.sort_key, e.id limit").bind(LIST_MAX);
    let rows = query.rows(sql).await?;
    rows.iter().map(shown).collect()
}

fn shown(row: &Row) -> Result<Shown, StoreError> {
    let n = |column| row.int(column).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(Shown {
        known: from_row(row)?,
        name: row.text("name")?,
        body_name: row.text("body_name")?,
        system_name: row.opt_text("system_name")?,
        quiet_minutes: row.count("quiet_minutes")?,
        created_at: row.time("created_at")?,
        counts: Counts {
            received: n("received")?,
            kept: n("kept")?,
            refused: n("refused")?,
            unparsed: n("unparsed")?,
            skewed: n("skewed")?,
            first_at: row.opt_time("first_at")?,
            last_at: row.opt_time("last_at")?,
            samples: row.json("samples")?,
        },
        may_change: false,
    })
}
