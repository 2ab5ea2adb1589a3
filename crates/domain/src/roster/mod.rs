//! Who is on call: contract 11. Empty until the roster is built; callers already ask.

use jiff::Timestamp;

use crate::id::{Id, kind};

/// Who is on call when. `None` rosters answer with nobody, and *nobody* is shown, never hidden.
#[derive(Debug, Clone, Default)]
pub struct OnCall {
    shifts: Vec<Shift>,
}

/// One person at one post for a half-open span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The post watched.
    pub post: Id<kind::Post>,
    /// Who watches.
    pub person: Id<kind::Person>,
    /// First instant on duty.
    pub from: Timestamp,
    /// First instant off duty.
    pub to: Timestamp,
}

impl OnCall {
    /// A roster from computed shifts.
    pub fn new(shifts: Vec<Shift>) -> Self {
        Self { shifts }
    }
    /// The people at a post at that instant, first in line first.
    pub fn at(&self, post: Id<kind::Post>, now: Timestamp) -> Vec<Id<kind::Person>> {
        self.shifts
            .iter()
            .filter(|s| s.post == post && s.from <= now && now < s.to)
            .map(|s| s.person)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_to_back_shifts_neither_gap_nor_overlap() {
        let post = Id::from_uuid(crate::id::Uuid::from_u128(1));
        let (a, b) =
            (Id::from_uuid(crate::id::Uuid::from_u128(2)), Id::from_uuid(crate::id::Uuid::from_u128(3)));
        let t = |s: i64| Timestamp::from_second(s).unwrap();
        let roster = OnCall::new(vec![
            Shift { post, person: a, from: t(0), to: t(10) },
            Shift { post, person: b, from: t(10), to: t(20) },
        ]);
        assert_eq!(roster.at(post, t(9)), [a]);
        assert_eq!(roster.at(post, t(10)), [b]);
        assert!(OnCall::default().at(post, t(5)).is_empty());
    }
}
