//! The life of an assignment once it was issued: read, acknowledged, triaged, asked about, answered with evidence,
//! reviewed, excused, chased.
//!
//! Two sides see an assignment: the body that owes it and whoever holds the right over the body that issued it. What
//! the body does needs a right over the body; what the issuer does needs [`Right::Review`] over the issuing body, held
//! from elsewhere than the owing body itself, so that nobody ever accepts their own evidence. Every act is one function
//! and leaves an audit entry, a change, and — where evaluators read it — a fact whose key makes it happen once.

mod acknowledge;
pub mod chase;
pub(crate) mod evidence;
mod excuses;
mod link;
mod questions;
mod read;
mod review;
mod triage;

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    fact::{Fact, Source},
    id::{Id, Ids, kind},
    intent::{Intent, To, Urgency},
    legal::Pack,
    order::CampaignState,
    right::Right,
    time,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub use self::{
    acknowledge::{ByLetter, acknowledge, acknowledge_by_letter, letter_marks, opened},
    evidence::{
        EVIDENCE_MAX, NOTE_MAX, NewEvidence, NewSubmission, Submission, TASKS_AT_ONCE, hand_in, of_task,
        withdraw,
    },
    excuses::{Excuse, NewExcuse, excuse, excuses, take_back},
    link::{LINK_LIVES, heads, send_link},
    questions::{NewQuestion, Question, TEXT_MAX, answer, ask, question, questions},
    read::{
        Acknowledgement, Assignment, Brief, Filter, Rights, Task, TaskFilter, acknowledgements, get, list,
        task, tasks, todo,
    },
    review::{Decision, Pending, PendingFilter, REVIEW_AT_ONCE, decide, pending},
    triage::triage,
};
use crate::{Query, Row, Sql, StoreError, Tx, args, facts, intents};

/// The kind of channel every intent of this room goes out over; others follow with their channels.
pub(crate) const CHANNEL: &str = "email";
/// A message nobody could be given for so long is of no use any more.
const MESSAGE_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a write needs from outside: ids, where pages lie, how duties are called.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The program's source of ids.
    pub ids: &'a dyn Ids,
    /// The address people use, without a slash at the end.
    pub base: &'a str,
    /// The legal pack in force.
    pub pack: &'a Pack,
}

impl Tools<'_> {
    fn page(&self, of: &Held) -> String {
        format!("{}/assignments/{}", self.base, of.id)
    }
    fn task_page(&self, of: &Held, task: Id<kind::Task>) -> String {
        format!("{}/assignments/{}/tasks/{task}", self.base, of.id)
    }
    fn duty(&self, code: &str) -> String {
        self.pack.duty(code).map_or_else(|| code.to_owned(), |d| format!("{} ({code})", d.vi))
    }
}

/// Which right over whom an act needs.
#[derive(Clone, Copy)]
enum Need {
    /// To see it, from either side.
    See,
    /// Over the body that owes it.
    Body(Right),
    /// To decide on it, over the body that issued it.
    Review,
}

/// An assignment as acts need it.
struct Held {
    id: Id<kind::Assignment>,
    campaign: Id<kind::Campaign>,
    body: Id<kind::Body>,
    body_name: String,
    issuer: Id<kind::Body>,
    issuer_name: String,
    order: String,
    due: Option<Timestamp>,
    tasks: u32,
    received_at: Timestamp,
    read_at: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    over: bool,
}

const HELD: &str =
    "select a.id, a.campaign, a.body, a.received_at, a.read_at, a.acknowledged_at, a.cancelled_at,
        b.name as body_name, c.body as issuer, i.name as issuer_name, c.name as campaign_name,
        c.state as campaign_state, l.number, l.symbol,
        (select min(t.due_at) from task t where t.assignment = a.id and t.withdrawn_at is null) as due,
        (select count(*) from task t where t.assignment = a.id and t.withdrawn_at is null) as tasks
    from assignment a join body b on b.id = a.body join campaign c on c.id = a.campaign
    join body i on i.id = c.body left join letter l on l.id = c.letter
    where a.id =";

/// The assignment, if the scope may do with it what is needed.
async fn held(
    sql: &mut Sql,
    scope: &Scope,
    need: Need,
    id: Id<kind::Assignment>,
) -> Result<Held, StoreError> {
    let mut query = Query::new(HELD);
    query.bind(id).push("and");
    match need {
        Need::See => seen(&mut query, scope),
        Need::Body(right) => {
            query.visible(scope, right, "a.body");
        }
        Need::Review => {
            query.visible(scope, Right::Review, "c.body");
        }
    }
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("assignment"))?;
    let held = Held {
        id: row.id("id")?,
        campaign: row.id("campaign")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        issuer: row.id("issuer")?,
        issuer_name: row.text("issuer_name")?,
        order: order_name(&row)?,
        due: row.opt_time("due")?,
        tasks: row.count("tasks")?,
        received_at: row.time("received_at")?,
        read_at: row.opt_time("read_at")?,
        acknowledged_at: row.opt_time("acknowledged_at")?,
        over: row.opt_time("cancelled_at")?.is_some()
            || row.word("campaign_state", CampaignState::parse)? != CampaignState::Issued,
    };
    if matches!(need, Need::Review) && !decides(sql, scope, held.body, held.issuer).await? {
        return Err(StoreError::NotFound("assignment"));
    }
    Ok(held)
}

/// The assignment of a task that still stands, if the scope may do with it what is needed.
async fn held_by_task(
    sql: &mut Sql,
    scope: &Scope,
    need: Need,
    task: Id<kind::Task>,
) -> Result<Held, StoreError> {
    let row =
        sql.row("select assignment from task where id = $1 and withdrawn_at is null", args![task]).await?;
    let assignment = row.ok_or(StoreError::NotFound("task"))?.id("assignment")?;
    held(sql, scope, need, assignment).await.map_err(|error| match error {
        StoreError::NotFound(_) => StoreError::NotFound("task"),
        other => other,
    })
}

impl Held {
    /// Refuses acts on what was cancelled or is over.
    fn in_force(&self) -> Result<(), StoreError> {
        if self.over { Err(StoreError::Refused("assignment-over")) } else { Ok(()) }
    }
    fn subject(&self) -> String {
        format!("assignment:{}", self.id)
    }
}

/// The predicate of seeing an assignment `a` of campaign `c`: from the owing body's side or the issuer's.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::See, "a.body").push("or");
    query.visible(scope, Right::See, "c.body").push(")");
}

/// Whether the scope may decide on what `body` owes to `issuer`: [`Right::Review`] over the issuer, and not by a role
/// at the owing body itself.
pub(crate) async fn decides(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    issuer: Id<kind::Body>,
) -> Result<bool, StoreError> {
    let Some(tops) = scope.tops(Right::Review) else { return Ok(true) };
    let mut query = Query::new("select seen.above from body_closure seen where seen.below =");
    query.bind(issuer).push("and seen.above in").list(tops.into_iter().filter(|t| *t != body));
    Ok(query.row(sql).await?.is_some())
}

/// Name, number and symbol: how people call an order, and how its first message called it.
fn order_name(row: &Row) -> Result<String, StoreError> {
    let name = row.text("campaign_name")?;
    Ok(match (row.opt_text("number")?, row.opt_text("symbol")?) {
        (Some(number), Some(symbol)) => format!("{name} ({number}/{symbol})"),
        (None, Some(reference)) | (Some(reference), None) => format!("{name} ({reference})"),
        (None, None) => name,
    })
}

/// Who acts, as a person of flesh and blood; Canh itself answers for no body.
pub(crate) fn somebody(actor: Actor) -> Result<Id<kind::Person>, StoreError> {
    actor.person().ok_or(StoreError::Refused("person-needed"))
}

pub(crate) async fn person_name(sql: &mut Sql, id: Id<kind::Person>) -> Result<String, StoreError> {
    let row = sql.row("select name from person where id = $1", args![id]).await?;
    row.ok_or(StoreError::NotFound("person"))?.text("name")
}

/// Learns a fact of this moment; `false` if it was known.
#[allow(clippy::too_many_arguments)] // as with `fact`
pub(crate) async fn learn(
    tx: &mut Tx,
    tools: &Tools<'_>,
    kind: &str,
    key: String,
    body: Id<kind::Body>,
    subject: String,
    source: Source,
    value: Value,
) -> Result<bool, StoreError> {
    let now = tx.now();
    facts::learn(tx, &fact(tools, now, kind, key, body, subject, source, value)).await
}

#[allow(clippy::too_many_arguments)] // a fact has that many parts, and each is named at the call
pub(crate) fn fact(
    tools: &Tools<'_>,
    now: Timestamp,
    kind: &str,
    key: String,
    body: Id<kind::Body>,
    subject: String,
    source: Source,
    value: Value,
) -> Fact {
    let id = Id::new(tools.ids);
    Fact { id, key, kind: kind.to_owned(), body, subject, from: now, to: now, learnt: now, source, value }
}

/// Something to tell somebody, once per key.
pub(crate) struct Telling<'a> {
    pub key: String,
    pub to: To,
    pub template: &'a str,
    pub vars: Vec<(&'a str, String)>,
    pub urgency: Urgency,
}

pub(crate) async fn tell(tx: &mut Tx, tools: &Tools<'_>, telling: Telling<'_>) -> Result<bool, StoreError> {
    let now = tx.now();
    let intent = Intent {
        id: Id::new(tools.ids),
        key: telling.key,
        to: telling.to,
        template: telling.template.to_owned(),
        vars: telling.vars.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>(),
        urgency: telling.urgency,
        not_before: now,
        expires: now.checked_add(MESSAGE_LIVES).unwrap_or(Timestamp::MAX),
    };
    intents::make(tx, &intent, &[(Id::new(tools.ids), CHANNEL)]).await
}

/// `17:00 05/02/2027`, as letters write it.
pub(crate) fn written(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}

/// Text people typed: trimmed, not empty, not longer than `max` characters.
pub(crate) fn said(text: &str, max: usize) -> Result<String, StoreError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(StoreError::Refused("text-empty")),
        n if n > max => Err(StoreError::Refused("text-long")),
        _ => Ok(text.to_owned()),
    }
}
