//! Quick reports: rounds at the hours a campaign sets, reports confirmed or stated to be nil, chasing of those that are
//! not there, and the sum for the level above.
//!
//! *When* and *what* is decided by [`domain::quick_reports`]; here stands what was confirmed, by whom, and what went out.
//! A report is confirmed by somebody who answers for that very body ([`domain::right::Right::Answer`], delegations
//! included): a superior cannot say that nothing happened below. A confirmed version is frozen with its digest in the
//! audit log; a correction is a new version beside it.

pub mod chase;
mod confirm;
mod counts;
mod course;
mod draft;
mod read;
mod rule;
mod summary;

use domain::{
    id::{Id, Ids, kind},
    legal::Legal,
};
use jiff::Timestamp;

pub use self::{
    confirm::{Confirmed, How, NewReport, confirm, fingerprint},
    counts::{Counts, counts},
    course::{Course, Expected, Standing, course},
    draft::{Filled, draft},
    read::{Due, Report, Row, Sheet, due_now, history, report, sheet, versions},
    rule::{Setting, set_rule, setting},
    summary::{Missed, Summary, Voice, VoiceKind, summary},
};
use crate::sign_in::InstanceKey;

/// What reports need from outside: ids, the law, where pages lie, and the key one-time links are made with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The program's source of ids.
    pub ids: &'a dyn Ids,
    /// The law: the default rule and the sentences.
    pub legal: &'a Legal,
    /// The address people use, without a slash at the end.
    pub base: &'a str,
    /// The instance key, for one-time links.
    pub key: &'a InstanceKey,
}

/// The subject of a one-time link and of messages: one body's report of one round.
pub fn subject(assignment: Id<kind::Assignment>, round: Timestamp) -> String {
    format!("quick-report:{assignment}@{}", round.as_second())
}

/// The assignment and the round's hour in such a subject.
pub fn read_subject(subject: &str) -> Option<(Id<kind::Assignment>, Timestamp)> {
    let (assignment, at) = subject.strip_prefix("quick-report:")?.split_once('@')?;
    Some((assignment.parse().ok()?, Timestamp::from_second(at.parse().ok()?).ok()?))
}
