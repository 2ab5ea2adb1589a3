//! The loop behind every queue: claim what is due, run a few at once, sleep until the next is due or something
//! changes. It reads before it claims, so that an idle queue costs no writes.

use std::{future::Future, sync::Arc, time::Duration};

use domain::time::Clock;
use jiff::Timestamp;
use store::{Db, StoreError, Topic};
use tokio::{sync::watch, task::JoinSet};

/// Longest sleep: clocks are set, machines are suspended.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// After an error of the store.
const PAUSE: Duration = Duration::from_secs(3);
/// How long work under way may go on after the word to stop; what is cut off then is taken over by its lease.
const GRACE: Duration = Duration::from_secs(10);

/// One queue.
pub(crate) trait Queue: Send + Sync + 'static {
    type Item: Send + 'static;
    /// For the log.
    const NAME: &'static str;
    /// What wakes it.
    const TOPICS: &'static [Topic];
    /// How many items are worked on at once.
    const AT_ONCE: usize;

    /// When the next item is due.
    fn next_due(&self, now: Timestamp) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;
    /// Claims the next due item.
    fn claim(&self, now: Timestamp) -> impl Future<Output = Result<Option<Self::Item>, StoreError>> + Send;
    /// Works on it and writes down what came of it.
    fn work(&self, item: Self::Item, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Runs until `stop` turns true.
pub(crate) async fn run<Q: Queue>(
    queue: Arc<Q>,
    db: Db,
    clock: Arc<dyn Clock>,
    mut stop: watch::Receiver<bool>,
) {
    let mut running = JoinSet::new();
    let mut wake = db.changes(db.last_change().await.unwrap_or(0), Q::TOPICS);
    // Its own future, made once: the guard `wait_for` gives out may not live across an await.
    let mut stopped = std::pin::pin!(async move { drop(stop.wait_for(|stop| *stop).await) });
    loop {
        let sleep = match fill(&queue, &clock, &mut running).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::error!(queue = Q::NAME, %error, "cannot claim work; trying again");
                PAUSE
            }
        };
        let full = running.len() >= Q::AT_ONCE;
        tokio::select! {
            () = &mut stopped => break,
            Some(_) = running.join_next() => {}
            changed = wake.next(), if !full => if let Err(error) = changed {
                tracing::warn!(queue = Q::NAME, %error, "cannot follow the changes");
                tokio::time::sleep(PAUSE).await;
            },
            () = tokio::time::sleep(sleep), if !full => {}
        }
    }
    let rest = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!(queue = Q::NAME, "work under way was cut off; it will be taken up again");
    }
}

/// Claims until nothing is due or enough is under way. Returns how long there is nothing to do.
async fn fill<Q: Queue>(
    queue: &Arc<Q>,
    clock: &Arc<dyn Clock>,
    running: &mut JoinSet<()>,
) -> Result<Duration, StoreError> {
    while running.len() < Q::AT_ONCE {
        let now = clock.now();
        match queue.next_due(now).await? {
            Some(due) if due <= now => {}
            Some(due) => {
                return Ok(Duration::try_from(due.duration_since(now)).unwrap_or(PAUSE).min(SLEEP_MAX));
            }
            None => return Ok(SLEEP_MAX),
        }
        let Some(item) = queue.claim(now).await? else { return Ok(PAUSE) };
        let (queue, clock) = (queue.clone(), clock.clone());
        running.spawn(async move {
            if let Err(error) = queue.work(item, clock.now()).await {
                tracing::error!(queue = Q::NAME, %error, "cannot write down what was done; it will be done again");
            }
        });
    }
    Ok(SLEEP_MAX)
}

/// Works off, one after another, everything that is due at `now`, including what that makes due. Returns how many.
pub(crate) async fn drain<Q: Queue>(queue: &Q, now: Timestamp) -> Result<u32, StoreError> {
    let mut done = 0;
    while let Some(item) = queue.claim(now).await? {
        queue.work(item, now).await?;
        done += 1;
    }
    Ok(done)
}
