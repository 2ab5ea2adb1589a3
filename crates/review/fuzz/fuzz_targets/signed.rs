//! `cargo fuzz run signed` in `crates/review`; what must hold is said in `tests/it/tried.rs`, which the tests run on fixed
//! inputs.

#![no_main]
#![allow(dead_code, reason = "one of several targets")]

#[path = "../../tests/it/tried.rs"]
mod tried;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tried::signed(bytes));
