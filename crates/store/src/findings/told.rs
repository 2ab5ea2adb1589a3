//! Machines one by one, as papers tell of them.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Row, Sql, StoreError};

/// How one machine stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Which.
    pub host: Id<kind::Host>,
    /// Its name.
    pub name: String,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What runs on it, as reported.
    pub os: Option<String>,
    /// Of when the inventory is by which it was judged; none if it never was.
    pub judged_on: Option<Timestamp>,
    /// Flaws that are open.
    pub open: u32,
    /// Flaws that are mended or worked around.
    pub handled: u32,
    /// Flaws of which nobody can tell.
    pub unclear: u32,
}

impl Machine {
    /// It has, or had, what was warned of.
    #[must_use]
    pub fn is_concerned(&self) -> bool {
        self.open + self.handled > 0
    }
    /// All of that is mended or worked around.
    #[must_use]
    pub fn is_handled(&self) -> bool {
        self.open == 0 && self.handled > 0
    }
    /// Of something it cannot be told whether it concerns it.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        self.judged_on.is_none() || self.unclear > 0
    }
}

/// Every machine in service of those bodies that the scope sees, with how it stands under a warning; without one, with all
/// that is known. What is open stands first, then what cannot be told, then what is handled.
pub async fn machines(
    sql: &mut Sql,
    scope: &Scope,
    bodies: &[Id<kind::Body>],
    warning: Option<Id<kind::Warning>>,
) -> Result<Vec<Machine>, StoreError> {
    let mut query =
        Query::new("select h.id, h.name, h.body, h.os, j.inventory_at, coalesce(x.open, 0) as open,");
    query.push("coalesce(x.handled, 0) as handled, coalesce(x.unclear, 0) as unclear");
    query.push("from host h left join host_judged j on j.host = h.id left join");
    match warning {
        Some(warning) => query
            .push("(select host, open, handled, unclear from warning_host where warning =")
            .bind(warning)
            .push(")"),
        None => query.push(
            "(select host, cast(sum(case when shelf = 0 then n - around else 0 end) as bigint) as open,
                cast(sum(case when shelf = 2 then seen when shelf = 0 then around else 0 end) as bigint) as handled,
                cast(0 as bigint) as unclear from flaw_sum where warning = '' group by host)",
        ),
    };
    query.push("x on x.host = h.id where h.closed_at is null and");
    query.visible(scope, Right::See, "h.body").push("and h.body in").list(bodies.iter().copied());
    query.push(
        "order by case when coalesce(x.open, 0) > 0 then 0 when j.host is null or coalesce(x.unclear, 0) > 0 then 1
           when coalesce(x.handled, 0) > 0 then 2 else 3 end, h.sort_key, h.id",
    );
    let one = |r: &Row| {
        Ok(Machine {
            host: r.id("id")?,
            name: r.text("name")?,
            body: r.id("body")?,
            os: r.opt_text("os")?,
            judged_on: r.opt_time("inventory_at")?,
            open: r.count("open")?,
            handled: r.count("handled")?,
            unclear: r.count("unclear")?,
        })
    };
    query.rows(sql).await?.iter().map(one).collect()
}
