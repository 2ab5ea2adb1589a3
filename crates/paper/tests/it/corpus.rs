//! Every file of `corpus/paper` with a text beside it, and the real letters where they are at hand.

use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn each_file_reads_as_the_text_beside_it() {
    let mut tried = 0;
    for text in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/paper")) {
        let file = text.with_extension("");
        if text.extension().is_some_and(|end| end == "txt") && file.extension().is_some() {
            let read = paper::read(&std::fs::read(&file).unwrap()).unwrap();
            let want = std::fs::read_to_string(&text).unwrap();
            assert_eq!(read.text.trim_end(), want.trim_end(), "{}", file.display());
            tried += 1;
        }
    }
    assert!(tried >= 3);
}

/// The words of the real letters survive as plain text (their layout is what came with them).
#[test]
fn real_letters_keep_their_words_as_text() {
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/letters")) {
        if file.extension().is_some_and(|end| end == "txt") {
            let bytes = std::fs::read(&file).unwrap();
            let read = paper::read(&bytes).unwrap();
            let as_is = String::from_utf8(bytes).unwrap();
            assert_eq!(read.kind, paper::FileKind::Text);
            assert!(read.text.split_whitespace().eq(as_is.split_whitespace()), "{}", file.display());
        }
    }
}
