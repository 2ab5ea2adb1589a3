//! Requests as pages and the API show them.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    order::SubmissionKind,
    request::{RequestKind, RequestState, Standing, standing},
    right::Right,
};
use jiff::Timestamp;

use super::{Need, held, items, seen};
use crate::{Query, Row, Sql, StoreError, args, assignments::decides, register::containing};

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

/// What whoever looks may do with a request: decides which buttons a page shows, never whether an act succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// Read words, entries and proof.
    pub read: bool,
    /// Take it, answer it.
    pub answer: bool,
    /// Pass it on.
    pub pass_on: bool,
    /// Accept, return, withdraw.
    pub decide: bool,
    /// Record that an authority outside took it back.
    pub withdraw: bool,
}

/// A request with what its page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What lists show.
    pub brief: Brief,
    /// What exactly; empty for those who may not read.
    pub text: String,
    /// The text or paper it rests on.
    pub basis: String,
    /// The article of the clock; `None` = agreed.
    pub due_basis: Option<String>,
    /// The letter it was drafted from, if whoever looks may read it.
    pub letter: Option<Id<kind::Letter>>,
    /// When it was taken, and by whom.
    pub received: Option<(Timestamp, String)>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// The answer's words; empty for those who may not read.
    pub answer: String,
    /// When who asked agreed with it.
    pub accepted_at: Option<Timestamp>,
    /// Reminders sent.
    pub chased: u32,
    /// The others of its batch: those that may be seen.
    pub batch: AskedTo,
    /// What whoever looks may do.
    pub rights: Rights,
}

/// How many were asked together, and how many of them have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedTo {
    /// Answered for good.
    pub answered: u32,
    /// All.
    pub all: u32,
}

/// A piece of proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its id.
    pub id: Id<kind::Proof>,
    /// File, note, link.
    pub kind: SubmissionKind,
    /// Words.
    pub text: String,
    /// The address.
    pub url: Option<String>,
    /// The file.
    pub sha256: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// When it was handed in.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
}

/// Something that happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What: see the table's comment.
    pub kind: String,
    /// By whom.
    pub by: Option<String>,
    /// Words; empty for those who may not read.
    pub text: String,
}

const BRIEF: &str = "select r.id, r.batch, r.parent, r.body, r.body_name, r.asker_body, r.asker_name, r.kind, r.title,
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

fn brief(row: &Row, now: Timestamp) -> Result<Brief, StoreError> {
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
async fn fill_below(sql: &mut Sql, briefs: &mut [Brief]) -> Result<(), StoreError> {
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

/// One request.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Request, StoreError> {
    at(sql, scope, id, Timestamp::UNIX_EPOCH).await
}

impl Request {
    /// How it counts at that instant.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        let b = &mut self.brief;
        let owed = matches!(b.standing, Standing::Open | Standing::Overdue);
        b.standing = standing(b.state, b.due, b.answered_at, owed, self.accepted_at.is_some(), now);
        self
    }
}

async fn at(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
    now: Timestamp,
) -> Result<Request, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    let mut query = Query::new(BRIEF);
    query.push("where r.id =").bind(id);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("request"))?;
    let mut brief = [brief(&row, now)?];
    fill_below(sql, &mut brief).await?;
    let [brief] = brief;
    let row = sql
        .row(
            "select r.text, r.basis, r.due_basis, r.letter, r.received_at, r.answer, r.accepted_at, r.chased,
                    p.name as receiver, a.name as answerer
             from request r left join person p on p.id = r.received_by left join person a on a.id = r.answered_by
             where r.id = $1",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("request"))?;
    let rights = rights(sql, scope, &of).await?;
    let letter: Option<Id<kind::Letter>> = row.opt_id("letter")?;
    let letter = match letter {
        Some(letter) if crate::letters::get(sql, scope, letter).await.is_ok() => Some(letter),
        _ => None,
    };
    let read = |text: String| if rights.read { text } else { String::new() };
    let mut query =
        Query::new("select count(*) as n, count(r.ended_at) as answered from request r where r.batch =");
    query.bind(brief.batch).push("and r.state <> 'withdrawn' and");
    seen(&mut query, scope);
    let batch = query.row(sql).await?.ok_or(StoreError::NotFound("request"))?;
    let receiver = row.opt_text("receiver")?.unwrap_or_default();
    Ok(Request {
        text: read(row.text("text")?),
        basis: row.text("basis")?,
        due_basis: row.opt_text("due_basis")?,
        letter,
        received: row.opt_time("received_at")?.map(|at| (at, receiver)),
        answered_by: row.opt_text("answerer")?,
        answer: read(row.text("answer")?),
        accepted_at: row.opt_time("accepted_at")?,
        chased: row.count("chased")?,
        batch: AskedTo { answered: batch.count("answered")?, all: batch.count("n")? },
        rights,
        brief,
    })
}

async fn rights(sql: &mut Sql, scope: &Scope, of: &super::Held) -> Result<Rights, StoreError> {
    let mut over = HashMap::new();
    for right in [Right::Read, Right::Answer, Right::Issue] {
        let mut query = Query::new("select b.id from body b where b.id =");
        query.bind(of.body).push("and").visible(scope, right, "b.id");
        over.insert(right, query.row(sql).await?.is_some());
    }
    let over = |right| over.get(&right).copied().unwrap_or(false);
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(of.asker).push("and").visible(scope, Right::Read, "b.id");
    let asker_reads = query.row(sql).await?.is_some();
    let open = of.state != RequestState::Withdrawn;
    let decide = decides(sql, scope, of.body, of.asker.unwrap_or(of.body)).await?;
    Ok(Rights {
        read: over(Right::Read) || asker_reads,
        answer: open && over(Right::Answer),
        pass_on: open && over(Right::Issue),
        decide: open && decide,
        withdraw: open && (decide || of.asker.is_none() && over(Right::Issue)),
    })
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

/// The proof handed in, newest first; nothing for those who may not read.
pub async fn proofs(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Vec<Proof>, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    if !rights(sql, scope, &of).await?.read {
        return Ok(Vec::new());
    }
    let rows = sql
        .rows(
            "select q.*, p.name from request_proof q left join person p on p.id = q.by_person
             where q.request = $1 order by q.at desc, q.id desc",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Proof {
                id: row.id("id")?,
                kind: row.word("kind", SubmissionKind::parse)?,
                text: row.text("text")?,
                url: row.opt_text("url")?,
                sha256: row.opt_text("sha256")?,
                file_name: row.opt_text("file_name")?,
                at: row.time("at")?,
                by: row.opt_text("name")?,
            })
        })
        .collect()
}

/// What happened to a request, oldest first.
pub async fn events(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Vec<Event>, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    let read = rights(sql, scope, &of).await?.read;
    let rows = sql
        .rows(
            "select e.at, e.kind, e.text, p.name from request_event e left join person p on p.id = e.by_person
             where e.request = $1 order by e.n",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                at: row.time("at")?,
                kind: row.text("kind")?,
                by: row.opt_text("name")?,
                text: if read { row.text("text")? } else { String::new() },
            })
        })
        .collect()
}

/// How many requests a body owes: the number in its own to-do.
pub async fn open_count(sql: &mut Sql, body: Id<kind::Body>) -> Result<u32, StoreError> {
    let row = sql
        .row("select count(*) as n from request where body = $1 and ended_at is null", args![body])
        .await?;
    row.map_or(Ok(0), |r| r.count("n"))
}

/// Settled and all entries of a list, with how many of the settled are impossible.
pub async fn item_counts(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
) -> Result<(u32, u32, u32), StoreError> {
    held(sql, scope, Need::See, id).await?;
    items::counts(sql, id).await
}
