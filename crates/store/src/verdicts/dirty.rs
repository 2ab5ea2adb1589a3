//! From what changed to the tasks that must be judged anew.

use domain::id::{Id, kind};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, args};

/// What ends every question for tasks: only open ones are judged, the same that [`super::load`] gives.
const OPEN: &str = "t.withdrawn_at is null
  and exists (select 1 from assignment oa where oa.id = t.assignment and oa.cancelled_at is null)
  and exists (select 1 from campaign oc where oc.id = t.campaign and oc.state = 'issued')";

/// All tasks of those assignments.
pub async fn of_assignments(
    sql: &mut Sql,
    ids: &[Id<kind::Assignment>],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query = Query::new("select t.id from task t where t.assignment in");
    query.list(ids.iter().copied()).push("and").push(OPEN);
    tasks(query, sql).await
}

/// The tasks with one of the codes of every assignment above those: up the chain of passing on, and of bodies above
/// in the same campaign.
pub async fn above_assignments(
    sql: &mut Sql,
    ids: &[Id<kind::Assignment>],
    codes: &[&str],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query =
        Query::new("with recursive chain (id) as (select a.parent from assignment a where a.id in");
    query.list(ids.iter().copied());
    query
        .push("and a.parent is not null union select a.parent from chain c join assignment a on a.id = c.id");
    query.push("where a.parent is not null) select t.id from task t join chain c on c.id = t.assignment");
    query.push("where t.code in").list(codes.iter().copied()).push("and").push(OPEN);
    let mut found = tasks(query, sql).await?;
    let mut query = Query::new(
        "select distinct t.id from assignment a
         join body_closure k on k.below = a.body and k.depth > 0
         join task t on t.campaign = a.campaign and t.body = k.above where a.id in",
    );
    query.list(ids.iter().copied()).push("and t.code in").list(codes.iter().copied()).push("and").push(OPEN);
    found.extend(tasks(query, sql).await?);
    Ok(found)
}

/// The tasks with one of the codes of those bodies.
pub async fn of_bodies(
    sql: &mut Sql,
    ids: &[Id<kind::Body>],
    codes: &[&str],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query =
        Query::new("select t.id from assignment a join task t on t.assignment = a.id where a.body in");
    query.list(ids.iter().copied()).push("and t.code in").list(codes.iter().copied()).push("and").push(OPEN);
    tasks(query, sql).await
}

/// The tasks with one of the codes of the bodies above those.
pub async fn above_bodies(
    sql: &mut Sql,
    ids: &[Id<kind::Body>],
    codes: &[&str],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query = Query::new(
        "select distinct t.id from body_closure k join assignment a on a.body = k.above
         join task t on t.assignment = a.id where k.depth > 0 and k.below in",
    );
    query.list(ids.iter().copied()).push("and t.code in").list(codes.iter().copied()).push("and").push(OPEN);
    tasks(query, sql).await
}

/// All tasks of those campaigns.
pub async fn of_campaigns(
    sql: &mut Sql,
    ids: &[Id<kind::Campaign>],
) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query = Query::new("select t.id from task t where t.campaign in");
    query.list(ids.iter().copied()).push("and").push(OPEN).push("order by t.assignment");
    tasks(query, sql).await
}

/// Every open task: for a worker that has missed changes.
pub async fn open(sql: &mut Sql) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let mut query = Query::new("select t.id from task t where");
    query.push(OPEN).push("order by t.assignment");
    tasks(query, sql).await
}

/// Tasks never judged, and those whose next look is due; at most `limit`.
pub async fn due(sql: &mut Sql, now: Timestamp, limit: usize) -> Result<Vec<Id<kind::Task>>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut query = Query::new("select t.id from task t where t.evaluated_at is null and");
    query.push(OPEN).push("limit").bind(limit);
    let mut found = tasks(query, sql).await?;
    let mut query = Query::new("select t.id from task t where t.next_check is not null and t.next_check <=");
    query.bind(now).push("and").push(OPEN).push("order by t.next_check limit").bind(limit);
    found.extend(tasks(query, sql).await?);
    Ok(found)
}

/// When the next look is due after `now`.
pub async fn next_due(sql: &mut Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let row = sql
        .row(
            "select min(t.next_check) as at from task t where t.next_check is not null and t.next_check > $1",
            args![now],
        )
        .await?;
    row.map_or(Ok(None), |r| r.opt_time("at"))
}

async fn tasks(query: Query, sql: &mut Sql) -> Result<Vec<Id<kind::Task>>, StoreError> {
    query.rows(sql).await?.iter().map(|r| r.id("id")).collect()
}
