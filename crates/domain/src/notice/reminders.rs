//! When those who have not committed hear of a notice again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::order::chase::by_day;

/// Nobody is reminded so soon after the notice or the reminder before, nor so shortly before it closes.
const APART: SignedDuration = SignedDuration::from_hours(12);
const USELESS: SignedDuration = SignedDuration::from_hours(1);

/// One reminder: so long after the notice went out, or so long before it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Hours after it opened.
    AfterHours(i64),
    /// Hours before it closes.
    BeforeCloseHours(i64),
}

/// The instants at which reminders go out, by day, in order, none too close to another.
pub fn reminders(opens: Timestamp, closes: Timestamp, steps: &[Step]) -> Vec<Timestamp> {
    let mut found: Vec<Timestamp> = steps
        .iter()
        .filter_map(|step| match step {
            Step::AfterHours(h) => opens.checked_add(SignedDuration::from_hours(*h)).ok(),
            Step::BeforeCloseHours(h) => closes.checked_sub(SignedDuration::from_hours(*h)).ok(),
        })
        .map(by_day)
        .collect();
    found.sort();
    let mut before = opens;
    found.retain(|at| {
        let fits = before.duration_until(*at) >= APART && at.duration_until(closes) >= USELESS;
        if fits {
            before = *at;
        }
        fits
    });
    found
}

/// How many of the rounds have begun at `now`. Rounds that passed while Canh stood still are not made up for: only the
/// last of them is sent.
pub fn current_round(rounds: &[Timestamp], now: Timestamp) -> usize {
    rounds.iter().filter(|at| **at <= now).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn t(text: &str) -> Timestamp {
        format!("2027-01-{text}:00+07:00").parse().unwrap()
    }
    const STEPS: [Step; 3] = [Step::AfterHours(72), Step::BeforeCloseHours(48), Step::BeforeCloseHours(12)];

    #[test]
    fn three_reminders_by_day() {
        let got = reminders(t("04T08:00"), t("14T17:00"), &STEPS);
        assert_eq!(got, [t("07T08:00"), t("12T17:00"), t("14T07:00")], "05:00 waits for the morning");
        assert_eq!(current_round(&got, t("12T16:59")), 1);
        assert_eq!(current_round(&got, t("20T00:00")), 3);
    }

    #[test]
    fn a_short_notice_is_not_nagged_about() {
        assert_eq!(reminders(t("04T08:00"), t("05T07:00"), &STEPS), []);
        assert_eq!(reminders(t("04T08:00"), t("06T17:00"), &STEPS), [t("06T07:00")]);
    }

    proptest! {
        #[test]
        fn reminders_lie_inside_and_apart(open in 0..1_000_000_i64, hours in 0..2_000_i64, a in 0..400_i64, b in 0..400_i64) {
            let opens = Timestamp::from_second(1_800_000_000 + open * 60).unwrap();
            let closes = opens + SignedDuration::from_hours(hours);
            let steps = [Step::AfterHours(a), Step::BeforeCloseHours(b), Step::AfterHours(b)];
            let mut before = opens;
            for at in reminders(opens, closes, &steps) {
                prop_assert!(before.duration_until(at) >= APART && at < closes);
                before = at;
            }
        }
    }
}
