//! What came is made files, files are made fewer, the log lets go of what is in them, and files of what their term is
//! over for.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context;
use domain::{actor::Scope, legal::Legal, time};
use lake::{Keep, Lake, Position};
use store::{retention, sources};
use tokio::sync::watch;

use crate::{Door, memory, path::FOLLOWER};

/// How often it is looked whether a file is due.
const LOOK: Duration = Duration::from_secs(2);
/// How often files are made fewer, and the log shorter.
const TIDY: Duration = Duration::from_secs(60);

/// How often it is looked whose time is over, and what is there: terms are in days.
const EXPIRE: Duration = Duration::from_secs(3_600);

/// Who keeps the table of events.
pub struct Keeper {
    /// Where events come in.
    pub door: Arc<Door>,
    /// The table.
    pub lake: Lake,
    /// The law: how long events are kept.
    pub legal: Arc<Legal>,
}

impl Keeper {
    /// Keeps it until told to stop. What is in memory then is in the log.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        tokio::join!(self.files(stop.clone()), self.tidy(stop.clone()), self.terms(stop));
    }

    async fn files(&self, stop: watch::Receiver<bool>) {
        let mut stopped = stop;
        while tokio::select! {
            go_on = wait(&mut stopped, LOOK) => go_on,
            () = self.lake.full() => true,
        } {
            if !self.lake.due(self.door.clock().now()) {
                continue;
            }
            let lake = self.lake.clone();
            told(tokio::task::spawn_blocking(move || lake.convert()).await.context("writing events"));
        }
    }

    async fn tidy(&self, stop: watch::Receiver<bool>) {
        let mut stopped = stop;
        while wait(&mut stopped, TIDY).await {
            let lake = self.lake.clone();
            let stop = stopped.clone();
            let fewer = move || {
                while !*stop.borrow() && lake.compact()? {}
                Ok(())
            };
            told(tokio::task::spawn_blocking(fewer).await.context("merging files of events"));
            if let Err(error) = self.release().await {
                tracing::warn!(error = format!("{error:#}"), "the log of events grows");
            }
        }
    }

    async fn terms(&self, stop: watch::Receiver<bool>) {
        let mut stopped = stop;
        // What a start has to read again is there first.
        while wait(&mut stopped, TIDY).await {
            if let Err(error) = self.expire().await {
                tracing::error!(error = format!("{error:#}"), "events whose time is over stay");
            }
            if !wait(&mut stopped, EXPIRE).await {
                return;
            }
        }
    }

    /// Lets go of events whose term is over and that nothing holds; then writes down what is there.
    pub async fn expire(&self) -> anyhow::Result<()> {
        let (db, now) = (self.door.db(), self.door.clock().now());
        let mut sql = db.read().await?;
        let terms = retention::terms(&mut sql, self.legal.on(time::date(now))).await?;
        let holds = retention::holds(&mut sql, &Scope::system(), now).await?;
        drop(sql);
        let held = |body| {
            let own = holds.iter().filter(|hold| hold.body == body);
            own.map(|hold| (hold.from, hold.to)).collect()
        };
        // Of a body without a term everything is kept.
        let keep: BTreeMap<_, _> = terms
            .iter()
            .filter_map(|term| Some((term.body, Keep { since: term.since(now)?, held: held(term.body) })))
            .collect();
        let over = self.lake.over(&keep);
        if !over.is_empty() {
            let since = |body| keep.get(body).map_or(now, |keep| keep.since);
            let gone = over.iter().map(|(body, events)| (*body, (*events, since(body)))).collect();
            retention::let_go(db, now, &gone).await?;
            let lake = self.lake.clone();
            let done = tokio::task::spawn_blocking(move || lake.expire(&keep)).await??;
            tracing::info!(events = done.expired, "events whose time was over are gone");
        }
        let lake = self.lake.clone();
        let oldest = tokio::task::spawn_blocking(move || lake.view().oldest()).await??;
        retention::found(db, now, &oldest).await?;
        Ok(())
    }

    /// Lets the log go of what is in files and was judged; correlations need what came since they were kept, and the
    /// segment before their place where that cannot be read.
    async fn release(&self) -> anyhow::Result<()> {
        let mut sql = self.door.db().read().await?;
        let judged = sources::followed(&mut sql, FOLLOWER).await?;
        let remembered = sources::followed(&mut sql, memory::FOLLOWER).await?;
        drop(sql);
        let segment = |held: sources::Followed| Position::unpacked(held.position).segment;
        let Some(judged) = judged.map(segment) else { return Ok(()) };
        let remembered = remembered.map_or(judged, segment);
        let needed = judged.saturating_sub(1).min(remembered).min(self.lake.kept().segment);
        let log = self.door.log().clone();
        let gone = tokio::task::spawn_blocking(move || log.release(Position { segment: needed, offset: 0 }));
        let gone = gone.await.context("shortening the log")??;
        if gone > 0 {
            tracing::info!(segments = gone, "the log let go of what is in files");
        }
        Ok(())
    }
}

/// False once it is told to stop.
async fn wait(stop: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => false,
        () = tokio::time::sleep(time) => true,
    }
}

fn told(done: anyhow::Result<Result<(), lake::Error>>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "events stay in memory and in the log"),
        Err(error) => tracing::error!(error = format!("{error:#}"), "events stay in memory and in the log"),
    }
}
