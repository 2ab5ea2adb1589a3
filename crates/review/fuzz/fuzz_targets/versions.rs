//! `cargo fuzz run versions` in `crates/review`; what must hold is said in `tests/it/tried.rs`, which the tests run on fixed
//! inputs.

#![no_main]
#![allow(dead_code, reason = "one of several targets")]

#[path = "../../tests/it/tried.rs"]
mod tried;

libfuzzer_sys::fuzz_target!(|pair: (&str, &str)| tried::versions(pair.0, pair.1));
