//! Registered systems and what was heard of each: for evidence and for the pages that open it.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    fact::kinds,
    id::{Id, kind},
    monitoring::{Spoken, Stretch},
    right::Right,
    system::Level,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Query, Row, Sql, StoreError};

/// Bodies, systems or sources asked for in one statement.
const CHUNK: usize = 500;

/// A registered system with what was heard of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemHeard {
    /// Which.
    pub id: Id<kind::System>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub name: String,
    /// Its level; `None` = nobody classified it.
    pub level: Option<Level>,
    /// Its sources; also closed ones, since they were heard once.
    pub sources: Vec<SourceHeard>,
}

/// A source of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHeard {
    /// Which.
    pub id: Id<kind::Source>,
    /// What it is called.
    pub name: String,
    /// Whether it may still send.
    pub open: bool,
    /// When the oldest event came that is still there.
    pub oldest: Option<Timestamp>,
    /// When it was heard.
    pub spoken: Spoken,
}

impl SystemHeard {
    /// What all its sources said.
    pub fn spoken(&self) -> Vec<Spoken> {
        self.sources.iter().map(|s| s.spoken.clone()).collect()
    }
    /// What those said that may still send.
    pub fn speaking(&self) -> Vec<Spoken> {
        self.sources.iter().filter(|s| s.open).map(|s| s.spoken.clone()).collect()
    }
    /// The oldest event kept of it.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.sources.iter().filter_map(|s| s.oldest).min()
    }
}

/// The registered systems of those bodies, by name, each with what was heard of it from `window` less `gap` on.
pub async fn systems(
    sql: &mut Sql,
    scope: &Scope,
    bodies: &[Id<kind::Body>],
    window: Window,
    gap: SignedDuration,
) -> Result<Vec<SystemHeard>, StoreError> {
    let mut all: Vec<SystemHeard> = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select y.id, y.body, y.name, y.level from system y where y.closed_at is null and y.body in",
        );
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "y.body");
        query.push("order by y.sort_key, y.id");
        for row in query.rows(sql).await? {
            all.push(SystemHeard {
                id: row.id("id")?,
                body: row.id("body")?,
                name: row.text("name")?,
                level: row.opt_int("level")?.and_then(|n| u8::try_from(n).ok()).and_then(Level::new),
                sources: Vec::new(),
            });
        }
    }
    let places: HashMap<Id<kind::System>, usize> = all.iter().enumerate().map(|(n, s)| (s.id, n)).collect();
    let ids: Vec<_> = all.iter().map(|s| s.id).collect();
    for some in ids.chunks(CHUNK) {
        let mut query = Query::new(
            "select e.id, e.system, e.name, e.created_at, e.closed_at, c.first_at, h.looked_at, h.oldest_at
             from event_source e join event_source_count c on c.source = e.id
             left join event_held h on h.source = e.id where e.system in",
        );
        query.list(some.iter().copied()).push("order by e.sort_key, e.id");
        for row in query.rows(sql).await? {
            let system: Id<kind::System> = row.id("system")?;
            let Some(of) = places.get(&system).and_then(|n| all.get_mut(*n)) else { continue };
            of.sources.push(SourceHeard {
                id: row.id("id")?,
                name: row.text("name")?,
                open: row.opt_int("closed_at")?.is_none(),
                oldest: held(&row)?,
                spoken: Spoken { since: row.time("created_at")?, stretches: Vec::new() },
            });
        }
    }
    let mut stretches = stretches(sql, &all, window.from.checked_sub(gap).unwrap_or(Timestamp::MIN)).await?;
    for source in all.iter_mut().flat_map(|s| &mut s.sources) {
        source.spoken.stretches = stretches.remove(&source.id).unwrap_or_default();
    }
    Ok(all)
}

/// When the oldest event came that is there: what was found, unless nothing had come when it was looked for.
fn held(row: &Row) -> Result<Option<Timestamp>, StoreError> {
    let first = row.opt_time("first_at")?;
    Ok(match row.opt_time("looked_at")? {
        Some(looked) => {
            let found = row.opt_time("oldest_at")?;
            found.or(first.filter(|first| *first > looked))
        }
        None => first,
    })
}

async fn stretches(
    sql: &mut Sql,
    systems: &[SystemHeard],
    from: Timestamp,
) -> Result<HashMap<Id<kind::Source>, Vec<Stretch>>, StoreError> {
    let subjects: HashMap<String, Id<kind::Source>> =
        systems.iter().flat_map(|s| &s.sources).map(|s| (format!("source:{}", s.id), s.id)).collect();
    let keys: Vec<&String> = subjects.keys().collect();
    let mut found: HashMap<_, Vec<Stretch>> = HashMap::new();
    for some in keys.chunks(CHUNK) {
        let mut query =
            Query::new("select subject, from_at, to_at from fact where superseded_by is null and kind =");
        query.bind(kinds::LOGS_HEARD).push("and subject in").list(some.iter().copied());
        query.push("and to_at >=").bind(from).push("order by from_at, id");
        for row in query.rows(sql).await? {
            if let Some(id) = subjects.get(&row.text("subject")?) {
                let stretch = Stretch { from: row.time("from_at")?, to: row.time("to_at")? };
                found.entry(*id).or_default().push(stretch);
            }
        }
    }
    Ok(found)
}
