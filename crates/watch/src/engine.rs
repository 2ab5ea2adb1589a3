//! The engine: runs the jobs that are due and empties the outbox, until told to stop.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use domain::{
    id::{Id, Ids},
    job::{Job, LEASE_SECONDS, Outcome},
    time::Clock,
};
use jiff::Timestamp;
use serde_json::Value;
use store::{Db, StoreError, Topic, jobs};
use tokio::sync::watch;

use crate::{
    outbox::Outbox,
    pump::{self, Queue},
};

/// What a job's function gives: a future of how it ended. An error is a failure with its text, tried again.
pub type Running = Pin<Box<dyn Future<Output = anyhow::Result<Outcome>> + Send>>;

type Run = Arc<dyn Fn(Job, Timestamp) -> Running + Send + Sync>;

/// A job is cut off before its lease ends, so that it never runs twice at once.
const JOB_MAX: Duration = Duration::from_secs(LEASE_SECONDS.unsigned_abs() - 10);

/// The one loop for everything that waits for time.
pub struct Engine {
    jobs: Jobs,
    outbox: Option<Outbox>,
}

struct Jobs {
    db: Db,
    kinds: BTreeMap<&'static str, Run>,
}

impl Engine {
    /// An engine without any work.
    pub fn new(db: Db) -> Self {
        Self { jobs: Jobs { db, kinds: BTreeMap::new() }, outbox: None }
    }

    /// Adds a kind of job: a function of the job and the present time. It may be cut off at any point and run again,
    /// and has [`LEASE_SECONDS`] less ten to end.
    #[must_use]
    pub fn job<F, R>(mut self, kind: &'static str, run: F) -> Self
    where
        F: Fn(Job, Timestamp) -> R + Send + Sync + 'static,
        R: Future<Output = anyhow::Result<Outcome>> + Send + 'static,
    {
        self.jobs.kinds.insert(kind, Arc::new(move |job, now| Box::pin(run(job, now))));
        self
    }

    /// Sends what is in the outbox.
    #[must_use]
    pub fn outbox(mut self, outbox: Outbox) -> Self {
        self.outbox = Some(outbox);
        self
    }

    /// Sees to it that a repeating job is in the queue, at `first` at the latest.
    pub async fn schedule(
        &self,
        ids: &dyn Ids,
        now: Timestamp,
        kind: &str,
        first: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.jobs.db.begin_quiet(now).await?;
        jobs::enqueue(&mut tx, Id::new(ids), kind, kind, first, &Value::Null).await?;
        tx.commit().await
    }

    /// Runs until `stop` turns true, then lets what is under way end, for some seconds.
    pub async fn run(self, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) {
        let db = self.jobs.db.clone();
        let jobs = pump::run(Arc::new(self.jobs), db.clone(), clock.clone(), stop.clone());
        match self.outbox {
            Some(outbox) => {
                tokio::join!(jobs, pump::run(Arc::new(outbox), db, clock, stop));
            }
            None => jobs.await,
        }
    }

    /// Does everything due at `now`, jobs first, in this task; returns how many jobs and deliveries. For a clock that
    /// is not the wall's: tests, the demonstration.
    pub async fn run_due(&self, now: Timestamp) -> Result<(u32, u32), StoreError> {
        let jobs = pump::drain(&self.jobs, now).await?;
        let sent = match &self.outbox {
            Some(outbox) => pump::drain(outbox, now).await?,
            None => 0,
        };
        Ok((jobs, sent))
    }
}

impl Queue for Jobs {
    type Item = Job;
    const NAME: &'static str = "jobs";
    const TOPICS: &'static [Topic] = &[Topic::Job];
    // The store has one writer; more jobs at once only wait for each other.
    const AT_ONCE: usize = 4;

    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        jobs::next_due(&mut self.db.read().await?, now).await
    }

    async fn claim(&self, now: Timestamp) -> Result<Option<Job>, StoreError> {
        jobs::claim(&self.db, now).await
    }

    async fn work(&self, job: Job, now: Timestamp) -> Result<(), StoreError> {
        let outcome = match self.kinds.get(job.kind.as_str()) {
            None => Outcome::Failed("this version of Canh has no such job".into()),
            Some(run) => ended(run(job.clone(), now)).await,
        };
        if let Outcome::Failed(why) = &outcome {
            tracing::warn!(kind = job.kind, key = job.key, tries = job.tries, why, "a job failed");
        }
        jobs::finish(&self.db, now, &job, &outcome).await
    }
}

/// Runs it in a task of its own, so that a panic is a failure of this job and of nothing else.
async fn ended(run: Running) -> Outcome {
    let mut task = tokio::spawn(run);
    match tokio::time::timeout(JOB_MAX, &mut task).await {
        Ok(Ok(Ok(outcome))) => outcome,
        Ok(Ok(Err(error))) => Outcome::Failed(format!("{error:#}")),
        Ok(Err(panic)) => Outcome::Failed(format!("panicked: {panic}")),
        Err(_) => {
            task.abort();
            Outcome::Failed("took longer than its lease".into())
        }
    }
}
