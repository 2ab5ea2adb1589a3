//! The board: bodies × duties. What is shown first, what a filter leaves, and the figures above it; pure, so that
//! page, CSV, API and wall say the same.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    body::BodyKind,
    evidence::State,
    id::{Id, kind},
    text::fold,
};

/// One duty of one body, all its tasks of that code taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The worst state of its tasks.
    pub state: State,
    /// *đã xử lý*, of all its tasks.
    pub handled: u32,
    /// *tổng số*; 0 where nothing is counted.
    pub total: u32,
    /// Its due time has passed and it is not met.
    pub overdue: bool,
}

impl Cell {
    /// Takes in another task of the same code and body.
    pub fn and(self, other: Cell) -> Cell {
        let worst = if other.state.rank() < self.state.rank() { other.state } else { self.state };
        Cell {
            state: worst,
            handled: self.handled.saturating_add(other.handled),
            total: self.total.saturating_add(other.total),
            overdue: self.overdue || other.overdue,
        }
    }
    /// Whether it asks for something to be done: not met, partly met or unknown.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::NotMet | State::Unknown | State::Partly)
    }
    /// *n/m* in thousandths, for sorting; what is not counted goes by its state alone.
    fn share(&self) -> u64 {
        if self.total == 0 { 0 } else { u64::from(self.handled) * 1000 / u64::from(self.total) }
    }
}

/// One body.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number within the campaign, from 1, in the order of receiving; never given to another.
    pub number: u32,
    /// What it owes.
    pub assignment: Id<kind::Assignment>,
    /// Who.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// All its names, folded.
    pub folded: String,
    /// By which names are ordered.
    pub sort_key: String,
    /// What kind of body.
    pub kind: BodyKind,
    /// Whether its head acknowledged.
    pub acknowledged: bool,
    /// Whether it passed the order on.
    pub passed_on: bool,
    /// One a column of the board; `None` where the duty is not its own.
    pub cells: Vec<Option<Cell>>,
}

impl Row {
    /// How bad it stands: first the not met, then the unknown, then the partly met; more is worse.
    fn badness(&self) -> [usize; 3] {
        let count = |state| self.cells.iter().flatten().filter(|c| c.state == state).count();
        [count(State::NotMet), count(State::Unknown), count(State::Partly)]
    }
}

/// A board.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// The codes of the columns, in the order of the letter.
    pub codes: Vec<String>,
    /// The bodies.
    pub rows: Vec<Row>,
}

/// What a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only that kind of body.
    pub kind: Option<BodyKind>,
    /// Only bodies with a cell in that state, in the chosen duty if there is one.
    pub state: Option<State>,
    /// Only that duty.
    pub code: Option<String>,
    /// Only names that contain this.
    pub text: String,
    /// Only those bodies: a subtree.
    pub bodies: Option<HashSet<Id<kind::Body>>>,
    /// Only bodies with something open.
    pub open: bool,
    /// Only bodies with something overdue.
    pub overdue: bool,
}

/// In which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sort {
    /// Worst first.
    #[default]
    Worst,
    /// By name, or backwards.
    Name(bool),
    /// By one duty, worst first, or best first.
    Duty(String, bool),
}

/// The figures above the board.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Bodies.
    pub bodies: u32,
    /// Cells.
    pub cells: u32,
    /// Cells met.
    pub met: u32,
    /// Cells partly met.
    pub partly: u32,
    /// Cells not met.
    pub not_met: u32,
    /// Bodies with a cell not met.
    pub not_met_bodies: u32,
    /// Cells unknown.
    pub unknown: u32,
    /// Cells not yet due.
    pub not_yet_due: u32,
    /// Cells excused or not applicable.
    pub apart: u32,
    /// Cells overdue.
    pub overdue: u32,
    /// *máy đã xử lý*, over the duties that count machines.
    pub handled: u64,
    /// *tổng số máy*.
    pub total: u64,
}

impl Board {
    /// The column of a code.
    pub fn column(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c == code)
    }

    /// Leaves out columns of which no row has a cell: duties that are other bodies'.
    pub fn trim(&mut self) {
        let keep: Vec<bool> = (0..self.codes.len())
            .map(|n| self.rows.iter().any(|row| row.cells.get(n).is_some_and(Option::is_some)))
            .collect();
        let kept = |n: &mut usize| {
            let keep = keep.get(*n).copied().unwrap_or(true);
            *n += 1;
            keep
        };
        let mut n = 0;
        self.codes.retain(|_| kept(&mut n));
        for row in &mut self.rows {
            let mut n = 0;
            row.cells.retain(|_| kept(&mut n));
        }
    }

    /// Keeps what the filter leaves. A chosen duty becomes the only column.
    pub fn keep(&mut self, filter: &Filter) {
        if let Some(column) = filter.code.as_deref().and_then(|c| self.column(c)) {
            self.codes = self.codes.get(column).cloned().into_iter().collect();
            for row in &mut self.rows {
                row.cells = vec![row.cells.get(column).copied().flatten()];
            }
            self.rows.retain(|row| row.cells.iter().any(Option::is_some));
        }
        let text = fold(filter.text.trim());
        self.rows.retain(|row| {
            let has = |test: &dyn Fn(&Cell) -> bool| row.cells.iter().flatten().any(test);
            filter.kind.is_none_or(|k| k == row.kind)
                && filter.bodies.as_ref().is_none_or(|b| b.contains(&row.body))
                && (text.is_empty() || row.folded.contains(&text))
                && filter.state.is_none_or(|s| has(&|c| c.state == s))
                && (!filter.open || has(&Cell::is_open))
                && (!filter.overdue || has(&|c| c.overdue))
        });
    }

    /// Puts the rows in order.
    pub fn sort(&mut self, sort: &Sort) {
        match sort {
            Sort::Worst => self
                .rows
                .sort_by(|a, b| b.badness().cmp(&a.badness()).then_with(|| a.sort_key.cmp(&b.sort_key))),
            Sort::Name(back) => {
                self.rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
                if *back {
                    self.rows.reverse();
                }
            }
            Sort::Duty(code, best) => {
                let Some(column) = self.column(code) else { return };
                let key =
                    |row: &Row| row.cells.get(column).copied().flatten().map(|c| (c.state.rank(), c.share()));
                // Bodies without that duty stand last either way.
                self.rows.sort_by(|a, b| {
                    let (x, y) = (key(a), key(b));
                    let order = if *best { y.cmp(&x) } else { x.cmp(&y) };
                    x.is_none().cmp(&y.is_none()).then(order).then_with(|| a.sort_key.cmp(&b.sort_key))
                });
            }
        }
    }

    /// The figures; `counted` says which duties count machines.
    pub fn figures(&self, counted: impl Fn(&str) -> bool) -> Figures {
        let counted: Vec<bool> = self.codes.iter().map(|c| counted(c)).collect();
        let mut f =
            Figures { bodies: u32::try_from(self.rows.len()).unwrap_or(u32::MAX), ..Figures::default() };
        for row in &self.rows {
            let before = f.not_met;
            for (cell, counted) in row.cells.iter().zip(&counted) {
                let Some(cell) = cell else { continue };
                f.cells += 1;
                *match cell.state {
                    State::Met => &mut f.met,
                    State::Partly => &mut f.partly,
                    State::NotMet => &mut f.not_met,
                    State::Unknown => &mut f.unknown,
                    State::NotYetDue => &mut f.not_yet_due,
                    State::NotApplicable | State::Excused => &mut f.apart,
                } += 1;
                f.overdue += u32::from(cell.overdue);
                if *counted {
                    f.handled += u64::from(cell.handled);
                    f.total += u64::from(cell.total);
                }
            }
            f.not_met_bodies += u32::from(f.not_met > before);
        }
        f
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Uuid;

    fn row(n: u32, states: &[Option<(State, u32, u32)>]) -> Row {
        let name = format!("Xã {n}");
        Row {
            number: n,
            assignment: Id::from_uuid(Uuid::from_u128(u128::from(n))),
            body: Id::from_uuid(Uuid::from_u128(u128::from(n))),
            folded: fold(&name),
            sort_key: format!("{n:03}"),
            name,
            kind: if n.is_multiple_of(2) { BodyKind::Ward } else { BodyKind::Commune },
            acknowledged: false,
            passed_on: false,
            cells: states
                .iter()
                .map(|s| {
                    s.map(|(state, handled, total)| Cell {
                        state,
                        handled,
                        total,
                        overdue: state == State::NotMet,
                    })
                })
                .collect(),
        }
    }

    fn board() -> Board {
        use State::*;
        Board {
            codes: vec!["VFIX".into(), "LEAD".into(), "ISPD".into()],
            rows: vec![
                row(1, &[Some((Met, 5, 5)), Some((Met, 0, 0)), None]),
                row(2, &[Some((Partly, 1, 4)), Some((NotMet, 0, 0)), None]),
                row(3, &[Some((Partly, 3, 4)), Some((Unknown, 0, 0)), None]),
                row(4, &[None, Some((NotMet, 0, 0)), None]),
            ],
        }
    }

    fn order(b: &Board) -> Vec<u32> {
        b.rows.iter().map(|r| r.number).collect()
    }

    #[test]
    fn worst_stand_first_and_a_column_sorts_both_ways() {
        let mut b = board();
        b.sort(&Sort::Worst);
        assert_eq!(order(&b), [2, 4, 3, 1]);
        b.sort(&Sort::Duty("VFIX".into(), false));
        assert_eq!(order(&b), [2, 3, 1, 4], "whoever does not have the duty stands last");
        b.sort(&Sort::Duty("VFIX".into(), true));
        assert_eq!(order(&b), [1, 3, 2, 4]);
        b.sort(&Sort::Name(true));
        assert_eq!(order(&b), [4, 3, 2, 1]);
    }

    #[test]
    fn filters_leave_what_was_asked() {
        let kept = |filter: Filter| {
            let mut b = board();
            b.keep(&filter);
            order(&b)
        };
        assert_eq!(kept(Filter { open: true, ..Filter::default() }), [2, 3, 4]);
        assert_eq!(kept(Filter { kind: Some(BodyKind::Ward), ..Filter::default() }), [2, 4]);
        assert_eq!(kept(Filter { state: Some(State::Unknown), ..Filter::default() }), [3]);
        assert_eq!(kept(Filter { text: "XÃ 4".into(), ..Filter::default() }), [4]);
        assert_eq!(kept(Filter { code: Some("VFIX".into()), ..Filter::default() }), [1, 2, 3]);
        assert_eq!(kept(Filter { bodies: Some(HashSet::new()), ..Filter::default() }), [0_u32; 0]);
    }

    #[test]
    fn figures_count_cells_bodies_and_machines_and_empty_columns_go() {
        let mut b = board();
        b.trim();
        assert_eq!(b.codes, ["VFIX", "LEAD"]);
        assert!(b.rows.iter().all(|r| r.cells.len() == 2));
        let f = b.figures(|c| c == "VFIX");
        assert_eq!((f.bodies, f.cells, f.met, f.partly, f.not_met, f.unknown), (4, 7, 2, 2, 2, 1));
        assert_eq!((f.not_met_bodies, f.overdue, f.handled, f.total), (2, 2, 9, 13));
    }

    #[test]
    fn two_tasks_of_one_code_show_the_worse() {
        let one = Cell { state: State::Met, handled: 2, total: 2, overdue: false };
        let two = Cell { state: State::NotMet, handled: 0, total: 3, overdue: true };
        assert_eq!(one.and(two), Cell { state: State::NotMet, handled: 2, total: 5, overdue: true });
    }
}
