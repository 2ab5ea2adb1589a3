//! Which rows stand on one page of a board. A browser paints a hundred rows of twenty cells at once, but not a
//! thousand: nearly all of the time to the first paint was theirs.

use domain::board::Board;

use super::{ask::Ask, strip::number};
use crate::Visit;

/// Rows on a page: more than five screens of them, and soon enough painted.
pub(super) const ROWS: usize = 100;
/// What the address says of a page with every row.
const ALL: &str = "all";

/// What stands on the page and the ways to the rest.
pub(super) struct Pages {
    /// *1–100 of 1.000*
    pub said: String,
    /// The page before; empty on the first.
    pub prev: String,
    /// The next page; empty on the last.
    pub next: String,
    /// How many rows the next page has.
    pub next_rows: usize,
    /// The page with every row, or back from it.
    pub whole: String,
    /// Every row stands on this page.
    pub all: bool,
    /// The highest number of any row of the board: a live page takes a higher one for new, and passes over the others
    /// it does not show.
    pub last: u32,
}

/// Leaves the rows of the page asked for; `None` where a page holds them all. A wall has every row, for it goes on by
/// itself. `last`: the highest number of any row.
pub(super) fn cut(visit: &Visit, ask: &Ask, board: &mut Board, last: u32) -> Option<Pages> {
    let rows = board.rows.len();
    if rows <= ROWS || ask.wall == "1" {
        return None;
    }
    let all = ask.page == ALL;
    let page = ask.page.parse::<usize>().unwrap_or(1).clamp(1, rows.div_ceil(ROWS));
    let (from, to) = if all { (0, rows) } else { ((page - 1) * ROWS, (page * ROWS).min(rows)) };
    board.rows.truncate(to);
    board.rows.drain(..from);
    let figure = |n: usize| number(n as u64).into();
    let values = [("from", figure(from + 1)), ("to", figure(to)), ("all", figure(rows))];
    let at = |there: bool, page: usize| match (there, page) {
        (false, _) => String::new(),
        (true, 1) => ask.with("page", ""),
        (true, page) => ask.with("page", &page.to_string()),
    };
    Some(Pages {
        said: visit.words().with("board-rows", values),
        prev: at(from > 0, page.saturating_sub(1)),
        next: at(to < rows, page + 1),
        next_rows: ROWS.min(rows - to),
        whole: ask.with("page", if all { "" } else { ALL }),
        all,
        last,
    })
}
