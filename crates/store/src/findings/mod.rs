//! Flaws on hosts: what the judge found, what people decided of it, and what it comes to for warnings, bodies and fixes.
//!
//! Judged again are only hosts whose inventory changed, and by the flaws of which something else is said those they concern. The sums of a
//! warning are kept by the judge (`warning_host`), so that its page reads one row a host; and so are those of all findings
//! (`flaw_sum`, `fix_sum`, `flaw_day`).

mod again;
mod aside;
mod decide;
mod dirty;
mod fixes;
mod judge;
mod keep;
mod known;
mod left;
mod list;
mod plan;
mod read;
mod sums;
mod told;
mod trend;
mod warned;
mod weak;
mod words;

pub use self::{
    aside::{Aside, aside},
    decide::{Proof, excuse, own, work_around},
    dirty::{gather, new_day, pending},
    fixes::{Fix, HostFix, fixes, host_fixes},
    judge::{Judge, Judged, judge},
    left::{Hole, Left, LeftAt, left},
    list::{After, findings, sum},
    read::{Event, Filter, Finding, Order, Sum, because, events, finding, of_flaw, open_on},
    told::{Machine, machines},
    trend::{Day, trend},
    warned::{BodySum, HostSum, body_sums, host_sums, task_figures},
    weak::{WeaknessSum, weakness_sums},
};
pub(crate) use self::{
    dirty::{Stirred, all as judge_all},
    known::moved,
};

/// The kind of job that judges; one for all hosts.
pub const JOB: &str = "findings";
/// At most so many findings on a page.
pub const PAGE_MAX: usize = 200;
/// Hosts judged in one transaction.
pub const CHUNK: usize = 100;
