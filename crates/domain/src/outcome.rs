//! After a campaign: what was met when, by whom fastest and slowest, and what stayed open.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    evidence::State,
    id::{Id, kind},
};

/// How one task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The task.
    pub task: Id<kind::Task>,
    /// Whose it was.
    pub body: Id<kind::Body>,
    /// The duty's code.
    pub code: String,
    /// When the body received the order.
    pub received: Timestamp,
    /// When it was due.
    pub due: Timestamp,
    /// How it stands.
    pub state: State,
    /// Since when it is met; `None` while it is not.
    pub met_at: Option<Timestamp>,
}

impl Outcome {
    /// From receiving to met. Time before the body received the order never counts.
    pub fn took(&self) -> Option<SignedDuration> {
        self.met_at.map(|at| at.duration_since(self.received).max(SignedDuration::ZERO))
    }
    /// Whether it was met by its due time.
    pub fn in_time(&self) -> bool {
        self.met_at.is_some_and(|at| at <= self.due)
    }
    /// Whether it counts at all.
    pub const fn counts(&self) -> bool {
        !matches!(self.state, State::Excused | State::NotApplicable)
    }
    /// Whether it stayed open: neither met nor apart.
    pub const fn open(&self) -> bool {
        !matches!(self.state, State::Met | State::Excused | State::NotApplicable)
    }
}

/// The sum over some tasks: those of one duty, of one body, or all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sum {
    /// Tasks that count.
    pub all: u32,
    /// Of these, met.
    pub met: u32,
    /// Of these, met by the due time.
    pub in_time: u32,
    /// Of all, still open.
    pub open: u32,
    /// Excused or not applicable.
    pub apart: u32,
    /// The middle one of the times from receiving to met.
    pub median: Option<SignedDuration>,
    /// The shortest of them, and whose.
    pub fastest: Option<(SignedDuration, Id<kind::Body>)>,
    /// The longest of them, and whose.
    pub slowest: Option<(SignedDuration, Id<kind::Body>)>,
}

impl Sum {
    /// Met after the due time.
    pub const fn late(&self) -> u32 {
        self.met - self.in_time
    }
}

/// The sum over those tasks.
pub fn sum<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Sum {
    let mut sum = Sum::default();
    let mut took = Vec::new();
    for outcome in outcomes {
        if !outcome.counts() {
            sum.apart += 1;
            continue;
        }
        sum.all += 1;
        sum.open += u32::from(outcome.open());
        if outcome.state == State::Met {
            sum.met += 1;
            sum.in_time += u32::from(outcome.in_time());
            took.extend(outcome.took().map(|t| (t, outcome.body)));
        }
    }
    took.sort();
    sum.fastest = took.first().copied();
    sum.slowest = took.last().copied();
    sum.median = took.get(took.len().saturating_sub(1) / 2).map(|(t, _)| *t);
    sum
}

/// By duty, in the order of first appearance.
pub fn by_duty(outcomes: &[Outcome]) -> Vec<(String, Sum)> {
    let mut codes: Vec<&str> = Vec::new();
    for outcome in outcomes {
        if !codes.contains(&outcome.code.as_str()) {
            codes.push(&outcome.code);
        }
    }
    codes.into_iter().map(|code| (code.to_owned(), sum(outcomes.iter().filter(|o| o.code == code)))).collect()
}

/// By body, best first: fewest open, then most in time, then fastest by median; bodies to whom nothing counts are
/// left out.
pub fn by_body(outcomes: &[Outcome]) -> Vec<(Id<kind::Body>, Sum)> {
    let mut bodies: BTreeMap<Id<kind::Body>, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        bodies.entry(outcome.body).or_default().push(outcome);
    }
    let mut sums: Vec<_> = bodies.into_iter().map(|(body, own)| (body, sum(own))).collect();
    sums.retain(|(_, s)| s.all > 0);
    // Shares, since one body owes more duties than another: a/b < c/d as a·d < c·b.
    sums.sort_by(|(x, a), (y, b)| {
        let share = |n: u32, other: &Sum| u64::from(n) * u64::from(other.all);
        share(a.open, b)
            .cmp(&share(b.open, a))
            .then(share(b.in_time, a).cmp(&share(a.in_time, b)))
            .then(a.median.cmp(&b.median))
            .then(x.cmp(y))
    });
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Uuid;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + n * 3600).unwrap()
    }
    fn outcome(body: u128, code: &str, state: State, met: Option<i64>) -> Outcome {
        Outcome {
            task: Id::from_uuid(Uuid::from_u128(body)),
            body: Id::from_uuid(Uuid::from_u128(body)),
            code: code.into(),
            received: hour(0),
            due: hour(10),
            state,
            met_at: met.map(hour),
        }
    }

    #[test]
    fn a_sum_knows_late_from_in_time_and_leaves_the_excused_out() {
        use State::*;
        let all = [
            outcome(1, "LEAD", Met, Some(2)),
            outcome(2, "LEAD", Met, Some(12)),
            outcome(3, "LEAD", NotMet, None),
            outcome(4, "LEAD", Excused, None),
            outcome(5, "LEAD", Met, Some(4)),
        ];
        let s = sum(&all);
        assert_eq!((s.all, s.met, s.in_time, s.late(), s.open, s.apart), (4, 3, 2, 1, 1, 1));
        assert_eq!(s.median, Some(SignedDuration::from_hours(4)));
        assert_eq!(s.fastest.unwrap(), (SignedDuration::from_hours(2), all[0].body));
        assert_eq!(s.slowest.unwrap(), (SignedDuration::from_hours(12), all[1].body));
        assert_eq!(sum([]).median, None);
    }

    #[test]
    fn time_before_receiving_does_not_count() {
        let mut early = outcome(1, "LEAD", State::Met, Some(-5));
        early.received = hour(0);
        assert_eq!(early.took(), Some(SignedDuration::ZERO));
        assert!(early.in_time());
    }

    #[test]
    fn bodies_stand_best_first_by_share_not_by_number() {
        use State::*;
        let all = [
            outcome(1, "A", Met, Some(2)),
            outcome(1, "B", NotMet, None),
            outcome(2, "A", Met, Some(3)),
            outcome(3, "A", Met, Some(1)),
            outcome(4, "A", NotApplicable, None),
            outcome(5, "A", Met, Some(11)),
        ];
        let order: Vec<u128> = by_body(&all).iter().map(|(b, _)| b.uuid().as_u128()).collect();
        assert_eq!(order, [3, 2, 5, 1]);
        let duties = by_duty(&all);
        assert_eq!(duties.iter().map(|d| d.0.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(duties[1].1.open, 1);
    }
}
