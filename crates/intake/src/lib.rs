//! The data path: events in, kept, understood, judged; an alert out.
//!
//! [`path`] is the way from top to bottom. Beside it stand the doors: [`syslog`] and [`http`] take lines in and hand
//! them to [`Door::keep`], which answers when they are on disk.
//!
//! Invariants: nothing is acknowledged before it is durable; what is dropped is counted at its source; a batch that a
//! parser cannot stomach holds up nothing; an alert and the place in the log it came from are written together.

mod counts;
mod door;
mod few;
pub mod http;
mod hunter;
mod judge;
mod keeper;
pub mod lists;
mod memory;
pub mod path;
mod rate;
pub mod rules;
pub mod syslog;

pub use crate::{
    door::{Door, Refused, Way},
    hunter::{Hunter, Sought},
    judge::{Judge, Rules},
    keeper::Keeper,
    lists::Lists,
    memory::Memory,
};
