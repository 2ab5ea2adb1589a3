//! What is known of lines within a window: for pages, evidence, quick reports and the report up.

use std::collections::{BTreeMap, HashMap};

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::{self, Gone, LineKind, LineState, Minutes, Reported, Segment},
    right::Right,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Query, Sql, StoreError};

/// Bodies, or lines, asked for in one statement.
pub(super) const CHUNK: usize = 500;

/// The lines of one body within a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Its lines in use, by name, each as it is now.
    pub lines: Vec<LineNow>,
    /// Outages of those lines that touch the window, oldest first.
    pub outages: Vec<OutageBrief>,
    /// The minutes of all its lines together.
    pub minutes: Minutes,
}

impl Summary {
    /// How many lines are in that state now; `None`: nobody knows.
    pub fn count(&self, state: Option<LineState>) -> u32 {
        u32::try_from(self.lines.iter().filter(|l| l.now == state).count()).unwrap_or(u32::MAX)
    }
}

/// A line as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNow {
    /// Its id.
    pub id: Id<kind::Line>,
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: LineKind,
    /// How it is; `None`: nobody knows.
    pub now: Option<LineState>,
    /// The last report.
    pub seen: Option<Timestamp>,
    /// Its minutes of the window.
    pub minutes: Minutes,
}

/// An outage within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageBrief {
    /// Its id.
    pub id: Id<kind::Outage>,
    /// Of which line.
    pub line: Id<kind::Line>,
    /// What the line is called.
    pub name: String,
    /// First moment, also before the window.
    pub from: Timestamp,
    /// First moment after; `None`: it lasts.
    pub to: Option<Timestamp>,
    /// Why; empty while nobody has said.
    pub cause: String,
    /// Minutes of it inside the window and the past.
    pub minutes: u32,
}

/// The lines of those bodies (as whose lines they are) within `window`, as known at `now`; a report is believed for
/// `hold` (see [`domain::line::hold`]). Every body asked for has an entry; those the scope may not see an empty one.
pub async fn summary(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
    hold: SignedDuration,
) -> Result<BTreeMap<Id<kind::Body>, Summary>, StoreError> {
    let mut found: BTreeMap<_, Summary> = bodies.iter().map(|b| (*b, Summary::default())).collect();
    for line in load(sql, scope, bodies, window, hold).await? {
        let Some(of) = found.get_mut(&line.body) else { continue };
        let (_, minutes) = line.known.through(window, now, hold);
        of.minutes = of.minutes.and(minutes);
        of.outages.extend(line.known.outages.iter().filter(|o| o.gone.from < window.to).map(|o| {
            OutageBrief {
                id: o.id,
                line: line.id,
                name: line.name.clone(),
                from: o.gone.from,
                to: o.gone.to,
                cause: o.cause.clone(),
                minutes: inside(o.gone, window, now),
            }
        }));
        of.lines.push(LineNow {
            now: line.known.at(now, hold).0,
            seen: line.known.seen(now),
            id: line.id,
            name: line.name,
            kind: line.kind,
            minutes,
        });
    }
    for of in found.values_mut() {
        of.outages.sort_by_key(|o| (o.from, o.id));
    }
    Ok(found)
}

pub(super) fn inside(gone: Gone, window: Window, now: Timestamp) -> u32 {
    let (from, to) = (gone.from.max(window.from), gone.to.unwrap_or(now).min(window.to).min(now));
    u32::try_from(to.duration_since(from).as_secs().max(0) / 60).unwrap_or(u32::MAX)
}

/// A line with all that was said of it.
pub(crate) struct Loaded {
    pub id: Id<kind::Line>,
    pub body: Id<kind::Body>,
    name: String,
    kind: LineKind,
    pub known: Known,
}

/// The lines in use of those bodies, in order of their names.
pub(crate) async fn load(
    sql: &mut Sql,
    scope: &Scope,
    bodies: &[Id<kind::Body>],
    window: Window,
    hold: SignedDuration,
) -> Result<Vec<Loaded>, StoreError> {
    let mut lines = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select l.id, l.body, l.name, l.kind from line l where l.closed_at is null and l.body in",
        );
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "l.body");
        query.push("order by l.sort_key, l.id");
        for row in query.rows(sql).await? {
            lines.push(Loaded {
                id: row.id("id")?,
                body: row.id("body")?,
                name: row.text("name")?,
                kind: row.word("kind", LineKind::parse)?,
                known: Known::default(),
            });
        }
    }
    let ids: Vec<_> = lines.iter().map(|l| l.id).collect();
    let mut known = known(sql, &ids, window, hold).await?;
    for line in &mut lines {
        line.known = known.remove(&line.id).unwrap_or_default();
    }
    Ok(lines)
}

/// What was said of one line.
#[derive(Default)]
pub(crate) struct Known {
    reported: Vec<Reported>,
    outages: Vec<Told>,
}

struct Told {
    id: Id<kind::Outage>,
    gone: Gone,
    cause: String,
}

impl Known {
    fn gone(&self) -> Vec<Gone> {
        self.outages.iter().map(|o| o.gone).collect()
    }
    /// The strip of a window and its minutes.
    pub(crate) fn through(
        &self,
        window: Window,
        now: Timestamp,
        hold: SignedDuration,
    ) -> (Vec<Segment>, Minutes) {
        let strip = line::timeline(window, now, hold, &self.reported, &self.gone());
        let minutes = line::minutes(window, &strip);
        (strip, minutes)
    }
    /// How it is, and until when that is believed.
    pub(crate) fn at(&self, now: Timestamp, hold: SignedDuration) -> (Option<LineState>, Option<Timestamp>) {
        line::state_at(now, hold, &self.reported, &self.gone())
    }
    pub(super) fn seen(&self, now: Timestamp) -> Option<Timestamp> {
        self.reported.iter().rev().find(|r| r.from <= now).map(|r| r.to)
    }
}

/// What was said of those lines that bears on the window.
pub(super) async fn known(
    sql: &mut Sql,
    ids: &[Id<kind::Line>],
    window: Window,
    hold: SignedDuration,
) -> Result<HashMap<Id<kind::Line>, Known>, StoreError> {
    let mut found: HashMap<_, Known> = HashMap::new();
    let earliest = window.from.checked_sub(hold).unwrap_or(Timestamp::MIN);
    for some in ids.chunks(CHUNK) {
        // What is believed at the window's start was said before it; what is known now may have been said after its end.
        let mut query = Query::new("select line, state, from_at, seen_at from line_status where line in");
        query.list(some.iter().copied()).push("and seen_at >=").bind(earliest);
        query.push("order by line, from_at");
        for row in query.rows(sql).await? {
            found.entry(row.id("line")?).or_default().reported.push(Reported {
                from: row.time("from_at")?,
                to: row.time("seen_at")?,
                state: row.word("state", LineState::parse)?,
            });
        }
        let mut query = Query::new("select id, line, from_at, to_at, cause from outage where line in");
        query.list(some.iter().copied()).push("and (to_at is null or to_at >").bind(window.from);
        query.push(") order by line, from_at");
        for row in query.rows(sql).await? {
            found.entry(row.id("line")?).or_default().outages.push(Told {
                id: row.id("id")?,
                gone: Gone { from: row.time("from_at")?, to: row.opt_time("to_at")? },
                cause: row.text("cause")?,
            });
        }
    }
    Ok(found)
}
