//! Lists of indicators: whose, from where, until when, and the files that hold what is in them.

mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::Scope,
    id::{Id, kind},
    indicator::{Kind, Tlp},
    right::Right,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    read::{get, gone, list, parts, reach, watched},
    write::{close, create, import, terms, withdraw},
};
use crate::{Query, Row, Sql, StoreError, blobs::Blob};

/// Entries of one list: the goal is five million of all together.
pub const ENTRIES_MAX: u64 = 10_000_000;
/// A file of entries, in bytes.
pub const FILE_MAX: u64 = 1 << 30;

/// What a list is told to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its name.
    pub name: String,
    /// Where it is from, in words.
    pub origin: String,
    /// To whom it may be told.
    pub tlp: Tlp,
    /// How sure whoever made it is, 0 to 100.
    pub confidence: u8,
    /// Since when events are held against it.
    pub from: Timestamp,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A list to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: Id<kind::IndicatorList>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// The letter it is from.
    pub letter: Option<Id<kind::Letter>>,
    /// What it is told to be.
    pub terms: Terms,
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Line, attribute or object, from 1.
    pub place: usize,
    /// As it was written.
    pub text: String,
    /// Why: `domain::request::filter::Why`.
    pub why: domain::request::filter::Why,
}

/// A file read into a list.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// The file of kept lines, stored already.
    pub blob: Blob,
    /// What the file that came was called.
    pub name: String,
    /// In which shape it came.
    pub shape: &'static str,
    /// How many of each kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Named twice.
    pub merged: u64,
    /// Not to be looked for.
    pub passed: u64,
    /// Faulty.
    pub faults: u64,
    /// The first of the faults.
    pub problems: Vec<Fault>,
    /// Whether it takes the place of all that was in the list.
    pub replaces: bool,
}

/// A list as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: Id<kind::IndicatorList>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Whose.
    pub body_name: String,
    /// The letter it is from.
    pub letter: Option<Id<kind::Letter>>,
    /// What it is told to be.
    pub terms: Terms,
    /// How many were taken into it.
    pub entries: u64,
    /// Made at.
    pub created_at: Timestamp,
    /// Changed when its number moves.
    pub version: i64,
    /// Whether the scope may change it.
    pub may_change: bool,
}

/// A part as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which of the list.
    pub seq: i64,
    /// The file of kept lines.
    pub sha256: String,
    /// What the file that came was called.
    pub name: String,
    /// In which shape it came.
    pub shape: String,
    /// How many of each kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Taken.
    pub taken: u64,
    /// Named twice.
    pub merged: u64,
    /// Not to be looked for.
    pub passed: u64,
    /// Faulty.
    pub faults: u64,
    /// The first of the faults.
    pub problems: Vec<Fault>,
    /// Who brought it.
    pub person: Option<String>,
    /// When.
    pub at: Timestamp,
    /// When a later part took its place.
    pub replaced_at: Option<Timestamp>,
}

/// A list as who watches needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its id.
    pub id: Id<kind::IndicatorList>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it is told to be.
    pub terms: Terms,
    /// Changed when its number moves.
    pub version: i64,
    /// The files of kept lines.
    pub files: Vec<String>,
    /// What was taken out again.
    pub gone: BTreeSet<(Kind, String)>,
}

impl Watched {
    /// Whether it is in force.
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.terms.from <= at && self.terms.until.is_none_or(|until| at < until)
    }
}

/// As changes and the audit log call it.
pub fn subject_of(id: Id<kind::IndicatorList>) -> String {
    format!("indicator-list:{id}")
}

/// Asks for the right over a list's body.
async fn body_of(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    id: Id<kind::IndicatorList>,
) -> Result<Id<kind::Body>, StoreError> {
    let mut query = Query::new("select l.body from indicator_list l where l.closed_at is null and l.id =");
    query.bind(id).push("and").visible(scope, right, "l.body");
    query.row(sql).await?.ok_or(StoreError::NotFound("indicator list"))?.id("body")
}

fn terms_of(row: &Row) -> Result<Terms, StoreError> {
    Ok(Terms {
        name: row.text("name")?,
        origin: row.text("origin")?,
        tlp: row.word("tlp", Tlp::parse)?,
        confidence: u8::try_from(row.int("confidence")?).unwrap_or(100),
        from: row.time("valid_from")?,
        until: row.opt_time("valid_until")?,
    })
}
