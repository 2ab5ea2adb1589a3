//! Searching the logs: what happened, where, who; what stands around it; as a page, a file, for programs.

mod api;
mod ask;
mod file;
mod page;
mod show;
mod sql;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Context;
use jiff::SignedDuration;
use lake::search::{Answer, Ask, Cut, SearchError};
use tokio::sync::Semaphore;

use crate::{AppError, Route, Visit};

/// A search ends after this long with what it has. Who waits longer has closed the page.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// So many searches at once; the others wait. Each has two threads and some tens of megabytes.
const AT_ONCE: usize = 2;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = page::routes();
    all.extend(show::routes());
    all.extend(file::routes());
    all.extend(sql::routes());
    all.extend(api::routes());
    all
}

/// The table of events, and who may search it at the same time.
pub struct Searches {
    lake: lake::Lake,
    room: Arc<Semaphore>,
}

impl Searches {
    /// Over a table.
    pub fn new(lake: lake::Lake) -> Self {
        Self { lake, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// Ends the search of a request that is dropped.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does something with the table, away from the threads that serve, until the time is over or nobody waits any more.
async fn looked<T: Send + 'static>(
    v: &Visit,
    what: impl FnOnce(&lake::View, &(dyn Fn() -> Option<Cut> + Sync)) -> T + Send + 'static,
) -> Result<T, AppError> {
    let searches = &v.app.searches;
    let room = searches.room.clone().acquire_owned().await.context("searches")?;
    let (view, clock) = (searches.lake.view(), v.app.clock.clone());
    let gone = Gone(Arc::new(AtomicBool::new(false)));
    let told = gone.0.clone();
    let done = tokio::task::spawn_blocking(move || {
        // Held until it has ended, not until somebody stops waiting.
        let _room = room;
        let until = clock.now().checked_add(PATIENCE).unwrap_or(jiff::Timestamp::MAX);
        let stop = || match told.load(Ordering::Relaxed) {
            true => Some(Cut::Gone),
            false => (clock.now() >= until).then_some(Cut::Time),
        };
        what(&view, &stop)
    })
    .await
    .context("searching")?;
    drop(gone);
    Ok(done)
}

/// Searches.
async fn search(v: &Visit, ask: Ask) -> Result<Result<Answer, domain::query::Fault>, AppError> {
    match looked(v, move |view, stop| view.search(&ask, stop)).await? {
        Ok(answer) => Ok(Ok(answer)),
        Err(SearchError::Query(fault)) => Ok(Err(fault)),
        Err(SearchError::Table(error)) => Err(AppError::Internal(error.into())),
    }
}

/// What is wrong with a query, in words.
pub(crate) fn said(v: &Visit, fault: &domain::query::Fault) -> String {
    let id = format!("logs-fault-{}", fault.code);
    v.words().with_texts(&id, &[("at", &fault.at.to_string()), ("what", &fault.what)])
}
