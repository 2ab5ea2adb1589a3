//! How the log is: for pages, `canh doctor` and whoever must be woken.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use super::Position;

/// How it is in one word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Everything is kept.
    #[default]
    Good,
    /// The last write took longer than it may.
    Slow,
    /// The last write failed: nothing is acknowledged until one succeeds.
    Failing(String),
}

/// How it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// In one word.
    pub state: State,
    /// Since when it is not good.
    pub since: Option<Timestamp>,
    /// Bytes waiting.
    pub queued: usize,
    /// Batches kept since the start.
    pub kept: u64,
    /// Batches refused since the start: the queue was full, or the disk.
    pub refused: u64,
    /// How long the last write took, in milliseconds.
    pub last_ms: i64,
    /// And the longest.
    pub worst_ms: i64,
    /// Places of the segments read at the start that hold no readable frame.
    pub damaged: u64,
    /// Bytes cut from the end at the start: a write that a crash tore.
    pub torn: u64,
}

/// What the log's handle and its writer share.
pub struct Shared {
    /// Where what is durable ends.
    pub durable: watch::Sender<Position>,
    health: Mutex<Health>,
}

impl Shared {
    pub fn new(durable: Position, health: Health) -> Self {
        Self { durable: watch::Sender::new(durable), health: Mutex::new(health) }
    }
    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub fn refused(&self) {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).refused += 1;
    }
    /// Writes down how a write went.
    pub fn wrote(&self, now: Timestamp, state: State, batches: u64, ms: i64) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            State::Failing(_) => health.refused += batches,
            _ => health.kept += batches,
        }
        health.last_ms = ms;
        health.worst_ms = health.worst_ms.max(ms);
        health.since = match state {
            State::Good => None,
            _ => health.since.or(Some(now)),
        };
        if health.state != state {
            match &state {
                State::Good => tracing::info!("the log keeps everything again"),
                State::Slow => tracing::warn!(ms, "the log's disk is slow"),
                State::Failing(why) => tracing::error!(why, "the log cannot write: nothing is acknowledged"),
            }
        }
        health.state = state;
    }
}
