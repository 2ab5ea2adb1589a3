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
    sources,
};
use tokio::sync::watch;

use crate::{Door, Judge, Lists, Rules};

/// Under this name the place is kept.
pub const FOLLOWER: &str = "detect";
/// Bytes of the log judged before something is recorded: a second's worth at full load.
const STEP: usize = 2 << 20;
/// Without anything found the place is written down only this often: it is one more write each.
const PLACE_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
/// After a failure.
const AGAIN: Duration = Duration::from_secs(2);

/// What follows the log.
pub struct Path {
    /// Where events come in.
    pub door: Arc<Door>,
    /// Where they are found.
    pub lake: Lake,
    /// The rules.
    pub rules: Rules,
    /// Lists of indicators.
    pub lists: Arc<Lists>,
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
    written: jiff::Timestamp,
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
    }

    /// Finds its place. Correlations remember what came before it: the segment before is read again, silently; so is
    /// what the table had in memory only.
    async fn begin(&self) -> anyhow::Result<(Place, bool)> {
        let log = self.door.log();
        let held = sources::followed(&mut self.door.db().read().await?, FOLLOWER).await?;
        let recorded = held.map_or_else(|| log.first(), |packed| Ok(Position::unpacked(packed)))?;
        let before = Position { segment: recorded.segment.saturating_sub(1), offset: 0 }.min(self.lake.fed());
        let mut place = Place {
            judge: Judge::new(self.rules.clone(), self.lists.clone()),
            recorded,
            read: before,
            written: self.door.clock().now(),
        };
        while place.read < recorded {
            let (next, at) = self.judge(place, Some(recorded)).await?;
            place = next;
            if at.ended {
                break;
            }
        }
        place.read = recorded;
        Ok((place, true))
    }

    /// One step: read, judge, record. Whether there is more at once.
    async fn step(&self, place: Place) -> anyhow::Result<(Place, bool)> {
        let (mut place, at) = self.judge(place, None).await?;
        let now = self.door.clock().now();
        if !at.found.is_empty() || now.duration_since(place.written).abs() >= PLACE_EVERY {
            if place.read != place.recorded {
                self.record(place.recorded, place.read, &at.found).await?;
            }
            place.recorded = place.read;
            place.written = now;
        }
        Ok((place, !at.ended))
    }

    /// Reads on and judges, away from the threads that serve. `until`: only what lies before, to remember it; what it
    /// says was recorded.
    async fn judge(&self, mut place: Place, until: Option<Position>) -> anyhow::Result<(Place, Judged)> {
        let (door, lake) = (self.door.clone(), self.lake.clone());
        tokio::task::spawn_blocking(move || {
            let page = door.log().read(place.read, STEP).context("the log cannot be read")?;
            for damage in &page.damage {
                tracing::error!(at = %damage.at, bytes = damage.bytes, "the log is damaged");
            }
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
            place.read = page.next.max(place.read);
            Ok((place, judged))
        })
        .await
        .context("judging events")?
    }

    async fn record(&self, from: Position, to: Position, found: &[Finding]) -> anyhow::Result<()> {
        let now = self.door.clock().now();
        let tools = Tools { ids: &*self.ids, base: &self.base, pack: self.legal.on(time::date(now)) };
        let done: Result<Recorded, StoreError> = store::write!(self.door.db(), Actor::System, now, tx =>
            alerts::record(tx, &tools, FOLLOWER, (from.packed(), to.packed()), found).await);
        if done?.before {
            anyhow::bail!("somebody else has read the log further than {from}");
        }
        Ok(())
    }
}

/// What one reading of the log gave.
struct Judged {
    found: Vec<Finding>,
    /// There is nothing more for now.
    ended: bool,
}
