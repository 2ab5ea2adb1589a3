//! What is exchanged with others, to and from our types. Pure: no I/O, no clock, no randomness.
//!
//! Today: lists of indicators in — one a line, tables, MISP's JSON, STIX 2.1 bundles.

pub mod indicators;
