//! The words of the trade and their rules. Pure: no I/O, no clock, no randomness, no async.

pub mod text;
