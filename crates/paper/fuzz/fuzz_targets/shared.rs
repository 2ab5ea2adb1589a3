// What the targets share; `include!`d.

/// Panics of a library end in the sandbox's child in the product and are its business; one of ours is a find.
fn only_ours_counts() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.location().is_some_and(|at| at.file().contains("crates/paper/")) {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}

/// Reads it both ways and holds what comes out against the promises of `limits` and of the types.
fn check(bytes: &[u8]) {
    if let Ok(Ok(paper)) = std::panic::catch_unwind(|| paper::read(bytes)) {
        assert!(paper.text.len() <= paper::limits::TEXT && !paper.text.trim().is_empty());
        assert!(!paper.text.contains(['\0', '\r', '\u{ad}', '\u{200b}']), "what is invisible stays out");
        assert!(paper.blank.iter().all(|page| (1..=paper.pages.unwrap_or(0)).contains(page)));
    }
    if let Ok(Ok(book)) = std::panic::catch_unwind(|| paper::sheet::read(bytes)) {
        for row in book.sheets.iter().flat_map(|sheet| &sheet.rows) {
            assert!(row.number > 0 && !row.cells.is_empty() && row.cells.len() <= paper::limits::COLUMNS);
            assert!(row.cells.last().is_some_and(|cell| !cell.is_empty()), "cells after the last are left out");
        }
    }
}

/// A zip of these parts, not packed: what is tried is the parts, not zlib.
#[allow(dead_code)]
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        zip.start_file(*name, options).expect("a part");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}
