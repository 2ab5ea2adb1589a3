//! Events: the durable log every line goes into before it is acknowledged, and the table they are found in.
//!
//! Invariants: what [`Log::append`] answers is on disk; what was acknowledged is read again after any crash, once; damage
//! is told, never passed over in silence. No clock, no randomness: both are arguments.

mod log;
pub mod search;
mod table;

pub use crate::log::{
    BATCH_MAX, Batch, Damage, Error, Health, Kept, Limits, Log, Opener, Page, Position, Record, Sink, State,
    Tools, batch_key, verify,
};
pub use crate::table::{
    About, Bounds, Checked, DataFile, Done, Feed, Group, Keep, Lake, Line, Name, Size, View, check, peek,
};
