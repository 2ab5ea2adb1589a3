//! The duty roster: who watches which post at each instant (contract 11), as a pure function of its rules.
//!
//! [`post`] says what must be watched, [`rules`] who takes turns at it and what was changed by hand, [`resolve`]
//! makes shifts of them, [`coverage`] says what is wrong before anybody relies on them, and [`check_in`] what the
//! people on duty owe while they watch and what their answers prove.

pub mod check_in;
pub mod coverage;
mod licence;
pub mod pattern;
mod post;
mod resolve;
pub mod rules;
mod terms;
pub mod test_calls;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    licence::Licence,
    post::{CheckIn, EVERY_MINUTES_MIN, Line, Post, Presence},
    resolve::{DayOf, resolve},
    terms::{Again, Terms, TestCall, Wake, Whom, Working},
};
use crate::id::{Id, kind};

/// One person at one post for a half-open span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The post watched.
    pub post: Id<kind::Post>,
    /// First in line or behind.
    pub line: Line,
    /// Who watches.
    pub person: Id<kind::Person>,
    /// First instant on duty.
    pub from: Timestamp,
    /// First instant off duty.
    pub to: Timestamp,
    /// Why it is this person.
    pub why: Why,
}

/// What put a person on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "id")]
pub enum Why {
    /// Their turn in a layer.
    Layer(Id<kind::Layer>),
    /// An override of the roster.
    Override(Id<kind::Override>),
    /// A swap: somebody else's turn.
    Swap(Id<kind::Swap>),
}

/// Who is on call when. An empty roster answers with nobody, and *nobody* is shown, never hidden.
#[derive(Debug, Clone, Default)]
pub struct OnCall {
    shifts: Vec<Shift>,
}

impl OnCall {
    /// A roster from computed shifts.
    pub fn new(shifts: Vec<Shift>) -> Self {
        Self { shifts }
    }
    /// The people at a post at that instant, first in line first.
    pub fn at(&self, post: Id<kind::Post>, now: Timestamp) -> Vec<Id<kind::Person>> {
        [Line::Primary, Line::Backup].into_iter().flat_map(|line| self.line_at(post, line, now)).collect()
    }
    /// The people of one line at a post at that instant.
    pub fn line_at(
        &self,
        post: Id<kind::Post>,
        line: Line,
        now: Timestamp,
    ) -> impl Iterator<Item = Id<kind::Person>> {
        let on = move |s: &&Shift| s.post == post && s.line == line && s.from <= now && now < s.to;
        self.shifts.iter().filter(on).map(|s| s.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Uuid;

    #[test]
    fn back_to_back_shifts_neither_gap_nor_overlap() {
        fn id<K>(n: u128) -> Id<K> {
            Id::from_uuid(Uuid::from_u128(n))
        }
        let t = |s: i64| Timestamp::from_second(s).unwrap();
        let shift = |person, line, from, to| Shift {
            post: id(1),
            line,
            person,
            from: t(from),
            to: t(to),
            why: Why::Layer(id(9)),
        };
        let roster = OnCall::new(vec![
            shift(id(4), Line::Backup, 0, 20),
            shift(id(2), Line::Primary, 0, 10),
            shift(id(3), Line::Primary, 10, 20),
        ]);
        assert_eq!(roster.at(id(1), t(9)), [id(2), id(4)]);
        assert_eq!(roster.at(id(1), t(10)), [id(3), id(4)]);
        assert!(OnCall::default().at(id(1), t(5)).is_empty());
    }
}
