//! PDF, by typst as a library.

use std::{
    sync::{
        OnceLock,
        mpsc::{self, SyncSender},
    },
    thread,
};

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
/// What typst keeps from one part for the next but one is forgotten: a part is set twice, the second time while the next
/// is set for the first time, and no two parts resemble each other.
const KEPT: usize = 1;

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
    // None waits in between: each takes memory.
    let (cuts, come) = mpsc::sync_channel(0);
    let written = thread::scope(|scope| {
        scope.spawn(|| cut_off(&parts, cells, cuts));
        let mut joined = Joined::default();
        for cut in come {
            let (part, set) = cut?;
            let set = set.map_or_else(|| typeset(&part), Ok)?;
            let written = typst_pdf::pdf(&set, &options).map_err(|errors| said(&errors))?;
            if part.next.is_none() {
                return joined.end(written);
            }
            joined.add(&written)?;
        }
        Err(PrintError::Set("the last part is missing".to_owned()))
    });
    comemo::evict(0);
    written
}

/// A part, and its pages if they are what is to be written. Of a part cut off within a table they are not: it is set
/// again without the rows of the page that is not full. What stays is remembered and costs little; a page left out only
/// when writing would take the table's tags with it.
type Cut = (Part, Option<PagedDocument>);

/// Cuts off one part after the other, each while the one before it is written.
fn cut_off(parts: &Parts<'_>, cells: usize, cuts: SyncSender<Result<Cut, PrintError>>) {
    let (mut from, mut before, mut room) = (Place::default(), 0, cells);
    loop {
        let part = parts.from(from, before, room);
        let set = match typeset(&part) {
            Ok(set) => set,
            Err(error) => return drop(cuts.send(Err(error))),
        };
        let (next, after, ready) = match part.next {
            Some(next) if !next.begins_sheet() => {
                let Some((place, after)) = cut(&set, from) else {
                    // No page begins with a row: a longer part is needed.
                    room = room.saturating_mul(2);
                    continue;
                };
                (Some(place), after, (parts.between(from, before, place), None))
            }
            next => (next, 0, (part, Some(set))),
        };
        if cuts.send(Ok(ready)).is_err() {
            return;
        }
        comemo::evict(KEPT);
        let Some(next) = next else { return };
        (from, before, room) = (next, after, cells);
    }
}

fn typeset(part: &Part) -> Result<PagedDocument, PrintError> {
    typst::compile::<PagedDocument>(&Paper::new(part)?).output.map_err(|errors| said(&errors))
}

/// The last place at which a page begins with a whole row that is not its table's first, and the number of the page
/// before.
fn cut(set: &PagedDocument, from: Place) -> Option<(Place, u64)> {
    let said = set.introspector().query(&Selector::Elem(MetadataElem::ELEM, None));
    let rows: Vec<_> = said
        .iter()
        .filter_map(|row| Some((set.introspector().page(row.location()?)?.get(), place(row)?)))
        .collect();
    let pages = set.pages().windows(2).enumerate().rev();
    let mut begun = pages.filter_map(|(before, pair)| {
        let [last, page] = pair else { return None };
        let (_, first) = rows.iter().find(|(on, _)| *on == before + 2)?;
        (first.row > 0 && *first > from && !torn(&page.frame)).then_some((*first, last.number))
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
