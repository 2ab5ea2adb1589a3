//! Hunts: a supposition, what is looked for because of it, where and how far back, what was found, what follows from it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::right::names;

/// How what is looked for is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// In the words of the search box.
    Search,
    /// As a Sigma rule.
    Sigma,
    /// By a list of indicators.
    List,
}
names!(How { Search = "search", Sigma = "sigma", List = "list" } "way to hunt");

/// What a hunt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing of it is there.
    Clean,
    /// It is there.
    Found,
    /// It cannot be said.
    Unsure,
}
names!(Outcome { Clean = "clean", Found = "found", Unsure = "unsure" } "outcome of a hunt");

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Everything was looked at.
    Done,
    /// Somebody ended it.
    Cancelled,
    /// It could not be done.
    Failed,
}
names!(Standing {
    Waiting = "waiting", Running = "running", Done = "done", Cancelled = "cancelled", Failed = "failed",
} "standing of a run");

impl Standing {
    /// Whether nothing more will come.
    pub const fn is_over(self) -> bool {
        matches!(self, Standing::Done | Standing::Cancelled | Standing::Failed)
    }
}

/// Events of one run that are kept with it: what a person can look through. All that match are counted.
pub const HITS_MAX: usize = 200;
/// How far back a hunt may look: as long as logs are kept.
pub const DAYS_MAX: u32 = 366;
/// A hunt repeats every so many days at most.
pub const EVERY_MAX: u32 = 366;
/// A run is cut into stretches of this length: progress is told, and it may be ended, after each.
pub const STRETCH: SignedDuration = SignedDuration::from_hours(6);
