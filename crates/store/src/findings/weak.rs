//! Weaknesses counted up.

use std::collections::BTreeMap;

use domain::{actor::Scope, right::Right, weakness::Weakness};

use crate::{Query, Sql, StoreError};

/// One kind of weakness on all machines the scope sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeaknessSum {
    /// Machines that have it, and nothing was done instead.
    pub open: u32,
    /// Machines on which it was closed, or worked around.
    pub closed: u32,
}

/// Every kind that any machine has or had.
pub async fn weakness_sums(
    sql: &mut Sql,
    scope: &Scope,
) -> Result<BTreeMap<Weakness, WeaknessSum>, StoreError> {
    let mut query = Query::new(
        "select f.flaw,
           sum(case when f.shelf = 0 and f.workaround_at is null then 1 else 0 end) as n_open,
           sum(case when f.shelf = 2 or f.shelf = 0 and f.workaround_at is not null then 1 else 0 end) as n_closed
         from host_flaw f join host h on h.id = f.host where h.closed_at is null and f.shelf in (0, 2) and f.flaw in",
    );
    query.list(Weakness::ALL.iter().map(|w| w.number()));
    query.push("and").visible(scope, Right::See, "h.body").push("group by f.flaw");
    let mut found = BTreeMap::new();
    for row in query.rows(sql).await? {
        if let Some(kind) = Weakness::of_number(&row.text("flaw")?) {
            found.insert(kind, WeaknessSum { open: row.count("n_open")?, closed: row.count("n_closed")? });
        }
    }
    Ok(found)
}
