//! The term of each body's events.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    right::Right,
    system::Level,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Query, Row, Sql, StoreError};

/// Of which bodies events are kept how long, and beyond that which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyTerm {
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub name: String,
    /// How many registered systems it has.
    pub systems: usize,
    /// The highest level among them.
    pub level: Option<Level>,
    /// Systems nobody classified.
    pub unclassified: usize,
    /// Its sources that may send.
    pub sources: usize,
    /// For how many days its events are kept; `None`: the law in force says nothing, so all are.
    pub days: Option<u32>,
    /// When the oldest event that is there came.
    pub oldest: Option<Timestamp>,
}

impl BodyTerm {
    /// Since when its events are kept.
    pub fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let days = SignedDuration::from_hours(24 * i64::from(self.days?));
        now.checked_sub(days).ok()
    }
}

/// Every body's term, for whoever keeps the events: only programs call this.
pub async fn terms(sql: &mut Sql, pack: &Pack) -> Result<Vec<BodyTerm>, StoreError> {
    read(sql, &Scope::system(), pack, false).await
}

/// The terms of bodies a scope may see that have a source, by name.
pub async fn bodies(sql: &mut Sql, scope: &Scope, pack: &Pack) -> Result<Vec<BodyTerm>, StoreError> {
    read(sql, scope, pack, true).await
}

async fn read(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    with_sources: bool,
) -> Result<Vec<BodyTerm>, StoreError> {
    let mut levels: BTreeMap<Id<kind::Body>, Vec<Option<Level>>> = BTreeMap::new();
    let mut query = Query::new("select y.body, y.level from system y where y.closed_at is null and");
    query.visible(scope, Right::Read, "y.body");
    for row in query.rows(sql).await? {
        let level = row.opt_int("level")?.and_then(|n| u8::try_from(n).ok()).and_then(Level::new);
        levels.entry(row.id("body")?).or_default().push(level);
    }
    let mut query = Query::new(
        "select b.id, b.name, min(h.oldest_at) as oldest, count(e.id) as made,
           sum(case when e.id is not null and e.closed_at is null then 1 else 0 end) as open
         from body b left join event_source e on e.body = b.id left join event_held h on h.source = e.id where",
    );
    query.visible(scope, Right::Read, "b.id").push("group by b.id, b.name, b.sort_key");
    if with_sources {
        query.push("having count(e.id) > 0");
    }
    query.push("order by b.sort_key, b.id");
    query.rows(sql).await?.iter().map(|row| one(row, &levels, pack)).collect()
}

fn one(
    row: &Row,
    levels: &BTreeMap<Id<kind::Body>, Vec<Option<Level>>>,
    pack: &Pack,
) -> Result<BodyTerm, StoreError> {
    let body = row.id("id")?;
    let own = levels.get(&body).map(Vec::as_slice).unwrap_or_default();
    Ok(BodyTerm {
        body,
        name: row.text("name")?,
        systems: own.len(),
        level: own.iter().flatten().copied().max_by_key(|level| level.get()),
        unclassified: own.iter().filter(|level| level.is_none()).count(),
        sources: usize::try_from(row.int("open")?).unwrap_or(0),
        days: pack.monitoring().map(|terms| terms.kept_days(own)),
        oldest: row.opt_time("oldest")?,
    })
}
