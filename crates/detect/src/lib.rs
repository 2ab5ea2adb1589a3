//! Sigma: rules to a matcher, events to hits. Pure: no I/O, no clock, no randomness.
//!
//! ```text
//! text ─ yaml ─ rule::read ─ pipeline ─ filters ─┬─ engine::Matcher ── matches(event) ─ explain
//!        (line, column)        lint              └─ correlate::Correlator ── hits fed with their time
//! ```
//!
//! `naive` answers the same questions the plain way; a test holds the two against each other.

pub mod book;
pub mod cases;
pub mod correlate;
pub mod engine;
pub mod explain;
pub mod import;
pub mod indicators;
pub mod lint;
pub mod naive;
pub mod pipeline;
pub mod problem;
pub mod rule;
pub mod ruleset;
pub mod yaml;

pub use book::{Brought, Listing};
pub use correlate::{Correlator, Found};
pub use engine::{Matcher, Scratch, source::Sources};
pub use explain::Because;
pub use problem::{Problem, Weight};
pub use rule::{Correlation, Filter, Level, Rule};
pub use ruleset::{Ruleset, Skipped};
