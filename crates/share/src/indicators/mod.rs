//! Lists of indicators read, whatever shape they come in. Each entry is judged by itself: what cannot be taken is told
//! with its place, and the rest is taken.

mod misp;
mod pattern;
mod stix;
mod table;

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use domain::{
    indicator::{self, Entry},
    request::filter::{Guard, Why},
};
use jiff::Timestamp;

/// Faults beyond this many are only counted.
pub const PROBLEMS: usize = 200;
/// Of a faulty entry so many characters are shown again.
const SHOWN: usize = 120;

/// In which shape a list came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Entries between blanks and ends of lines.
    Text,
    /// A table with a heading.
    Table,
    /// MISP's JSON: an event, several, or what a search answers.
    Misp,
    /// A STIX 2.1 bundle.
    Stix,
}

impl Shape {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Text => "text",
            Shape::Table => "table",
            Shape::Misp => "misp",
            Shape::Stix => "stix",
        }
    }
}

/// An entry that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, or the number of the attribute or object; from 1.
    pub place: usize,
    /// As it was written.
    pub text: String,
    /// Why.
    pub why: Why,
}

/// What a list held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In which shape.
    pub shape: Shape,
    /// So many were taken.
    pub taken: usize,
    /// So many stood there already.
    pub merged: usize,
    /// Not meant to be looked for: ended, revoked, not marked for detection, of a kind logs do not show.
    pub passed: usize,
    /// The first [`PROBLEMS`] of the faults.
    pub problems: Vec<Problem>,
    /// All of them.
    pub faults: usize,
}

/// The whole is no list of that shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// Reads a list. `sink` gets each entry once.
pub fn read(
    text: &str,
    guard: &Guard,
    now: Timestamp,
    sink: &mut dyn FnMut(Entry),
) -> Result<Report, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.trim_start();
    let shape =
        match head.as_bytes().first() {
            Some(b'{' | b'[') if !head.starts_with("[.") && serde_json_like(head) => {
                if stix::is_bundle(head) { Shape::Stix } else { Shape::Misp }
            }
            _ if table::has_heading(text) => Shape::Table,
            _ => Shape::Text,
        };
    let mut taker = Taker { guard, now, sink, seen: HashSet::new(), report: Report::of(shape) };
    match shape {
        Shape::Text => table::lines(text, &mut taker),
        Shape::Table => table::rows(text, &mut taker)?,
        Shape::Misp => misp::read(text, &mut taker)?,
        Shape::Stix => stix::read(text, &mut taker)?,
    }
    Ok(taker.report)
}

/// A list of lines may begin with an address in brackets.
fn serde_json_like(head: &str) -> bool {
    let second = head.get(1..).unwrap_or_default().trim_start();
    second.is_empty() || second.starts_with(['"', '{', '}', ']'])
}

impl Report {
    fn of(shape: Shape) -> Self {
        Self { shape, taken: 0, merged: 0, passed: 0, problems: Vec::new(), faults: 0 }
    }
}

struct Taker<'a> {
    guard: &'a Guard,
    now: Timestamp,
    sink: &'a mut dyn FnMut(Entry),
    /// Of millions: two hashes each, instead of the texts.
    seen: HashSet<(u64, u64)>,
    report: Report,
}

impl Taker<'_> {
    fn take(&mut self, place: usize, text: &str, until: Option<Timestamp>) {
        if until.is_some_and(|until| until <= self.now) {
            self.report.passed += 1;
            return;
        }
        match indicator::read(text, self.guard) {
            Ok(indicator) => {
                let print = |round: u8| {
                    let mut hasher = DefaultHasher::new();
                    (round, &indicator).hash(&mut hasher);
                    hasher.finish()
                };
                if self.seen.insert((print(1), print(2))) {
                    self.report.taken += 1;
                    (self.sink)(Entry { indicator, until });
                } else {
                    self.report.merged += 1;
                }
            }
            Err(why) => self.fault(place, text, why),
        }
    }

    fn fault(&mut self, place: usize, text: &str, why: Why) {
        self.report.faults += 1;
        if self.report.problems.len() < PROBLEMS {
            let text = text.chars().take(SHOWN).collect();
            self.report.problems.push(Problem { place, text, why });
        }
    }
}

#[cfg(test)]
mod tests;
