//! Word, by docx-rs: real styles, so that whoever edits the file changes one style and not three hundred lines.

mod head;
mod order;
mod styles;
mod table;
mod text;

use std::io::Cursor;

use docx_rs::{
    Docx, Header, PageMargin, PageNum, PageNumType, PageOrientationType, PageSize, Paragraph, Section, Table,
};
use letter::model::{Appendix, Block, Document};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::PrintError;

/// Twentieths of a point in a millimetre: Word's measure.
const MM: f64 = 56.692_9;

/// Millimetres in Word's measure.
#[allow(clippy::cast_possible_truncation, reason = "lengths on a page of paper")]
const fn mm(length: u16) -> i32 {
    (length as f64 * MM) as i32
}

/// A4.
const PAPER: (u16, u16) = (210, 297);
/// Left margin: 30–35 mm.
const LEFT: u16 = 30;
/// Right margin: 15–20 mm.
const RIGHT: u16 = 20;
/// Margins above and below: 20–25 mm.
const EDGE: u16 = 20;
/// How deep the page number stands in the upper margin.
const NUMBER: u16 = 10;

/// Writes the Word file. It names Times New Roman; whoever opens it has it.
///
/// # Errors
/// [`PrintError::Pack`] when the parts cannot be put together.
pub fn docx(document: &Document) -> Result<Vec<u8>, PrintError> {
    let width = PAPER.0 - LEFT - RIGHT;
    let mut rows = table::Rows::default();
    let mut pages = Pages::default();
    pages.table(head::head(document, width));
    for paragraph in head::title(document) {
        pages.paragraph(paragraph);
    }
    blocks(&mut pages, &document.blocks, width, true, &mut rows);
    pages.paragraph(text::line("", styles::NOTE).keep_next(true));
    if let Some(signs) = head::cosigned(document, width) {
        pages.table(signs);
        // Two tables without a paragraph between them are one to Word.
        pages.paragraph(text::line("", styles::NOTE).keep_next(true));
    }
    pages.table(head::foot(document, width));
    let mut sections = vec![(pages, false)];
    for appendix in &document.appendices {
        let mut pages = Pages::default();
        attached(&mut pages, appendix, &mut rows);
        sections.push((pages, appendix.landscape));
    }
    // Word keeps a section's page with its end, and the last section's with the document itself.
    let last = sections.pop();
    let mut out = styles::all(Docx::new());
    for (at, (pages, landscape)) in sections.into_iter().enumerate() {
        out = out.add_section(pages.into_section(section(landscape, at == 0)));
    }
    if let Some((pages, landscape)) = last {
        out = pages.into_docx(closed(out, landscape, document.appendices.is_empty()));
    }
    pack(out, rows)
}

fn attached(pages: &mut Pages, appendix: &Appendix, rows: &mut table::Rows) {
    for paragraph in head::appendix(appendix) {
        pages.paragraph(paragraph);
    }
    let width = if appendix.landscape { PAPER.1 } else { PAPER.0 } - LEFT - RIGHT;
    blocks(pages, &appendix.blocks, width, false, rows);
}

/// What stands on pages, in its order.
#[derive(Default)]
struct Pages(Vec<Piece>);

enum Piece {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

impl Pages {
    fn paragraph(&mut self, paragraph: Paragraph) {
        self.0.push(Piece::Paragraph(Box::new(paragraph)));
    }
    fn table(&mut self, table: Table) {
        self.0.push(Piece::Table(Box::new(table)));
    }
    fn into_section(self, mut section: Section) -> Section {
        for piece in self.0 {
            section = match piece {
                Piece::Paragraph(p) => section.add_paragraph(*p),
                Piece::Table(t) => section.add_table(*t),
            };
        }
        section
    }
    fn into_docx(self, mut docx: Docx) -> Docx {
        for piece in self.0 {
            docx = match piece {
                Piece::Paragraph(p) => docx.add_paragraph(*p),
                Piece::Table(t) => docx.add_table(*t),
            };
        }
        docx
    }
}

fn blocks(pages: &mut Pages, blocks: &[Block], width: u16, signed: bool, rows: &mut table::Rows) {
    for (n, block) in blocks.iter().enumerate() {
        match block {
            Block::Text { heading, spans } => {
                pages.paragraph(text::body(spans, *heading, signed && n + 1 == blocks.len()));
            }
            Block::Table(table) => {
                if !table.caption.is_empty() {
                    pages.paragraph(text::line(&table.caption, styles::CAPTION).keep_next(true));
                }
                pages.table(table::table(table, width, rows));
                pages.paragraph(text::line(&table.note, styles::NOTE));
            }
        }
    }
}

/// A section on pages of that orientation, counted from 1. The first one brings the page number, which the others take
/// over; a first page of a section has none, since no header is made for it.
fn section(landscape: bool, first: bool) -> Section {
    let (w, h) = size(landscape);
    let mut section = Section::new()
        .page_size(PageSize::new().size(w, h))
        .page_margin(margin())
        .page_num_type(PageNumType::new().start(1))
        .title_pg();
    if landscape {
        section = section.page_orient(PageOrientationType::Landscape);
    }
    if first { section.header(numbered()) } else { section }
}

/// The same for the last section.
fn closed(docx: Docx, landscape: bool, first: bool) -> Docx {
    let (w, h) = size(landscape);
    let mut docx =
        docx.page_size(w, h).page_margin(margin()).page_num_type(PageNumType::new().start(1)).title_pg();
    if landscape {
        docx = docx.page_orient(PageOrientationType::Landscape);
    }
    if first { docx.header(numbered()) } else { docx }
}

#[allow(clippy::cast_sign_loss, reason = "lengths on a page of paper")]
fn size(landscape: bool) -> (u32, u32) {
    let (w, h) = (mm(PAPER.0) as u32, mm(PAPER.1) as u32);
    if landscape { (h, w) } else { (w, h) }
}

fn margin() -> PageMargin {
    PageMargin {
        top: mm(EDGE),
        bottom: mm(EDGE),
        left: mm(LEFT),
        right: mm(RIGHT),
        header: mm(NUMBER),
        footer: mm(NUMBER),
        gutter: 0,
    }
}

/// The page's number, as a field, in the middle of the upper margin.
fn numbered() -> Header {
    Header::new().add_paragraph(Paragraph::new().style(styles::PAGE_NUMBER).add_page_num(PageNum::new()))
}

fn pack(docx: Docx, rows: table::Rows) -> Result<Vec<u8>, PrintError> {
    let mut built = docx.build();
    let odd = || PrintError::Pack("a table has lost the place of its rows".to_owned());
    built.document = table::finished(&built.document, &rows).ok_or_else(odd)?;
    drop(rows);
    let torn = || PrintError::Pack("an element does not end".to_owned());
    built.styles = order::ordered(&built.styles).ok_or_else(torn)?;
    built.settings = order::ordered(&built.settings).ok_or_else(torn)?;
    for header in &mut built.headers {
        *header = order::ordered(header).ok_or_else(torn)?;
    }
    let mut loose = Cursor::new(Vec::new());
    built.pack(&mut loose).map_err(|e| PrintError::Pack(e.to_string()))?;
    dense(loose).map_err(|e| PrintError::Pack(e.to_string()))
}

/// The library packs without pressing; a table of a thousand rows shrinks to a thirtieth.
fn dense(loose: Cursor<Vec<u8>>) -> zip::result::ZipResult<Vec<u8>> {
    let mut from = ZipArchive::new(loose)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for at in 0..from.len() {
        let mut part = from.by_index(at)?;
        if part.is_dir() {
            continue;
        }
        out.start_file(part.name()?.into_owned(), options)?;
        std::io::copy(&mut part, &mut out)?;
    }
    Ok(out.finish()?.into_inner())
}
