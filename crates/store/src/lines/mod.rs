//! Lines and outages: what a body reports of its lines, kept minute by minute.
//!
//! A line is seen from two sides: the body whose line it is, and the body it serves. Either may report how it is; only
//! the first changes the line itself and writes what an outage was. Reports that say the same extend one stretch, as a
//! heartbeat does; *down* opens an outage, *ok* and *degraded* end it.

mod course;
mod log;
mod outages;
mod read;
mod report;
mod summary;
mod write;

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::LineKind,
    right::Right,
};

pub(crate) use self::summary::load;
pub use self::{
    course::{Course, Told, Total, courses},
    log::{LOG_MAX, Logged, log},
    outages::{CAUSE_MAX, NewOutage, Outage, OutageChange, Was, amend, of_line, one, open},
    read::{Filter, LIST_MAX, Line, find, get, list},
    report::{BATCH_MAX, NOTE_MAX, Report, Said, report, report_many, reports},
    summary::{LineNow, OutageBrief, Summary, summary},
    write::{CODE_MAX, NAME_MAX, NewLine, change, close, create},
};
use crate::{Query, Sql, StoreError};

/// A line as acts need it.
struct Held {
    id: Id<kind::Line>,
    body: Id<kind::Body>,
    served: Option<Id<kind::Body>>,
    name: String,
    kind: LineKind,
    closed: bool,
}

/// Which right an act needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// To see it, from either side.
    See,
    /// To say how it is, from either side.
    Report,
    /// To change it: from the side of whose line it is.
    Own,
}

/// The line, if the scope may do with it what is needed.
async fn held(sql: &mut Sql, scope: &Scope, need: Need, id: Id<kind::Line>) -> Result<Held, StoreError> {
    let mut query =
        Query::new("select l.id, l.body, l.served, l.name, l.kind, l.closed_at from line l where l.id =");
    query.bind(id).push("and");
    match need {
        Need::See => either(&mut query, scope, Right::See),
        Need::Report => either(&mut query, scope, Right::Answer),
        Need::Own => {
            query.visible(scope, Right::Answer, "l.body");
        }
    }
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("line"))?;
    Ok(Held {
        id: row.id("id")?,
        body: row.id("body")?,
        served: row.opt_id("served")?,
        name: row.text("name")?,
        kind: row.word("kind", LineKind::parse)?,
        closed: row.opt_int("closed_at")?.is_some(),
    })
}

/// The predicate of a right over a line `l` from either side.
fn either(query: &mut Query, scope: &Scope, right: Right) {
    query.push("(").visible(scope, right, "l.body").push("or");
    query.visible(scope, right, "l.served").push(")");
}

impl Held {
    fn subject(&self) -> String {
        format!("line:{}", self.id)
    }
    /// Refuses acts on a line that was given up.
    fn in_use(&self) -> Result<(), StoreError> {
        if self.closed { Err(StoreError::Refused("line-closed")) } else { Ok(()) }
    }
}
