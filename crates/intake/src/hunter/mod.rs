//! Hunts carried out: what lies in the table is looked at again, stretch by stretch back in time, by a query, a rule or a
//! list of indicators.
//!
//! A line that may hold what is looked for is read as it was when it came, so that a rule sees of the past what it sees of
//! the present. Whose events are looked at is settled by the store, and by the table before anything is read.

mod by;
mod joined;
mod sought;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use domain::{
    hunt::{HITS_MAX, How},
    id::Ids,
    time::Clock,
};
use lake::{Lake, search::Cut};
use store::{
    Db, Topic,
    blobs::Blobs,
    hunts::{self, Step, Work},
    indicators,
};
use tokio::sync::watch;

pub use self::sought::Sought;
use crate::lists::matcher;

/// Schedules are looked at this often; a run that is asked for begins at once.
const LOOK: Duration = Duration::from_secs(30);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(5);
/// Who carries hunts out.
pub struct Hunter {
    /// The records.
    pub db: Db,
    /// The files: lists of indicators.
    pub blobs: Blobs,
    /// The events.
    pub lake: Lake,
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// The program's ids.
    pub ids: Arc<dyn Ids>,
}

impl Hunter {
    /// Carries out what is asked for until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let after = self.db.last_change().await.unwrap_or(0);
        let mut changes = self.db.changes(after, &[Topic::Hunt]);
        while !*stop.borrow() {
            let pause = match self.once(&stop).await {
                Ok(true) => continue,
                Ok(false) => LOOK,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "hunts wait");
                    AGAIN
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(pause) => {}
                _ = changes.next(), if pause == LOOK => {}
            }
        }
    }

    /// Carries out one run, if one waits; whether one did.
    pub async fn once(&self, stop: &watch::Receiver<bool>) -> anyhow::Result<bool> {
        hunts::due(&self.db, &*self.ids, self.clock.now()).await?;
        let Some(work) = hunts::claim(&self.db, self.clock.now()).await? else { return Ok(false) };
        let sought = match self.sought(&work).await {
            Ok(sought) => sought,
            Err(error) => {
                hunts::fail(&self.db, self.clock.now(), &work, &format!("{error:#}")).await?;
                return Ok(true);
            }
        };
        if let Err(error) = self.carry_out(&work, &sought, stop).await {
            let why = format!("{error:#}");
            tracing::error!(error = why, hunt = %work.hunt.id, "a hunt failed");
            hunts::fail(&self.db, self.clock.now(), &work, &why).await?;
        }
        Ok(true)
    }

    /// What is looked for, made ready.
    async fn sought(&self, work: &Work) -> anyhow::Result<Sought> {
        let (text, mut bodies) = (&work.hunt.query, work.bodies.clone());
        match work.hunt.how {
            How::Search => Sought::query(text, bodies),
            How::Sigma => Sought::rule(text, bodies),
            How::List => {
                let mut sql = self.db.read().await?;
                let all = indicators::watched(&mut sql, work.hunt.list).await?;
                let list = all.first().context("the list is closed or empty")?;
                // What may not be told below is not looked for there.
                let own = BTreeSet::from([list.body]);
                let reach = match list.terms.tlp.reaches_below() {
                    true => indicators::reach(&mut sql, &own).await?.remove(&list.body).unwrap_or(own),
                    false => own,
                };
                drop(sql);
                bodies.retain(|body| reach.contains(body));
                let blobs = self.blobs.clone();
                let list = tokio::task::spawn_blocking(move || matcher(&blobs, &all)).await??;
                Ok(Sought::list(list, bodies))
            }
        }
    }

    async fn carry_out(
        &self,
        work: &Work,
        sought: &Sought,
        stop: &watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let (mut to, from) = (work.run.done_to, work.run.from);
        let mut first = work.run.done_to == work.run.to;
        while to > from {
            let begin = to.checked_sub(sought.stretch()).unwrap_or(from).max(from);
            let (lake, sought, stopped, run) =
                (self.lake.clone(), sought.clone(), stop.clone(), (from, work.run.to));
            let look = move || -> anyhow::Result<Option<Step>> {
                let view = lake.view();
                let stop = || (*stopped.borrow()).then_some(Cut::Gone);
                let Some((answer, found)) = sought.look(&view, (begin, to), HITS_MAX, &stop)? else {
                    return Ok(None);
                };
                let reach = if first { view.held(&sought.bodies, run.0, run.1)? } else { BTreeMap::new() };
                let done_to = Some(begin);
                Ok(Some(Step { done_to, looked_at: answer.looked_at, hits: answer.total, found, reach }))
            };
            // Told to stop: whoever starts next carries on from here.
            let Some(step) = tokio::task::spawn_blocking(look).await.context("looking")?? else {
                return Ok(());
            };
            if !hunts::step(&self.db, self.clock.now(), work, &step).await? {
                return Ok(());
            }
            (to, first) = (begin, false);
        }
        hunts::finish(&self.db, self.clock.now(), work).await?;
        Ok(())
    }
}
