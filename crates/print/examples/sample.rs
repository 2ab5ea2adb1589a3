//! Writes a sample paper to `sample.pdf` and `sample.docx` in the folder given: to be looked at.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let document = print::testing::document(60);
    std::fs::write(format!("{folder}/sample.pdf"), print::pdf(&document).unwrap()).unwrap();
    std::fs::write(format!("{folder}/sample.docx"), print::docx(&document).unwrap()).unwrap();
    println!("{folder}/sample.pdf, {folder}/sample.docx");
}
