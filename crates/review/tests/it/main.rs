//! Tests of the crate as others use it.
#![allow(clippy::unwrap_used)]

mod collect;
mod corpus;
mod hostile;
