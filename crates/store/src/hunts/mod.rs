//! Hunts and saved searches: what is looked for and why, run by run, and what it came to.

mod read;
mod run;
mod searches;
mod write;

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    alert::Reason,
    hunt::{How, Outcome, Standing},
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

pub use self::{
    read::{get, hits, list, runs},
    run::{Step, Work, claim, due, fail, finish, step},
    searches::{Saved, drop_search, save, saved, saved_list},
    write::{begin, cancel, close, conclude, create},
};
use crate::{Query, Row, Sql, StoreError};

/// A hunt to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: Id<kind::Hunt>,
    /// Whose events are looked at, with those of all below.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub title: String,
    /// What is supposed.
    pub hypothesis: String,
    /// Which systems and people are meant, in words.
    pub scope: String,
    /// How what is looked for is said.
    pub how: How,
    /// Words of the search box, or a rule; whoever calls has read it.
    pub query: String,
    /// The list of indicators.
    pub list: Option<Id<kind::IndicatorList>>,
    /// How far back, in days.
    pub days: u32,
    /// Repeated every so many days.
    pub every_days: Option<u32>,
}

/// A hunt as it is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What was asked.
    pub hunt: New,
    /// Whose.
    pub body_name: String,
    /// The list's name.
    pub list_name: Option<String>,
    /// When it runs next by itself.
    pub next_at: Option<Timestamp>,
    /// What it came to.
    pub outcome: Option<Outcome>,
    /// In words.
    pub conclusion: String,
    /// Who said so.
    pub concluded_by: Option<String>,
    /// When.
    pub concluded_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// The newest run.
    pub last: Option<Run>,
    /// Whether the scope may run and conclude it.
    pub may_change: bool,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: Id<kind::HuntRun>,
    /// Where it stands.
    pub standing: Standing,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Looked at from there on.
    pub done_to: Timestamp,
    /// Events that had to be looked at.
    pub looked_at: u64,
    /// Events that match.
    pub hits: u64,
    /// Why it failed.
    pub fault: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl Run {
    /// How much of it is done, of a hundred.
    pub fn percent(&self) -> u64 {
        let all = self.to.as_second().saturating_sub(self.from.as_second()).max(1);
        let done = self.to.as_second().saturating_sub(self.done_to.as_second()).clamp(0, all);
        u64::try_from(done.saturating_mul(100) / all).unwrap_or(0)
    }
}

/// An event found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// When it happened.
    pub at: Timestamp,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Where the line lies in the log.
    pub place: (i64, i64),
    /// The machine.
    pub host: String,
    /// Which fields were why.
    pub because: Vec<Reason>,
    /// The line.
    pub raw: String,
}

/// As changes, facts and the audit log call it.
pub fn subject_of(id: Id<kind::Hunt>) -> String {
    format!("hunt:{id}")
}

/// The body of an open hunt, if the scope holds the right over it.
async fn body_of(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    id: Id<kind::Hunt>,
) -> Result<Id<kind::Body>, StoreError> {
    let mut query = Query::new("select h.body from hunt h where h.closed_at is null and h.id =");
    query.bind(id).push("and").visible(scope, right, "h.body");
    query.row(sql).await?.ok_or(StoreError::NotFound("hunt"))?.id("body")
}

fn number(row: &Row, column: &'static str) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.int(column)?).unwrap_or(0))
}

fn run_of(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.id("id")?,
        standing: row.word("standing", Standing::parse)?,
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        done_to: row.time("done_to")?,
        looked_at: number(row, "looked_at")?,
        hits: number(row, "hits")?,
        fault: row.text("fault")?,
        created_at: row.time("created_at")?,
        ended_at: row.opt_time("ended_at")?,
    })
}

fn hunt_of(row: &Row) -> Result<New, StoreError> {
    Ok(New {
        id: row.id("id")?,
        body: row.id("body")?,
        title: row.text("title")?,
        hypothesis: row.text("hypothesis")?,
        scope: row.text("scope")?,
        how: row.word("how", How::parse)?,
        query: row.text("query")?,
        list: row.opt_id("list")?,
        days: row.count("days")?,
        every_days: row.opt_int("every_days")?.and_then(|n| u32::try_from(n).ok()),
    })
}

/// Runs by their hunt, the newest of each.
fn newest(rows: &[Row]) -> Result<BTreeMap<Id<kind::Hunt>, Run>, StoreError> {
    let mut all = BTreeMap::new();
    for row in rows {
        let run = run_of(row)?;
        let slot = all.entry(row.id("hunt")?).or_insert_with(|| run.clone());
        if slot.created_at < run.created_at {
            *slot = run;
        }
    }
    Ok(all)
}
