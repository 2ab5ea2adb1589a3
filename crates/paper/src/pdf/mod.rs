//! PDF to text.

mod columns;
mod layout;
mod rows;

use crate::error::PaperError;
use crate::limits;
pub(crate) use layout::page;
use memchr::memmem;
use pdf_oxide::PdfDocument;
pub(crate) use rows::Glyph;

/// What a PDF says.
pub(crate) struct Pdf {
    pub text: String,
    pub pages: u32,
    /// Pages without a single letter, from 1: pictures, or empty.
    pub blank: Vec<u32>,
    pub signed: bool,
}

pub(crate) fn read(bytes: &[u8]) -> Result<Pdf, PaperError> {
    let has = |word: &[u8]| memmem::find(bytes, word).is_some();
    let document = PdfDocument::from_bytes(bytes.to_vec())
        .map_err(|_| if has(b"/Encrypt") { PaperError::Encrypted } else { PaperError::Damaged })?;
    // An empty password was tried; what opens with it was meant to be read.
    if document.is_encrypted() && !document.is_authenticated() {
        return Err(PaperError::Encrypted);
    }
    let pages = document.page_count().map_err(|_| PaperError::Damaged)?;
    if pages == 0 {
        return Err(PaperError::Damaged);
    }
    if pages > limits::PAGES {
        return Err(PaperError::TooManyPages { pages: pages as u64, limit: limits::PAGES as u64 });
    }
    let mut text = String::new();
    let mut blank = Vec::new();
    let mut number = 0;
    for page in 0..pages {
        number += 1;
        // Letters only: layout is ours, since the library's own takes the two halves of a letter's head for
        // one line, and spaces drawn under other letters for spaces.
        let letters = document.extract_chars(page).map_err(|_| PaperError::Damaged)?;
        let glyphs: Vec<Glyph> = letters.iter().filter_map(glyph).collect();
        let page_text = layout::page(glyphs);
        if page_text.trim().is_empty() {
            blank.push(number);
        }
        if page > 0 {
            text.push_str("\n\u{c}\n");
        }
        text.push_str(&page_text);
        if text.len() > limits::TEXT {
            return Err(PaperError::too_much(limits::TEXT as u64));
        }
    }
    // The byte range of a signature is patched into the finished file, so it stands there unpacked.
    Ok(Pdf { text: crate::legacy::mend(&text), pages: number, blank, signed: has(b"/ByteRange") })
}

fn glyph(letter: &pdf_oxide::layout::TextChar) -> Option<Glyph> {
    let numbers = [letter.origin_x, letter.origin_y, letter.advance_width, letter.font_size];
    let size = letter.font_size.abs();
    // The library measures along the page, so letters that run up it have no width there.
    let measured = letter.advance_width.abs() > 0.01 * size;
    (numbers.iter().all(|number| number.is_finite()) && size > 0.1 && size < 2000.0).then(|| Glyph {
        letter: letter.char,
        x: letter.origin_x,
        y: letter.origin_y,
        width: if measured { letter.advance_width.abs().min(size * 3.0) } else { size * 0.5 },
        measured,
        size,
        angle: letter.rotation_degrees,
    })
}
