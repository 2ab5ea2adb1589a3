//! Inspection of sub-bodies: what is looked at, what was found, until when it is put right.

pub mod checklist;
pub mod finding;

use serde::{Deserialize, Serialize};

use crate::right::names;
pub use checklist::{Checklist, Group, Item};

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitState {
    /// It has its day and its team.
    Planned,
    /// Answers are being given.
    UnderWay,
    /// It is over; its findings are followed.
    Done,
    /// It did not take place.
    Cancelled,
}
names!(VisitState {
    Planned = "planned", UnderWay = "under-way", Done = "done", Cancelled = "cancelled",
} "state of a visit");

/// What was seen of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Đạt.
    Ok,
    /// Chưa đạt.
    Bad,
    /// Không áp dụng.
    Na,
}
names!(Answer { Ok = "ok", Bad = "bad", Na = "na" } "answer");

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Cao.
    High,
    /// Trung bình.
    Medium,
    /// Thấp.
    Low,
}
names!(Severity { High = "high", Medium = "medium", Low = "low" } "severity");

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// To be put right.
    Open,
    /// Said to be put right; the inspector has to look.
    Fixed,
    /// Put right, and looked at.
    Closed,
}
names!(FindingState { Open = "open", Fixed = "fixed", Closed = "closed" } "state of a finding");

/// What is known of a body's inspections of those below it, for the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Bodies with a visit planned in the window, done or not.
    pub planned: u32,
    /// Of those, bodies whose visits are done.
    pub done: u32,
    /// Of those, bodies whose findings past their due day are all closed.
    pub clear: u32,
    /// Open findings past their due day.
    pub overdue: u32,
    /// Findings past their due day that are said to be put right and that no inspector has looked at: their body's word
    /// closes nothing.
    pub unchecked: u32,
    /// When the next finding that is not closed is past its due day.
    pub next_due: Option<jiff::Timestamp>,
    /// Bodies below in the tree.
    pub below: u32,
}
