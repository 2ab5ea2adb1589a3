//! PDF, by typst as a library.

use std::sync::OnceLock;

use letter::model::Document;
use typst::{
    Library, LibraryExt, World, comemo,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Content, Datetime, Duration, NativeElement, Selector, Smart, Value},
    introspection::{Introspector, MetadataElem},
    layout::{Frame, FrameItem},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::{
    PrintError, fonts,
    join::Joined,
    parts::{CELLS_MAX, Part, Parts, Place},
};

/// How it is drawn. The document is not part of this text: it is a data file the template reads, so that no words of
/// anybody can be markup or code.
const TEMPLATE: &str = include_str!("paper.typ");
/// What typst keeps from one document for the next is forgotten at once: documents do not resemble each other, and the
/// program lives for weeks.
const KEPT: usize = 0;

/// Sets the document, part by part where it is large, and writes the PDF.
///
/// # Errors
/// [`PrintError::NoFonts`] without fonts; [`PrintError::Set`] for what cannot be set.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PrintError> {
    in_parts(document, CELLS_MAX)
}

/// The same in parts of about so many cells.
pub(crate) fn in_parts(document: &Document, cells: usize) -> Result<Vec<u8>, PrintError> {
    let title = if document.subject.is_empty() { &document.about } else { &document.subject };
    let options = PdfOptions {
        // Of the document's words, so that the same document gives the same file.
        ident: Smart::Custom(format!("{}|{}|{title}", document.issuer, document.number)),
        creator: Smart::Custom(Some("Canh".to_owned())),
        ..PdfOptions::default()
    };
    let parts = Parts::new(document);
    let mut joined = Joined::default();
    let (mut from, mut before, mut room) = (Place::default(), 0, cells);
    loop {
        let mut part = parts.from(from, before, room);
        let mut set = typeset(&part)?;
        if part.next.is_some_and(|next| !next.begins_sheet()) {
            let Some(cut) = cut(&set, from) else {
                // No page begins with a row: a longer part is needed.
                room = room.saturating_mul(2);
                continue;
            };
            // Set again without the rows of the page that is not full. What stays is remembered and costs little; a page
            // left out only when writing would take the table's tags with it.
            part = parts.between(from, before, cut);
            set = typeset(&part)?;
        }
        let written = typst_pdf::pdf(&set, &options).map_err(|errors| said(&errors))?;
        let last = set.pages().last().map_or(0, |page| page.number);
        drop(set);
        comemo::evict(KEPT);
        let Some(next) = part.next else { return joined.end(written) };
        joined.add(&written)?;
        (before, from, room) = (if next.begins_sheet() { 0 } else { last }, next, cells);
    }
}

fn typeset(part: &Part) -> Result<PagedDocument, PrintError> {
    typst::compile::<PagedDocument>(&Paper::new(part)?).output.map_err(|errors| said(&errors))
}

/// The last place at which a page begins with a whole row that is not its table's first.
fn cut(set: &PagedDocument, from: Place) -> Option<Place> {
    let said = set.introspector().query(&Selector::Elem(MetadataElem::ELEM, None));
    let rows: Vec<_> = said
        .iter()
        .filter_map(|row| Some((set.introspector().page(row.location()?)?.get(), place(row)?)))
        .collect();
    let pages = set.pages().iter().enumerate().skip(1).rev();
    let mut begun = pages.filter_map(|(before, page)| {
        let (_, first) = rows.iter().find(|(on, _)| *on == before + 1)?;
        (first.row > 0 && *first > from && !torn(&page.frame)).then_some(*first)
    });
    begun.next()
}

/// Which row the template says this is.
fn place(row: &Content) -> Option<Place> {
    let Value::Array(numbers) = &row.to_packed::<MetadataElem>()?.value else { return None };
    let mut numbers = numbers.iter().filter_map(|n| n.clone().cast::<usize>().ok());
    Some(Place { sheet: numbers.next()?, block: numbers.next()?, row: numbers.next()? })
}

/// Whether a cell of these pages goes on from one page to the next: its pieces say whose they are.
fn torn(frame: &Frame) -> bool {
    frame.items().any(|(_, item)| match item {
        FrameItem::Group(group) => group.parent.is_some() || torn(&group.frame),
        _ => false,
    })
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
    fn new(part: &Part) -> Result<Self, PrintError> {
        let fonts = fonts::faces()?;
        let json = serde_json::to_vec(part).map_err(|e| PrintError::Set(e.to_string()))?;
        Ok(Self {
            book: LazyHash::new(FontBook::from_fonts(fonts)),
            fonts,
            main: Source::new(file("/paper.typ")?, TEMPLATE.to_owned()),
            data: (file("/part.json")?, Bytes::new(json)),
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
