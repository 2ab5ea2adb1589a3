//! The paper on the screen: the same document the files are made of, its numbers open where they come from.

use letter::model::{Appendix, Block, Document, Span, Table};

/// A table longer than this is shown by its beginning; the files have it whole.
const ROWS_MAX: usize = 40;

/// A document as the template draws it.
pub(super) struct Sheet {
    pub d: Document,
    pub blocks: Vec<Drawn>,
    pub appendices: Vec<(Appendix, Vec<Drawn>)>,
}

/// A block as the template draws it.
pub(super) enum Drawn {
    /// Words.
    Text(bool, Vec<Span>),
    /// A table, and how many rows are left out.
    Table(Table, usize),
}

impl Sheet {
    /// `base` goes before the addresses within the document; on our own pages they are shown without it.
    pub(super) fn new(d: Document, base: &str) -> Self {
        let blocks = drawn(&d.blocks, base);
        let appendices = d.appendices.iter().map(|a| (a.clone(), drawn(&a.blocks, base))).collect();
        Self { blocks, appendices, d }
    }
}

fn drawn(blocks: &[Block], base: &str) -> Vec<Drawn> {
    blocks
        .iter()
        .map(|block| match block {
            Block::Text { heading, spans } => {
                Drawn::Text(*heading, spans.iter().map(|s| near(s, base)).collect())
            }
            Block::Table(table) => {
                let rows = table.rows.iter().take(ROWS_MAX);
                let rows = rows.map(|row| row.iter().map(|s| near(s, base)).collect()).collect();
                let left = table.rows.len().saturating_sub(ROWS_MAX);
                Drawn::Table(Table { rows, ..table.clone() }, left)
            }
        })
        .collect()
}

/// An address of ours without its host; any other address is dropped, since none was put there by us.
fn near(span: &Span, base: &str) -> Span {
    let href = span.href.as_deref().and_then(|h| h.strip_prefix(base)).filter(|h| h.starts_with('/'));
    Span { href: href.map(str::to_owned), ..span.clone() }
}
