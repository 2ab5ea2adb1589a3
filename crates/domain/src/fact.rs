//! Facts: contract 5. What is known, since when, from where. The board and the reports read only what follows from these.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{Id, kind};

/// One thing that is known. Append-only: a heartbeat extends `to`; a correction is a new fact that supersedes this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its id.
    pub id: Id<kind::Fact>,
    /// Unique: learning the same thing twice is one fact.
    pub key: String,
    /// What kind of thing is known; see [`kinds`].
    pub kind: String,
    /// Which body it speaks of.
    pub body: Id<kind::Body>,
    /// What it speaks of within the body, as `noun:id` (`assignment:…`, `task:…`, `person:…`).
    pub subject: String,
    /// From when it holds.
    pub from: Timestamp,
    /// Until when it is known to hold (equal to `from` for an event).
    pub to: Timestamp,
    /// When Canh learnt it.
    pub learnt: Timestamp,
    /// Where it can be opened.
    pub source: Source,
    /// Particulars; no secrets, no telephone numbers.
    pub value: Value,
}

/// Where a fact comes from. Every source can be opened by a person with the right to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "of")]
pub enum Source {
    /// An entry of the audit log: who did what, when.
    Audit(u64),
    /// A stored file, by its SHA-256 in hex.
    Blob(String),
    /// A stretch of recorded events.
    Events(String),
    /// A report handed in.
    Report(String),
    /// A person's word.
    Person(Id<kind::Person>),
    /// Another Canh.
    Peer(String),
}

/// The kinds of fact this version records, and what their `value` holds.
pub mod kinds {
    /// An assignment reached its body. Subject `assignment:`. Value `{campaign}`.
    pub const RECEIVED: &str = "assignment.received";
    /// Somebody of the body opened it. Subject `assignment:`. Value `{how}`.
    pub const READ: &str = "assignment.read";
    /// The head acknowledged. Subject `assignment:`. Value `{how, by}`; by the unit's letter `{how, by, signer, signatures?}`,
    /// the last being what the check of its digital signatures found.
    pub const ACKNOWLEDGED: &str = "assignment.acknowledged";
    /// It was passed on to sub-bodies. Subject `assignment:`. Value `{campaign, to}` (how many).
    pub const PASSED_ON: &str = "assignment.passed-on";
    /// Evidence was handed in for a task. Subject `task:`. Value `{submission, handled?, all?, at}`.
    pub const SUBMITTED: &str = "evidence.submitted";
    /// Evidence was accepted by the superior. Subject `task:`. Value `{submission, handled?, all?, submitted}`.
    pub const ACCEPTED: &str = "evidence.accepted";
    /// Evidence was returned. Subject `task:`. Value `{submission, reason}`.
    pub const RETURNED: &str = "evidence.returned";
    /// Evidence was taken back before anybody decided; supersedes the fact that it was handed in. Subject `task:`.
    /// Value `{submission}`.
    pub const WITHDRAWN: &str = "evidence.withdrawn";
    /// The task was excused or declared not applicable. Subject `task:`. Value `{kind, reason, by, until?}`.
    pub const EXCUSED: &str = "task.excused";
    /// An excuse was taken back. Subject `task:`.
    pub const UNEXCUSED: &str = "task.unexcused";
    /// A warning or letter was read and triaged. Subject `assignment:`. Value `{affected}`: `affected`, `not-affected`, `unknown`.
    pub const TRIAGED: &str = "warning.triaged";
    /// A quick report was confirmed; a correction supersedes it. Subject `assignment:`. Value
    /// `{report, campaign, round, due, late, nil, version, digest}`.
    pub const QUICK_REPORT: &str = "quick-report.confirmed";
    /// How far a notice has come in one body; superseded as it goes on. Subject `body:`. Value `{notice, campaign?,
    /// handled, all, recipients, delivered, opened, committed, asked, passed, last}`.
    pub const NOTICE_TALLY: &str = "notice.tally";
    /// How many broadcasts of a bulletin one body has receipts for, of those asked. Subject `body:`. Value
    /// `{bulletin, campaign?, handled, all, due}`.
    pub const BULLETIN_TALLY: &str = "bulletin.tally";
    /// A contact channel was verified. Subject `person:`. Value `{channel, kind}`.
    pub const CHANNEL_VERIFIED: &str = "channel.verified";
    /// Somebody else counted a body's machines or people. Subject `body:`. Value `{count, source, counted, on, n}`.
    pub const MACHINES_COUNTED: &str = "machines.counted";
    /// A body below was inspected. Subject `inspector:`. Value `{visit, inspected, items, bad}`.
    pub const INSPECTED: &str = "inspection.done";
    /// Something was found that must be put right. Subject `finding:`, body the inspected one. Value
    /// `{visit, severity, due}`.
    pub const FINDING_MADE: &str = "finding.made";
    /// A finding was put right, and looked at. Subject `finding:`, body the inspected one. Value `{visit}`.
    pub const FINDING_CLOSED: &str = "finding.closed";
    /// Such a count was taken back; supersedes it. Subject `body:`. Value `{count, reason}`.
    pub const COUNT_WITHDRAWN: &str = "machines.count-withdrawn";
    /// An authority asked something of a body. Subject `request:`. Value `{kind, due}`.
    pub const REQUEST_ASKED: &str = "request.asked";
    /// The body took the request. Subject `request:`. Value `{receipt}`: the digest of what was taken.
    pub const REQUEST_RECEIVED: &str = "request.received";
    /// The body answered. Subject `request:`. Value `{outcome}`.
    pub const REQUEST_ANSWERED: &str = "request.answered";
    /// Who asked returned the answer. Subject `request:`. Value `{}`.
    pub const REQUEST_RETURNED: &str = "request.returned";
    /// Who asked took the request back. Subject `request:`. Value `{}`.
    pub const REQUEST_WITHDRAWN: &str = "request.withdrawn";
    /// A line was reported to be in a state, over and over until `to`. Subject `line:`. Value `{state}`.
    pub const LINE_REPORTED: &str = "line.reported";
    /// A line was out. Subject `line:`. Value `{outage}`; `to` moves when it is over.
    pub const LINE_OUT: &str = "line.out";
    /// A source of logs was heard, again and again until `to`. Subject `source:`. Value `{system?}`.
    pub const LOGS_HEARD: &str = "logs.heard";
    /// A hunt was concluded. Subject `hunt:`. Value `{outcome, title}`, as it was called then.
    pub const HUNTED: &str = "hunt.concluded";
    /// A roster was published; holds for the time it is for. Subject `post:`. Value `{name, forced, troubles}`.
    pub const ROSTER_PUBLISHED: &str = "roster.published";
    /// Somebody on duty checked in. Subject `post:`. Value `{person, way}`.
    pub const CHECKED_IN: &str = "roster.checked-in";
    /// Somebody on duty missed a check-in. Subject `post:`. Value `{person}`; from when it was due until it was noticed.
    pub const CHECK_IN_MISSED: &str = "roster.check-in-missed";
    /// Somebody took a post over whose watch was silent. Subject `post:`. Value `{person, from}`.
    pub const TAKEN_OVER: &str = "roster.taken-over";
    /// A call-out began: somebody must take something. Subject `post:`, or what it is about. Value `{callout, about}`.
    pub const CALLOUT_RAISED: &str = "callout.raised";
    /// Somebody took a call-out. Subject likewise. Value `{callout, about, person, via, waited}`: seconds since it began.
    pub const CALLOUT_TAKEN: &str = "callout.taken";
    /// A call-out went through all its steps and nobody took it. Subject likewise. Value `{callout, about, waited}`.
    pub const CALLOUT_EXPIRED: &str = "callout.expired";
    /// The channels of a body's contacts and of those on duty were tested on a day. Subject `body:`. Value `{day, people,
    /// reached, channels, ok, contacts, contacts-reached}`. Of one day the newest counts.
    pub const CHANNELS_TESTED: &str = "channels.tested";
    /// A provider committed people for a time. Subject `body:`, the provider. Value `{people, licence-to}`.
    pub const COMMITTED: &str = "provider.committed";
    /// Such a commitment was taken back; supersedes it. Subject `body:`. Value `{}`.
    pub const COMMITMENT_WITHDRAWN: &str = "provider.commitment-withdrawn";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_readable_json() {
        assert_eq!(serde_json::to_string(&Source::Audit(7)).unwrap(), r#"{"kind":"audit","of":7}"#);
        let back: Source = serde_json::from_str(r#"{"kind":"blob","of":"ab"}"#).unwrap();
        assert_eq!(back, Source::Blob("ab".into()));
    }
}
