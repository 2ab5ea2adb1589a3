//! What the pack says of duty: rest, check-ins where a post sets none, and who is woken when one is missed.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{CheckIn, coverage::Rest};
use crate::right::names;

/// Who is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Whoever should have checked in.
    Same,
    /// Whoever is behind them at the post.
    Deputy,
    /// The heads of the post's body.
    Head,
    /// Whoever is on duty at the body above; its coordinators where nobody is.
    Above,
}
names!(Whom { Same = "same", Deputy = "deputy", Head = "head", Above = "above" } "whom to wake");

/// One step of waking after a missed check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wake {
    /// Who.
    pub whom: Whom,
    /// So many minutes after the check-in was missed.
    pub after_minutes: u16,
}

/// The terms of duty in force on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Rest.
    pub rest: Rest,
    /// Check-ins of a new post.
    pub check_in: CheckIn,
    /// Whom to wake, in order.
    pub wake: Vec<Wake>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Terms {
    /// The step to take after so many were taken, and when; `None` when there is none left.
    pub fn wake_at(&self, taken: usize, missed: Timestamp) -> Option<(Whom, Timestamp)> {
        let step = self.wake.get(taken)?;
        let at = missed.checked_add(SignedDuration::from_mins(i64::from(step.after_minutes))).ok()?;
        Some((step.whom, at))
    }
}
