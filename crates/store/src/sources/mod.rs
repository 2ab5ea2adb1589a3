//! Sources of events: who may send, for which body and system, and what came of it.

mod counts;
mod health;
mod heard;
mod read;
mod stretch;
mod write;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    source::Kind,
};
use jiff::Timestamp;

pub use self::{
    counts::{Flush, Followed, Stranger, flush, follow, followed, strangers},
    health::{Turn, Volume, look, volume_of},
    heard::{SourceHeard, SystemHeard, systems},
    read::{Filter, get, known, list},
    write::{close, create, new_token},
};
use crate::{Query, Row, Sql, StoreError};

/// What every token of a source begins with, so that scanners of leaked secrets can recognise one.
pub const PREFIX: &str = "canhlog_";

/// A source to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: Id<kind::Source>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Of which system.
    pub system: Option<Id<kind::System>>,
    /// What people call it.
    pub name: String,
    /// How it speaks.
    pub kind: Kind,
    /// Digest of its token.
    pub digest: String,
    /// Of syslog: the address or network it sends from.
    pub address: Option<String>,
    /// The zone of times that say none.
    pub zone: String,
    /// Events a second it may send.
    pub rate: u32,
    /// Silent for longer is a trouble.
    pub quiet_minutes: u32,
}

/// A source as the ways in know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: Id<kind::Source>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Of which system.
    pub system: Option<Id<kind::System>>,
    /// How it speaks.
    pub kind: Kind,
    /// Digest of its token.
    pub digest: String,
    /// The address or network it sends from.
    pub address: Option<String>,
    /// The zone of times that say none.
    pub zone: String,
    /// Events a second it may send.
    pub rate: u32,
}

/// A source as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What the ways in know.
    pub known: Known,
    /// What people call it.
    pub name: String,
    /// Whose.
    pub body_name: String,
    /// Of which system.
    pub system_name: Option<String>,
    /// Silent for longer is a trouble.
    pub quiet_minutes: u32,
    /// Made at.
    pub created_at: Timestamp,
    /// What came in.
    pub counts: Counts,
    /// Whether the scope may change it.
    pub may_change: bool,
}

/// What came in at a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that reached us.
    pub received: u64,
    /// Lines kept.
    pub kept: u64,
    /// Lines refused: over the rate, or while the disk refused.
    pub refused: u64,
    /// Lines no parser understood; they are kept.
    pub unparsed: u64,
    /// Lines whose clock is off.
    pub skewed: u64,
    /// The first line.
    pub first_at: Option<Timestamp>,
    /// The last one.
    pub last_at: Option<Timestamp>,
    /// Lines nobody understood.
    pub samples: Vec<String>,
}

impl Shown {
    /// Whether it has been silent for too long; one that never spoke is judged from when it was made.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        let last = self.counts.last_at.unwrap_or(self.created_at);
        now.duration_since(last) > jiff::SignedDuration::from_mins(i64::from(self.quiet_minutes))
    }
}

/// Asks for the right over a body.
async fn may(sql: &mut Sql, scope: &Scope, right: Right, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, right, "b.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

fn from_row(row: &Row) -> Result<Known, StoreError> {
    Ok(Known {
        id: row.id("id")?,
        body: row.id("body")?,
        system: row.opt_id("system")?,
        kind: row.word("kind", Kind::parse)?,
        digest: row.text("digest")?,
        address: row.opt_text("address")?,
        zone: row.text("zone")?,
        rate: row.count("rate")?,
    })
}
