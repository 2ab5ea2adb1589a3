//! Reads every letter of the corpus and holds the readings against the gold.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

mod causes;
mod corpus;
mod damage;
mod layouts;
mod names_end;
mod robust;
mod score;
mod tenth;
mod wordings;
