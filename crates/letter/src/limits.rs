//! Bounds that keep reading total and its time linear, whatever is put in.

/// Characters read of a paper; the rest is ignored. 200 pages of dense text are about 700,000.
pub const MAX_CHARS: usize = 1_000_000;
/// Lines looked at for the head, from the top of the paper.
pub(crate) const HEAD_LINES: usize = 60;
/// Lines from the top in which a stamp of secrecy is also looked for within a line.
pub(crate) const STAMP_LINES: usize = 15;
/// Characters of one line beyond which it is not looked at for layout (columns, marks).
pub(crate) const MAX_LAYOUT_LINE: usize = 20_000;
/// Numbered or dashed items of a body.
pub(crate) const MAX_ITEMS: usize = 2_000;
/// Characters of one item searched for duties.
pub(crate) const MAX_ITEM_CHARS: usize = 20_000;
/// Recipients, copies, papers, contacts, deadlines kept of each sort.
pub(crate) const MAX_LIST: usize = 200;
/// Indicators and vulnerabilities kept of each sort.
pub(crate) const MAX_INDICATORS: usize = 5_000;
/// Candidate places of a misspelt phrase checked in one item.
pub(crate) const MAX_FUZZY_CHECKS: usize = 4_000;
