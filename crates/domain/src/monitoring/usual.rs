//! What a source usually sends: learned per hour of the day, worked days and days off apart.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::time;

/// When a source sends too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// Less than so many percent of what is usual.
    pub percent: u32,
    /// Nothing is said of hours that usually have fewer events.
    pub least: u32,
    /// On at least so many days of the same kind.
    pub days: u32,
    /// Looked at over so many weeks.
    pub weeks: u32,
}

impl Drop {
    /// Whether an hour with that many events is too little, where so many are usual.
    pub fn is(&self, events: u64, usual: u64) -> bool {
        usual >= u64::from(self.least)
            && events.saturating_mul(100) < usual.saturating_mul(u64::from(self.percent))
    }
}

/// Events by the hour they came in, each hour by its first moment. An hour that is missing had none.
pub type Hours = BTreeMap<Timestamp, u64>;

/// How many events usually come in the hour that begins then: the median of the same hour on days of the same kind
/// before it. `None` while too few such days are known: nothing was learned, so nothing is missed.
pub fn usual(
    hour: Timestamp,
    hours: &Hours,
    since: Timestamp,
    drop: &Drop,
    is_worked: impl Fn(Date) -> bool,
) -> Option<u64> {
    let kind = is_worked(time::date(hour));
    let before = (1..=i64::from(drop.weeks) * 7)
        .map_while(|days| hour.checked_sub(SignedDuration::from_hours(24 * days)).ok())
        .take_while(|at| *at >= since)
        .filter(|at| is_worked(time::date(*at)) == kind);
    let mut events: Vec<u64> = before.map(|at| hours.get(&at).copied().unwrap_or(0)).collect();
    if events.len() < usize::try_from(drop.days.max(1)).unwrap_or(usize::MAX) {
        return None;
    }
    events.sort_unstable();
    events.get(events.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DROP: Drop = Drop { percent: 20, least: 120, days: 4, weeks: 4 };

    fn hour(day: i64, hour: i64) -> Timestamp {
        // A Monday, 00:00 in Viet Nam.
        let monday: Timestamp = "2026-11-02T00:00:00+07:00".parse().unwrap();
        monday + SignedDuration::from_hours(24 * day + hour)
    }
    fn worked(day: Date) -> bool {
        !matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday)
    }
    /// Three weeks of an office: busy at nine on worked days, quiet on others.
    fn office() -> Hours {
        let busy = |day: i64| if day % 7 < 5 { 1_000 } else { 30 };
        (0..21).map(|day| (hour(day, 9), busy(day))).collect()
    }

    #[test]
    fn a_monday_is_measured_by_worked_days_and_a_sunday_by_days_off() {
        let told = |day| usual(hour(day, 9), &office(), hour(0, 0), &DROP, worked);
        assert_eq!(told(21), Some(1_000));
        assert_eq!(told(20), Some(30), "a day off, by the four before it");
        assert_eq!(
            usual(hour(21, 3), &office(), hour(0, 0), &DROP, worked),
            Some(0),
            "at night nothing is usual"
        );
    }

    #[test]
    fn a_holiday_is_a_day_off() {
        // The week is off: its Monday is measured by weekends.
        let holiday = |day: Date| worked(day) && day < time::date(hour(21, 0));
        assert_eq!(usual(hour(21, 9), &office(), hour(0, 0), &DROP, holiday), Some(30));
    }

    #[test]
    fn nothing_is_missed_before_it_was_learned() {
        assert_eq!(usual(hour(3, 9), &office(), hour(0, 0), &DROP, worked), None);
        assert_eq!(usual(hour(4, 9), &office(), hour(0, 0), &DROP, worked), Some(1_000));
        assert_eq!(usual(hour(4, 9), &office(), hour(1, 0), &DROP, worked), None, "made on Tuesday");
    }

    #[test]
    fn one_strange_day_does_not_change_what_is_usual() {
        let mut hours = office();
        hours.insert(hour(18, 9), 900_000);
        hours.insert(hour(17, 9), 0);
        assert_eq!(usual(hour(21, 9), &hours, hour(0, 0), &DROP, worked), Some(1_000));
    }

    #[test]
    fn a_drop_is_less_than_its_share_of_an_hour_that_counts() {
        assert!(DROP.is(199, 1_000) && !DROP.is(200, 1_000));
        assert!(DROP.is(0, 120) && !DROP.is(0, 119));
    }
}
