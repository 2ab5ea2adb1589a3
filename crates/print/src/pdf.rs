//! PDF, by typst as a library.

use std::sync::OnceLock;

use letter::model::Document;
use typst::{
    Library, LibraryExt, World, comemo,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::{PrintError, fonts};

/// How it is drawn. The document is not part of this text: it is a data file the template reads, so that no words of
/// anybody can be markup or code.
const TEMPLATE: &str = include_str!("paper.typ");
/// What typst keeps from one document for the next is forgotten at once: documents do not resemble each other, and the
/// program lives for weeks.
const KEPT: usize = 0;

/// Sets the document and writes the PDF.
///
/// # Errors
/// [`PrintError::NoFonts`] without fonts; [`PrintError::Set`] for what cannot be set.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PrintError> {
    let world = Paper::new(document)?;
    let set = typst::compile::<PagedDocument>(&world).output.map_err(|errors| said(&errors))?;
    let title = if document.subject.is_empty() { &document.about } else { &document.subject };
    let options = PdfOptions {
        // Of the document's words, so that the same document gives the same file.
        ident: Smart::Custom(format!("{}|{}|{title}", document.issuer, document.number)),
        creator: Smart::Custom(Some("Canh".to_owned())),
        ..PdfOptions::default()
    };
    let written = typst_pdf::pdf(&set, &options).map_err(|errors| said(&errors));
    drop(set);
    comemo::evict(KEPT);
    written
}

fn said(errors: &[SourceDiagnostic]) -> PrintError {
    let first = errors.first().map(|e| e.message.to_string());
    PrintError::Set(first.unwrap_or_else(|| "no reason given".to_owned()))
}

/// What the typesetter may see: the template, the document, the fonts. No files, no network, no clock.
struct Paper {
    book: LazyHash<FontBook>,
    fonts: &'static [Font],
    main: Source,
    data: (FileId, Bytes),
}

impl Paper {
    fn new(document: &Document) -> Result<Self, PrintError> {
        let fonts = fonts::faces()?;
        let json = serde_json::to_vec(document).map_err(|e| PrintError::Set(e.to_string()))?;
        Ok(Self {
            book: LazyHash::new(FontBook::from_fonts(fonts)),
            fonts,
            main: Source::new(file("/paper.typ")?, TEMPLATE.to_owned()),
            data: (file("/document.json")?, Bytes::new(json)),
        })
    }
}

fn file(path: &str) -> Result<FileId, PrintError> {
    let path = VirtualPath::new(path).map_err(|e| PrintError::Set(e.to_string()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        static LIBRARY: OnceLock<LazyHash<Library>> = OnceLock::new();
        LIBRARY.get_or_init(|| LazyHash::new(Library::default()))
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }
    fn main(&self) -> FileId {
        self.main.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
