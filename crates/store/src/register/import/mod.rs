//! Taking tables in. A dry run is the real thing, rolled back; so it shows exactly what would happen.
//!
//! Each function acts in the caller's transaction and reports; with problems the caller must not commit. Rows are
//! matched to what is there (bodies by code, else by name and parent; people by e-mail, else by name and body;
//! systems by name and owner; hosts by any of their names within their body; lines by mark, else by name, within their body; shifts by post, person and time), so taking the same table in again changes nothing.

mod bodies;
mod hosts;
mod lines;
mod people;
mod shifts;
mod staff;
mod systems;

use std::collections::HashMap;

use domain::{
    actor::Scope,
    body::{Body, BodyKind},
    id::{Id, kind},
    register::Problem,
    right::Right,
    text::fold,
};

pub use self::{
    bodies::bodies, hosts::hosts, lines::lines, people::people, shifts::shifts, staff::staff,
    systems::systems,
};
use crate::{Query, Sql, StoreError};

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It makes a new record.
    New,
    /// It changes one.
    Changed,
    /// It says what stands already.
    Same,
}

/// What came of one good row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Row of the file.
    pub row: u32,
    /// What it is about.
    pub name: String,
    /// What it does.
    pub what: What,
    /// Keys of the columns that change something; empty for a new or same record.
    pub fields: Vec<&'static str>,
}

/// What came of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The good rows, in the order of the file.
    pub lines: Vec<Line>,
    /// What is wrong with the others, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many rows do that.
    pub fn count(&self, what: What) -> usize {
        self.lines.iter().filter(|l| l.what == what).count()
    }
    fn problem(&mut self, row: u32, column: &'static str, code: &'static str, value: &str) {
        self.problems.push(Problem { row, column, code, value: value.chars().take(80).collect() });
    }
    fn line(&mut self, row: u32, name: &str, new: bool, fields: Vec<&'static str>) {
        let what = match (new, fields.is_empty()) {
            (true, _) => What::New,
            (false, false) => What::Changed,
            (false, true) => What::Same,
        };
        let fields = if new { Vec::new() } else { fields };
        self.lines.push(Line { row, name: name.to_owned(), what, fields });
    }
    fn in_order(mut self) -> Self {
        self.lines.sort_by_key(|l| l.row);
        self.problems.sort_by_key(|p| p.row);
        self
    }
    /// Nothing to do and nothing wrong.
    fn is_idle(&self) -> bool {
        self.problems.is_empty() && self.lines.iter().all(|l| l.what == What::Same)
    }
}

/// A refusal of a row becomes a problem of it; a fault of ours ends the whole import.
fn refusal(error: StoreError) -> Result<&'static str, StoreError> {
    match error {
        StoreError::Refused(code) => Ok(code),
        StoreError::NotFound(_) => Ok("import-not-yours"),
        fault => Err(fault),
    }
}

/// Names and codes of the visible open bodies, and what the import adds.
struct Index {
    by_code: HashMap<String, Id<kind::Body>>,
    by_name: HashMap<String, Vec<Id<kind::Body>>>,
    all: HashMap<Id<kind::Body>, Body>,
}

/// What a name or code leads to.
enum Found {
    One(Id<kind::Body>),
    None,
    Many,
}

impl Index {
    async fn load(sql: &mut Sql, scope: &Scope) -> Result<Self, StoreError> {
        let mut index = Self { by_code: HashMap::new(), by_name: HashMap::new(), all: HashMap::new() };
        let mut query = Query::new(
            "select b.id, b.parent, b.kind, b.name, b.code, n.text from body b join body_name n on n.body = b.id
             where b.closed_at is null and n.valid_until is null and",
        );
        query.visible(scope, Right::See, "b.id").push("order by b.id, n.place");
        for row in query.rows(sql).await? {
            let body = Body {
                id: row.id("id")?,
                parent: row.opt_id("parent")?,
                kind: row.word("kind", BodyKind::parse)?,
                name: row.text("name")?,
                code: row.opt_text("code")?,
                closed_at: None,
            };
            index.add_name(body.id, &row.text("text")?);
            index.add(body);
        }
        Ok(index)
    }

    fn add(&mut self, body: Body) {
        if let Some(code) = &body.code {
            self.by_code.insert(code.clone(), body.id);
        }
        self.add_name(body.id, &body.name.clone());
        self.all.insert(body.id, body);
    }

    fn add_name(&mut self, id: Id<kind::Body>, name: &str) {
        for key in [name.to_lowercase(), folded_key(name)] {
            let ids = self.by_name.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }

    /// By the name with its marks, else without them.
    fn named(&self, name: &str) -> Found {
        let with_marks = self.by_name.get(&name.trim().to_lowercase());
        match with_marks.or_else(|| self.by_name.get(&folded_key(name))).map(Vec::as_slice) {
            Some([one]) => Found::One(*one),
            Some([_, ..]) => Found::Many,
            _ => Found::None,
        }
    }

    /// The body that a pair of columns names: by code if there is one, else by name, else `otherwise`.
    fn resolve(&self, code: Option<&str>, name: Option<&str>, otherwise: Id<kind::Body>) -> Found {
        match (code, name) {
            (Some(code), _) => self.by_code.get(code).map_or(Found::None, |id| Found::One(*id)),
            (None, Some(name)) => self.named(name),
            (None, None) => Found::One(otherwise),
        }
    }

    fn name_of(&self, id: Id<kind::Body>) -> &str {
        self.all.get(&id).map_or("", |b| &b.name)
    }
}

/// Folded names stand in the same map as lower-case ones; the bar keeps them apart.
fn folded_key(name: &str) -> String {
    format!("|{}", fold(name))
}
