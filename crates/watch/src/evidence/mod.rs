//! From facts to verdicts: follows the changes, finds the tasks they concern by the [`table`], judges them in batches
//! with the pure evaluators of `domain`, and writes only what is different.
//!
//! How far it has come stands in the records, so a restart resumes; where changes were forgotten meanwhile it starts
//! over from all open tasks. Time alone changes verdicts: what has a next look due is judged then.

mod dirty;
mod judge;
mod table;

use std::{sync::Arc, time::Duration};

use domain::{
    id::{Id, kind},
    legal::Legal,
    time::{self, Clock},
};
use jiff::Timestamp;
use store::{Changes, Db, StoreError, verdicts};

/// Longest sleep: clocks are set, machines are suspended.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// After an error of the store.
const PAUSE: Duration = Duration::from_secs(3);
/// Changes that concern no task move the kept place only every so many: after a restart they are looked at again.
const KEEP_EVERY: i64 = 200;

/// Judges for as long as it is polled. Can be dropped at any point: what was not judged is dirty still.
pub async fn run(db: Db, legal: Arc<Legal>, clock: Arc<dyn Clock>) {
    loop {
        if let Err(error) = follow(&db, &legal, &*clock).await {
            tracing::error!(%error, "cannot judge the evidence; trying again");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn follow(db: &Db, legal: &Legal, clock: &dyn Clock) -> Result<(), StoreError> {
    let mut worker = Worker::start(db, legal, clock.now()).await?;
    let mut wake = db.changes(worker.at, table::TOPICS);
    loop {
        let now = clock.now();
        worker.settle(now).await?;
        let next = verdicts::next_due(&mut db.read().await?, now).await?;
        let sleep = next
            .and_then(|at| Duration::try_from(at.duration_since(now)).ok())
            .map_or(SLEEP_MAX, |d| d.min(SLEEP_MAX));
        tokio::select! {
            // Only the wake-up counts; the worker reads for itself what it has not yet judged.
            woken = wake.next() => drop(woken?),
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Judges everything there is to judge at `now`; returns how many verdicts changed. For a clock that is not the
/// wall's: tests, the demonstration, benches.
pub async fn evaluate_now(db: &Db, legal: &Legal, now: Timestamp) -> Result<usize, StoreError> {
    let mut worker = Worker::start(db, legal, now).await?;
    let settled = worker.settle(now).await?;
    Ok(worker.at_start + settled)
}

struct Worker<'a> {
    db: &'a Db,
    legal: &'a Legal,
    changes: Changes,
    /// Judged up to this change.
    at: i64,
    /// The place kept in the records.
    kept: i64,
    /// How many verdicts changed at the start.
    at_start: usize,
}

impl<'a> Worker<'a> {
    /// Resumes where the last one stopped, or judges every open task.
    async fn start(db: &'a Db, legal: &'a Legal, now: Timestamp) -> Result<Self, StoreError> {
        let mut sql = db.read().await?;
        let (at, all) = match verdicts::cursor(&mut sql).await? {
            Some(at) => (at, None),
            None => (db.last_change().await?, Some(verdicts::open(&mut sql).await?)),
        };
        drop(sql);
        let mut worker =
            Self { db, legal, changes: db.changes(at, table::TOPICS), at, kept: at, at_start: 0 };
        if let Some(ids) = all {
            worker.at_start = worker.judge(now, &ids).await?;
            worker.keep(now).await?;
        }
        Ok(worker)
    }

    /// Until nothing is left: changes first, then what time alone makes due.
    async fn settle(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        let mut changed = 0;
        loop {
            let found = self.changes.now().await?;
            let Some(last) = found.last() else { break };
            self.at = last.seq;
            let pack = self.legal.on(time::date(now));
            let ids = dirty::tasks(&mut self.db.read().await?, pack, &found).await?;
            changed += self.judge(now, &ids).await?;
        }
        if self.at >= self.kept + KEEP_EVERY {
            self.keep(now).await?;
        }
        loop {
            let ids = verdicts::due(&mut self.db.read().await?, now, verdicts::BATCH).await?;
            let judged = self.judge(now, &ids).await?;
            changed += judged;
            // Each of them gets another verdict or another next look; if none did, none will.
            if judged == 0 {
                return Ok(changed);
            }
        }
    }

    async fn judge(&mut self, now: Timestamp, ids: &[Id<kind::Task>]) -> Result<usize, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let changed = judge::judge(self.db, self.legal, now, ids, Some(self.at)).await?;
        self.kept = self.at;
        Ok(changed)
    }

    async fn keep(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin_quiet(now).await?;
        verdicts::set_cursor(&mut tx, self.at).await?;
        tx.commit().await?;
        self.kept = self.at;
        Ok(())
    }
}
