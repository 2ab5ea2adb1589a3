//! What is known of one duty of one body: a few facts and counts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{counts::Comparison, fact::Fact, inspection};

/// At most so many facts are handed to an evaluator; whatever is more arrives as a count.
pub const FACTS_MAX: usize = 200;

/// *đã xử lý / tổng số*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Handled.
    pub handled: u32,
    /// All.
    pub all: u32,
}

/// What is known when a duty is evaluated.
#[derive(Debug, Clone)]
pub struct Known {
    /// When the duty is due.
    pub due: Timestamp,
    /// Counts by name; each evaluator documents the names it reads.
    pub counts: BTreeMap<&'static str, Count>,
    /// Moments by name; each evaluator documents the names it reads.
    pub times: BTreeMap<&'static str, Timestamp>,
    /// Facts, at most [`FACTS_MAX`].
    pub facts: Vec<Fact>,
    /// The register beside independent counts, for duties that count machines.
    pub machines: Option<Comparison>,
    /// When a count changes by itself, because a time passes: a round of reports comes due.
    pub again: Option<Timestamp>,
    /// Inspections of the bodies below, for the duty to inspect them.
    pub inspections: Option<inspection::Known>,
}

impl Known {
    /// Nothing but the due time.
    pub fn nothing(due: Timestamp) -> Self {
        let (counts, times) = (BTreeMap::new(), BTreeMap::new());
        Self { due, counts, times, facts: Vec::new(), machines: None, again: None, inspections: None }
    }
    /// The fact of that kind learnt last.
    pub fn newest(&self, kind: &str) -> Option<&Fact> {
        self.facts.iter().filter(|f| f.kind == kind).max_by_key(|f| (f.learnt, f.id))
    }
    /// The fact of that kind learnt first.
    pub fn oldest(&self, kind: &str) -> Option<&Fact> {
        self.facts.iter().filter(|f| f.kind == kind).min_by_key(|f| (f.learnt, f.id))
    }
    /// A count, if it was fetched: absent means *not known*, which is not zero.
    pub fn count(&self, name: &str) -> Option<Count> {
        self.counts.get(name).copied()
    }
}
