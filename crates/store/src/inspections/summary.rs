//! Inspections of a window in figures, for the report up and the after-action.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    inspection::VisitState,
    right::Right,
    time::Window,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError};

/// Figures of one inspected body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodySummary {
    /// Its name.
    pub name: String,
    /// Visits planned, done or not; cancelled ones left out.
    pub planned: u32,
    /// Visits done.
    pub done: u32,
    /// When the last one was.
    pub last: Option<Timestamp>,
    /// Findings made.
    pub findings: u32,
    /// Of those, closed.
    pub closed: u32,
    /// Of those, open past their due day.
    pub overdue: u32,
}

/// Figures of a window: sums, and one line a body with a visit, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// All together; `name` is empty.
    pub all: BodySummary,
    /// Bodies with at least one visit done.
    pub inspected: u32,
    /// Bodies with at least one visit planned or done.
    pub chosen: u32,
    /// Each inspected body.
    pub bodies: HashMap<Id<kind::Body>, BodySummary>,
}

/// Visits planned within the window of those inspected bodies, as far as the scope sees them; `None` for every body it
/// sees.
pub async fn summary(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: Option<&[Id<kind::Body>]>,
    now: Timestamp,
) -> Result<Summary, StoreError> {
    let mut query = Query::new(
        "select v.body, b.name, v.state, v.done_at,
           (select count(*) from finding f where f.visit = v.id) as findings,
           (select count(*) from finding f where f.visit = v.id and f.state = 'closed') as closed,
           (select count(*) from finding f where f.visit = v.id and f.state = 'open' and f.due_at <=",
    );
    query.bind(now).push(") as overdue from visit v join body b on b.id = v.body");
    query.push("where v.state <> 'cancelled' and v.planned_at >=").bind(window.from);
    query.push("and v.planned_at <").bind(window.to).push("and").visible(scope, Right::See, "v.body");
    query.push("and (v.state in ('under-way', 'done') or v.announced_at is not null or");
    query.visible(scope, Right::See, "v.inspector").push(")");
    if let Some(bodies) = bodies {
        query.push("and v.body in").list(bodies.iter().copied());
    }
    let mut summary = Summary::default();
    for row in query.rows(sql).await? {
        let done = row.word("state", VisitState::parse)? == VisitState::Done;
        let figures = [row.count("findings")?, row.count("closed")?, row.count("overdue")?];
        let line = summary.bodies.entry(row.id("body")?).or_default();
        line.name = row.text("name")?;
        line.last = line.last.max(row.opt_time("done_at")?);
        for part in [line, &mut summary.all] {
            part.planned += 1;
            part.done += u32::from(done);
            let [findings, closed, overdue] = figures;
            part.findings += findings;
            part.closed += closed;
            part.overdue += overdue;
        }
    }
    summary.chosen = u32::try_from(summary.bodies.len()).unwrap_or(u32::MAX);
    let inspected = summary.bodies.values().filter(|b| b.done > 0).count();
    summary.inspected = u32::try_from(inspected).unwrap_or(u32::MAX);
    Ok(summary)
}
