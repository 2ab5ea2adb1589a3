//! Jobs: a table any process may take work from, by a lease.

use domain::{
    id::{Id, kind},
    job::{Job, LEASE_SECONDS, Outcome, TRIES_MAX, retry_at},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{Db, Sql, StoreError, Topic, Tx, args};

/// Enqueues a job, in the transaction that makes it necessary. A waiting job of the same key stays as it is,
/// except that an earlier `due` is taken over, and that one that was given up is tried again. A job whose key is its
/// kind is the only one of its kind and repeats: it is never given up. Returns whether it is new.
pub async fn enqueue(
    tx: &mut Tx,
    id: Id<kind::Job>,
    kind: &str,
    key: &str,
    due: Timestamp,
    payload: &Value,
) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "insert into job (id, kind, key, due, payload) values ($1,$2,$3,$4,$5) on conflict (key) do nothing",
            args![id, kind, key, due, payload.clone()],
        )
        .await?;
    if added == 0 {
        tx.exec("update job set due = $1 where key = $2 and due > $1", args![due, key]).await?;
        tx.exec(
            "update job set due = $1, lease = 0, tries = 0, given_up = false where key = $2 and given_up = true",
            args![due, key],
        )
        .await?;
    }
    tx.changed(Topic::Job, format!("job:{kind}"), None);
    Ok(added > 0)
}

/// Drops a waiting job, if it is there.
pub async fn cancel(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    tx.exec("delete from job where key = $1", args![key]).await?;
    Ok(())
}

/// Claims the next due job for [`LEASE_SECONDS`]; `None` if none is due.
pub async fn claim(db: &Db, now: Timestamp) -> Result<Option<Job>, StoreError> {
    let until = now.checked_add(SignedDuration::from_secs(LEASE_SECONDS)).unwrap_or(Timestamp::MAX);
    let mut tx = db.begin_quiet(now).await?;
    let row = tx
        .row(
            "update job set lease = $1, tries = tries + 1
             where id = (select id from job where due <= $2 and lease < $2 and given_up = false order by due, id limit 1)
               and lease < $2
             returning id, kind, key, due, payload, tries",
            args![until, now],
        )
        .await?;
    tx.commit().await?;
    row.map(|row| {
        Ok(Job {
            id: row.id("id")?,
            kind: row.text("kind")?,
            key: row.text("key")?,
            due: row.time("due")?,
            payload: row.json("payload")?,
            tries: row.count("tries")?,
        })
    })
    .transpose()
}

/// Writes down what came of a claimed job. A job that another worker has claimed meanwhile is left alone.
pub async fn finish(db: &Db, now: Timestamp, job: &Job, outcome: &Outcome) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let tries = job.tries;
    match outcome {
        Outcome::Done => tx.exec("delete from job where id = $1 and tries = $2", args![job.id, tries]).await?,
        Outcome::Again(at) => {
            tx.exec(
                "update job set due = $1, lease = 0, tries = 0, last_error = null where id = $2 and tries = $3",
                args![*at, job.id, tries],
            )
            .await?
        }
        Outcome::Failed(why) => {
            tx.exec(
                "update job set due = $1, lease = 0, last_error = $2, given_up = $3 where id = $4 and tries = $5",
                args![retry_at(now, tries), why, tries >= TRIES_MAX && job.key != job.kind, job.id, tries],
            )
            .await?
        }
    };
    tx.commit().await
}

/// When the next job is due, so that a worker sleeps no longer than that.
pub async fn next_due(sql: &mut Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let row = sql
        .row(
            "select min(case when lease > $1 then lease else due end) as at from job where given_up = false",
            args![now],
        )
        .await?;
    row.map_or(Ok(None), |r| r.opt_time("at"))
}

/// How many jobs wait, and how many were given up: for `canh doctor` and the administration page.
pub async fn counts(sql: &mut Sql) -> Result<(u32, u32), StoreError> {
    let row = sql
        .row(
            "select count(case when given_up = false then 1 end) as waiting,
                    count(case when given_up = true then 1 end) as given_up from job",
            vec![],
        )
        .await?;
    row.map_or(Ok((0, 0)), |r| Ok((r.count("waiting")?, r.count("given_up")?)))
}

/// A job that does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Its kind.
    pub kind: String,
    /// How often it was tried.
    pub tries: u32,
    /// Whether it is tried no more.
    pub given_up: bool,
    /// Why, for the operator.
    pub why: String,
}

/// The jobs whose last try failed, those given up first, at most `limit`.
pub async fn troubles(sql: &mut Sql, limit: u32) -> Result<Vec<Trouble>, StoreError> {
    let rows = sql
        .rows(
            "select kind, tries, given_up, last_error from job where last_error is not null
             order by given_up desc, due, id limit $1",
            args![limit],
        )
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Trouble {
                kind: r.text("kind")?,
                tries: r.count("tries")?,
                given_up: r.bool("given_up")?,
                why: r.text("last_error")?,
            })
        })
        .collect()
}
