//! `cargo fuzz run docx` in `crates/paper`: the parts of a Word file, parted by `\0`: document, numbering, styles, notes.

#![no_main]

include!("shared.rs");

const NAMES: [&str; 6] = [
    "word/document.xml",
    "word/numbering.xml",
    "word/styles.xml",
    "word/footnotes.xml",
    "word/endnotes.xml",
    "word/header1.xml",
];

libfuzzer_sys::fuzz_target!(init: only_ours_counts(), |bytes: &[u8]| {
    let mut parts: Vec<(&str, &[u8])> = vec![("[Content_Types].xml", b"<Types/>")];
    parts.extend(NAMES.into_iter().zip(bytes.split(|byte| *byte == 0)));
    check(&zipped(&parts));
});
