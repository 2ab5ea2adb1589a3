//! Tests of the crate as others use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod collect;
mod corpus;
mod hostile;
mod random;
mod tried;
