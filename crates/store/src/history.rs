//! What the verdicts of a campaign changed to and when: the readiness over time, and how each task ended. Written by
//! [`crate::verdicts::save`].

use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{
    actor::Scope,
    evidence::State,
    id::{Id, kind},
    outcome::Outcome,
    readiness::Moved,
    right::Right,
};

use crate::{Query, Row, Sql, StoreError};

/// Which tasks of a campaign the scope sees and which of them were taken back: equal stamps, equal tasks. As long as it
/// stays the same, [`moved`] only ever grows at its end.
pub async fn stamp(sql: &mut Sql, scope: &Scope, campaign: Id<kind::Campaign>) -> Result<u64, StoreError> {
    let mut query = Query::new(
        "select t.body, count(*) as tasks, count(t.withdrawn_at) as withdrawn, count(a.cancelled_at) as cancelled,
                max(t.id) as newest
         from task t join assignment a on a.id = t.assignment where t.campaign =",
    );
    query
        .bind(campaign)
        .push("and")
        .visible(scope, Right::See, "t.body")
        .push("group by t.body order by t.body");
    let mut stamp = DefaultHasher::new();
    for row in query.rows(sql).await? {
        (row.text("body")?, row.text("newest")?).hash(&mut stamp);
        (row.int("tasks")?, row.int("withdrawn")?, row.int("cancelled")?).hash(&mut stamp);
    }
    Ok(stamp.finish())
}

/// The movements of a campaign's tasks as far as the scope sees them, in steps of so many microseconds, the steps before
/// `since` left out. Tasks withdrawn or cancelled since are left out from the beginning.
pub async fn moved(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    step: i64,
    since: i64,
) -> Result<Vec<Moved>, StoreError> {
    let step = step.max(1);
    let mut query = Query::new("select v.at /");
    query.bind(step).push(
        "as step, v.was, v.state, count(*) as tasks
         from verdict_change v join task t on t.id = v.task join assignment a on a.id = t.assignment
         where t.withdrawn_at is null and a.cancelled_at is null and v.was <> v.state and v.campaign =",
    );
    query.bind(campaign).push("and v.at >=").bind(since.saturating_mul(step));
    query.push("and").visible(scope, Right::See, "t.body");
    query.push("group by 1, v.was, v.state");
    query
        .rows(sql)
        .await?
        .iter()
        .map(|row| {
            let was = row.text("was")?;
            Ok(Moved {
                step: row.int("step")?,
                was: if was.is_empty() { None } else { Some(row.word("was", State::parse)?) },
                state: row.word("state", State::parse)?,
                tasks: row.count("tasks")?,
            })
        })
        .collect()
}

/// How each task of a campaign stands and since when it is met, in the order of the duties, with the body's name.
pub async fn outcomes(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
) -> Result<Vec<(String, Outcome)>, StoreError> {
    let mut query = Query::new(
        "select t.id, t.body, b.name, t.code, t.due_at, t.state, a.received_at,
                (select max(v.at) from verdict_change v
                 where v.task = t.id and v.state = 'met' and v.was <> 'met') as met_at
         from task t join assignment a on a.id = t.assignment join body b on b.id = t.body
              join campaign_duty d on d.id = t.duty
         where t.withdrawn_at is null and a.cancelled_at is null and t.campaign =",
    );
    query.bind(campaign).push("and").visible(scope, Right::See, "t.body");
    query.push("order by d.place, b.sort_key, t.id");
    query.rows(sql).await?.iter().map(outcome).collect()
}

fn outcome(row: &Row) -> Result<(String, Outcome), StoreError> {
    let state = row.word("state", State::parse)?;
    let met_at = row.opt_time("met_at")?.filter(|_| state == State::Met);
    let outcome = Outcome {
        task: row.id("id")?,
        body: row.id("body")?,
        code: row.text("code")?,
        received: row.time("received_at")?,
        due: row.time("due_at")?,
        state,
        met_at,
    };
    Ok((row.text("name")?, outcome))
}
