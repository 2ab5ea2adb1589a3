//! Whole rules against whole events.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod alike;
mod conditions;
mod correlations;
mod hostile;
mod lint;
mod modifiers;
mod pipelines;
mod rulesets;
mod support;
