//! A file to text: the reading itself, to be run in the worker.

use crate::error::PaperError;
use crate::kind::{FileKind, sniff};
use crate::scan::Scan;
use crate::{docx, limits, pdf, plain};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperText {
    /// What the file was.
    pub kind: FileKind,
    /// Its text in NFC, lines ended by `\n`, pages of a PDF parted by a form feed on a line of its own, cells
    /// of a table by tabs. The head of an official letter stands column by column.
    pub text: String,
    /// Pages, where the format has pages.
    pub pages: Option<u32>,
    /// Pages of a PDF, from 1, without a single letter: pictures, or empty. If all are, there is no `PaperText` but
    /// [`PaperError::NoText`]; [`crate::open`] reads pictures.
    pub blank: Vec<u32>,
    /// Whether the file seems to carry digital signatures; [`crate::signature::check`] knows better.
    pub signed: bool,
    /// How it was read, if its pages are pictures.
    #[serde(default)]
    pub scan: Option<Scan>,
    /// For plain text, how it was encoded: `utf-8`, `utf-16le`, `utf-16be`, `windows-1258`, `tcvn3`, `vni`.
    pub encoding: Option<String>,
}

/// Reads a file. Call it in the worker only: it parses hostile bytes, and a library that panics, hangs or
/// hoards does so here.
///
/// # Errors
/// [`PaperError`]; [`PaperError::Unsupported`] for kinds other than PDF, DOCX and text; [`PaperError::NoText`] for a PDF
/// that is only pictures, which [`crate::open`] has recognised.
pub fn read(bytes: &[u8]) -> Result<PaperText, PaperError> {
    let paper = read_or_blank(bytes)?;
    if paper.text.trim().is_empty() { Err(PaperError::NoText) } else { Ok(paper) }
}

/// The same; a PDF without letters and a picture come without text.
pub(crate) fn read_or_blank(bytes: &[u8]) -> Result<PaperText, PaperError> {
    if bytes.is_empty() {
        return Err(PaperError::Empty);
    }
    if bytes.len() > limits::FILE {
        return Err(PaperError::too_large());
    }
    let kind = sniff(bytes);
    let mut paper = PaperText {
        kind,
        text: String::new(),
        pages: None,
        blank: Vec::new(),
        signed: false,
        scan: None,
        encoding: None,
    };
    match kind {
        FileKind::Pdf => {
            let read = pdf::read(bytes)?;
            paper.text = read.text;
            paper.pages = Some(read.pages);
            paper.blank = read.blank;
            paper.signed = read.signed;
        }
        FileKind::Docx => {
            let read = docx::read(bytes)?;
            paper.text = read.text;
            paper.signed = read.signed;
        }
        FileKind::Text | FileKind::Csv => {
            let (text, encoding) = plain::decode(bytes)?;
            paper.text = text;
            paper.encoding = Some(encoding.to_owned());
        }
        FileKind::Png | FileKind::Jpeg | FileKind::Tiff => {
            let size = imagesize::blob_size(bytes).map_err(|_| PaperError::Damaged)?;
            if size.width.saturating_mul(size.height) > limits::PIXELS {
                return Err(PaperError::too_much(limits::PIXELS as u64));
            }
            return Ok(paper);
        }
        FileKind::OfficeEncrypted => return Err(PaperError::Encrypted),
        // Bytes that are no text we know, but no binary format either.
        FileKind::Unknown if plain::may_be_text(bytes) => return Err(PaperError::UnknownEncoding),
        kind => return Err(PaperError::Unsupported { kind }),
    }
    paper.text = tidy(&paper.text);
    if paper.text.trim().is_empty() && kind != FileKind::Pdf {
        return Err(PaperError::Empty);
    }
    if paper.text.len() > limits::TEXT {
        return Err(PaperError::too_much(limits::TEXT as u64));
    }
    Ok(paper)
}

/// NFC; one kind of line end; no control characters but tab, line feed and form feed; no invisible marks.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = '\0';
    for c in text.nfc() {
        match c {
            '\n' if last == '\r' => {}
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\t' | '\n' | '\u{c}' => out.push(c),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => out.push(' '),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            // Soft hyphens, joiners, direction marks, byte order marks.
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_are_made_one() {
        assert_eq!(tidy("So\u{302}\u{301}: 1\r\nA\rB\u{a0}C\u{200b}D\0"), "Số: 1\nA\nB CD");
    }
}
