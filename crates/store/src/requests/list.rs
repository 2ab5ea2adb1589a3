//! Lists of requests: what they filter by, in which order, and what each row says.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    request::{RequestKind, RequestState, Standing, standing},
};
use jiff::Timestamp;

use super::{Need, held, seen};
use crate::{Query, Row, Sql, StoreError, args, register::containing};

/// At most so many rows of a page.
const PAGE_MAX: usize = 500;
/// At most so many requests below one are shown; beyond that a report is read, not a page.
const BELOW_MAX: i64 = 2_000;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of that body, as the one asked or the one asking.
    pub body: Option<Id<kind::Body>>,
    /// On which side that body stands.
    pub side: Side,
    /// Of one kind.
    pub kind: Option<RequestKind>,
    /// In which state.
    pub state: State,
    /// Holding these words.
    pub text: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Only those after this one, of [`Sort::Newest`]: a program's place in the list, which what is asked meanwhile
    /// does not move.
    pub after: Option<(Timestamp, Id<kind::Request>)>,
}

/// On which side a body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Either.
    #[default]
    Both,
    /// It is asked.
    Asked,
    /// It asks.
    Asking,
}

/// Which requests a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// All that were not withdrawn.
    #[default]
    All,
    /// Owed.
    Open,
    /// Owed, due time past at that instant.
    Overdue(Timestamp),
    /// Answered for good.
    Ended,
    /// Withdrawn.
    Withdrawn,
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Owed ones first, the earliest due first; then the rest, newest first.
    #[default]
    Due,
    /// Newest first.
    Newest,
    /// By body, then by due time.
    Body,
}

/// A request as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Its id.
    pub id: Id<kind::Request>,
    /// Asked together with others.
    pub batch: Id<kind::Request>,
    /// The request that it passes on.
    pub parent: Option<Id<kind::Request>>,
    /// Of whom it is asked.
    pub body: Id<kind::Body>,
    /// Its name then.
    pub body_name: String,
    /// Who asks, if it is in the register.
    pub asker: Option<Id<kind::Body>>,
    /// Its name.
    pub asker_name: String,
    /// What kind.
    pub kind: RequestKind,
    /// In one line.
    pub title: String,
    /// Whether the competent force asks under the law.
    pub under_law: bool,
    /// Whether it is urgent.
    pub urgent: bool,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it is due.
    pub due: Timestamp,
    /// Where it stands.
    pub state: RequestState,
    /// How that counts at the instant of the list.
    pub standing: Standing,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Its entries: settled and all; none where nothing is to be filtered.
    pub items: (u32, u32),
    /// Passed on: answered and all, at any depth.
    pub below: (u32, u32),
}

pub(super) const BRIEF: &str = "select r.id, r.batch, r.parent, r.body, r.body_name, r.asker_body, r.asker_name, r.kind, r.title,
        r.under_law, r.urgent, r.asked_at, r.due_at, r.state, r.answered_at, r.accepted_at, r.ended_at, r.items,
        (select count(*) from request_item i where i.request = r.id and i.state <> 'open') as settled
    from request r";

/// Requests from row `skip` on, at most `limit`.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    now: Timestamp,
    skip: u32,
    limit: usize,
) -> Result<Vec<Brief>, StoreError> {
    let mut query = Query::new(BRIEF);
    query.push("join body b on b.id = r.body where");
    seen(&mut query, scope);
    if let Some(body) = filter.body {
        match filter.side {
            Side::Asked => query.push("and r.body =").bind(body),
            Side::Asking => query.push("and r.asker_body =").bind(body),
            Side::Both => {
                query.push("and (r.body =").bind(body).push("or r.asker_body =").bind(body).push(")")
            }
        };
    }
    if let Some(kind) = filter.kind {
        query.push("and r.kind =").bind(kind.name());
    }
    match filter.state {
        State::All => query.push("and r.state <> 'withdrawn'"),
        State::Open => query.push("and r.ended_at is null"),
        State::Overdue(now) => query.push("and r.ended_at is null and r.due_at <=").bind(now),
        State::Ended => query.push("and r.ended_at is not null and r.state <> 'withdrawn'"),
        State::Withdrawn => query.push("and r.state = 'withdrawn'"),
    };
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and r.folded like").bind(containing(text.trim())).push("escape '\\'");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (r.asked_at <").bind(at).push("or r.asked_at =").bind(at);
        query.push("and r.id <").bind(id).push(")");
    }
    query.push(match filter.sort {
        Sort::Due => {
            "order by case when r.ended_at is null then 0 else 1 end,
                      case when r.ended_at is null then r.due_at else -r.asked_at end, r.id"
        }
        Sort::Newest => "order by r.asked_at desc, r.id desc",
        Sort::Body => "order by b.sort_key, r.due_at, r.id",
    });
    query.push("limit").bind(i64::try_from(limit.min(PAGE_MAX)).unwrap_or(0));
    query.push("offset").bind(skip);
    let rows = query.rows(sql).await?;
    let mut found = rows.iter().map(|r| brief(r, now)).collect::<Result<Vec<_>, _>>()?;
    fill_below(sql, &mut found).await?;
    Ok(found)
}

pub(super) fn brief(row: &Row, now: Timestamp) -> Result<Brief, StoreError> {
    let (state, due) = (row.word("state", RequestState::parse)?, row.time("due_at")?);
    let (answered_at, accepted) = (row.opt_time("answered_at")?, row.opt_int("accepted_at")?.is_some());
    let owed = row.opt_int("ended_at")?.is_none();
    Ok(Brief {
        id: row.id("id")?,
        batch: row.id("batch")?,
        parent: row.opt_id("parent")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        asker: row.opt_id("asker_body")?,
        asker_name: row.text("asker_name")?,
        kind: row.word("kind", RequestKind::parse)?,
        title: row.text("title")?,
        under_law: row.bool("under_law")?,
        urgent: row.bool("urgent")?,
        asked_at: row.time("asked_at")?,
        due,
        state,
        standing: standing(state, due, answered_at, owed, accepted, now),
        answered_at,
        items: (row.count("settled")?, row.count("items")?),
        below: (0, 0),
    })
}

/// Answered and all of what was passed on, at any depth, for each of them. Counts only: whoever sees a request may know
/// how many of those below have answered, if not who.
pub(super) async fn fill_below(sql: &mut Sql, briefs: &mut [Brief]) -> Result<(), StoreError> {
    if briefs.is_empty() {
        return Ok(());
    }
    let mut query = Query::new(
        "with recursive chain (top, id) as (select r.parent, r.id from request r where r.parent in",
    );
    query.list(briefs.iter().map(|b| b.id));
    query.push(
        "union select c.top, r.id from chain c join request r on r.parent = c.id)
         select c.top, count(*) as n, count(r.ended_at) as answered from chain c join request r on r.id = c.id
         where r.state <> 'withdrawn' group by c.top",
    );
    let mut counts = HashMap::new();
    for row in query.rows(sql).await? {
        counts.insert(row.id::<kind::Request>("top")?, (row.count("answered")?, row.count("n")?));
    }
    for brief in briefs {
        brief.below = counts.get(&brief.id).copied().unwrap_or_default();
    }
    Ok(())
}

/// The requests passed on from one, at any depth, those that may be seen; each with its depth, in the order of the
/// chain.
pub async fn descendants(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
    now: Timestamp,
) -> Result<Vec<Brief>, StoreError> {
    held(sql, scope, Need::See, id).await?;
    let mut query =
        Query::new("with recursive chain (id, depth) as (select r.id, 1 from request r where r.parent =");
    query.bind(id);
    query.push("union select r.id, c.depth + 1 from chain c join request r on r.parent = c.id)");
    query.push(BRIEF).push("join chain c on c.id = r.id where r.state <> 'withdrawn' and");
    seen(&mut query, scope);
    query.push("order by c.depth, r.due_at, r.id limit").bind(BELOW_MAX);
    let rows = query.rows(sql).await?;
    rows.iter().map(|r| brief(r, now)).collect()
}

/// How many requests a body owes: the number in its own to-do.
pub async fn open_count(sql: &mut Sql, body: Id<kind::Body>) -> Result<u32, StoreError> {
    let row = sql
        .row("select count(*) as n from request where body = $1 and ended_at is null", args![body])
        .await?;
    row.map_or(Ok(0), |r| r.count("n"))
}
