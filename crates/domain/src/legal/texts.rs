//! Legal texts and clocks.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::stretch::within;

/// A legal clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// What it times, e.g. `incident.report`.
    pub key: String,
    /// Hours.
    pub hours: u32,
    /// The article it rests on.
    pub basis: String,
    /// Known from a summary only, or applied in a gap: shown as *to be confirmed by your legal officer*.
    #[serde(default)]
    pub to_confirm: bool,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A legal text and its life.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Number and symbol, e.g. `331/2026/NĐ-CP`.
    pub reference: String,
    /// Day of signing: two papers may bear one number, so the key is number + symbol + date + issuer.
    pub date: Option<Date>,
    /// Who issued it.
    pub issuer: String,
    /// What it is about.
    pub title: String,
    /// First day in force.
    pub from: Option<Date>,
    /// Last day in force.
    pub until: Option<Date>,
    /// Known from a summary only.
    #[serde(default)]
    pub to_confirm: bool,
}

impl Text {
    /// Whether it is in force on that day.
    pub fn in_force(&self, day: Date) -> bool {
        within(self.from, self.until, day)
    }
}
