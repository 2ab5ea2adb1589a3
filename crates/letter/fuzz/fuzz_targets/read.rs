//! `cargo +nightly fuzz run read` in `crates/letter`: whatever is put in, reading ends and says nothing unsupported.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static READER: LazyLock<letter::Reader> = LazyLock::new(|| letter::Reader::new(&letter::Lexicon::builtin()));

fuzz_target!(|text: &str| {
    let reading = READER.read(text);
    assert_eq!(letter::verify(text, &reading), vec![]);
});
