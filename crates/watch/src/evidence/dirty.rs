//! A batch of changes → the tasks that must be judged anew.

use std::collections::BTreeSet;

use domain::{
    id::{Id, kind},
    legal::Pack,
};
use store::{Change, Sql, StoreError, Topic, verdicts};

use super::table::{EVERY, Reach, TABLE};

/// The subjects of a batch of changes, sorted by noun.
#[derive(Default)]
struct Subjects {
    tasks: BTreeSet<Id<kind::Task>>,
    assignments: BTreeSet<Id<kind::Assignment>>,
    campaigns: BTreeSet<Id<kind::Campaign>>,
}

/// The tasks those changes make dirty, each once.
pub(super) async fn tasks(
    sql: &mut Sql,
    pack: &Pack,
    changes: &[Change],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let subjects = subjects(changes);
    let assignments: Vec<_> = subjects.assignments.into_iter().collect();
    let mut dirty = subjects.tasks;
    if !assignments.is_empty() {
        dirty.extend(verdicts::of_assignments(sql, &assignments).await?);
    }
    if !subjects.campaigns.is_empty() {
        let campaigns: Vec<_> = subjects.campaigns.into_iter().collect();
        dirty.extend(verdicts::of_campaigns(sql, &campaigns).await?);
    }
    for (topic, reach) in wakers() {
        let codes = codes(pack, topic, reach);
        let bodies: Vec<_> = bodies(changes, topic).into_iter().collect();
        if codes.is_empty() || bodies.is_empty() {
            continue;
        }
        dirty.extend(match reach {
            Reach::Body => verdicts::of_bodies(sql, &bodies, &codes).await?,
            Reach::BodiesAbove => verdicts::above_bodies(sql, &bodies, &codes).await?,
            Reach::AssignmentsAbove => verdicts::above_assignments(sql, &assignments, &codes).await?,
        });
    }
    Ok(dirty.into_iter().collect())
}

/// Which topics wake which tasks, each pair of the table once.
fn wakers() -> Vec<(Topic, Reach)> {
    let mut found = Vec::new();
    for pair in TABLE.iter().flat_map(|n| n.woken) {
        if !found.contains(pair) {
            found.push(*pair);
        }
    }
    found
}

fn subjects(changes: &[Change]) -> Subjects {
    let mut found = Subjects::default();
    for change in changes.iter().filter(|c| EVERY.contains(&c.topic)) {
        match change.subject.split_once(':') {
            Some(("task", id)) => found.tasks.extend(id.parse::<Id<_>>().ok()),
            Some(("assignment", id)) => found.assignments.extend(id.parse::<Id<_>>().ok()),
            Some(("campaign", id)) => found.campaigns.extend(id.parse::<Id<_>>().ok()),
            _ => {}
        }
    }
    found
}

fn bodies(changes: &[Change], topic: Topic) -> BTreeSet<Id<kind::Body>> {
    changes.iter().filter(|c| c.topic == topic).filter_map(|c| c.body).collect()
}

/// The duty codes whose evaluator is woken by that topic in that way.
fn codes(pack: &Pack, topic: Topic, reach: Reach) -> Vec<&str> {
    let woken: Vec<_> =
        TABLE.iter().filter(|n| n.woken.contains(&(topic, reach))).map(|n| n.evaluator).collect();
    pack.duties().iter().filter(|d| woken.contains(&d.evaluator)).map(|d| d.code.as_str()).collect()
}
