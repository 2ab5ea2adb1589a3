//! Where a version lies among an advisory's ranges.

use std::{borrow::Cow, cmp::Ordering};

use crate::{
    advisory::{Event, Range},
    version::Scheme,
};

/// Where a version lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an affected range; the version that ends it, if any does.
    Affected(Option<String>),
    /// At or behind the version that ends an affected range.
    Fixed(String),
    /// Before any range begins, or behind one that ends without a fix.
    Outside,
    /// The order is not known, or the two cannot be compared.
    NoOrder,
}

/// A version as a report tells it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub version: &'a str,
    /// Whether its epoch is told; if not, epochs are left out on both sides.
    pub epoch: bool,
}

impl Told<'_> {
    pub fn compare(self, scheme: Scheme, other: &str) -> Ordering {
        let bare = |text: &str| -> String {
            match text.split_once(':') {
                Some((epoch, rest)) if epoch.bytes().all(|b| b.is_ascii_digit()) => rest.to_owned(),
                _ => text.to_owned(),
            }
        };
        match (scheme, self.epoch) {
            (Scheme::Rpm, false) => scheme.compare(&bare(self.version), &bare(other)),
            _ => scheme.compare(self.version, other),
        }
    }
}

pub fn place(told: Told<'_>, range: &Range) -> Place {
    let Some(scheme) = range.scheme else { return Place::NoOrder };
    if scheme == Scheme::Rpm && !same_stream(told.version, range) {
        return Place::NoOrder;
    }
    let mut events: Vec<&Event> = range.events.iter().collect();
    events.sort_by(|a, b| order(scheme, a, b));
    let mut affected = false;
    let mut fixed = None;
    for event in &events {
        match event {
            Event::Introduced(from) if from == "0" || told.compare(scheme, from).is_ge() => affected = true,
            Event::Fixed(at) if told.compare(scheme, at).is_ge() => {
                fixed = affected.then(|| at.clone()).or(fixed);
                affected = false;
            }
            Event::LastAffected(last) if told.compare(scheme, last).is_gt() => affected = false,
            _ => {}
        }
    }
    if affected {
        let mut ends = events.iter().filter_map(|e| match e {
            Event::Fixed(at) if told.compare(scheme, at).is_lt() => Some(at.clone()),
            _ => None,
        });
        return Place::Affected(ends.next());
    }
    fixed.map_or(Place::Outside, Place::Fixed)
}

fn order(scheme: Scheme, a: &Event, b: &Event) -> Ordering {
    let of = |event: &Event| -> (String, u8) {
        match event {
            Event::Introduced(v) => (v.clone(), 1),
            Event::Fixed(v) => (v.clone(), 0),
            Event::LastAffected(v) => (v.clone(), 2),
        }
    };
    let ((a, first), (b, second)) = (of(a), of(b));
    let zero = |v: &str| v == "0";
    match (zero(&a), zero(&b)) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => scheme.compare(&a, &b).then(first.cmp(&second)),
    }
}

/// `…el9_4` and `…el8` are built from different sources; their order says nothing.
fn same_stream(version: &str, range: &Range) -> bool {
    let own = stream(version);
    range.events.iter().all(|event| match event {
        Event::Introduced(v) | Event::Fixed(v) | Event::LastAffected(v) => match (&own, stream(v)) {
            (Some(a), Some(b)) => *a == b,
            _ => true,
        },
    })
}

fn stream(version: &str) -> Option<Cow<'_, str>> {
    let (_, release) = version.rsplit_once(".el")?;
    let digits = release.find(|c: char| !c.is_ascii_digit()).unwrap_or(release.len());
    release.get(..digits).filter(|d| !d.is_empty()).map(Cow::Borrowed)
}
