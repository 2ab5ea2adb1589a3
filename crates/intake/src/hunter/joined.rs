//! Correlations over the past: what rules say of single events goes, in order of time and body by body, into the engine
//! that correlates live.
//!
//! ```text
//! span before the stretch ─ stretch          what lies before is fed, and what it completes is not told
//!   └ pieces, from the oldest: hits gathered, sorted, fed; one with too many hits is looked at in halves
//! ```
//!
//! Held at once are the hits of a piece and what correlations remember; both have their bounds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use detect::{Correlation, Correlator, Found};
use domain::{
    alert::Reason,
    id::{Id, kind},
};
use jiff::{SignedDuration, Timestamp};
use lake::{
    Position, View,
    search::{Answer, Lines, Seen, Stop, Visited},
};
use store::hunts::Hit;

use super::{by::By, sought::shown};
use crate::{
    judge::{REASONS, clean, place, reference},
    lists::counted,
};

/// Hits of a piece held at once: some tens of megabytes with their values.
const HELD: usize = 100_000;
/// Bytes of their values.
const BYTES: usize = 32 << 20;
/// A piece is not halved below this: its hits go in as they lie, and the engine puts each where its time belongs.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

type Body = Id<kind::Body>;
/// An event: when it happened, and its place in the log.
type Place = (Timestamp, (i64, u32));

/// Correlations to be looked for.
pub(super) struct Joining {
    correlations: Vec<Correlation>,
    fields: Vec<String>,
    span: SignedDuration,
    held: usize,
}

impl Joining {
    /// Of these, over the rules lines are judged by.
    pub fn new(correlations: Vec<Correlation>, by: &By) -> Self {
        let made = by.matcher().map(|matcher| Correlator::new(correlations.clone(), matcher));
        let (fields, span) = made.map(|c| (c.fields(), c.span())).unwrap_or_default();
        Self { correlations, fields, span: SignedDuration::from_secs(span), held: HELD }
    }

    /// How long before an event what it completes may have begun.
    pub const fn span(&self) -> SignedDuration {
        self.span
    }
}

/// A rule's hits in an event.
struct Hits {
    place: Place,
    body: Body,
    rules: Vec<u32>,
    values: Vec<Option<String>>,
}

/// Looks through a stretch of time; the newest are kept. Nothing where it was stopped.
pub(super) fn look(
    joining: &Joining,
    by: &Arc<By>,
    view: &View,
    bodies: &BTreeSet<Body>,
    (from, to): (Timestamp, Timestamp),
    rows: usize,
    stop: &Stop<'_>,
) -> anyhow::Result<Option<(Answer, Vec<Hit>)>> {
    let before = from.checked_sub(joining.span).unwrap_or(Timestamp::MIN);
    let mut work =
        Work { joining, by, from, rows, state: BTreeMap::new(), total: 0, newest: BTreeMap::new() };
    // The oldest piece is the last.
    let mut pieces = vec![(from, to), (before, from)];
    while let Some((begin, end)) = pieces.pop() {
        if begin >= end {
            continue;
        }
        let short = end.duration_since(begin) <= SHORTEST;
        let held = Mutex::new((Vec::new(), 0_usize));
        let straight = Mutex::new(&mut work);
        let each = |seen: Seen<'_>| {
            let (rules, values) = by.hits(seen.raw, seen.host, &joining.fields);
            let (position, line) = seen.place;
            let place = (position, u32::try_from(line).unwrap_or_default());
            let hits = Hits { place: (seen.time, place), body: seen.body, rules, values };
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            held.1 += hits.values.iter().flatten().map(String::len).sum::<usize>();
            held.0.push(hits);
            if held.0.len() < joining.held && held.1 < BYTES {
                return true;
            }
            if short {
                let (hits, _) = std::mem::take(&mut *held);
                straight.lock().unwrap_or_else(PoisonError::into_inner).feed(hits);
            }
            short
        };
        let lines: Arc<dyn Lines> = by.clone();
        let visited = view.visit(bodies, (begin, end), lines, stop, &each)?;
        match visited {
            Visited::Cut(_) => return Ok(None),
            Visited::Enough => {
                let half = begin.checked_add(end.duration_since(begin) / 2)?;
                pieces.extend([(half, end), (begin, half)]);
            }
            Visited::All => work.feed(held.into_inner().unwrap_or_else(PoisonError::into_inner).0),
        }
    }
    work.end(to);
    let looked_at = view.held(bodies, from, to)?.values().sum();
    let forgotten: u64 = work.state.values().map(Correlator::forgotten).sum();
    if forgotten > 0 {
        tracing::warn!(forgotten, "a hunt by correlations had more events than it remembers");
    }
    let answer = Answer { total: work.total, looked_at, ..Answer::default() };
    let found = work.shown(view, bodies)?;
    Ok(Some((answer, found)))
}

struct Work<'a> {
    joining: &'a Joining,
    by: &'a By,
    /// What happened before is fed only.
    from: Timestamp,
    rows: usize,
    state: BTreeMap<Body, Correlator>,
    total: u64,
    /// The newest events that are told, each with what correlations say of it and the rules that do.
    newest: BTreeMap<Place, (Vec<Reason>, Vec<u32>)>,
}

impl Work<'_> {
    fn feed(&mut self, mut hits: Vec<Hits>) {
        let Some(matcher) = self.by.matcher() else { return };
        hits.sort_unstable_by_key(|hit| hit.place);
        let joining = self.joining;
        for hit in hits {
            let new = || Correlator::new(joining.correlations.clone(), matcher);
            let correlator = self.state.entry(hit.body).or_insert_with(new);
            let at = |field: &str| joining.fields.iter().position(|f| f == field);
            let value = |field: &str| hit.values.get(at(field)?)?.clone();
            let (mut told, mut loud) = (Vec::new(), Vec::new());
            for rule in hit.rules {
                if !correlator.is_silent(rule) {
                    loud.push(rule);
                }
                // Of too few, the last event lies before this one.
                told.extend(correlator.feed_values(rule, &value, hit.place.0, reference(hit.place.1)));
            }
            if !loud.is_empty() {
                self.tell(hit.place, Vec::new(), &loud);
            }
            told.iter().for_each(|found| self.tell_found(found));
        }
    }

    /// Nothing more comes: too few, in spans that ended before, are known now.
    fn end(&mut self, to: Timestamp) {
        let told: Vec<Found> = self.state.values_mut().flat_map(|correlator| correlator.tick(to)).collect();
        told.iter().for_each(|found| self.tell_found(found));
    }

    fn tell_found(&mut self, found: &Found) {
        let because = reasons(found, &self.joining.correlations);
        self.tell((found.last, place(found.reference)), because, &[]);
    }

    fn tell(&mut self, place: Place, because: Vec<Reason>, loud: &[u32]) {
        if place.0 < self.from {
            return;
        }
        let known = self.newest.len();
        let told = self.newest.entry(place).or_default();
        told.0.extend(because);
        told.1.extend(loud);
        if self.newest.len() > known {
            self.total += 1;
        }
        if self.newest.len() > self.rows {
            self.newest.pop_first();
        }
    }

    /// Reads the events that are told, the newest first.
    fn shown(self, view: &View, bodies: &BTreeSet<Body>) -> anyhow::Result<Vec<Hit>> {
        let mut all = Vec::new();
        for ((_, (position, line)), (mut because, loud)) in self.newest.into_iter().rev() {
            if let Some(row) = view.event(bodies, Position::unpacked(position), line)? {
                because.extend(self.by.because(&row.raw, &|rule| loud.contains(&rule)));
                because.truncate(REASONS);
                all.push(shown(&row, because));
            }
        }
        Ok(all)
    }
}

/// What a correlation says of the event that completed it.
fn reasons(found: &Found, correlations: &[Correlation]) -> Vec<Reason> {
    let asked = counted(found);
    let reason =
        |field: &str, value: &str| Reason { field: clean(field), value: clean(value), asked: asked.clone() };
    match found.group.is_empty() {
        // Grouped by nothing: its name and the figure are all there is to say.
        true => {
            let title = correlations.get(found.correlation).map_or("", |c| &c.about.title);
            vec![reason(title, "")]
        }
        false => found.group.iter().map(|(field, value)| reason(field, value)).collect(),
    }
}

#[cfg(test)]
mod tests;
