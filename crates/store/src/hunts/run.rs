//! Runs, as who looks sees them: claimed, carried on stretch by stretch, ended. It serves nobody in particular: only
//! programs call this. Whose events are looked at is settled here, by the hunt's body.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    hunt::{HITS_MAX, Standing},
    id::{Id, Ids, kind},
};
use jiff::{SignedDuration, Timestamp};

use super::{Hit, New, Run, hunt_of, number, run_of, subject_of, write::started};
use crate::{Db, StoreError, Topic, Tx, args};

/// Whoever looks and says nothing for so long has died; a stretch takes seconds.
const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// A run to be carried on.
#[derive(Debug, Clone)]
pub struct Work {
    /// The run as it stands.
    pub run: Run,
    /// What is looked for.
    pub hunt: New,
    /// Whose events: the hunt's body and all below it.
    pub bodies: BTreeSet<Id<kind::Body>>,
}

/// What came of a stretch.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Looked at from there on.
    pub done_to: Option<Timestamp>,
    /// Events that had to be looked at.
    pub looked_at: u64,
    /// Events that match.
    pub hits: u64,
    /// Some of them, the newest first.
    pub found: Vec<Hit>,
    /// How many events of each body lay before it, with the first stretch.
    pub reach: BTreeMap<Id<kind::Body>, u64>,
}

/// Makes the runs that are due by their schedule; how many.
pub async fn due(db: &Db, ids: &dyn Ids, now: Timestamp) -> Result<usize, StoreError> {
    let mut sql = db.read().await?;
    let rows = sql
        .rows(
            "select h.id, h.every_days from hunt h where h.closed_at is null and h.next_at <= $1 and not exists
               (select 1 from hunt_run r where r.hunt = h.id and r.standing in ('waiting', 'running'))
             order by h.next_at limit 20",
            args![now],
        )
        .await?;
    drop(sql);
    for row in &rows {
        let id: Id<kind::Hunt> = row.id("id")?;
        let every = SignedDuration::from_hours(24 * row.opt_int("every_days")?.unwrap_or(1).max(1));
        let next = now.checked_add(every).unwrap_or(Timestamp::MAX);
        let mut tx = db.begin_quiet(now).await?;
        let mine = tx
            .exec("update hunt set next_at = $2 where id = $1 and next_at <= $3", args![id, next, now])
            .await?;
        if mine > 0 {
            started(&mut tx, id, Id::new(ids)).await?;
            tx.changed(Topic::Hunt, subject_of(id), None);
        }
        tx.commit().await?;
    }
    Ok(rows.len())
}

/// Claims the run that waits longest, or one that nobody carries on any more.
pub async fn claim(db: &Db, now: Timestamp) -> Result<Option<Work>, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let row = tx
        .row(
            "update hunt_run set standing = 'running', lease = $2 where id = (select id from hunt_run
               where standing in ('waiting', 'running') and lease < $1 order by created_at, id limit 1)
               and lease < $1 returning *",
            args![now, until],
        )
        .await?;
    let Some(row) = row else {
        tx.commit().await?;
        return Ok(None);
    };
    let (run, id) = (run_of(&row)?, row.id::<kind::Hunt>("hunt")?);
    let hunt = tx.row("select * from hunt where id = $1", args![id]).await?;
    let hunt = hunt_of(&hunt.ok_or(StoreError::NotFound("hunt"))?)?;
    let below = tx.rows("select below from body_closure where above = $1", args![hunt.body]).await?;
    let mut bodies: BTreeSet<Id<kind::Body>> =
        below.iter().map(|r| r.id("below")).collect::<Result<_, _>>()?;
    bodies.insert(hunt.body);
    tx.changed(Topic::Hunt, subject_of(id), Some(hunt.body));
    tx.commit().await?;
    Ok(Some(Work { run, hunt, bodies }))
}

/// Writes down a stretch. False where the run was ended meanwhile: nothing more is to be done.
pub async fn step(db: &Db, now: Timestamp, work: &Work, step: &Step) -> Result<bool, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row = tx
        .row(
            "update hunt_run set lease = $2, done_to = $3, looked_at = looked_at + $4, hits = hits + $5
             where id = $1 and standing = 'running' returning id,
               (select count(*) from hunt_hit where run = $1) as held",
            args![
                work.run.id,
                until,
                step.done_to.unwrap_or(work.run.done_to),
                count(step.looked_at),
                count(step.hits)
            ],
        )
        .await?;
    let Some(row) = row else {
        tx.commit().await?;
        return Ok(false);
    };
    let held = usize::try_from(number(&row, "held")?).unwrap_or(usize::MAX);
    let json = |e: serde_json::Error| StoreError::Corrupt("hunt hit", e.to_string());
    for (n, hit) in step.found.iter().take(HITS_MAX.saturating_sub(held)).enumerate() {
        tx.exec(
            "insert into hunt_hit (run, seq, at, body, position, line, host, because, raw)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
            args![
                work.run.id,
                i64::try_from(held.saturating_add(n)).unwrap_or(i64::MAX),
                hit.at,
                hit.body,
                hit.place.0,
                hit.place.1,
                &hit.host,
                serde_json::to_string(&hit.because).map_err(json)?,
                &hit.raw
            ],
        )
        .await?;
    }
    for (body, events) in &step.reach {
        tx.exec(
            "insert into hunt_reach (run, body, events) values ($1,$2,$3) on conflict (run, body) do nothing",
            args![work.run.id, *body, count(*events)],
        )
        .await?;
    }
    tx.changed(Topic::Hunt, subject_of(work.hunt.id), Some(work.hunt.body));
    tx.commit().await?;
    Ok(true)
}

/// Everything was looked at.
pub async fn finish(db: &Db, now: Timestamp, work: &Work) -> Result<(), StoreError> {
    ended(db, now, work, Standing::Done, "").await
}

/// It cannot be done.
pub async fn fail(db: &Db, now: Timestamp, work: &Work, why: &str) -> Result<(), StoreError> {
    ended(db, now, work, Standing::Failed, why).await
}

async fn ended(
    db: &Db,
    now: Timestamp,
    work: &Work,
    standing: Standing,
    why: &str,
) -> Result<(), StoreError> {
    let mut tx: Tx = db.begin_quiet(now).await?;
    tx.exec(
        "update hunt_run set standing = $2, fault = $3, ended_at = $4 where id = $1 and standing = 'running'",
        args![work.run.id, standing.name(), why, now],
    )
    .await?;
    tx.changed(Topic::Hunt, subject_of(work.hunt.id), Some(work.hunt.body));
    tx.commit().await
}
