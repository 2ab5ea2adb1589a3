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
    /// How long logs of a system of that level are kept.
    pub fn retention(&self, level: Level) -> SignedDuration {
        let days = self.retention_days.get(usize::from(level.get()).saturating_sub(1));
        SignedDuration::from_hours(24 * i64::from(days.copied().unwrap_or(0)))
    }
}
