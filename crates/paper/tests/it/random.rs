//! Random and mutated bytes: no panic, no hang. The longer form of this runs with a fuzzer.

use std::{cell::RefCell, panic, sync::Once};

use proptest::prelude::*;

use crate::make;

/// Small files of each format to damage.
fn seeds() -> Vec<Vec<u8>> {
    let word = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/paper/letter-word.docx");
    vec![
        make::pages(
            &[make::says("So 12"), make::stream("/Filter/FlateDecode", &make::deflated(b"BT (a) Tj ET"))],
            "",
        ),
        std::fs::read(word).unwrap(),
        paper::sheet::to_xlsx("a", &["b"], &[vec!["c".into(), 1_u32.into()]]).unwrap(),
        "Tên;Mã\n\"Sở A\";1\n".as_bytes().to_vec(),
        "\u{feff}Số: 12".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
}

thread_local! {
    /// Where this thread panicked last.
    static PANICKED: RefCell<String> = const { RefCell::new(String::new()) };
}
static WATCH: Once = Once::new();

/// No panic of ours. One inside a library ends the child process in the product and is an error for its caller, which
/// the sandbox's own tests cover; here it is let pass, and nothing else is.
fn survives(bytes: &[u8]) {
    WATCH.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let file = info.location().map(|l| l.file().to_owned());
            PANICKED.set(file.unwrap_or_default());
            before(info);
        }));
    });
    let read = || {
        let _ = paper::kind::sniff(bytes);
        let _ = paper::read(bytes);
        let _ = paper::sheet::read(bytes);
    };
    if let Err(panicked) = panic::catch_unwind(read) {
        let file = PANICKED.take();
        if file.contains("crates/paper/") || !file.contains("/registry/") {
            panic::resume_unwind(panicked);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(
        start in prop_oneof![Just(b"".as_slice()), Just(b"%PDF-1.7\n".as_slice()), Just(b"PK\x03\x04word/document.xml".as_slice()), Just(b"\xff\xfe".as_slice())],
        rest in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        survives(&[start, &rest].concat());
    }

    #[test]
    fn damaged_files_are_survived(
        which in 0..5_usize,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..12),
    ) {
        let mut bytes = seeds().swap_remove(which);
        for (place, byte, how) in edits {
            let place = place.index(bytes.len());
            match how {
                0 => bytes.insert(place, byte),
                1 if bytes.len() > 1 => { bytes.remove(place); }
                2 if place > 8 => bytes.truncate(place),
                _ => bytes[place] = byte,
            }
        }
        survives(&bytes);
    }
}
