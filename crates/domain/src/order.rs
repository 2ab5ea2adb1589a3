//! The order: campaigns, assignments, tasks and how they move. States and the rules between them; rows live in `store`.

mod answer;
pub mod chase;
mod correct;
mod draft;
mod due;
mod paper;
mod resolve;
pub mod template;

use serde::{Deserialize, Serialize};

pub use self::{
    answer::{Doubt, OrderMarks, doubts},
    correct::{Change, Edit, Edits, Unfit, correct, merge},
    draft::{
        Draft, DraftDuty, DraftLine, DraftWindow, LineRole, Outdated, WindowFrom, draft, lunar_year,
        occasion_name, outdated, scope_of,
    },
    due::{due, moment},
    paper::{Basis, Contact, Days, Deadline, Indicator, Item, Paper, PaperDuty, Signer, Vulnerability},
    resolve::{BodyBrief, Proposal, resolve},
};
use crate::right::names;

/// Where a letter stands on its way to becoming an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterState {
    /// Read by machine, not yet confirmed by a person.
    Read,
    /// A person confirmed the reading.
    Confirmed,
    /// A campaign was issued from it.
    Issued,
    /// Kept for the record; it orders nothing.
    Filed,
}
names!(LetterState { Read = "read", Confirmed = "confirmed", Issued = "issued", Filed = "filed" } "state of a letter");

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CampaignState {
    /// Being prepared; nobody but its makers sees it.
    Draft,
    /// In force.
    Issued,
    /// Taken back; kept with its history.
    Cancelled,
    /// Over.
    Closed,
}
names!(CampaignState { Draft = "draft", Issued = "issued", Cancelled = "cancelled", Closed = "closed" } "state of a campaign");

impl CampaignState {
    /// Which states may follow.
    pub fn may_become(self, next: Self) -> bool {
        use CampaignState::*;
        matches!((self, next), (Draft, Issued | Cancelled) | (Issued, Cancelled | Closed))
    }
}

/// How the head of a body acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckHow {
    /// Signed in, on the page or through the API.
    Page,
    /// By a one-time link.
    Link,
    /// By the clerk's delegation.
    Delegate,
    /// By the unit's own signed letter.
    Letter,
}
names!(AckHow { Page = "page", Link = "link", Delegate = "delegate", Letter = "letter" } "way of acknowledging");

/// Why a task need not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExcuseKind {
    /// Được miễn, with an approver and an end.
    Excused,
    /// Không thuộc đối tượng.
    NotApplicable,
}
names!(ExcuseKind { Excused = "excused", NotApplicable = "not-applicable" } "kind of excuse");

/// Where a piece of handed-in evidence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubmissionState {
    /// Handed in, not yet looked at.
    Submitted,
    /// Accepted by the superior.
    Accepted,
    /// Returned with a reason.
    Returned,
    /// Taken back by the body before anybody decided.
    Withdrawn,
}
names!(SubmissionState {
    Submitted = "submitted", Accepted = "accepted", Returned = "returned", Withdrawn = "withdrawn",
} "state of a submission");

/// What a body found out about a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affected {
    /// It concerns systems of the body.
    Affected,
    /// It concerns none.
    NotAffected,
    /// Looked at, but it cannot tell yet: this proves nothing.
    Unknown,
}
names!(Affected { Affected = "affected", NotAffected = "not-affected", Unknown = "unknown" } "outcome of triage");

/// What a body wants of the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// Câu hỏi.
    Question,
    /// Khó khăn, vướng mắc: also how a body asks to be excused.
    Difficulty,
}
names!(QuestionKind { Question = "question", Difficulty = "difficulty" } "kind of question");

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubmissionKind {
    /// A stored file.
    File,
    /// Words.
    Note,
    /// An https address; shown, never fetched.
    Link,
}
names!(SubmissionKind { File = "file", Note = "note", Link = "link" } "kind of evidence");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issued_campaign_never_becomes_a_draft_again() {
        use CampaignState::*;
        assert!(Draft.may_become(Issued) && Issued.may_become(Closed));
        assert!(!Issued.may_become(Draft) && !Cancelled.may_become(Issued) && !Closed.may_become(Issued));
    }
}
