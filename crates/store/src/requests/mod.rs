//! The register of requests: what an authority asks of a body between letters, and what came of it.
//!
//! Two sides see a request: the body of whom it is asked, and the body that asks. What the body does needs
//! [`Right::Answer`] over it; deciding on an answer needs [`Right::Review`] over who asks, held from elsewhere than the
//! answering body, so that nobody accepts their own answer. Of an authority outside the register a body above speaks.
//! Every act leaves an audit entry, a change, a line of the request's history and, where evidence rests on it, a fact.

mod answer;
mod ask;
pub mod chase;
mod items;
mod letters;
mod list;
mod protect;
mod receipt;
mod show;
mod summary;

use domain::{
    actor::Scope,
    evidence::Count,
    fact::Source,
    id::{Id, kind},
    request::{Outcome, RequestKind, RequestState},
    right::Right,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::summary::{Counted, Entries, concerning, items_of};
pub use self::{
    answer::{Answer, Decision, answer, decide, receive, withdraw},
    ask::{Asker, BODIES_MAX, ENTRIES_MAX, NewRequest, PassOn, TITLE_MAX, WORDS_MAX, ask, pass_on},
    items::{ITEMS_PAGE, ItemRow, Mark, all_items, items, mark},
    letters::{Tools, of_link},
    list::{Brief, Filter, Side, Sort, State, descendants, list, open_count},
    protect::guard,
    receipt::{Entry, Receipt, entries, receipt},
    show::{AskedTo, Event, Proof, Request, Rights, events, get, item_counts, proofs},
    summary::{Items, Summary, summary},
};
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{decides, learn},
};

/// A request as acts need it.
pub(crate) struct Held {
    pub id: Id<kind::Request>,
    pub body: Id<kind::Body>,
    pub body_name: String,
    pub asker: Option<Id<kind::Body>>,
    pub asker_name: String,
    pub kind: RequestKind,
    pub title: String,
    pub state: RequestState,
    pub under_law: bool,
    pub asked_at: Timestamp,
    pub due: Timestamp,
    pub received_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
}

/// Which right an act needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To see it, from either side.
    See,
    /// To answer for the body.
    Answer,
    /// To pass it on from the body.
    Issue,
    /// To speak for who asks.
    Ask,
}

const HELD: &str =
    "select r.id, r.body, r.body_name, r.asker_body, r.asker_name, r.kind, r.title, r.state, r.under_law,
        r.asked_at, r.due_at, r.received_at, r.accepted_at
    from request r where r.id =";

/// The request, if the scope may do with it what is needed; `NotFound` otherwise, also where it can only be seen.
pub(crate) async fn held(
    sql: &mut Sql,
    scope: &Scope,
    need: Need,
    id: Id<kind::Request>,
) -> Result<Held, StoreError> {
    let mut query = Query::new(HELD);
    query.bind(id).push("and");
    match need {
        Need::See | Need::Ask => seen(&mut query, scope),
        Need::Answer => {
            query.visible(scope, Right::Answer, "r.body");
        }
        Need::Issue => {
            query.visible(scope, Right::Issue, "r.body");
        }
    }
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("request"))?;
    let held = from_row(&row)?;
    if need == Need::Ask && !decides(sql, scope, held.body, held.asker.unwrap_or(held.body)).await? {
        return Err(StoreError::NotFound("request"));
    }
    Ok(held)
}

fn from_row(row: &Row) -> Result<Held, StoreError> {
    Ok(Held {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        asker: row.opt_id("asker_body")?,
        asker_name: row.text("asker_name")?,
        kind: row.word("kind", RequestKind::parse)?,
        title: row.text("title")?,
        state: row.word("state", RequestState::parse)?,
        under_law: row.bool("under_law")?,
        asked_at: row.time("asked_at")?,
        due: row.time("due_at")?,
        received_at: row.opt_time("received_at")?,
        accepted_at: row.opt_time("accepted_at")?,
    })
}

/// The predicate of seeing a request `r`: from the side of the body asked, or of the body that asks.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::See, "r.body").push("or");
    query.visible(scope, Right::See, "r.asker_body").push(")");
}

impl Held {
    fn subject(&self) -> String {
        format!("request:{}", self.id)
    }
    /// Where its page is.
    pub(crate) fn page(&self, tools: &Tools<'_>) -> String {
        format!("{}/requests/{}", tools.base, self.id)
    }
    /// Refuses acts on what was withdrawn.
    fn in_force(&self) -> Result<(), StoreError> {
        if self.state == RequestState::Withdrawn {
            Err(StoreError::Refused("request-withdrawn"))
        } else {
            Ok(())
        }
    }
}

/// Writes an act down: audit entry, change, and a line of the history. Returns the audit entry's number and the
/// line's.
async fn wrote(
    tx: &mut Tx,
    of: &Held,
    action: &'static str,
    kind: &str,
    text: &str,
    detail: &impl Serialize,
) -> Result<(u64, i64), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let row = tx
        .row("select coalesce(max(n), 0) + 1 as n from request_event where request = $1", args![of.id])
        .await?;
    let n = row.map_or(Ok(1), |r| r.int("n"))?;
    tx.exec(
        "insert into request_event (request, n, at, kind, by_person, text) values ($1,$2,$3,$4,$5,$6)",
        args![of.id, n, now, kind, by, text],
    )
    .await?;
    let seq = tx.record(action, of.subject(), Some(of.body), detail);
    tx.changed(Topic::Request, of.subject(), Some(of.body));
    Ok((seq, n))
}

/// Learns a fact about a request; `n` makes each of its kind one of its own.
async fn learnt(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    kind: &str,
    (seq, n): (u64, i64),
    value: Value,
) -> Result<(), StoreError> {
    let key = format!("{kind}/{}/{n}", of.id);
    learn(tx, tools, kind, key, of.body, of.subject(), Source::Audit(seq), value).await?;
    Ok(())
}

/// `{outcome, handled?, all?}` and the like, as facts hold it.
fn outcome(said: Outcome, count: Option<Count>) -> Value {
    let mut value = json!({ "outcome": said.name() });
    if let (Some(count), Some(map)) = (count, value.as_object_mut()) {
        map.insert("handled".into(), count.handled.into());
        map.insert("all".into(), count.all.into());
    }
    value
}
