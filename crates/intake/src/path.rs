//! The way of an event, from top to bottom:
//!
//! ```text
//! receive ─ keep ─ acknowledge            a door: `syslog`, `http` → `Door::keep` → the answer, once it is on disk
//!            └─ normalise ─ detect        here: `Judge::batch`, in the order of the log
//!                 ├─ find                 `Lake::take`: from now on a search finds it; `Keeper` makes it a file
//!                 └─ decide ─ record ─ page   `store::alerts::record`: one transaction with the place in the log
//! ```
//!
//! The two halves meet only in the log. Whatever happens to the second half — a slow rule, a database that is away, a
//! kill — the first goes on taking events in, and the second goes on where its last transaction left it.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use domain::{actor::Actor, alert::Finding, id::Ids, legal::Legal, time};
use lake::{Feed, Lake, Position};
use store::{
    StoreError,
    alerts::{self, Recorded},
    assignments::Tools,
    sources::{self, Followed},
};
use tokio::sync::watch;

use crate::{Door, Judge, Lists, Memory, Rules, memory};

/// Under this name the place is kept.
pub const FOLLOWER: &str = "detect";
/// Bytes of the log judged before something is recorded: a second's worth at full load.
const STEP: usize = 2 << 20;
/// Without anything found the place is written down only this often: it is one more write each.
const PLACE_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
/// What correlations remember is kept this often: at full load some megabytes, and a gigabyte of log read again.
const REMEMBER_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(2);

/// What follows the log.
pub struct Path {
    /// Where events come in.
    pub door: Arc<Door>,
    /// Where they are found.
    pub lake: Lake,
    /// The rules, and others in their place when they change.
    pub rules: watch::Receiver<Rules>,
    /// Lists of indicators.
    pub lists: Arc<Lists>,
    /// What correlations remember.
    pub memory: Memory,
    /// The program's ids.
    pub ids: Arc<dyn Ids>,
    /// The law: terms of the watch.
    pub legal: Arc<Legal>,
    /// The address people use.
    pub base: String,
}

/// How far it is.
struct Place {
    judge: Judge,
    /// Recorded up to here.
    recorded: Position,
    /// Read up to here.
    read: Position,
    /// When that was written down.
    written: jiff::Timestamp,
    /// What correlations remember was kept up to here, if ever.
    remembered: Option<Position>,
    /// And then.
    kept: jiff::Timestamp,
}

impl Path {
    /// Follows the log until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut durable = self.door.log().durable();
        let mut place = None;
        while !*stop.borrow() {
            let done = match place.take() {
                None => self.begin().await,
                Some(at) => self.step(at).await,
            };
            match done {
                Ok((at, more)) => {
                    place = Some(at);
                    if !more {
                        let again = PLACE_EVERY.unsigned_abs();
                        tokio::select! {
                            _ = stop.wait_for(|stop| *stop) => {}
                            _ = durable.changed() => {}
                            () = tokio::time::sleep(again) => {}
                        }
                    }
                }
                Err(error) => {
                    // Begins again from what was recorded: nothing is lost, nothing twice.
                    tracing::error!(error = format!("{error:#}"), "events are kept but not judged");
                    tokio::select! {
                        _ = stop.wait_for(|stop| *stop) => {}
                        () = tokio::time::sleep(AGAIN) => {}
                    }
                }
            }
        }
        if let Some(place) = place
            && let Err(error) = self.rest(place).await
        {
            tracing::warn!(error = format!("{error:#}"), "what was judged last is judged again");
        }
    }

    /// Finds its place, and reads again what it has to remember: what came since correlations were kept, or the segment
    /// before where they were not, silently; and what the table had in memory only.
    async fn begin(&self) -> anyhow::Result<(Place, bool)> {
        let log = self.door.log();
        let mut sql = self.door.db().read().await?;
        let held = sources::followed(&mut sql, FOLLOWER).await?;
        let kept = sources::followed(&mut sql, memory::FOLLOWER).await?;
        drop(sql);
        let recorded = held.map_or_else(|| log.first(), |held| Ok(Position::unpacked(held.position)))?;
        let remembered = kept.map(|kept| Position::unpacked(kept.position));
        let mut judge = Judge::new(self.rules.borrow().clone(), self.lists.clone());
        let from = match remembered.filter(|at| *at <= recorded) {
            Some(at) => self.recall(&mut judge, at),
            None => None,
        };
        let from = from.unwrap_or(Position { segment: recorded.segment.saturating_sub(1), offset: 0 });
        let now = self.door.clock().now();
        let read = from.min(self.lake.fed());
        let mut place = Place { judge, recorded, read, written: now, remembered, kept: now };
        while place.read < recorded {
            let (next, at) = self.judge(place, Some(recorded)).await?;
            place = next;
            if at.ended {
                break;
            }
        }
        place.read = recorded;
        if let Some(held) = held {
            place.judge.resume(held.upto);
        }
        Ok((place, true))
    }

    /// Takes up what was kept at a place; the place, if it could be read.
    fn recall(&self, judge: &mut Judge, at: Position) -> Option<Position> {
        match self.memory.load(at) {
            Ok(remembered) => {
                judge.recall(at, remembered);
                Some(at)
            }
            Err(error) => {
                tracing::error!(%error, "what correlations remembered is lost; a part of the log is read again");
                None
            }
        }
    }

    /// One step: read, judge, record. Whether there is more at once.
    async fn step(&self, place: Place) -> anyhow::Result<(Place, bool)> {
        let (mut place, at) = self.judge(place, None).await?;
        let now = self.door.clock().now();
        if !at.found.is_empty() || now.duration_since(place.written).abs() >= PLACE_EVERY {
            self.record(&mut place, &at.found).await?;
            if now.duration_since(place.kept).abs() >= REMEMBER_EVERY {
                place = self.remember(place).await?;
            }
        }
        Ok((place, !at.ended))
    }

    /// Writes down where it is before it stops.
    async fn rest(&self, mut place: Place) -> anyhow::Result<()> {
        self.record(&mut place, &[]).await?;
        self.remember(place).await.map(drop)
    }

    /// Reads on and judges, away from the threads that serve. `until`: only what lies before, to remember it; what it
    /// says was recorded.
    async fn judge(&self, mut place: Place, until: Option<Position>) -> anyhow::Result<(Place, Judged)> {
        let (door, lake, rules) = (self.door.clone(), self.lake.clone(), self.rules.borrow().clone());
        tokio::task::spawn_blocking(move || {
            // What comes from now on happens later: nothing that came before is missed by whoever looked after this.
            let now = door.clock().now();
            let page = door.log().read(place.read, STEP).context("the log cannot be read")?;
            for damage in &page.damage {
                tracing::error!(at = %damage.at, bytes = damage.bytes, "the log is damaged");
            }
            place.judge.take_up(rules);
            let directory = door.directory();
            let mut judged = Judged { found: Vec::new(), ended: page.batches.is_empty() };
            let mut feed = Feed::new(lake.fed());
            for (at, next, batch) in &page.batches {
                if until.is_some_and(|until| *at >= until) {
                    judged.ended = true;
                    break;
                }
                let found = place.judge.batch(*at, batch, &directory, &door.counts, &mut feed);
                feed.upto(*next);
                if until.is_none() {
                    judged.found.extend(found);
                }
            }
            lake.take(feed).context("events cannot be made findable")?;
            if until.is_none() {
                // Behind with reading it is as late as what was read last came.
                let came = page.batches.last().map_or(now, |(_, _, batch)| batch.at);
                judged.found.extend(place.judge.too_few(came, &lake.view(), &directory)?);
            }
            place.read = page.next.max(place.read);
            Ok((place, judged))
        })
        .await
        .context("judging events")?
    }

    /// Writes down what was found and how far it is.
    async fn record(&self, place: &mut Place, found: &[Finding]) -> anyhow::Result<()> {
        let now = self.door.clock().now();
        place.written = now;
        if place.read == place.recorded && found.is_empty() {
            return Ok(());
        }
        let (from, to) =
            (place.recorded, Followed { position: place.read.packed(), upto: place.judge.upto() });
        let tools = Tools { ids: &*self.ids, base: &self.base, pack: self.legal.on(time::date(now)) };
        let done: Result<Recorded, StoreError> = store::write!(self.door.db(), Actor::System, now, tx =>
            alerts::record(tx, &tools, FOLLOWER, (from.packed(), to), found).await);
        if done?.before {
            anyhow::bail!("somebody else has read the log further than {from}");
        }
        place.recorded = place.read;
        Ok(())
    }

    /// Keeps what correlations remember of everything recorded.
    async fn remember(&self, mut place: Place) -> anyhow::Result<Place> {
        let (at, now) = (place.recorded, self.door.clock().now());
        place.kept = now;
        if place.remembered == Some(at) {
            return Ok(place);
        }
        let memory = self.memory.clone();
        let place = tokio::task::spawn_blocking(move || {
            memory
                .save(at, &place.judge.remembered())
                .context("what correlations remember cannot be kept")?;
            anyhow::Ok(place)
        });
        let mut place = place.await.context("keeping what correlations remember")??;
        let to = Followed { position: at.packed(), upto: place.judge.upto() };
        let from = place.remembered.unwrap_or(at).packed();
        let done: Result<bool, StoreError> = store::write!(self.door.db(), Actor::System, now, tx => {
            tx.unchanged();
            sources::follow(tx, memory::FOLLOWER, from, to).await
        });
        anyhow::ensure!(done?, "somebody else follows the log");
        place.remembered = Some(at);
        self.memory.only(at).context("what correlations remembered before stays")?;
        Ok(place)
    }
}

/// What one reading of the log gave.
struct Judged {
    found: Vec<Finding>,
    /// There is nothing more for now.
    ended: bool,
}
