//! Paging: who is called for something somebody must answer, in which order, and until when (item 8 of the roster's
//! issue). A *call-out* (lượt gọi trực) is one such thing: a missed check-in, a silent monitor, a drill, a test call, an alert, a
//! report of a system outside, somebody who wants whoever is on duty.
//!
//! Pure: [`turn::next`] takes the policy, where the call-out stands, who is behind each target now, and the time; it
//! says what is to be done and when to look again. `store::callouts` does it.

pub mod choose;
pub mod outside;
pub mod policy;
pub mod silence;
pub mod turn;

use serde::{Deserialize, Serialize};

pub use self::{
    choose::{Rule, choose},
    policy::{Hours, Policy, Step, Target},
    silence::{Patience, Silence},
    turn::{Effect, Reach, State, Turn, acknowledge, escalate, next},
};
use crate::{intent::Urgency, right::names};

/// What a call-out is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Không điểm danh: a check-in was missed.
    CheckIn,
    /// Mất tín hiệu: a monitor has heard nothing for too long.
    Monitor,
    /// Kiểm tra liên lạc trước đợt trực: everybody of a post is called on every channel, and answers are counted.
    Drill,
    /// Gọi thử trong ca: one answered call a shift, where the order wants it.
    TestCall,
    /// Cảnh báo: a rule found something in the logs that cannot wait.
    Alert,
    /// Hệ thống ngoài báo: a system outside (Alertmanager and the like) reports something.
    Outside,
    /// Có người gọi trực: somebody wants whoever is on duty, and says why.
    ByHand,
}
names!(About {
    CheckIn = "check-in", Monitor = "monitor", Drill = "drill", TestCall = "test-call", Alert = "alert",
    Outside = "outside", ByHand = "by-hand",
} "reason of a call-out");

impl About {
    /// Whether an answer is all that is wanted: there is nothing left to be done after it.
    pub const fn ends_with_answer(self) -> bool {
        matches!(self, About::Drill | About::TestCall)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Thấp.
    Low,
    /// Trung bình.
    Medium,
    /// Cao.
    High,
    /// Nghiêm trọng.
    Critical,
}
names!(Severity { Low = "low", Medium = "medium", High = "high", Critical = "critical" } "severity");

impl Severity {
    /// How much messages about it hurry. High and critical break quiet hours and use every channel at once.
    pub const fn urgency(self) -> Urgency {
        match self {
            Severity::Low => Urgency::Low,
            Severity::Medium => Urgency::Normal,
            Severity::High | Severity::Critical => Urgency::Urgent,
        }
    }
}

/// Where a call-out stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Đang gọi: people are being called.
    Open,
    /// Đã có người nhận: somebody has taken it.
    Acknowledged,
    /// Đã xong: there is nothing left to do.
    Resolved,
    /// Hết lượt: every step was taken and nobody answered.
    Expired,
}
names!(Standing {
    Open = "open", Acknowledged = "acknowledged", Resolved = "resolved", Expired = "expired",
} "standing of a call-out");

impl Standing {
    /// Whether anything may still happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Standing::Resolved | Standing::Expired)
    }
}

#[cfg(test)]
mod tests;
