//! What requests come to within a window: for evidence, quick reports and the report up.

use std::collections::{BTreeMap, HashMap};

use domain::{
    actor::Scope,
    id::{Id, kind},
    request::{ItemState, RequestKind, RequestState, Standing, standing},
    right::Right,
    time::Window,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError};

/// Bodies, or requests, asked for in one statement.
const CHUNK: usize = 500;

/// What the requests to one body come to. Withdrawn ones are counted nowhere.
///
/// A request belongs to a window if it stood open at any moment of it: asked before its end, and not answered for good
/// before its start. What was asked before and is still owed therefore counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them, oldest first.
    pub asked: Vec<Id<kind::Request>>,
    /// Done, in time or late.
    pub done: Vec<Id<kind::Request>>,
    /// Of those, done after the due time.
    pub late: Vec<Id<kind::Request>>,
    /// Answered in part, whether or not the rest is still owed.
    pub partly: Vec<Id<kind::Request>>,
    /// Answered as impossible.
    pub impossible: Vec<Id<kind::Request>>,
    /// Owed, and the due time is past: a part of `open`.
    pub overdue: Vec<Id<kind::Request>>,
    /// Owed.
    pub open: Vec<Id<kind::Request>>,
    /// The entries of those that are filter requests.
    pub items: Items,
}

/// Entries of filter requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Items {
    /// All.
    pub all: u32,
    /// Filtered.
    pub done: u32,
    /// Of those, after the due time.
    pub late: u32,
    /// Said to be impossible.
    pub impossible: u32,
    /// Owed.
    pub open: u32,
    /// Of those, past the due time.
    pub overdue: u32,
}

impl Items {
    fn add(&mut self, of: &Entries, request: &Counted, now: Timestamp) {
        self.all += of.n;
        match of.state {
            ItemState::Done => {
                self.done += of.n;
                self.late += if of.late { of.n } else { 0 };
            }
            ItemState::Impossible => self.impossible += of.n,
            ItemState::Open => {
                self.open += of.n;
                self.overdue += if request.due <= now { of.n } else { 0 };
            }
        }
    }
}

/// What the requests to those bodies come to within `window`, as seen at `now`. Every body asked for has an entry;
/// those the scope may not see have an empty one.
pub async fn summary(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
) -> Result<BTreeMap<Id<kind::Body>, Summary>, StoreError> {
    let mut found: BTreeMap<_, Summary> = bodies.iter().map(|b| (*b, Summary::default())).collect();
    let counted = concerning(sql, scope, bodies, window).await?;
    let entries = items_of(sql, &counted).await?;
    for request in &counted {
        let Some(of) = found.get_mut(&request.body) else { continue };
        let id = request.id;
        let stands = request.standing(now);
        if stands == Standing::Withdrawn {
            continue;
        }
        of.asked.push(id);
        match request.state {
            RequestState::Partly => of.partly.push(id),
            RequestState::Impossible => of.impossible.push(id),
            _ => {}
        }
        match stands {
            Standing::Done => of.done.push(id),
            Standing::Late => {
                of.done.push(id);
                of.late.push(id);
            }
            Standing::Open => of.open.push(id),
            Standing::Overdue => {
                of.open.push(id);
                of.overdue.push(id);
            }
            _ => {}
        }
        for entry in entries.get(&id).into_iter().flatten() {
            of.items.add(entry, request, now);
        }
    }
    Ok(found)
}

/// A request as it is counted.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub id: Id<kind::Request>,
    pub body: Id<kind::Body>,
    pub kind: RequestKind,
    pub asked: Timestamp,
    pub due: Timestamp,
    pub ended: Option<Timestamp>,
    state: RequestState,
    answered: Option<Timestamp>,
    pub accepted: bool,
}

impl Counted {
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        standing(self.state, self.due, self.answered, self.ended.is_none(), self.accepted, now)
    }
    /// Whether it stood open at any moment of that window.
    pub(crate) fn in_window(&self, window: Window) -> bool {
        self.asked < window.to && self.ended.is_none_or(|at| at >= window.from)
    }
}

/// The requests to those bodies that stood open within the window, oldest first.
pub(crate) async fn concerning(
    sql: &mut Sql,
    scope: &Scope,
    bodies: &[Id<kind::Body>],
    window: Window,
) -> Result<Vec<Counted>, StoreError> {
    let mut found = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new(
            "select r.id, r.body, r.kind, r.asked_at, r.due_at, r.ended_at, r.state, r.answered_at, r.accepted_at
             from request r where r.state <> 'withdrawn' and r.body in",
        );
        query.list(some.iter().copied()).push("and r.asked_at <").bind(window.to);
        query.push("and (r.ended_at is null or r.ended_at >=").bind(window.from).push(") and");
        query.visible(scope, Right::See, "r.body").push("order by r.asked_at, r.id");
        for row in query.rows(sql).await? {
            found.push(Counted {
                id: row.id("id")?,
                body: row.id("body")?,
                kind: row.word("kind", RequestKind::parse)?,
                asked: row.time("asked_at")?,
                due: row.time("due_at")?,
                ended: row.opt_time("ended_at")?,
                state: row.word("state", RequestState::parse)?,
                answered: row.opt_time("answered_at")?,
                accepted: row.opt_int("accepted_at")?.is_some(),
            });
        }
    }
    Ok(found)
}

/// Some entries of one request, alike in state and punctuality.
pub(crate) struct Entries {
    pub state: ItemState,
    pub late: bool,
    pub n: u32,
}

/// The entries of those requests that are filter requests.
pub(crate) async fn items_of(
    sql: &mut Sql,
    requests: &[Counted],
) -> Result<HashMap<Id<kind::Request>, Vec<Entries>>, StoreError> {
    let lists: Vec<_> = requests.iter().filter(|r| r.kind == RequestKind::Filter).map(|r| r.id).collect();
    let mut found: HashMap<_, Vec<Entries>> = HashMap::new();
    for some in lists.chunks(CHUNK) {
        let mut query = Query::new(
            "select i.request, i.state, (i.at is not null and i.at > r.due_at) as late, count(*) as n
             from request_item i join request r on r.id = i.request where i.request in",
        );
        query.list(some.iter().copied());
        query.push("group by i.request, i.state, (i.at is not null and i.at > r.due_at)");
        for row in query.rows(sql).await? {
            found.entry(row.id("request")?).or_default().push(Entries {
                state: row.word("state", ItemState::parse)?,
                late: row.bool("late")?,
                n: row.count("n")?,
            });
        }
    }
    Ok(found)
}
