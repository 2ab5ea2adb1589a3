//! What the evidence worker reads of inspections.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    id::{Id, kind},
    inspection::{Known, VisitState},
    time,
};
use jiff::Timestamp;

use crate::{
    Query, Sql, StoreError,
    verdicts::{Inspections, Task},
};

/// One visit of an inspector.
struct Line {
    body: Id<kind::Body>,
    done: bool,
    planned_at: Timestamp,
    overdue: u32,
    unchecked: u32,
    next_due: Option<Timestamp>,
}

/// For each task: visits planned from the day on which its body received the letter to the end of the window.
pub(crate) async fn known(sql: &mut Sql, tasks: &[&Task], now: Timestamp) -> Result<Inspections, StoreError> {
    let bodies: BTreeSet<_> = tasks.iter().map(|t| t.body).collect();
    let lines = lines(sql, &bodies, now).await?;
    let below = below(sql, &bodies).await?;
    let received = received(sql, tasks).await?;
    let none = Vec::new();
    Ok(tasks
        .iter()
        .map(|task| {
            let from =
                received.get(&task.assignment).map_or(Timestamp::MIN, |at| time::start_of(time::date(*at)));
            let to = task.window.map_or(task.due, |w| w.to.max(task.due));
            let within = lines
                .get(&task.body)
                .unwrap_or(&none)
                .iter()
                .filter(|l| l.planned_at >= from && l.planned_at < to);
            let below = below.get(&task.body).copied().unwrap_or(0);
            (task.id, sum(within, below, now))
        })
        .collect())
}

/// A body is done when its latest visit is; one visit that is put off does not undo the one before. It is clear when every
/// finding past its due day is closed: what it says itself to be put right is still to be looked at.
fn sum<'l>(lines: impl Iterator<Item = &'l Line>, below: u32, now: Timestamp) -> Known {
    let mut by_body: BTreeMap<Id<kind::Body>, (bool, u32)> = BTreeMap::new();
    let mut known = Known { below, ..Known::default() };
    for line in lines {
        let (done, late) = by_body.entry(line.body).or_default();
        *done |= line.done;
        *late += line.overdue + line.unchecked;
        known.overdue += line.overdue;
        known.unchecked += line.unchecked;
        known.next_due = [known.next_due, line.next_due].into_iter().flatten().filter(|at| *at > now).min();
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    known.planned = count(by_body.len());
    known.done = count(by_body.values().filter(|(done, _)| *done).count());
    known.clear = count(by_body.values().filter(|(done, late)| *done && *late == 0).count());
    known
}

async fn lines(
    sql: &mut Sql,
    bodies: &BTreeSet<Id<kind::Body>>,
    now: Timestamp,
) -> Result<HashMap<Id<kind::Body>, Vec<Line>>, StoreError> {
    let mut query = Query::new(
        "select v.inspector, v.body, v.state, v.planned_at,
           (select count(*) from finding f where f.visit = v.id and f.state = 'open' and f.due_at <=",
    );
    query.bind(now).push(
        ") as overdue,
           (select count(*) from finding f where f.visit = v.id and f.state = 'fixed' and f.due_at <=",
    );
    query.bind(now).push(
        ") as unchecked,
           (select min(f.due_at) from finding f where f.visit = v.id and f.state <> 'closed' and f.due_at >",
    );
    query.bind(now).push(") as next_due from visit v where v.state <> 'cancelled' and v.inspector in");
    query.list(bodies.iter().copied());
    let mut found: HashMap<_, Vec<Line>> = HashMap::new();
    for row in query.rows(sql).await? {
        found.entry(row.id("inspector")?).or_default().push(Line {
            body: row.id("body")?,
            done: row.word("state", VisitState::parse)? == VisitState::Done,
            planned_at: row.time("planned_at")?,
            overdue: row.count("overdue")?,
            unchecked: row.count("unchecked")?,
            next_due: row.opt_time("next_due")?,
        });
    }
    Ok(found)
}

async fn below(
    sql: &mut Sql,
    bodies: &BTreeSet<Id<kind::Body>>,
) -> Result<HashMap<Id<kind::Body>, u32>, StoreError> {
    let mut query = Query::new(
        "select k.above, count(*) as n from body_closure k join body b on b.id = k.below and b.closed_at is null
         where k.depth > 0 and k.above in",
    );
    query.list(bodies.iter().copied()).push("group by k.above");
    query.rows(sql).await?.iter().map(|r| Ok((r.id("above")?, r.count("n")?))).collect()
}

async fn received(
    sql: &mut Sql,
    tasks: &[&Task],
) -> Result<HashMap<Id<kind::Assignment>, Timestamp>, StoreError> {
    let mut query = Query::new("select id, received_at from assignment where id in");
    query.list(tasks.iter().map(|t| t.assignment).collect::<BTreeSet<_>>());
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.time("received_at")?))).collect()
}
