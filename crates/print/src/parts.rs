//! A paper in parts. Set as a whole, a table of a thousand bodies and twenty duties takes half a gigabyte; set a hundred
//! rows at a time and joined, no page differs and the memory is that of one part.
//!
//! A part may end within a table, but only where a page begins with a row of it: then the next part begins with that
//! row on a page of its own, and every page is as it would have been.

use letter::model::{Appendix, Block, Document, Table};
use serde::Serialize;

/// So many cells are set at a time: some tens of megabytes, and few enough parts that their fonts weigh little.
pub(crate) const CELLS_MAX: usize = 1_000;
/// What a paragraph counts for.
const PARAGRAPH: usize = 5;

/// A place in a paper: before that row of that block of that sheet. Sheet 0 is the paper, the others are its appendices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub(crate) struct Place {
    pub sheet: usize,
    pub block: usize,
    pub row: usize,
}

/// What is set at once.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    /// The paper without its body and its appendices.
    pub paper: Document,
    /// What stands on its pages.
    sheets: Vec<Sheet>,
    /// Where the next part begins; `None` for the last one.
    #[serde(skip)]
    pub next: Option<Place>,
}

/// Pages that are counted together, or some of them.
#[derive(Debug, Serialize)]
struct Sheet {
    /// Whether the paper's head stands here.
    head: bool,
    /// Whether signature and recipients stand here.
    foot: bool,
    /// What stands above an appendix.
    #[serde(skip_serializing_if = "Option::is_none")]
    titled: Option<Titled>,
    landscape: bool,
    /// How many of its pages went before.
    before: u64,
    blocks: Vec<Piece>,
}

#[derive(Debug, Serialize)]
struct Titled {
    label: String,
    title: String,
    reference: String,
}

/// A block, or some rows of one.
#[derive(Debug, Serialize)]
struct Piece {
    at: Place,
    block: Block,
}

/// A paper about to be set part by part.
pub(crate) struct Parts<'a> {
    document: &'a Document,
    /// The document without its body and its appendices.
    bare: Document,
}

impl<'a> Parts<'a> {
    pub fn new(document: &'a Document) -> Self {
        let bare = Document { blocks: vec![], appendices: vec![], ..document.clone() };
        Self { document, bare }
    }

    /// The part that begins at a place, `before` pages of whose sheet are set already, and ends after so many cells.
    pub fn from(&self, from: Place, before: u64, cells: usize) -> Part {
        self.part(from, before, cells, None)
    }

    /// The part between two places.
    pub fn between(&self, from: Place, before: u64, until: Place) -> Part {
        self.part(from, before, usize::MAX, Some(until))
    }

    fn part(&self, from: Place, before: u64, cells: usize, until: Option<Place>) -> Part {
        let mut part = Part { paper: self.bare.clone(), sheets: vec![], next: None };
        let mut room = cells;
        for at in from.sheet..=self.document.appendices.len() {
            let start = if at == from.sheet { from } else { Place { sheet: at, ..Place::default() } };
            if room == 0 {
                part.next = Some(start);
                break;
            }
            let (blocks, appendix) = self.sheet(at);
            let begins = start.begins_sheet();
            let mut sheet = Sheet {
                head: at == 0 && begins,
                foot: false,
                titled: appendix.filter(|_| begins).map(Titled::of),
                landscape: appendix.is_some_and(|a| a.landscape),
                before: if at == from.sheet { before } else { 0 },
                blocks: vec![],
            };
            part.next = fill(&mut sheet.blocks, blocks, start, &mut room, until);
            // The signature belongs to the last words of the paper.
            sheet.foot = at == 0 && part.next.is_none();
            part.sheets.push(sheet);
            if part.next.is_some() {
                break;
            }
        }
        part
    }

    fn sheet(&self, at: usize) -> (&'a [Block], Option<&'a Appendix>) {
        match at.checked_sub(1).and_then(|n| self.document.appendices.get(n)) {
            Some(appendix) => (&appendix.blocks, Some(appendix)),
            None => (&self.document.blocks, None),
        }
    }
}

impl Place {
    /// Whether a sheet begins here, and with it a page.
    pub fn begins_sheet(self) -> bool {
        self.block == 0 && self.row == 0
    }
}

impl Titled {
    fn of(appendix: &Appendix) -> Self {
        let Appendix { label, title, reference, .. } = appendix;
        Self { label: label.clone(), title: title.clone(), reference: reference.clone() }
    }
}

/// Takes blocks while there is room; where it ends within a table, that place.
fn fill(
    pieces: &mut Vec<Piece>,
    blocks: &[Block],
    start: Place,
    room: &mut usize,
    until: Option<Place>,
) -> Option<Place> {
    for (n, block) in blocks.iter().enumerate().skip(start.block) {
        let at = Place { block: n, row: if n == start.block { start.row } else { 0 }, ..start };
        match block {
            Block::Text { .. } => {
                *room = room.saturating_sub(PARAGRAPH);
                pieces.push(Piece { at, block: block.clone() });
            }
            Block::Table(table) => {
                let wide = table.columns.len().max(1);
                let most = match until.filter(|u| u.sheet == at.sheet && u.block == n) {
                    Some(until) => until.row,
                    None => at.row.saturating_add((*room).div_ceil(wide)).min(table.rows.len()),
                };
                *room = room.saturating_sub(most.saturating_sub(at.row).saturating_mul(wide));
                pieces.push(Piece { at, block: Block::Table(rows(table, at.row, most)) });
                if most < table.rows.len() {
                    return Some(Place { row: most, ..at });
                }
            }
        }
    }
    None
}

/// Some rows of a table: the caption stands above the first, the note below the last.
fn rows(table: &Table, from: usize, until: usize) -> Table {
    Table {
        caption: if from == 0 { table.caption.clone() } else { String::new() },
        columns: table.columns.clone(),
        rows: table.rows.get(from..until).unwrap_or_default().to_vec(),
        note: if until < table.rows.len() { String::new() } else { table.note.clone() },
        dense: table.dense,
    }
}
