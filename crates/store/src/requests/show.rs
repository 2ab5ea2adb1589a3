//! One request as its page and the API show it: words, proof, history, and what whoever looks may do.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    order::SubmissionKind,
    request::{RequestState, Standing, standing},
    right::Right,
};
use jiff::Timestamp;

use super::{Brief, Need, held, items, list, seen};
use crate::{Query, Sql, StoreError, args, assignments::decides};

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
    /// *Đã xử lý / tổng số*, as the answer says.
    pub count: Option<Count>,
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
    let mut query = Query::new(list::BRIEF);
    query.push("where r.id =").bind(id);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("request"))?;
    let mut brief = [list::brief(&row, now)?];
    list::fill_below(sql, &mut brief).await?;
    let [brief] = brief;
    let row = sql
        .row(
            "select r.text, r.basis, r.due_basis, r.letter, r.received_at, r.answer, r.accepted_at, r.chased, r.handled,
                    r.total,
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
        count: match (row.opt_int("handled")?, row.opt_int("total")?) {
            (Some(handled), Some(all)) => Some(Count {
                handled: u32::try_from(handled).unwrap_or_default(),
                all: u32::try_from(all).unwrap_or_default(),
            }),
            _ => None,
        },
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

/// Settled and all entries of a list, with how many of the settled are impossible.
pub async fn item_counts(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Request>,
) -> Result<(u32, u32, u32), StoreError> {
    held(sql, scope, Need::See, id).await?;
    items::counts(sql, id).await
}
