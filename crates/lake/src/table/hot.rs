//! What came last, as columns in memory, each body's by itself.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use domain::{
    event::Event,
    id::{Id, kind},
};
use jiff::Timestamp;

use super::rows::{self, About, Rows, SCHEMA, table};
use crate::{Error, Position};

/// So many pieces of one body are joined.
const PIECES: usize = 32;

/// Events of a stretch of the log, on their way in.
pub struct Feed {
    bodies: BTreeMap<Id<kind::Body>, (String, Rows)>,
    from: Position,
    to: Position,
    since: Option<Timestamp>,
    events: u64,
    failed: Option<Error>,
}

impl Feed {
    /// None yet. What lies before `from` was fed before and is passed over.
    pub fn new(from: Position) -> Self {
        Self { bodies: BTreeMap::new(), from, to: from, since: None, events: 0, failed: None }
    }
    /// Adds an event; the place and line tell it from all others. What goes wrong is told by [`Lake::take`](crate::Lake::take).
    pub fn push(&mut self, body: Id<kind::Body>, event: &Event, about: &About<'_>) {
        if about.position < self.from {
            return;
        }
        let (name, rows) = self.bodies.entry(body).or_insert_with(|| (body.to_string(), Rows::default()));
        match rows.push(name, event, about) {
            Ok(()) => self.events += 1,
            Err(error) => self.failed = Some(error),
        }
        self.since = Some(self.since.map_or(about.came, |since| since.min(about.came)));
    }
    /// Says up to where the log was read.
    pub fn upto(&mut self, to: Position) {
        self.to = self.to.max(to);
    }
}

/// Adds a piece to one body's; many small ones are joined, since each costs some kilobytes beside its events.
fn add(pieces: &mut Vec<RecordBatch>, piece: RecordBatch) -> Result<(), Error> {
    pieces.push(piece);
    if pieces.len() >= PIECES {
        // Only the small ones at the end: joining copies.
        let small = pieces.iter().rposition(|p| p.num_rows() >= PIECES * PIECES).map_or(0, |at| at + 1);
        let tail = pieces.split_off(small);
        if !tail.is_empty() {
            pieces.push(concat_batches(&SCHEMA, &tail).map_err(table)?);
        }
    }
    Ok(())
}

/// What came last.
#[derive(Clone, Default)]
pub struct Hot {
    /// Each body's events.
    pub bodies: BTreeMap<Id<kind::Body>, Arc<Vec<RecordBatch>>>,
    /// The stretch of the log it stands for.
    pub from: Position,
    /// And where it ends.
    pub to: Position,
    /// When the oldest of it came.
    pub since: Option<Timestamp>,
    /// How many events.
    pub events: u64,
    /// The bytes they take.
    pub bytes: usize,
}

impl Hot {
    /// Nothing, from a place on.
    pub fn from(from: Position) -> Self {
        Self { from, to: from, ..Self::default() }
    }
    /// Takes in what was fed. A feed that begins before what is here ends was made beside another one: refused.
    pub fn take(&mut self, feed: Feed) -> Result<(), Error> {
        if feed.from < self.to {
            return Err(Error::Table(format!("fed from {} on, which was fed before", feed.from)));
        }
        if let Some(error) = feed.failed {
            return Err(error);
        }
        for (body, (_, rows)) in feed.bodies {
            let piece = rows.finish()?;
            self.bytes += rows::bytes(&piece);
            add(Arc::make_mut(self.bodies.entry(body).or_default()), piece)?;
        }
        self.events += feed.events;
        self.to = feed.to;
        self.since = [self.since, feed.since].into_iter().flatten().min();
        Ok(())
    }
    /// The most events of one body.
    pub fn most(&self) -> u64 {
        let rows = |pieces: &Arc<Vec<RecordBatch>>| pieces.iter().map(|p| p.num_rows() as u64).sum();
        self.bodies.values().map(rows).max().unwrap_or_default()
    }
    /// All events of a body in one.
    pub fn of(&self, body: &Id<kind::Body>) -> Result<Option<RecordBatch>, Error> {
        let Some(pieces) = self.bodies.get(body) else { return Ok(None) };
        Ok(Some(concat_batches(&SCHEMA, pieces.iter()).map_err(table)?))
    }
}
