//! Hunts read.

use domain::{
    actor::Scope,
    hunt::Outcome,
    id::{Id, kind},
    right::Right,
};

use super::{Hit, Run, Shown, body_of, hunt_of, newest, run_of};
use crate::{Query, Row, Sql, StoreError, args};

/// At most so many on one page.
const LIST_MAX: i64 = 500;
/// Runs shown of one hunt.
const RUNS_MAX: i64 = 50;

const SHOWN: &str =
    "select h.*, b.name as body_name, l.name as list_name, c.name as concluded_name, p.name as made_name
    from hunt h join body b on b.id = h.body left join indicator_list l on l.id = h.list
    left join person c on c.id = h.concluded_by left join person p on p.id = h.created_by
    where h.closed_at is null and";

/// The open hunts a scope may see, the newest first.
pub async fn list(sql: &mut Sql, scope: &Scope) -> Result<Vec<Shown>, StoreError> {
    let mut query = Query::new(SHOWN);
    query.visible(scope, Right::Read, "h.body");
    query.push("order by h.created_at desc, h.id desc limit").bind(LIST_MAX);
    let rows = query.rows(sql).await?;
    let mut all: Vec<Shown> = rows.iter().map(shown).collect::<Result<_, _>>()?;
    if all.is_empty() {
        return Ok(all);
    }
    let mut query = Query::new("select r.* from hunt_run r where r.hunt in");
    query.list(all.iter().map(|s| s.hunt.id));
    query.push("and r.created_at = (select max(o.created_at) from hunt_run o where o.hunt = r.hunt)");
    let mut last = newest(&query.rows(sql).await?)?;
    for one in &mut all {
        one.last = last.remove(&one.hunt.id);
    }
    Ok(all)
}

/// One hunt.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Hunt>) -> Result<Shown, StoreError> {
    let mut query = Query::new(SHOWN);
    query.push("h.id =").bind(id).push("and").visible(scope, Right::Read, "h.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("hunt"))?;
    let mut one = shown(&row)?;
    one.may_change = body_of(sql, scope, Right::Answer, id).await.is_ok();
    one.last = runs(sql, scope, id).await?.into_iter().next();
    Ok(one)
}

fn shown(row: &Row) -> Result<Shown, StoreError> {
    let outcome = row.opt_text("outcome")?;
    Ok(Shown {
        hunt: hunt_of(row)?,
        body_name: row.text("body_name")?,
        list_name: row.opt_text("list_name")?,
        next_at: row.opt_time("next_at")?,
        outcome: outcome.as_deref().and_then(Outcome::parse),
        conclusion: row.text("conclusion")?,
        concluded_by: row.opt_text("concluded_name")?,
        concluded_at: row.opt_time("concluded_at")?,
        created_by: row.opt_text("made_name")?,
        created_at: row.time("created_at")?,
        last: None,
        may_change: false,
    })
}

/// The runs of a hunt, the newest first.
pub async fn runs(sql: &mut Sql, scope: &Scope, id: Id<kind::Hunt>) -> Result<Vec<Run>, StoreError> {
    body_of(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select * from hunt_run where hunt = $1 order by created_at desc, id desc limit $2",
            args![id, RUNS_MAX],
        )
        .await?;
    rows.iter().map(run_of).collect()
}

/// The events kept of a run, the newest first.
pub async fn hits(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Hunt>,
    run: Id<kind::HuntRun>,
) -> Result<Vec<Hit>, StoreError> {
    body_of(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select x.* from hunt_hit x join hunt_run r on r.id = x.run where x.run = $1 and r.hunt = $2 order by x.seq",
            args![run, id],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Hit {
            at: row.time("at")?,
            body: row.id("body")?,
            place: (row.int("position")?, row.int("line")?),
            host: row.text("host")?,
            because: row.json("because")?,
            raw: row.text("raw")?,
        })
    };
    rows.iter().map(one).collect()
}
