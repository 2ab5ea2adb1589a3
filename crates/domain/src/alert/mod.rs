//! Alerts: what rules found in logs, gathered so that a person can deal with it.
//!
//! Pure: [`decide`] takes what was found, the alerts that are open, what is silenced and who watches; it says what is to
//! be recorded and who is to be called. `intake` finds, `store::alerts` records, both with the place in the log in one
//! transaction.

mod decide;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::decide::{Effect, Raised, decide};
use crate::{
    id::{Id, kind},
    paging::Severity,
    right::names,
    system::Level,
};

/// An alert nobody closed takes what is found again for so long after the last of it; later it is a new one.
pub const GROUP_HOURS: i64 = 24;
/// More new alerts of one body than this within [`STORM_MINUTES`] are a storm: the rest goes into one alert.
pub const STORM_ALERTS: usize = 20;
/// Over how many minutes alerts are counted for a storm.
pub const STORM_MINUTES: i64 = 10;
/// The rule an alert of a storm stands under.
pub const STORM_RULE: &str = "canh.storm";
/// An alert raises its severity when it has gathered this many times more events than when it was last looked at.
pub const SWELLS: u64 = 100;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Mới: nobody has looked at it.
    New,
    /// Đang xử lý: somebody owns it.
    Owned,
    /// Đã xử lý.
    Closed,
    /// Cảnh báo nhầm.
    FalsePositive,
}
names!(Status {
    New = "new", Owned = "owned", Closed = "closed", FalsePositive = "false-positive",
} "status of an alert");

impl Status {
    /// Whether there is nothing left to do.
    pub const fn is_over(self) -> bool {
        matches!(self, Status::Closed | Status::FalsePositive)
    }
}

/// A file of Sigma rules that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// What its first rule is known by: its id or, having none, its title.
    pub id: String,
    /// Where it lay: `sigma.zip!/rules/windows/…`.
    pub name: String,
    /// As it was written, so that author and licence stay with it.
    pub text: String,
}

/// Why a rule matched: a field, what stood there, what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The field; empty of a keyword.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// What the rule asked.
    pub asked: String,
}

/// What a rule found in one event, or a correlation in several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, or its title where it has none.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub about: String,
    /// How grave the rule is; `None` of one that only informs.
    pub severity: Option<Severity>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Of which system.
    pub system: Option<Id<kind::System>>,
    /// Where it came in.
    pub source: Id<kind::Source>,
    /// The machine.
    pub host: String,
    /// The account.
    pub user: String,
    /// The address it came from.
    pub address: String,
    /// What a correlation's events have in common.
    pub group: Vec<(String, String)>,
    /// When it happened, as the event says; else when it came in.
    pub at: Timestamp,
    /// Why.
    pub because: Vec<Reason>,
    /// The line.
    pub raw: String,
    /// Where the line lies: position of its batch in the log, and which line of it.
    pub place: (i64, u32),
}

impl Finding {
    /// What findings of one alert have in common: the rule, the body, and what an analyst would look at together — what
    /// a correlation grouped by, else the machine, else the source.
    pub fn key(&self) -> String {
        let about = if !self.group.is_empty() {
            self.group.iter().map(|(field, value)| format!("{field}={value}")).collect::<Vec<_>>().join(",")
        } else if !self.host.is_empty() {
            format!("host={}", self.host.to_lowercase())
        } else {
            format!("source={}", self.source)
        };
        format!("{}|{}|{about}", self.body, self.rule)
    }

    /// The value under a name by which suppressions speak.
    pub fn value(&self, field: &str) -> Option<&str> {
        let known = match field {
            "host" => Some(self.host.as_str()),
            "user" => Some(self.user.as_str()),
            "address" => Some(self.address.as_str()),
            _ => None,
        };
        let because = || self.because.iter().find(|b| b.field == field).map(|b| b.value.as_str());
        let group = || self.group.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str());
        known.or_else(because).or_else(group).filter(|value| !value.is_empty())
    }
}

/// An alert that is not closed, as far as deciding needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub id: Id<kind::Alert>,
    /// [`Finding::key`] of what is in it.
    pub key: String,
    /// How bad.
    pub severity: Severity,
    /// How many events.
    pub events: u64,
    /// The last of them.
    pub last_at: Timestamp,
}

/// What keeps alerts silent, for a time, with a reason and an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Which.
    pub id: Id<kind::Suppression>,
    /// Of which body.
    pub body: Id<kind::Body>,
    /// Of which rule; empty: of any.
    pub rule: String,
    /// Where this field …
    pub field: String,
    /// … has this value; empty: any.
    pub value: String,
    /// Until when.
    pub until: Timestamp,
}

impl Suppression {
    /// Whether it silences a finding.
    pub fn covers(&self, finding: &Finding, now: Timestamp) -> bool {
        let value = || finding.value(&self.field).is_some_and(|v| v.eq_ignore_ascii_case(&self.value));
        self.until > now
            && self.body == finding.body
            && (self.rule.is_empty() || self.rule == finding.rule)
            && (self.field.is_empty() || value())
    }
}

/// What is known of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    /// Its level, if it has one.
    pub level: Option<Level>,
    /// Marked important.
    pub important: bool,
}

/// What stands when findings come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Alerts that are not closed, of the keys found.
    pub open: Vec<Open>,
    /// What is silenced.
    pub suppressions: Vec<Suppression>,
    /// Systems found in.
    pub systems: BTreeMap<Id<kind::System>, Weight>,
    /// Bodies in whose campaign's window it is now, and how many alerts each had lately.
    pub bodies: BTreeMap<Id<kind::Body>, Lately>,
}

/// A body as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lately {
    /// A campaign's window runs.
    pub window: bool,
    /// Alerts raised in the last [`STORM_MINUTES`].
    pub alerts: usize,
}

/// Who is called for a body: itself where somebody is on duty there, else the nearest body above where somebody is.
pub type OnCall = BTreeMap<Id<kind::Body>, Id<kind::Body>>;
