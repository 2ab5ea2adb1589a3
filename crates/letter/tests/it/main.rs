//! Reads every letter of the corpus and holds the readings against the gold.

mod corpus;
mod damage;
mod robust;
mod score;
