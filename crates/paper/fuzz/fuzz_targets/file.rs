//! `cargo fuzz run file` in `crates/paper`: any bytes, as PDF, Word, table or text.

#![no_main]

include!("shared.rs");

libfuzzer_sys::fuzz_target!(init: only_ours_counts(), |bytes: &[u8]| check(bytes));
