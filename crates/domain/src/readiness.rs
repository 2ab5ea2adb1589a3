//! Readiness over time: how many duties stood how, from what each verdict changed to and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{evidence::State, time::Window};

/// A chart has at most so many points: more than the pixels of a phone's width shows nothing more.
pub const POINTS_MAX: i64 = 160;
/// No point stands for less, and every step is a multiple of it, in microseconds: evidence comes by people, not by the
/// second, and what was added up once in quarters of an hour serves steps of any length.
pub const QUARTER: i64 = 15 * 60 * 1_000_000;

/// So many tasks went from one state to another within one step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which step: microseconds since 1970 divided by the step's length.
    pub step: i64,
    /// Their state before; `None` = they had none.
    pub was: Option<State>,
    /// Their state after.
    pub state: State,
    /// How many.
    pub tasks: u32,
}

/// How everything stood at the end of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Met.
    pub met: u32,
    /// Partly met.
    pub partly: u32,
    /// Not met.
    pub not_met: u32,
    /// Unknown.
    pub unknown: u32,
    /// Not yet due.
    pub not_yet_due: u32,
    /// Excused or not applicable: they do not count.
    pub apart: u32,
}

impl Counts {
    /// Tasks that count.
    pub const fn all(&self) -> u32 {
        self.met + self.partly + self.not_met + self.unknown + self.not_yet_due
    }
    /// Met, in thousandths of all that count; 0 where nothing counts.
    pub fn share(&self) -> u32 {
        (self.met * 1000).checked_div(self.all()).unwrap_or(0)
    }
    fn of(&mut self, state: State) -> &mut u32 {
        match state {
            State::Met => &mut self.met,
            State::Partly => &mut self.partly,
            State::NotMet => &mut self.not_met,
            State::Unknown => &mut self.unknown,
            State::NotYetDue => &mut self.not_yet_due,
            State::Excused | State::NotApplicable => &mut self.apart,
        }
    }
}

/// One point of the chart: what moved since `from` is in its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When the step began.
    pub from: Timestamp,
    /// When it ended.
    pub at: Timestamp,
    /// How everything stood then.
    pub counts: Counts,
}

/// The length of a step, in microseconds, so that the span has at most [`POINTS_MAX`] of them; whole quarters of an hour.
pub fn step(span: Window) -> i64 {
    let span = span.to.as_microsecond().saturating_sub(span.from.as_microsecond()).max(1);
    (span / POINTS_MAX / QUARTER + 1).saturating_mul(QUARTER)
}

/// The same movements in steps so many times as long.
pub fn coarser(moved: &[Moved], times: i64) -> Vec<Moved> {
    moved.iter().map(|m| Moved { step: m.step.div_euclid(times.max(1)), ..*m }).collect()
}

/// One point for each step from the first movement to `until`; a step in which nothing moved repeats the one before.
/// `moved` may be in any order.
pub fn points(moved: &[Moved], step: i64, until: Timestamp) -> Vec<Point> {
    let mut moved = moved.to_vec();
    moved.sort_by_key(|m| m.step);
    let (Some(first), last) = (moved.first().map(|m| m.step), until.as_microsecond().div_euclid(step)) else {
        return Vec::new();
    };
    let mut counts = Counts::default();
    let mut rest = moved.as_slice();
    let mut points = Vec::new();
    // Whoever asks with a step made for another span gets the newest part, not a million points.
    let last = last.max(first);
    for n in first.max(last.saturating_sub(POINTS_MAX * 2))..=last {
        while let Some((m, more)) = rest.split_first().filter(|(m, _)| m.step <= n) {
            if let Some(was) = m.was {
                let before = counts.of(was);
                *before = before.saturating_sub(m.tasks);
            }
            *counts.of(m.state) += m.tasks;
            rest = more;
        }
        let edge =
            |n: i64| Timestamp::from_microsecond(n.saturating_mul(step)).unwrap_or(Timestamp::MAX).min(until);
        points.push(Point { from: edge(n), at: edge(n + 1), counts });
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATES: [State; 7] = [
        State::NotYetDue,
        State::Met,
        State::Partly,
        State::NotMet,
        State::Unknown,
        State::NotApplicable,
        State::Excused,
    ];

    fn at(step: i64, length: i64) -> Timestamp {
        Timestamp::from_microsecond(step * length).unwrap()
    }

    #[test]
    fn a_step_fits_the_span_and_is_never_tiny() {
        let day = |n: i64| Window { from: at(0, 1), to: at(n * 86_400_000_000, 1) };
        assert_eq!(step(day(1)), QUARTER);
        assert!(day(30).to.as_microsecond() / step(day(30)) <= POINTS_MAX);
        assert_eq!(step(day(30)) % QUARTER, 0);
        assert_eq!(step(Window { from: at(5, 1), to: at(5, 1) }), QUARTER);
    }

    #[test]
    fn a_step_too_fine_for_the_span_shows_the_newest_part() {
        let moved = [
            Moved { step: 0, was: None, state: State::Unknown, tasks: 2 },
            Moved { step: 900, was: Some(State::Unknown), state: State::Met, tasks: 1 },
        ];
        let points = points(&moved, 1, at(1_000, 1));
        assert_eq!(points.len() as i64, POINTS_MAX * 2 + 1);
        assert_eq!(points[0].counts.unknown, 2);
        assert_eq!((points.last().unwrap().counts.met, points.last().unwrap().counts.unknown), (1, 1));
    }

    #[test]
    fn quiet_steps_repeat_what_stood_and_the_last_point_is_now() {
        let moved = [
            Moved { step: 10, was: None, state: State::NotYetDue, tasks: 4 },
            Moved { step: 12, was: Some(State::NotYetDue), state: State::Met, tasks: 3 },
        ];
        let points = points(&moved, 1_000_000, at(13, 1_000_000));
        let met: Vec<u32> = points.iter().map(|p| p.counts.met).collect();
        assert_eq!(met, [0, 0, 3, 3]);
        assert_eq!(points.last().unwrap().counts.not_yet_due, 1);
        assert_eq!(points.last().unwrap().at, at(13, 1_000_000));
        assert_eq!((points[0].from, points[0].at), (at(10, 1_000_000), at(11, 1_000_000)));
        assert!(
            points.windows(2).all(|p| p[0].at == p[1].from),
            "one step begins where the one before ended"
        );
        assert_eq!(points.last().unwrap().counts.share(), 750);
        assert!(super::points(&[], 1_000_000, at(13, 1_000_000)).is_empty());
    }

    proptest! {
        /// Movements kept in short steps serve longer ones.
        #[test]
        fn coarser_steps_say_the_same_at_their_ends(
            moves in prop::collection::vec((0_i64..60, 0_usize..7, 1_u32..5), 1..40), times in 1_i64..9
        ) {
            let fine: Vec<Moved> =
                moves.into_iter().map(|(step, s, tasks)| Moved { step, was: None, state: STATES[s], tasks }).collect();
            let long = points(&coarser(&fine, times), times, at(60, 1));
            let short = points(&fine, 1, at(60, 1));
            for p in long {
                let same = short.iter().rev().find(|s| s.at <= p.at).map(|s| s.counts);
                prop_assert_eq!(Some(p.counts), same);
            }
        }

        /// Replaying tasks one by one and counting says the same as adding up movements.
        #[test]
        fn sums_of_movements_are_what_a_count_says(
            deeds in prop::collection::vec((0_usize..6, 0_i64..40, 0_usize..7), 0..60)
        ) {
            let mut deeds = deeds;
            deeds.sort_by_key(|d| d.1);
            let mut stands: [Option<State>; 6] = [None; 6];
            let mut moved = Vec::new();
            for (task, step, state) in deeds {
                moved.push(Moved { step, was: stands[task], state: STATES[state], tasks: 1 });
                stands[task] = Some(STATES[state]);
            }
            let points = points(&moved, 1, at(40, 1));
            let end = points.last().map(|p| p.counts).unwrap_or_default();
            let count = |s: State| stands.iter().flatten().filter(|x| **x == s).count() as u32;
            prop_assert_eq!(end.met, count(State::Met));
            prop_assert_eq!(end.unknown, count(State::Unknown));
            prop_assert_eq!(end.apart, count(State::Excused) + count(State::NotApplicable));
            prop_assert_eq!(end.all() + end.apart, stands.iter().flatten().count() as u32);
        }
    }
}
