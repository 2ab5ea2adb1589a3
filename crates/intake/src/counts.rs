//! What came in, counted in memory and written down every few seconds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::id::{Id, kind};
use jiff::Timestamp;
use store::sources::{Flush, Stranger};

/// Samples of lines nobody understood, between two times of writing them down.
const SAMPLES: usize = 5;
/// A sample's length in characters: enough to write a parser by.
const SAMPLE: usize = 1_000;
/// Machines of one source between two times of writing them down: the rest is spoken of again.
const CONTACTS: usize = 2_000;
/// Strangers between two times of writing them down: a flood with forged addresses is not to fill the memory.
const STRANGERS: usize = 1_000;

#[derive(Debug, Default)]
pub struct Counts(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    sources: HashMap<Id<kind::Source>, Flush>,
    strangers: HashMap<String, Stranger>,
}

impl Counts {
    /// Counts at a source.
    pub fn at(&self, source: Id<kind::Source>, count: impl FnOnce(&mut Flush)) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count(inner.sources.entry(source).or_default());
    }
    /// A line nobody understood.
    pub fn unparsed(&self, source: Id<kind::Source>, line: &str) {
        self.at(source, |flush| {
            flush.unparsed += 1;
            if flush.samples.len() < SAMPLES {
                flush.samples.push(line.chars().filter(|c| *c != '\0').take(SAMPLE).collect());
            }
        });
    }
    /// A machine anti-malware spoke of.
    pub fn contact(&self, source: Id<kind::Source>, host: &str, at: Timestamp) {
        self.at(source, |flush| {
            if let Some(last) = flush.contacts.get_mut(host) {
                *last = at.max(*last);
            } else if flush.contacts.len() < CONTACTS {
                flush.contacts.insert(host.chars().filter(|c| *c != '\0').collect(), at);
            }
        });
    }
    /// Lines from an address no source names.
    pub fn stranger(&self, address: String, lines: u64, now: Timestamp) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.strangers.len() >= STRANGERS && !inner.strangers.contains_key(&address) {
            return;
        }
        let fresh = Stranger { address: address.clone(), lines: 0, last_at: now };
        let held = inner.strangers.entry(address).or_insert(fresh);
        held.lines += lines;
        held.last_at = now;
    }
    /// Takes what was counted.
    pub fn take(&self) -> (Vec<(Id<kind::Source>, Flush)>, Vec<Stranger>) {
        let inner = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (inner.sources.into_iter().collect(), inner.strangers.into_values().collect())
    }
}
