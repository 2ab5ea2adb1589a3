//! Holidays: days off as announced, with the fixed ones by rule where no announcement is entered.

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use serde::{Deserialize, Serialize};

/// An announced stretch of days off.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOff {
    /// `tet-2027`, `30-4-2026`, …; the first of a joined holiday names it.
    pub occasion: String,
    /// The festive day itself (Tết: day 1 of the lunar year, reckoned for UTC+7).
    pub day: Date,
    /// First day off; without it, by rule from `day`.
    pub first: Option<Date>,
    /// Last day off.
    pub last: Option<Date>,
    /// Which paper announced it; without one the days are by rule and marked so.
    pub announced: Option<String>,
}

/// What an occasion key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// The key.
    pub key: String,
    /// The kind: `tet`, `30-4`, `1-5`, `2-9`, `hung-kings`, `new-year`.
    pub kind: String,
    /// The year.
    pub year: i16,
    /// First and last day off; `None` where the table does not reach.
    pub days: Option<(Date, Date)>,
    /// Whether the days were announced, not reckoned by rule.
    pub announced: bool,
}

pub(super) fn occasion(table: &[DayOff], key: &str) -> Option<Occasion> {
    let (kind, year) = key.rsplit_once('-')?;
    let year: i16 = year.parse().ok()?;
    let made = |days, announced| {
        Some(Occasion { key: key.to_owned(), kind: kind.to_owned(), year, days, announced })
    };
    if let Some(entry) = table.iter().find(|d| d.occasion == key) {
        let days = entry.first.zip(entry.last).unwrap_or_else(|| by_rule(kind, entry.day));
        return made(Some(days), entry.announced.is_some());
    }
    let fixed = match kind {
        "30-4" => date(year, 4, 30),
        "1-5" => date(year, 5, 1),
        "2-9" => date(year, 9, 2),
        "new-year" => date(year, 1, 1),
        _ => return None,
    };
    made(Some(by_rule(kind, fixed)), false)
}

/// Whether a day is neither weekend nor holiday. Days worked in exchange for a bridged day are not in the table.
pub(super) fn is_worked(table: &[DayOff], day: Date) -> bool {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return false;
    }
    // A holiday of the next year may begin in this one.
    let fixed = [day.year(), day.year().saturating_add(1)]
        .into_iter()
        .flat_map(|year| ["30-4", "1-5", "2-9", "new-year"].map(|kind| format!("{kind}-{year}")));
    let mut all = table.iter().map(|d| d.occasion.clone()).chain(fixed);
    !all.any(|key| {
        occasion(table, &key).and_then(|o| o.days).is_some_and(|(first, last)| first <= day && day <= last)
    })
}

/// Days off where none were announced: Tết from two days before to four after its first day (the five days of the
/// Labour Code, Đ112, within a week); 30/4 with 1/5; 2/9 with one adjacent day; else the day itself.
fn by_rule(kind: &str, day: Date) -> (Date, Date) {
    let shift = |days: i64| day.checked_add(days.days()).unwrap_or(day);
    match kind {
        "tet" => (shift(-2), shift(4)),
        "30-4" => (day, shift(1)),
        "1-5" => (shift(-1), day),
        "2-9" => (shift(-1), day),
        _ => (day, day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::legal::Legal;

    #[test]
    fn weekends_and_holidays_are_not_worked() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2027, 2, 1));
        for (day, worked) in [
            (date(2027, 2, 3), true),
            (date(2027, 2, 6), false),
            (date(2027, 2, 8), false),
            (date(2027, 4, 30), false),
            (date(2027, 9, 2), false),
            (date(2026, 12, 31), true),
            (date(2027, 1, 1), false),
            (date(2027, 5, 3), true),
        ] {
            assert_eq!(pack.is_worked(day), worked, "{day}");
        }
    }
}
