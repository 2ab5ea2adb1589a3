//! Roll-ups: how what was passed on stands, one row under the body that passed it on.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::State,
    id::{Id, kind},
    right::Right,
};

use crate::{Query, Sql, StoreError};

/// One duty over everything below one assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollCell {
    /// Tasks met.
    pub met: u32,
    /// Tasks that count: neither excused nor not applicable.
    pub all: u32,
    /// The worst state among them.
    pub worst: State,
}

/// What was passed on from one assignment, whole chain.
#[derive(Debug, Clone)]
pub struct RollUp {
    /// The campaign by which it was passed on first.
    pub campaign: Id<kind::Campaign>,
    /// Assignments below.
    pub bodies: u32,
    /// By duty code.
    pub cells: HashMap<String, RollCell>,
}

/// The assignments of a campaign from which those of other campaigns were passed on, whole chain.
pub async fn tops(
    sql: &mut Sql,
    campaign: Id<kind::Campaign>,
    below: &[Id<kind::Assignment>],
) -> Result<Vec<Id<kind::Assignment>>, StoreError> {
    let mut query = Query::new(
        "with recursive up (id) as (
           select a.parent from assignment a where a.parent is not null and a.id in",
    );
    query.list(below.iter().copied()).push(
        "union select a.parent from up u join assignment a on a.id = u.id where a.parent is not null)
         select a.id from up u join assignment a on a.id = u.id where a.campaign =",
    );
    query.bind(campaign);
    query.rows(sql).await?.iter().map(|r| r.id("id")).collect()
}

/// The roll-ups of a campaign, by the assignment that was passed on; with `only`, of those.
pub async fn rollups(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    only: Option<&[Id<kind::Assignment>]>,
) -> Result<HashMap<Id<kind::Assignment>, RollUp>, StoreError> {
    let mut query = Query::new(
        "with recursive chain (top, first, id) as (
           select a.parent, a.campaign, a.id from assignment a join assignment p on p.id = a.parent
           where a.cancelled_at is null and p.campaign =",
    );
    query.bind(campaign);
    if let Some(only) = only {
        query.push("and a.parent in").list(only.iter().copied());
    }
    query.push(
        "union select c.top, c.first, a.id from chain c join assignment a on a.parent = c.id
           where a.cancelled_at is null)
         select c.top, min(c.first) as first, t.code, count(distinct t.assignment) as bodies, min(t.rank) as worst,
           cast(sum(case when t.state = 'met' then 1 else 0 end) as bigint) as met,
           cast(sum(case when t.state in ('excused', 'not-applicable') then 0 else 1 end) as bigint) as counted
         from chain c join task t on t.assignment = c.id join campaign k on k.id = t.campaign
         where t.withdrawn_at is null and k.state in ('issued', 'closed') and",
    );
    query.visible(scope, Right::See, "t.body").push("group by c.top, t.code");
    let mut found: HashMap<Id<kind::Assignment>, RollUp> = HashMap::new();
    for row in query.rows(sql).await? {
        let rank = row.int("worst")?;
        let worst =
            State::ALL.iter().find(|s| i64::from(s.rank()) == rank).copied().unwrap_or(State::Unknown);
        let rollup = found.entry(row.id("top")?).or_insert(RollUp {
            campaign: row.id("first")?,
            bodies: 0,
            cells: HashMap::new(),
        });
        rollup.bodies = rollup.bodies.max(row.count("bodies")?);
        let cell = RollCell { met: row.count("met")?, all: row.count("counted")?, worst };
        rollup.cells.insert(row.text("code")?, cell);
    }
    Ok(found)
}
