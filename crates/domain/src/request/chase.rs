//! When a body is reminded of a request. The steps are data of the legal pack; here stands what follows from them.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::order::chase::{Reminder, by_day};

/// Which requests a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Those with an agreed time.
    Agreed,
    /// Those on the clock of the law: they do not wait for the morning.
    Law,
}

/// One reminder, so many hours from the due time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// For which requests.
    pub clock: Clock,
    /// What it says: `soon`, `last`, `overdue`, `escalated`.
    pub step: Reminder,
    /// Hours from the due time; before it where negative.
    pub hours: i32,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// No reminder so shortly after the request itself arrived.
const SETTLE: SignedDuration = SignedDuration::from_mins(30);

/// The next reminder and its time, which may lie in the past: then it is due now. Steps whose time passed before the
/// body was asked, or that a later one has overtaken, are left out rather than made up for. `None`: nothing more to say.
pub fn next(
    steps: &[Step],
    clock: Clock,
    now: Timestamp,
    asked: Timestamp,
    due: Timestamp,
    sent: &[Reminder],
) -> Option<(Reminder, Timestamp)> {
    let mut mine: Vec<(i32, Reminder)> =
        steps.iter().filter(|s| s.clock == clock).map(|s| (s.hours, s.step)).collect();
    mine.sort_unstable();
    let at =
        |hours: i32| due.checked_add(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Timestamp::MAX);
    let settled = asked.checked_add(SETTLE).unwrap_or(Timestamp::MAX);
    let last_said = mine.iter().rposition(|(_, step)| sent.contains(step));
    let later = mine.iter().enumerate().skip(last_said.map_or(0, |n| n + 1));
    for (n, (hours, step)) in later {
        let when = at(*hours);
        let useless = mine.get(n + 1).map_or(Timestamp::MAX, |(hours, _)| at(*hours));
        // By day, unless the next step would have come by then.
        let shown = if clock == Clock::Law {
            when
        } else {
            Some(by_day(when)).filter(|s| *s < useless).unwrap_or(when)
        };
        if now < useless && settled < useless && (when >= settled || *hours >= 0) {
            return Some((*step, shown.max(settled)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::legal::Legal;

    fn t(text: &str) -> Timestamp {
        format!("2027-02-{text}:00+07:00").parse().unwrap()
    }

    /// Everything that is said, as a clock that never stands still would say it.
    fn said(clock: Clock, asked: Timestamp, due: Timestamp) -> Vec<(Reminder, Timestamp)> {
        let legal = Legal::builtin().unwrap();
        let steps = legal.on(date(2027, 2, 5)).request_steps();
        let (mut now, mut sent, mut said) = (asked, vec![], vec![]);
        while let Some((step, at)) = next(steps, clock, now, asked, due, &sent) {
            now = now.max(at);
            sent.push(step);
            said.push((step, at));
        }
        said
    }

    #[test]
    fn an_agreed_time_is_chased_by_day_and_once_each() {
        use Reminder::*;
        assert_eq!(
            said(Clock::Agreed, t("01T09:00"), t("05T17:00")),
            [
                (Soon, t("03T17:00")),
                (Last, t("05T13:00")),
                (Overdue, t("05T17:00")),
                (Escalated, t("06T17:00"))
            ]
        );
        assert_eq!(said(Clock::Agreed, t("01T09:00"), t("03T02:00"))[1], (Overdue, t("03T07:00")));
    }

    #[test]
    fn the_clock_of_the_law_wakes_people() {
        use Reminder::*;
        assert_eq!(
            said(Clock::Law, t("05T20:00"), t("06T02:00")),
            [(Last, t("06T00:00")), (Overdue, t("06T02:00")), (Escalated, t("06T03:00"))]
        );
    }

    #[test]
    fn what_time_has_overtaken_is_left_out() {
        let legal = Legal::builtin().unwrap();
        let steps = legal.on(date(2027, 2, 5)).request_steps();
        let at = |now, sent: &[Reminder]| next(steps, Clock::Agreed, now, t("01T09:00"), t("05T17:00"), sent);
        assert_eq!(at(t("06T18:00"), &[]), Some((Reminder::Escalated, t("06T17:00"))));
        assert_eq!(at(t("06T18:00"), &[Reminder::Escalated]), None);
        assert_eq!(at(t("05T18:00"), &[Reminder::Soon]), Some((Reminder::Overdue, t("05T17:00"))));
    }
}
