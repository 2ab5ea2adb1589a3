//! Papers and tables through the door, as the rest of the house uses it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bombs;
mod corpus;
mod make;
mod papers;
mod random;
mod scans;
mod sign;
mod signatures;
mod tables;

/// The worker of the tests, two at once.
fn worker() -> sandbox::Worker {
    sandbox::Worker::new(env!("CARGO_BIN_EXE_paper-worker"), ["worker", "paper"], 2)
}
