//! What is known at one moment, behind one struct: whatever a report can say comes from here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::{
    board::{self, Board, Cell},
    evidence::State,
    id::{Id, kind},
    order::QuestionKind,
    time::{self, Window},
};

/// Every field a text may hold.
pub const NAMES: &[&str] = &[
    // Words.
    "campaign",
    "issuer",
    "paper",
    "order",
    "from",
    "to",
    "at",
    "scope",
    // Numbers of the board.
    "bodies",
    "acknowledged",
    "not_acknowledged",
    "passed_on",
    "below_bodies",
    "below_acknowledged",
    "below_cells",
    "below_met",
    "all_bodies",
    "duties",
    "cells",
    "met",
    "partly",
    "not_met",
    "not_met_bodies",
    "unknown",
    "not_yet_due",
    "apart",
    "overdue",
    "handled",
    "total",
    "percent",
    // What bodies said.
    "questions",
    "difficulties",
    "difficulties_open",
    // What other rooms count.
    "requests",
    "requests_done",
    "requests_late",
    "requests_partly",
    "requests_impossible",
    "requests_overdue",
    "lines",
    "lines_unknown_minutes",
    "outages",
    "outages_open",
    "outages_unexplained",
    "outage_minutes",
    "outage_hours",
    "quick_due",
    "quick_missing",
    "quick_late",
    "nil_reports",
    "incidents",
    "incidents_open",
    "notices",
    "notice_people",
    "notice_read",
    "inspections",
    "inspections_planned",
    "inspected_bodies",
    "findings",
    "findings_open",
    "findings_overdue",
    "counts_gap",
    "machines_all",
    "machines_reviewed",
    "machines_concerned",
    "machines_handled",
    "machines_unclear",
];

/// Every table a text may hold.
pub const TABLES: &[&str] = &[
    "duties",
    "bodies",
    "below",
    "open",
    "difficulties",
    "incidents",
    "requests",
    "providers",
    "lines",
    "outages",
    "quick",
    "notices",
    "inspections",
    "counts",
    "machines",
];

/// The rooms that may fill a [`Section`].
pub const SECTIONS: &[&str] = &[
    "incidents",
    "requests",
    "providers",
    "lines",
    "outages",
    "quick",
    "notices",
    "inspections",
    "counts",
    "machines",
];

/// What the campaign is.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Which.
    pub campaign: Id<kind::Campaign>,
    /// Its name.
    pub name: String,
    /// Who issued it.
    pub issuer: String,
    /// Its window.
    pub window: Option<Window>,
    /// The paper it carries out, as papers are cited: *Công văn số 12/UBND-VX ngày 03 tháng 01 năm 2027 của …*.
    pub paper: Option<String>,
    /// The paper by which the issuer handed the duties out, as papers are cited.
    pub order: Option<String>,
}

/// What a body found hard, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difficulty {
    /// Where it opens.
    pub href: String,
    /// Which body.
    pub body: String,
    /// A question, or a difficulty.
    pub kind: QuestionKind,
    /// About which duty.
    pub code: Option<String>,
    /// The words.
    pub text: String,
    /// The answer, if there is one.
    pub answer: Option<String>,
    /// Said in a quick report: heard, but not a question that waits for an answer.
    pub said: bool,
}

/// What another room counts and lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Where it opens.
    pub href: String,
    /// Its numbers, by the names of [`NAMES`]; one left out is not known.
    pub numbers: BTreeMap<&'static str, u64>,
    /// The heads of its table's columns.
    pub columns: Vec<String>,
    /// Its table's rows.
    pub rows: Vec<Vec<String>>,
    /// Where each row opens, in their order; without one a row is only read.
    pub opens: Vec<String>,
}

/// The board of a body that passed the order on, as its own sub-bodies carry it out.
#[derive(Debug, Clone)]
pub struct Below {
    /// The campaign it passed on.
    pub campaign: Id<kind::Campaign>,
    /// Who passed it on.
    pub by: String,
    /// How it stands there.
    pub board: Board,
}

/// What is known at one moment.
#[derive(Debug, Clone)]
pub struct Figures {
    /// The moment.
    pub at: Timestamp,
    /// The campaign.
    pub about: About,
    /// The board as whoever reports sees it.
    pub board: Board,
    /// The boards below it, where the order was passed on.
    pub below: Vec<Below>,
    /// Names of the duties, by code, in the order of the board's columns.
    pub duties: Vec<(String, String)>,
    /// Codes whose duties count machines.
    pub counted: Vec<String>,
    /// What bodies found hard or asked.
    pub difficulties: Vec<Difficulty>,
    /// What other rooms know, by the names of [`SECTIONS`]; one left out has no data.
    pub sections: BTreeMap<&'static str, Section>,
    /// The lines whose outages are told.
    pub lines: Vec<Id<kind::Line>>,
    /// Only one body's row is meant: a reply, whose evidence is on its assignment.
    pub assignment: Option<Id<kind::Assignment>>,
}

/// What a field stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number and where its evidence opens.
    Number(u64, String),
    /// Words, and where they open, if anywhere.
    Words(String, String),
    /// There is no data: said in words, never as 0.
    Missing,
}

impl Figures {
    /// What a field stands for; `None` for a name that is none.
    pub fn value(&self, name: &str) -> Option<Value> {
        if !NAMES.contains(&name) {
            return None;
        }
        Some(self.words(name).or_else(|| self.number(name)).unwrap_or(Value::Missing))
    }

    /// Every field with what it stands for, for lists and for the record.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, Value)> {
        NAMES.iter().map(|name| (*name, self.value(name).unwrap_or(Value::Missing)))
    }

    /// The figures of the board.
    pub fn totals(&self) -> board::Figures {
        self.board.figures(|code| self.counted.iter().any(|c| c == code))
    }

    fn below_rows(&self) -> impl Iterator<Item = &board::Row> {
        self.below.iter().flat_map(|b| &b.board.rows)
    }

    fn below_cells(&self) -> impl Iterator<Item = &Cell> {
        self.below_rows().flat_map(|r| r.cells.iter().flatten())
    }

    /// Bodies the order reached only by being passed on, each once.
    fn bodies_below(&self) -> u64 {
        let direct: BTreeSet<_> = self.board.rows.iter().map(|r| r.body).collect();
        let below: BTreeSet<_> = self.below_rows().map(|r| r.body).collect();
        below.difference(&direct).count() as u64
    }

    fn words(&self, name: &str) -> Option<Value> {
        let words = |text: String| Value::Words(text, String::new());
        let day = |at: Timestamp| time::date(at).strftime("%d/%m/%Y").to_string();
        Some(match name {
            "campaign" => Value::Words(self.about.name.clone(), self.board_at("")),
            "issuer" => words(self.about.issuer.clone()),
            "paper" => self.about.paper.clone().map_or(Value::Missing, words),
            "order" => self.about.order.clone().map_or(Value::Missing, words),
            "from" => self.about.window.map_or(Value::Missing, |w| words(day(w.from))),
            "to" => self
                .about
                .window
                .map_or(Value::Missing, |w| words(time::last_day(w).strftime("%d/%m/%Y").to_string())),
            "at" => words(time::local(self.at).strftime("%H giờ %M ngày %d/%m/%Y").to_string()),
            "scope" => words(match self.board.rows.as_slice() {
                [one] => one.name.clone(),
                many => format!("{} cơ quan, đơn vị", many.len()),
            }),
            _ => return None,
        })
    }

    fn number(&self, name: &str) -> Option<Value> {
        if let Some(section) = self.sections.values().find(|s| s.numbers.contains_key(name)) {
            let n = section.numbers.get(name).copied()?;
            return Some(Value::Number(n, section.href.clone()));
        }
        let total = self.totals();
        let rows =
            |test: &dyn Fn(&board::Row) -> bool| self.board.rows.iter().filter(|r| test(r)).count() as u64;
        let asked = |kind: QuestionKind| self.difficulties.iter().filter(move |d| d.kind == kind);
        let (n, query) = match name {
            "bodies" => (u64::from(total.bodies), ""),
            "acknowledged" => (rows(&|r| r.acknowledged), ""),
            "not_acknowledged" => (rows(&|r| !r.acknowledged), ""),
            "passed_on" => (rows(&|r| r.passed_on), ""),
            // Where somebody passed it on and nothing of that is seen here, whom it reached is not known.
            "below_bodies" | "below_acknowledged" | "below_cells" | "below_met" | "all_bodies"
                if self.below.is_empty() && self.board.rows.iter().any(|r| r.passed_on) =>
            {
                return None;
            }
            "below_bodies" => (self.bodies_below(), ""),
            "below_acknowledged" => (self.below_rows().filter(|r| r.acknowledged).count() as u64, ""),
            "below_cells" => (self.below_cells().count() as u64, ""),
            "below_met" => (self.below_cells().filter(|c| c.state == State::Met).count() as u64, ""),
            "all_bodies" => (u64::from(total.bodies) + self.bodies_below(), ""),
            "duties" => (self.board.codes.len() as u64, ""),
            "cells" => (u64::from(total.cells), ""),
            "met" => (u64::from(total.met), "?state=met"),
            "partly" => (u64::from(total.partly), "?state=partly"),
            "not_met" => (u64::from(total.not_met), "?state=not-met"),
            "not_met_bodies" => (u64::from(total.not_met_bodies), "?state=not-met"),
            "unknown" => (u64::from(total.unknown), "?state=unknown"),
            "not_yet_due" => (u64::from(total.not_yet_due), "?state=not-yet-due"),
            "apart" => (u64::from(total.apart), "?state=excused"),
            "overdue" => (u64::from(total.overdue), "?overdue=1"),
            // No machines counted at all is no data, not 0 of 0.
            "handled" | "total" | "percent" if total.total == 0 => return None,
            "handled" => (total.handled, ""),
            "total" => (total.total, ""),
            "percent" => (total.handled.saturating_mul(100) / total.total.max(1), ""),
            "questions" => (asked(QuestionKind::Question).count() as u64, ""),
            "difficulties" => (asked(QuestionKind::Difficulty).count() as u64, ""),
            "difficulties_open" => {
                (asked(QuestionKind::Difficulty).filter(|d| d.answer.is_none() && !d.said).count() as u64, "")
            }
            _ => return None,
        };
        Some(Value::Number(n, self.board_at(query)))
    }

    /// The board, or for a reply the assignment, where every number opens.
    pub fn board_at(&self, query: &str) -> String {
        match self.assignment {
            Some(assignment) => format!("/assignments/{assignment}"),
            None => format!("/campaigns/{}/board{query}", self.about.campaign),
        }
    }

    /// The evidence of one cell.
    pub fn cell_at(&self, row: &board::Row, code: &str) -> String {
        match self.assignment {
            Some(assignment) => format!("/assignments/{assignment}"),
            None => format!("/campaigns/{}/b/{}/{code}", self.about.campaign, row.number),
        }
    }

    /// All duties of one body.
    pub fn row_at(&self, row: &board::Row) -> String {
        match self.assignment {
            Some(assignment) => format!("/assignments/{assignment}"),
            None => format!("/campaigns/{}/b/{}", self.about.campaign, row.number),
        }
    }
}

#[cfg(test)]
mod tests;
