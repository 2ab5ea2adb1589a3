//! Every clock: jobs, the outbox, checkpoints of the audit log, housekeeping.
//!
//! Invariants: no rules of the trade live here; no job keeps state that another process could not take over — queues
//! are tables, claims are leases. Whatever runs can be killed at any point and run again: work is done at least once,
//! and what must happen once carries a unique key.
//!
//! [`engine::Engine`] is the one loop; a kind of job is a function added to it, one file a job.

pub mod callouts;
pub mod chase;
pub mod checkpoint;
pub mod engine;
pub mod evidence;
pub mod feeds;
pub mod findings;
pub mod housekeeping;
pub mod inbox;
pub mod incoming;
pub mod notices;
pub mod outbox;
mod pump;
pub mod quick_reports;
pub mod rosters;
pub mod sources;
pub mod tries;
