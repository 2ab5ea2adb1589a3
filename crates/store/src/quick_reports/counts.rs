//! Rounds as the evidence counts them.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    legal::Legal,
};
use jiff::Timestamp;

use super::course;
use crate::{Query, Sql, StoreError};

/// How one body has reported so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Rounds confirmed in time, of those that have come due.
    pub rounds: Count,
    /// Rounds confirmed late, of the same.
    pub late: Count,
    /// When the next round comes due.
    pub next: Option<Timestamp>,
}

/// The counts of some assignments of one campaign; those of whom no reports are asked are left out. Canh's own look.
pub async fn counts(
    sql: &mut Sql,
    legal: &Legal,
    campaign: Id<kind::Campaign>,
    assignments: &[Id<kind::Assignment>],
    now: Timestamp,
) -> Result<HashMap<Id<kind::Assignment>, Counts>, StoreError> {
    let system = Scope::system();
    let course = course::course(sql, &system, legal, campaign, now).await?;
    let mut found = HashMap::new();
    if course.rounds.is_empty() {
        return Ok(found);
    }
    let mut query = Query::new(
        "select assignment, round_at, late from quick_report where superseded_at is null and assignment in",
    );
    query.list(assignments.iter().copied());
    let mut reports: HashMap<Id<kind::Assignment>, Vec<(Timestamp, bool)>> = HashMap::new();
    for row in query.rows(sql).await? {
        reports.entry(row.id("assignment")?).or_default().push((row.time("round_at")?, row.bool("late")?));
    }
    for of in course::expected(sql, &system, &course).await? {
        if !assignments.contains(&of.assignment) {
            continue;
        }
        let said = reports.get(&of.assignment).map_or(&[][..], Vec::as_slice);
        let (mut all, mut in_time, mut late) = (0_u32, 0_u32, 0_u32);
        for round in course.rounds.iter().filter(|r| r.due <= now && of.owes(r)) {
            all = all.saturating_add(1);
            match said.iter().find(|(at, _)| *at == round.at) {
                Some((_, true)) => late = late.saturating_add(1),
                Some((_, false)) => in_time = in_time.saturating_add(1),
                None => {}
            }
        }
        let next = course.rounds.iter().filter(|r| r.due > now && of.owes(r)).map(|r| r.due).min();
        let counts =
            Counts { rounds: Count { handled: in_time, all }, late: Count { handled: late, all }, next };
        found.insert(of.assignment, counts);
    }
    Ok(found)
}
