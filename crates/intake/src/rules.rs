//! The rules in memory: made ready when the program starts and again whenever what is imported or switched off changes,
//! beside the events that go on coming. Whoever judges takes what stands for one stretch of the log.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::Context;
use detect::Brought;
use domain::{actor::Scope, alert::RuleFile};
use store::{Db, Sql, StoreError, Topic, rules};
use tokio::sync::watch;

use crate::Rules;

/// Changes that come one after the other are read once.
const SETTLE: Duration = Duration::from_millis(200);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(5);

/// What was imported and what is switched off, as the records have it.
pub async fn kept(sql: &mut Sql) -> Result<(Vec<RuleFile>, BTreeSet<String>), StoreError> {
    let files = rules::files(sql, &Scope::system()).await?;
    let off = rules::off(sql, &Scope::system()).await?;
    Ok((files, off.into_iter().map(|off| off.rule).collect()))
}

/// What follows the rules.
pub struct Book {
    db: Db,
    brought: Arc<Brought>,
    now: watch::Sender<Rules>,
    /// The last change it knows of.
    known: i64,
}

impl Book {
    /// Opened, with all rules ready.
    pub async fn open(db: Db, brought: Arc<Brought>) -> anyhow::Result<Self> {
        let known = db.last_change().await?;
        let now = watch::Sender::new(load(&db, &brought).await?);
        Ok(Self { db, brought, now, known })
    }

    /// The rules as they stand, and from now on.
    pub fn follow(&self) -> watch::Receiver<Rules> {
        self.now.subscribe()
    }

    /// Follows them until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.db.changes(self.known, &[Topic::Rule]);
        loop {
            let changed = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                found = changes.next() => found.map(drop),
            };
            let done = match changed {
                Ok(()) => {
                    tokio::time::sleep(SETTLE).await;
                    load(&self.db, &self.brought).await
                }
                Err(error) => Err(error.into()),
            };
            match done {
                Ok(rules) => drop(self.now.send_replace(rules)),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "rules watch as they were");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

/// Reads them: thousands take a second, while events are judged by what was read before.
async fn load(db: &Db, brought: &Arc<Brought>) -> anyhow::Result<Rules> {
    let (files, off) = kept(&mut db.read().await?).await?;
    let brought = brought.clone();
    let made = tokio::task::spawn_blocking(move || {
        brought.ready(files.iter().map(|file| (file.name.as_str(), file.text.as_str())), off)
    });
    let watch = made.await.context("rules")??;
    for skipped in &watch.skipped {
        tracing::warn!(
            file = skipped.file,
            title = skipped.title,
            code = skipped.problem.code,
            "a rule is not used"
        );
    }
    let (rules, correlations) = (watch.matcher.rules().len(), watch.correlations.len());
    tracing::info!(rules, correlations, "rules watch");
    Ok(Arc::new(watch))
}
