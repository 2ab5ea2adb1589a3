//! Bulletins for the loudspeaker network: how long a text takes to read out, when it is read, what is missing.

use std::collections::BTreeMap;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};

use crate::{
    order::chase::by_day,
    time::{self, zone},
};

/// A bulletin is read at most so often a day and for so many days.
const TIMES_MAX: usize = 6;
const DAYS_MAX: i32 = 60;

/// On which days and at which times it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Times of each day.
    pub times: Vec<Time>,
}

/// Why a schedule is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleError {
    /// The days are the wrong way round, or too many.
    Days,
    /// No time, or too many, or one that is none.
    Times,
}

impl Schedule {
    /// A schedule from what somebody typed; `times` are `HH:MM`, apart by commas or blanks.
    pub fn read(from: Date, to: Date, times: &str) -> Result<Self, ScheduleError> {
        let days = from.until(to).map(|s| s.get_days()).map_err(|_| ScheduleError::Days)?;
        if from > to || days >= DAYS_MAX {
            return Err(ScheduleError::Days);
        }
        let words = times.split([',', ';', ' ', '\n']).map(str::trim).filter(|w| !w.is_empty());
        let mut found = words.map(time_of_day).collect::<Option<Vec<Time>>>().ok_or(ScheduleError::Times)?;
        found.sort();
        found.dedup();
        if found.is_empty() || found.len() > TIMES_MAX {
            return Err(ScheduleError::Times);
        }
        Ok(Self { from, to, times: found })
    }

    /// The times as they are typed.
    pub fn times_text(&self) -> String {
        let times: Vec<String> = self.times.iter().map(|t| t.strftime("%H:%M").to_string()).collect();
        times.join(", ")
    }

    /// Every broadcast, in order.
    pub fn slots(&self) -> Vec<Timestamp> {
        let mut slots = Vec::new();
        let mut day = self.from;
        while day <= self.to {
            slots.extend(
                self.times
                    .iter()
                    .filter_map(|t| day.to_datetime(*t).to_zoned(zone()).ok())
                    .map(|z| z.timestamp()),
            );
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        slots
    }
}

/// `5:30`, `05:30`, `17h`, `17h15`.
fn time_of_day(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once([':', 'h', 'H']).unwrap_or((word, ""));
    let minute = if minute.is_empty() { 0 } else { minute.parse().ok()? };
    Time::new(hour.parse().ok()?, minute, 0, 0).ok()
}

/// How many words are spoken when a text is read out. In Vietnamese a written word is a syllable. Figures are written
/// shorter than they are spoken: a digit counts two words less one for the first (`113` → 5, `2027` → 7).
pub fn spoken(text: &str) -> u32 {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '–' | ':'));
    words.fold(0_u32, |sum, word| {
        let digits = u32::try_from(word.chars().filter(char::is_ascii_digit).count()).unwrap_or(u32::MAX);
        let letters = u32::from(word.chars().any(char::is_alphabetic));
        sum.saturating_add(digits.saturating_mul(2).saturating_sub(u32::from(digits > 0)))
            .saturating_add(letters)
    })
}

/// How many seconds reading it out takes, rounded up to five.
pub fn seconds(text: &str, per_minute: u32) -> u32 {
    let exact = u64::from(spoken(text)) * 60;
    let seconds = exact.div_ceil(u64::from(per_minute.max(1)));
    u32::try_from(seconds.div_ceil(5) * 5).unwrap_or(u32::MAX)
}

/// The broadcasts whose receipt is due at `now`.
pub fn due_slots(slots: &[Timestamp], receipt_hours: i64, now: Timestamp) -> usize {
    slots.iter().filter(|s| expected(**s, receipt_hours) <= now).count()
}

/// When missing receipts are asked for: once a day of broadcasts, after the last of the day; then daily for some days.
pub fn chase_times(slots: &[Timestamp], receipt_hours: i64, days_after: i64) -> Vec<Timestamp> {
    let mut last_of_day: BTreeMap<Date, Timestamp> = BTreeMap::new();
    for slot in slots {
        let last = last_of_day.entry(time::date(*slot)).or_insert(*slot);
        *last = (*last).max(*slot);
    }
    let mut times: Vec<Timestamp> =
        last_of_day.values().map(|at| by_day(expected(*at, receipt_hours))).collect();
    if let Some(end) = times.last().copied() {
        let after = (1..=days_after).filter_map(|d| end.checked_add(SignedDuration::from_hours(24 * d)).ok());
        times.extend(after.map(by_day));
    }
    times.dedup();
    times
}

fn expected(slot: Timestamp, receipt_hours: i64) -> Timestamp {
    slot.checked_add(SignedDuration::from_hours(receipt_hours)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as d;

    use super::*;

    fn t(text: &str) -> Timestamp {
        format!("2027-02-{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn a_schedule_is_days_and_times() {
        let s = Schedule::read(d(2027, 2, 4), d(2027, 2, 5), "17h, 5:30 5h30").unwrap();
        assert_eq!(s.times_text(), "05:30, 17:00");
        assert_eq!(s.slots(), [t("04T05:30"), t("04T17:00"), t("05T05:30"), t("05T17:00")]);
        assert_eq!(Schedule::read(d(2027, 2, 5), d(2027, 2, 4), "5:30"), Err(ScheduleError::Days));
        assert_eq!(Schedule::read(d(2027, 2, 5), d(2027, 6, 4), "5:30"), Err(ScheduleError::Days));
        for bad in ["", "25:00", "sáng", "1,2,3,4,5,6,7"] {
            assert_eq!(Schedule::read(d(2027, 2, 5), d(2027, 2, 5), bad), Err(ScheduleError::Times), "{bad}");
        }
    }

    #[test]
    fn figures_take_longer_than_they_look() {
        assert_eq!(spoken("Kính thưa bà con"), 4);
        assert_eq!((spoken("113"), spoken("2027"), spoken("12/02")), (5, 7, 6));
        assert_eq!(spoken("— … !"), 0);
        let text = "từ ".repeat(300);
        assert_eq!((seconds(&text, 150), seconds("một", 150), seconds("", 150)), (120, 5, 0));
    }

    #[test]
    fn missing_receipts_are_asked_for_once_a_day_and_not_at_night() {
        let slots = Schedule::read(d(2027, 2, 4), d(2027, 2, 5), "5:30, 17:00, 20:00").unwrap().slots();
        assert_eq!(due_slots(&slots, 3, t("04T08:30")), 1);
        assert_eq!(due_slots(&slots, 3, t("04T08:29")), 0);
        assert_eq!(
            chase_times(&slots, 3, 2),
            [t("05T07:00"), t("06T07:00"), t("07T07:00"), t("08T07:00")],
            "23:00 waits for the morning"
        );
        assert_eq!(chase_times(&[], 3, 2), []);
    }
}
