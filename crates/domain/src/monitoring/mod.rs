//! Watching: whether systems are heard, whether a source sends what it used to, how long logs are to be kept.
//!
//! Pure: what was heard when, and how much of it, are arguments; the terms are the legal pack's.

mod heard;
mod usual;

use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    heard::{Held, Minutes, Segment, Spoken, Stretch, at, minutes, timeline},
    usual::{Drop, Hours, usual},
};
use crate::system::Level;

/// The rule of an alert that a source is silent.
pub const SILENT_RULE: &str = "canh.source-silent";
/// The rule of an alert that a source sends much less than it used to.
pub const DROP_RULE: &str = "canh.source-drop";

/// The terms of watching, from the legal pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// A system's logs are silent for no longer than that.
    pub gap_minutes: u32,
    /// An alert is taken by somebody within that time.
    pub triage_minutes: u32,
    /// A machine no anti-malware console spoke of for longer is without contact.
    pub contact_hours: u32,
    /// When a source sends too little.
    pub drop: Drop,
    /// How many days logs are kept, by level from 1 on.
    pub retention_days: [u32; 5],
    /// Events are kept for so many days more than asked.
    pub retention_spare_days: u32,
    /// Events of a body with an unclassified system, or none, are kept for so many days.
    pub unclassified_days: u32,
    /// A hunt is concluded at least once within so many months.
    pub hunt_months: u32,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Terms {
    /// How long a system is believed to be heard after it last was.
    pub fn gap(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.gap_minutes))
    }
    /// Within what time an alert is taken.
    pub fn triage(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.triage_minutes))
    }
    /// How long a machine may be without contact.
    pub fn contact(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.contact_hours))
    }
    /// For how many days events of a body are kept: the longest any of its systems asks, and some more; `levels` are
    /// its systems', `None` of one nobody classified.
    pub fn kept_days(&self, levels: &[Option<Level>]) -> u32 {
        let of = |level: &Option<Level>| match level {
            Some(level) => {
                let at = usize::from(level.get()).saturating_sub(1);
                self.retention_days.get(at).copied().unwrap_or(self.unclassified_days)
            }
            None => self.unclassified_days,
        };
        let longest = levels.iter().map(of).max().unwrap_or(self.unclassified_days);
        longest.saturating_add(self.retention_spare_days)
    }
    /// How long logs of a system of that level are to be kept.
    pub fn retention(&self, level: Level) -> SignedDuration {
        let days = self.retention_days.get(usize::from(level.get()).saturating_sub(1));
        SignedDuration::from_hours(24 * i64::from(days.copied().unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_kept_for_the_longest_term_and_what_is_not_classified_longest() {
        let legal = crate::legal::Legal::builtin().unwrap();
        let terms = legal.on("2026-11-22".parse().unwrap()).monitoring().unwrap().clone();
        let terms = Terms { retention_days: [30, 30, 90, 180, 365], ..terms };
        let terms = Terms { retention_spare_days: 7, unclassified_days: 200, ..terms };
        let level = |n| Level::new(n);
        assert_eq!(terms.kept_days(&[level(2), level(3), level(1)]), 97);
        assert_eq!(terms.kept_days(&[level(2), None]), 207);
        assert_eq!(terms.kept_days(&[]), 207);
        assert_eq!(terms.kept_days(&[level(5), None]), 372);
    }
}
