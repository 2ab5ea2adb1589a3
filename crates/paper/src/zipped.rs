//! A zip container that cannot explode.

use crate::error::PaperError;
use crate::limits;
use std::io::{Cursor, Read};

/// The parts of a DOCX or XLSX, unpacked one by one against one budget.
pub(crate) struct Zipped<'a> {
    archive: zip::ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Zipped<'a> {
    pub fn new(bytes: &'a [u8]) -> Result<Self, PaperError> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| PaperError::Damaged)?;
        if archive.len() > limits::ENTRIES {
            return Err(PaperError::too_much(limits::ENTRIES as u64));
        }
        Ok(Self { archive, left: limits::UNPACKED })
    }

    pub fn has(&self, start: &str) -> bool {
        self.archive.file_names_raw().any(|name| name.starts_with(start.as_bytes()))
    }

    /// One part as text; `None` when there is none of that name.
    pub fn xml(&mut self, name: &str) -> Result<Option<String>, PaperError> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let entry = self.archive.by_index(index).map_err(|_| PaperError::Damaged)?;
        let limit = limits::XML.min(self.left);
        let mut bytes = Vec::new();
        entry.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| PaperError::Damaged)?;
        let len = bytes.len() as u64;
        if len > limit {
            return Err(PaperError::too_much(limits::XML));
        }
        self.left = self.left.saturating_sub(len);
        // Office writes UTF-8; UTF-16 is allowed and comes with a mark.
        let (text, _, broken) = encoding_rs::UTF_8.decode(&bytes);
        if broken { Err(PaperError::Damaged) } else { Ok(Some(text.into_owned())) }
    }

    /// Unpacks everything once and throws it away, before a library is let loose on it that does not count.
    pub fn check(mut self) -> Result<(), PaperError> {
        for index in 0..self.archive.len() {
            let entry = self.archive.by_index(index).map_err(|_| PaperError::Damaged)?;
            let limit = self.left.saturating_add(1);
            let len = std::io::copy(&mut entry.take(limit), &mut std::io::sink())
                .map_err(|_| PaperError::Damaged)?;
            if len > self.left {
                return Err(PaperError::too_much(limits::UNPACKED));
            }
            self.left = self.left.saturating_sub(len);
        }
        Ok(())
    }
}
