//! Jobs: contract 7. Work that waits for time, claimed by a lease so that any process can take over a dead one's.

use jiff::Timestamp;
use serde_json::Value;

use crate::id::{Id, kind};

/// How long a claimed job may run before another worker may claim it again.
pub const LEASE_SECONDS: i64 = 120;
/// After so many tries a failing job is left for a person to see (`canh doctor`, the admin page).
pub const TRIES_MAX: u32 = 12;

/// One queued job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: Id<kind::Job>,
    /// Which code runs it.
    pub kind: String,
    /// At most one waiting job per key: enqueueing the same key again moves nothing and doubles nothing.
    pub key: String,
    /// Not before.
    pub due: Timestamp,
    /// What it needs to know.
    pub payload: Value,
    /// How often it has been claimed.
    pub tries: u32,
}

/// What came of running a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Finished; the row goes.
    Done,
    /// Run again then (a repeating job, or a wait).
    Again(Timestamp),
    /// It failed; tried again with back-off until [`TRIES_MAX`].
    Failed(String),
}

/// When a job that has failed `tries` times is tried again: 5 s, 10 s, 20 s … at most an hour.
pub fn retry_at(now: Timestamp, tries: u32) -> Timestamp {
    let seconds = 5_i64.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(3_600);
    now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_back_off_and_stay_within_an_hour() {
        let t = Timestamp::UNIX_EPOCH;
        assert_eq!(retry_at(t, 1).as_second(), 5);
        assert_eq!(retry_at(t, 3).as_second(), 20);
        assert_eq!(retry_at(t, 99).as_second(), 3_600);
    }
}
