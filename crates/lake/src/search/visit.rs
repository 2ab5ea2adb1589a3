//! Every event of a stretch of time whose line passes, given as it is found: for whoever looks at many of them together.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use arrow_array::{Array, RecordBatch};
use domain::{
    event::Column,
    id::{Id, kind},
};
use jiff::Timestamp;

use super::{
    Cut, Lines, SearchError, Stop,
    condition::{Condition, Looked},
    part, threads, together,
};
use crate::{
    Error, View,
    table::rows::{self, name},
};

/// An event that is shown to whoever visits.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Whose.
    pub body: Id<kind::Body>,
    /// When it happened, or else came.
    pub time: Timestamp,
    /// Its batch's place in the log, as one number, and its line of the batch.
    pub place: (i64, i32),
    /// Its machine, also where the line does not name it; may be empty.
    pub host: &'a str,
    /// As it came, whole.
    pub raw: &'a str,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visited {
    /// All events were shown.
    All,
    /// Whoever visits had enough.
    Enough,
    /// Its time was over, or nobody waits.
    Cut(Cut),
}

impl View {
    /// Shows every event of these bodies from then until before then whose line passes, in no order, from a few threads,
    /// until `each` says no. Not for a thread that serves.
    pub fn visit(
        &self,
        bodies: &BTreeSet<Id<kind::Body>>,
        (from, to): (Timestamp, Timestamp),
        lines: Arc<dyn Lines>,
        stop: &Stop<'_>,
        each: &(dyn Fn(Seen<'_>) -> bool + Sync),
    ) -> Result<Visited, SearchError> {
        let (first, end) = (from.as_microsecond(), to.as_microsecond());
        let mut parts = part::of(self, bodies);
        parts.retain(|part| part.times().0 < end && part.times().1 >= first);
        let conditions = Arc::new(vec![Condition::Time(first, end), Condition::Lines(Looked(lines))]);
        let (next, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
        let told = || stop().or_else(|| enough.load(Ordering::Relaxed).then_some(Cut::Gone));
        let wanted = [name::BODY, name::TIME, name::POSITION, name::LINE, Column::Host.name(), name::RAW];
        let work = || -> Result<(), Error> {
            while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                if told().is_some() {
                    break;
                }
                part.scan(&conditions, &wanted, &told, &mut |batch| {
                    if !show(&batch, bodies, each)? {
                        enough.store(true, Ordering::Relaxed);
                    }
                    Ok(())
                })?;
            }
            Ok(())
        };
        together(threads(true).min(parts.len()), work)?;
        Ok(match stop() {
            _ if enough.load(Ordering::Relaxed) => Visited::Enough,
            Some(cut) => Visited::Cut(cut),
            None => Visited::All,
        })
    }
}

/// Whether more is wanted. Whose a row is is looked at once more: another body's is not shown.
fn show(
    batch: &RecordBatch,
    bodies: &BTreeSet<Id<kind::Body>>,
    each: &(dyn Fn(Seen<'_>) -> bool + Sync),
) -> Result<bool, Error> {
    let (whose, raws) = (rows::texts(batch, name::BODY)?, rows::texts(batch, name::RAW)?);
    let hosts = rows::texts(batch, Column::Host.name())?;
    let (times, places, lines) = (rows::times(batch, name::TIME)?, rows::places(batch)?, rows::lines(batch)?);
    for row in 0..batch.num_rows() {
        let Some(body) = whose.value(row).parse().ok().filter(|body| bodies.contains(body)) else { continue };
        let time = Timestamp::from_microsecond(times.value(row)).unwrap_or_default();
        let place = (places.value(row), lines.value(row));
        let host = if hosts.is_valid(row) { hosts.value(row) } else { "" };
        if !each(Seen { body, time, place, host, raw: raws.value(row) }) {
            return Ok(false);
        }
    }
    Ok(true)
}
