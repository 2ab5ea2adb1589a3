//! Writes sample papers as PDF and Word into the folder given: to be looked at.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use letter::model::compose;

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let mut papers = vec![
        ("report".to_owned(), print::testing::document(60)),
        ("large".to_owned(), print::testing::document(1_000)),
    ];
    // Letters of growing length: the signature must never stand alone on a page.
    papers.extend((8..16).map(|n| (format!("letter-{n}"), compose(&print::testing::letter(n)))));
    for (name, document) in papers {
        std::fs::write(format!("{folder}/{name}.pdf"), print::pdf(&document).unwrap()).unwrap();
        std::fs::write(format!("{folder}/{name}.docx"), print::docx(&document).unwrap()).unwrap();
        println!("{folder}/{name}.pdf, {folder}/{name}.docx");
    }
}
