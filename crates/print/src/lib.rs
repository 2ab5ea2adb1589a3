//! Documents to files: PDF and Word. Floor 2: the only crate that knows typst and docx-rs; none of their types get out.
//!
//! Both writers draw the same [`letter::model::Document`], in which every line is settled already. No text of it can
//! become a command: to typst it is data of a file the template reads, to Word it is escaped by the library.
//!
//! Not part of `paper`: whoever only reads papers need not compile a typesetting system (`docs/adr/0012`).

mod docx;
mod error;
mod fonts;
mod join;
mod parts;
mod pdf;
#[cfg(feature = "testing")]
pub mod testing;

use letter::model::Document;

pub use crate::{docx::docx, error::PrintError, fonts::ready, pdf::pdf};

/// A PDF's content type.
pub const PDF: &str = "application/pdf";
/// A Word file's content type.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Both at once: PDF and Word.
///
/// # Errors
/// As [`pdf`].
pub fn both(document: &Document) -> Result<(Vec<u8>, Vec<u8>), PrintError> {
    std::thread::scope(|scope| {
        let word = scope.spawn(|| docx(document));
        let pdf = pdf(document)?;
        let word = word.join().map_err(|_| PrintError::Set("the Word file came to no end".to_owned()))??;
        Ok((pdf, word))
    })
}
