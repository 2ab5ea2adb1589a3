//! One answered test call a shift: a shift that went by without one has not shown that whoever had it could be reached.

use jiff::{SignedDuration, Timestamp};

use super::{Line, Shift, TestCall, check_in::Made};
use crate::time::Window;

/// The shifts that owe an answered test call within the window and whose call is decided, with whether it was answered:
/// at once when it was, otherwise when there is no time left for one. `answered` are the test calls that whoever was
/// called took themselves, by when they were called. A shift that leaves no time for a call within the window owes none.
pub fn decided<'a>(
    shifts: &'a [Shift],
    answered: &[Made],
    rule: TestCall,
    window: Window,
    now: Timestamp,
) -> Vec<(&'a Shift, bool)> {
    let after = SignedDuration::from_mins(rule.after_minutes.into());
    let judged = |s: &'a Shift| {
        let from = s.from.checked_add(after).unwrap_or(Timestamp::MAX).max(window.from);
        let to = s.to.min(window.to);
        if s.line != Line::Primary || from >= to {
            return None;
        }
        let whole = s.from.max(window.from);
        let heard = answered.iter().any(|a| a.person == s.person && whole <= a.at && a.at < to);
        (heard || to <= now).then_some((s, heard))
    };
    shifts.iter().filter_map(judged).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{Id, Uuid},
        roster::Why,
    };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn shift(person: u128, line: Line, from: i64, to: i64) -> Shift {
        let id = |n| Uuid::from_u128(n);
        let why = Why::Layer(Id::from_uuid(id(1)));
        Shift {
            post: Id::from_uuid(id(9)),
            person: Id::from_uuid(id(person)),
            line,
            from: at(from),
            to: at(to),
            why,
        }
    }

    fn call(person: u128, minute: i64) -> Made {
        Made { person: Id::from_uuid(Uuid::from_u128(person)), at: at(minute) }
    }

    const RULE: TestCall = TestCall { after_minutes: 60 };

    #[test]
    fn an_answer_counts_at_once_and_silence_once_the_shift_is_over() {
        let shifts = [shift(1, Line::Primary, 0, 480), shift(2, Line::Primary, 480, 960)];
        let window = Window { from: at(0), to: at(960) };
        let told = |answered: &[Made], now| {
            decided(&shifts, answered, RULE, window, at(now))
                .iter()
                .map(|(_, heard)| *heard)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&[], 479), [false; 0], "there is time left");
        assert_eq!(told(&[], 480), [false]);
        assert_eq!(told(&[call(1, 60)], 61), [true]);
        assert_eq!(told(&[call(2, 60)], 480), [false], "somebody else's answer");
        assert_eq!(told(&[call(1, 480)], 480), [false], "called when the shift was over");
        assert_eq!(told(&[call(1, 60), call(2, 600)], 960), [true, true]);
        assert_eq!(told(&[call(1, 60)], 960), [true, false]);
    }

    #[test]
    fn only_shifts_with_time_for_a_call_within_the_window_owe_one() {
        let window = Window { from: at(100), to: at(500) };
        let owing = |s: Shift| !decided(&[s], &[], RULE, window, at(10_000)).is_empty();
        assert!(owing(shift(1, Line::Primary, 0, 480)), "one that had begun before the window");
        assert!(!owing(shift(1, Line::Backup, 0, 480)), "whoever is behind sleeps until called");
        assert!(!owing(shift(1, Line::Primary, 0, 100)), "over before the window");
        assert!(!owing(shift(1, Line::Primary, 440, 900)), "its hour comes when the window is over");
        assert!(owing(shift(1, Line::Primary, 439, 900)));
        assert!(!owing(shift(1, Line::Primary, 200, 260)), "shorter than the wait for the call");
        assert!(!owing(shift(1, Line::Primary, 200, 200)), "of no length");
    }

    #[test]
    fn a_call_of_the_same_shift_before_the_window_is_none_of_it() {
        let shifts = [shift(1, Line::Primary, 0, 480)];
        let window = Window { from: at(100), to: at(480) };
        assert!(!decided(&shifts, &[call(1, 60)], RULE, window, at(480))[0].1);
        assert!(decided(&shifts, &[call(1, 100)], RULE, window, at(480))[0].1);
    }
}
