//! Searching the table, for somebody who may see some bodies' events.
//!
//! ```text
//! bodies ─ whose row groups and pieces of memory, and no others
//!   └ time, statistics, bloom filters ─ which of these can hold anything
//!       └ columns, one condition after the other, each read only where the ones before left something
//!           └ count, histogram, top values, places of the rows wanted ─ these rows whole
//! ```
//!
//! What is not one's own is never opened: it cannot show in rows, counts, errors or, but for how busy the machine is,
//! in time.

mod condition;
mod export;
mod part;
mod run;
mod values;
mod visit;

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    event::Column,
    id::{Id, kind},
    query::{Fault, Query},
};
use jiff::Timestamp;

use self::condition::Condition;
pub use self::export::Export;
pub use self::{
    values::Value,
    visit::{Seen, Visited},
};
use crate::{Error, Position, View};

/// Most rows answered at once.
pub const ROWS: usize = 1_000;
/// Buckets of a histogram at most.
pub const BUCKETS: usize = 400;
/// Different values of one field counted; the rest are in `other`.
pub const VALUES: usize = 20_000;
/// Top values answered.
pub const TOP: usize = 10;
/// Threads of one search at most.
const THREADS: usize = 8;

/// Threads of one search: all processors but one, which has logs to take in; of one that looks at every line and goes on for long, half of them.
fn threads(long: bool) -> usize {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    (if long { all / 2 } else { all - 1 }).clamp(2, THREADS)
}

/// A value is answered up to here, in bytes; the line as it came up to eight times as much.
pub const VALUE: usize = 32 << 10;

/// Does a piece of work on so many threads, this one among them.
fn together<T: Send>(many: usize, work: impl Fn() -> Result<T, Error> + Sync) -> Result<Vec<T>, Error> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..many).map(|_| scope.spawn(&work)).collect();
        let own = work();
        let died = || Err(crate::table::rows::table("a thread died"));
        let others = others.into_iter().map(|other| other.join().unwrap_or_else(|_| died()));
        std::iter::once(own).chain(others.collect::<Vec<_>>()).collect()
    })
}

/// An event's place in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// When it happened, in microseconds.
    pub time: i64,
    /// Its batch's place in the log, as one number.
    pub position: i64,
    /// Its line of the batch.
    pub line: i32,
}

/// In which order rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// In the log, going back from that place; of one source.
    Back(Id<kind::Source>, (i64, i32)),
    /// In the log, going on from that place; of one source.
    On(Id<kind::Source>, (i64, i32)),
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Of which events.
    pub query: Query,
    /// From when.
    pub from: Timestamp,
    /// Until before when.
    pub to: Timestamp,
    /// Whose events whoever asks may see. Nobody else's are looked at.
    pub bodies: BTreeSet<Id<kind::Body>>,
    /// How many rows; none are read for zero.
    pub rows: usize,
    /// Only what comes after that one in the order of rows.
    pub after: Option<Key>,
    /// The order of rows.
    pub order: Order,
    /// Buckets of the histogram; none without.
    pub buckets: usize,
    /// Columns whose most frequent values are wanted.
    pub top: Vec<Column>,
    /// Whether everything is counted; else it ends with the rows wanted.
    pub count: bool,
}

/// An event found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its place.
    pub key: Key,
    /// Whose.
    pub body: Id<kind::Body>,
    /// From which source.
    pub source: Option<Id<kind::Source>>,
    /// When it happened, or else came.
    pub time: Timestamp,
    /// When it came.
    pub came: Timestamp,
    /// What wrote it.
    pub product: String,
    /// Which of its logs.
    pub dataset: String,
    /// The common columns that are there.
    pub columns: Vec<(Column, String)>,
    /// All original fields.
    pub fields: Vec<(String, String)>,
    /// As it came.
    pub raw: String,
}

/// The most frequent values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Which.
    pub column: Column,
    /// Values, the most frequent first.
    pub values: Vec<(String, u64)>,
    /// How many different ones were counted.
    pub different: usize,
    /// Events with a value beyond those that could be counted.
    pub other: u64,
}

/// Why a search ended before it had seen everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Its time was over.
    Time,
    /// Nobody waits for it.
    Gone,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// How many events there are; of those seen, if it was cut.
    pub total: u64,
    /// The rows.
    pub rows: Vec<Found>,
    /// Events by time, in equal steps from begin to end.
    pub histogram: Vec<u64>,
    /// Top values.
    pub top: Vec<Top>,
    /// Whether it ended early: what is answered is true and not all.
    pub cut: Option<Cut>,
    /// Events of the stretch of time that were looked at, be it only at what is told of many together.
    pub looked_at: u64,
}

/// Why a search is refused or fails.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SearchError {
    /// The query cannot be compiled.
    #[error(transparent)]
    Query(#[from] Fault),
    /// A file cannot be read.
    #[error(transparent)]
    Table(#[from] Error),
}

/// Asked between two pieces of work: whether to go on.
pub type Stop<'a> = dyn Fn() -> Option<Cut> + Sync + 'a;

/// Looks at lines as they came, where a query cannot say what is looked for: a rule, millions of indicators.
pub trait Lines: Send + Sync {
    /// A test for some thousands of lines; it may remember.
    fn tester(&self) -> Box<dyn FnMut(&str) -> bool + '_>;
}

impl View {
    /// How many events of each of these bodies happened in a stretch of time. Not for a thread that serves.
    pub fn held(
        &self,
        bodies: &BTreeSet<Id<kind::Body>>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<Id<kind::Body>, u64>, SearchError> {
        Ok(part::held(self, bodies, (from.as_microsecond(), to.as_microsecond()))?)
    }

    /// Searches. Not for a thread that serves.
    pub fn search(&self, ask: &Ask, stop: &Stop<'_>) -> Result<Answer, SearchError> {
        self.search_lines(ask, None, stop)
    }

    /// The same, of the events whose line passes.
    pub fn search_lines(
        &self,
        ask: &Ask,
        lines: Option<Arc<dyn Lines>>,
        stop: &Stop<'_>,
    ) -> Result<Answer, SearchError> {
        let mut conditions = condition::compile(&ask.query)?;
        let mut first = Vec::new();
        match ask.order {
            Order::Newest => {
                first.extend(ask.after.map(|k| Condition::Before((k.time, k.position, k.line))));
            }
            Order::Back(source, place) | Order::On(source, place) => {
                let wanted =
                    if matches!(ask.order, Order::On(..)) { Ordering::Greater } else { Ordering::Less };
                first.push(Condition::Place(wanted, place));
                let text = source.to_string();
                let check = condition::Check::Is { text, tail: false };
                first.push(Condition::Columns(vec![(crate::table::rows::name::SOURCE, check)]));
            }
        }
        first.append(&mut conditions);
        // Last: it costs most.
        first.extend(lines.map(|lines| Condition::Lines(condition::Looked(lines))));
        Ok(run::run(self, ask, &first, stop)?)
    }

    /// One event by its place in the log, if it is one of these bodies'.
    pub fn event(
        &self,
        bodies: &BTreeSet<Id<kind::Body>>,
        position: Position,
        line: u32,
    ) -> Result<Option<Found>, SearchError> {
        let place = (position.packed(), i32::try_from(line).unwrap_or(i32::MAX));
        Ok(run::event(self, bodies, place)?)
    }
}
