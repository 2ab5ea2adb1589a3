//! Indicators by the million held against every event.
//!
//! ```text
//! lists ─ Builder ─ Indicators (sorted fingerprints of 128 bits, a filter before them)
//!                        └ spot: which values of an event could be one ─ filter ─ fingerprint ─ Hit
//! ```
//!
//! Immutable once built: whoever follows lists builds another and puts it in the place of the old one.

mod filter;
mod glance;
mod key;
mod spot;

use domain::indicator::Kind;

use self::{filter::Filter, key::Key};
pub use self::{glance::glance, key::url_key, spot::Spotter};

/// Days since 1970: ends are kept by the day, which is enough for lists and saves half of the memory.
pub const DAY: i64 = 24 * 60 * 60;
/// Lists at once.
pub const LISTS: usize = u16::MAX as usize;

/// A value and a list it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    print: (u64, u64),
    list: u16,
    /// The last day it is looked for; zero of one without end.
    until: u16,
}

/// Gathers what lists hold.
#[derive(Debug, Default)]
pub struct Builder {
    entries: Vec<Entry>,
    quick: Vec<u64>,
    prefixes: [u128; 2],
    urls: String,
}

impl Builder {
    /// Room for so many.
    pub fn with_room(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), quick: Vec::with_capacity(entries), ..Self::default() }
    }

    /// Adds one, in the spelling of `domain::indicator`; `until` in seconds. False where it is none of that kind.
    pub fn add(&mut self, kind: Kind, value: &str, list: u16, until: Option<i64>) -> bool {
        let key = match kind {
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 => Key::hash(kind, value),
            Kind::Address => Key::network(value).map(|(key, family, prefix)| {
                if let Some(slot) = self.prefixes.get_mut(family) {
                    *slot |= 1 << (prefix.saturating_sub(1)).min(127);
                }
                key
            }),
            Kind::Domain => Some(Key::domain(value)),
            Kind::Url => {
                self.urls.clear();
                url_key(value, &mut self.urls).then(|| Key::url(&self.urls))
            }
        };
        let Some(key) = key else { return false };
        let until = until.map_or(0, |s| u16::try_from(s.div_euclid(DAY).max(1)).unwrap_or(u16::MAX));
        self.entries.push(Entry { print: key.print(), list, until });
        self.quick.push(key.quick);
        true
    }

    /// Makes it ready.
    pub fn build(mut self) -> Indicators {
        let filter = Filter::new(&self.quick);
        self.quick = Vec::new();
        self.entries.sort_unstable();
        self.entries.dedup();
        let prefixes = self
            .prefixes
            .map(|set| (0..128_u8).filter(|bit| set >> bit & 1 == 1).map(|bit| bit + 1).collect::<Vec<u8>>());
        Indicators { entries: self.entries.into_boxed_slice(), filter, prefixes }
    }
}

/// Lists made ready.
#[derive(Debug, Default)]
pub struct Indicators {
    entries: Box<[Entry]>,
    filter: Filter,
    /// The lengths of prefixes there are, of version 4 and 6.
    prefixes: [Vec<u8>; 2],
}

impl Indicators {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lists a value is in, on that day; those that ended are left out.
    fn lists(&self, print: (u64, u64), day: u16) -> impl Iterator<Item = u16> {
        let from = self.entries.partition_point(|e| e.print < print);
        let same = self.entries.get(from..).unwrap_or_default().iter().take_while(move |e| e.print == print);
        same.filter(move |e| e.until == 0 || e.until >= day).map(|e| e.list)
    }
}

/// A value of an event that is in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The field's number.
    pub field: u32,
    /// The list's number.
    pub list: u16,
    /// What it is.
    pub kind: Kind,
    /// The indicator: of `a.b.example` it may be `b.example`, of an address its network.
    pub indicator: String,
}

#[cfg(test)]
mod tests;
