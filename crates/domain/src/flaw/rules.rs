//! By when a flaw must be mended.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{right::names, time};

/// How grave a flaw is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nghiêm trọng.
    Critical,
    /// Cao.
    High,
    /// Trung bình.
    Medium,
    /// Thấp.
    Low,
    /// Nobody graded it.
    Ungraded,
}
names!(Grade {
    Critical = "critical", High = "high", Medium = "medium", Low = "low", Ungraded = "ungraded",
} "grade");

/// What the legal pack says of it: days by grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Critical.
    pub critical: u32,
    /// High.
    pub high: u32,
    /// Medium.
    pub medium: u32,
    /// Low.
    pub low: u32,
    /// Not graded.
    pub ungraded: u32,
    /// Known to be exploited.
    pub exploited: u32,
    /// From this probability on, in percent, as if exploited.
    pub likely: u32,
    /// From this level on the following apply.
    pub level_from: u8,
    /// Critical, there.
    pub level_critical: u32,
    /// High, there.
    pub level_high: u32,
    /// Medium, there.
    pub level_medium: u32,
    /// Low, there.
    pub level_low: u32,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Default for Rules {
    /// A pack that says nothing: a month for all, a week for what is exploited.
    fn default() -> Self {
        Self {
            critical: 30,
            high: 30,
            medium: 30,
            low: 30,
            ungraded: 30,
            exploited: 7,
            likely: 10,
            level_from: 3,
            level_critical: 30,
            level_high: 30,
            level_medium: 30,
            level_low: 30,
            from: None,
            until: None,
        }
    }
}

impl Rules {
    fn days(&self, grade: Grade, exploited: bool, level: Option<u8>) -> u32 {
        let by_grade = match grade {
            Grade::Critical => self.critical,
            Grade::High => self.high,
            Grade::Medium => self.medium,
            Grade::Low => self.low,
            Grade::Ungraded => self.ungraded,
        };
        let by_level = level.filter(|l| *l >= self.level_from).map(|_| match grade {
            Grade::Critical => self.level_critical,
            Grade::High => self.level_high,
            Grade::Medium => self.level_medium,
            Grade::Low => self.level_low,
            Grade::Ungraded => self.ungraded,
        });
        let fast = exploited.then_some(self.exploited);
        by_level.into_iter().chain(fast).fold(by_grade, u32::min)
    }
}

/// By when a flaw first seen then must be mended: the end of the last day that the rules give, or the order's own
/// deadline where that is earlier and was not over when the flaw was found.
#[must_use]
pub fn due(
    rules: &Rules,
    grade: Grade,
    exploited: bool,
    likely_millionths: Option<u32>,
    level: Option<u8>,
    first_seen: Timestamp,
    order: Option<Timestamp>,
) -> Timestamp {
    let likely = likely_millionths.is_some_and(|n| n / 10_000 >= rules.likely);
    let days = i64::from(rules.days(grade, exploited || likely, level));
    let last = first_seen.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
    let by_rule = time::end_of(time::date(last));
    order.filter(|o| *o > first_seen).map_or(by_rule, |o| o.min(by_rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::legal::Legal;

    #[test]
    fn the_shortest_that_applies_counts() {
        let legal = Legal::builtin().unwrap();
        let found: Timestamp = "2027-02-01T08:00:00+07:00".parse().unwrap();
        let rules = legal.on(time::date(found)).flaw_rules().clone();
        let day = |grade, exploited, likely, level, order: Option<&str>| {
            let order = order.map(|o| o.parse().unwrap());
            // The end of a day is the first moment of the next.
            let due = due(&rules, grade, exploited, likely, level, found, order);
            time::date(due.checked_sub(SignedDuration::from_secs(1)).unwrap()).to_string()
        };
        assert_eq!(day(Grade::High, false, None, None, None), "2027-02-15");
        assert_eq!(day(Grade::High, false, None, Some(2), None), "2027-02-15");
        assert_eq!(day(Grade::High, false, None, Some(4), None), "2027-02-08");
        assert_eq!(day(Grade::Low, true, None, None, None), "2027-02-04");
        assert_eq!(day(Grade::Low, false, Some(150_000), None, None), "2027-02-04");
        assert_eq!(day(Grade::Low, false, Some(99_999), None, None), "2027-05-02");
        assert_eq!(day(Grade::High, false, None, None, Some("2027-02-03T17:00:00+07:00")), "2027-02-03");
        let over = Some("2027-01-03T17:00:00+07:00");
        assert_eq!(
            day(Grade::High, false, None, None, over),
            "2027-02-15",
            "a deadline that was over binds nobody"
        );
    }
}
