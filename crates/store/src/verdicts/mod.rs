//! Verdicts beside their tasks: which must be judged anew, what is known of them, and writing what changed.
//!
//! For the evidence worker alone: it sees everything and writes quietly, since a verdict follows from facts that are
//! already on record. Every function takes a batch; none is called once a task.

mod answering;
mod dirty;
mod hunted;
mod known;
mod save;
mod watched;

use domain::{
    duty::Code,
    evidence::{State, Verdict},
    id::{Id, kind},
    time::Window,
};
use jiff::Timestamp;

pub use self::{
    answering::{Figures, flaws, lines, requests, watches},
    dirty::{above_assignments, above_bodies, due, next_due, of_assignments, of_bodies, of_campaigns, open},
    hunted::hunted,
    known::{Contact, Inspections, Leaves, contacts, facts, hosts, inspections, leaves, machines},
    save::{cursor, save, set_cursor},
    watched::{consoles, heard, retention},
};
use crate::{Query, Row, Sql, StoreError};

/// How many tasks are judged at once: the lists of ids stay far below what either engine accepts, and a writer
/// waiting behind the batch waits for some hundredths of a second.
pub const BATCH: usize = 500;

/// A task as the evidence worker sees it.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub id: Id<kind::Task>,
    /// Its assignment.
    pub assignment: Id<kind::Assignment>,
    /// Its campaign.
    pub campaign: Id<kind::Campaign>,
    /// Whose it is.
    pub body: Id<kind::Body>,
    /// The duty.
    pub code: Code,
    /// When it is due.
    pub due: Timestamp,
    /// The campaign's window.
    pub window: Option<Window>,
    /// The verdict as it stands.
    pub verdict: Verdict,
    /// Whether it was ever judged.
    pub judged: bool,
}

/// The open tasks among those: of campaigns in force, not withdrawn, not cancelled. In the order of their assignments.
pub async fn load(sql: &mut Sql, ids: &[Id<kind::Task>]) -> Result<Vec<Task>, StoreError> {
    let mut query = Query::new(
        "select t.id, t.assignment, t.campaign, t.body, t.code, t.due_at, t.state, t.handled, t.total, t.because,
                t.next_check, t.evaluated_at, c.window_from, c.window_to
         from task t join assignment a on a.id = t.assignment join campaign c on c.id = t.campaign
         where t.withdrawn_at is null and a.cancelled_at is null and c.state = 'issued' and t.id in",
    );
    query.list(ids.iter().copied()).push("order by t.assignment, t.id");
    query.rows(sql).await?.iter().map(task).collect()
}

fn task(row: &Row) -> Result<Task, StoreError> {
    let code = row.text("code")?;
    let window = row.opt_time("window_from")?.zip(row.opt_time("window_to")?);
    Ok(Task {
        id: row.id("id")?,
        assignment: row.id("assignment")?,
        campaign: row.id("campaign")?,
        body: row.id("body")?,
        code: Code::new(&code).map_err(|e| StoreError::Corrupt("task", e.to_string()))?,
        due: row.time("due_at")?,
        window: window.map(|(from, to)| Window { from, to }),
        verdict: Verdict {
            state: row.word("state", State::parse)?,
            handled: row.count("handled")?,
            all: row.count("total")?,
            because: row.json("because")?,
            next_check: row.opt_time("next_check")?,
        },
        judged: row.opt_int("evaluated_at")?.is_some(),
    })
}
