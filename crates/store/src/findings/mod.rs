//! Flaws on hosts: what the judge found, what people decided of it, and what it comes to for warnings, bodies and fixes.
//!
//! Judged again are only hosts whose inventory changed, or that share a word with an advisory that did. The sums of a
//! warning are kept by the judge ([`warning_host`](warnings)), so that its page reads one row a host.

mod decide;
mod dirty;
mod fixes;
mod judge;
mod left;
mod read;
mod told;
mod warned;
mod weak;

pub(crate) use self::dirty::all as judge_all;
pub use self::{
    decide::{excuse, own, work_around},
    dirty::{gather, new_day, pending},
    fixes::{Fix, fixes},
    judge::{Judged, judge},
    left::{Hole, Left, LeftAt, left},
    read::{
        Day, Event, Filter, Finding, Order, Sum, events, finding, findings, of_flaw, open_on, sum, trend,
    },
    told::{Machine, machines},
    warned::{BodySum, HostSum, body_sums, host_sums, task_figures},
    weak::{WeaknessSum, weakness_sums},
};

/// The kind of job that judges; one for all hosts.
pub const JOB: &str = "findings";
/// At most so many findings on a page.
pub const PAGE_MAX: usize = 200;
/// Hosts judged in one transaction.
pub const CHUNK: usize = 100;
