//! What is open and need not be mended now: worked around, or let be for a while.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{
    plan::{Way, from},
    read::Filter,
};
use crate::{Query, Sql, StoreError};

/// How many findings of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aside {
    /// Something was done instead of mending them: they count as handled.
    pub worked_around: u32,
    /// Let be, with an end that lies ahead: they do not count as handled.
    pub excused: u32,
}

/// How many there are in a body, of a warning if one is given.
pub async fn aside(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    warning: Option<Id<kind::Warning>>,
    now: Timestamp,
) -> Result<Aside, StoreError> {
    let mut query = Query::new(
        "select cast(coalesce(sum(s.around), 0) as bigint) as n from host h cross join flaw_sum s
         where s.host = h.id and h.closed_at is null and s.shelf = 0 and s.warning =",
    );
    query.bind(warning.map(|w| w.to_string()).unwrap_or_default()).push("and h.body =").bind(body);
    query.push("and").visible(scope, Right::See, "h.body");
    let worked_around = query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))?;
    let filter = Filter { body: Some(body), warning, ..Filter::default() };
    let mut query = Query::new("select count(*) as n");
    from(&mut query, scope, &filter, Way::Excused, now);
    query.push("and f.workaround_at is null and f.excused_until >").bind(now);
    let excused = query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))?;
    Ok(Aside { worked_around, excused })
}
