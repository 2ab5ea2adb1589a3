//! Any text is rules with problems, each with its place; never a panic.
#![no_main]

use detect::{Matcher, Sources, lint, rule::read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let sources = Sources::builtin();
    let file = read::file(text);
    let _ = lint::file(text, &sources);
    let _ = detect::cases::read(text);
    let rules = file.documents.into_iter().filter_map(|document| match document {
        read::Document::Rule(rule) => Some(rule),
        _ => None,
    });
    let _ = Matcher::new(rules.collect(), &sources);
});
