//! Answers, as a device sends them, perhaps hours after they were given and more than once.
//!
//! Each act has a number of the device's own: sent twice it is done once. Each names the version of the answer it was
//! made upon: if somebody else has answered meanwhile, nothing is overwritten and the sender is told what stands.

use domain::{
    actor::Scope,
    id::{Id, kind},
    inspection::{Answer, VisitState},
};
use jiff::Timestamp;

use super::{Held, Need, held, read, words};
use crate::{Sql, StoreError, Tx, args, assignments::somebody};

/// Words beside an answer.
pub const NOTE_MAX: usize = 2_000;
/// The number of an act is a UUID or as long as one.
const OP_MAX: usize = 64;

/// An answer on its way in.
#[derive(Debug, Clone)]
pub struct Given {
    /// Which item.
    pub item: String,
    /// What was seen; `None` takes an answer back.
    pub answer: Option<Answer>,
    /// Words beside it.
    pub note: String,
    /// The version that was seen; 0 where nobody had answered.
    pub base: u32,
    /// The device's own number of this act.
    pub op: String,
    /// When it was given, by the clock of the device.
    pub at: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It stands, with that version.
    Kept(u32),
    /// Somebody else had answered meanwhile; that stands, this does not.
    Conflict(read::AnswerLine),
}

/// Gives an answer; the first one begins the visit. Needs [`domain::right::Right::Review`] over the inspecting body, or
/// to be of the team and answer for that body.
/// `Refused`: `visit-over`, `visit-item`, `visit-op`, `text-long`.
pub async fn give(
    tx: &mut Tx,
    scope: &Scope,
    visit: Id<kind::Visit>,
    given: &Given,
) -> Result<Outcome, StoreError> {
    let actor = tx.actor();
    let person = somebody(actor)?;
    let of = held(tx, scope, actor, Need::Answer, visit).await?;
    let note = words(&given.note, NOTE_MAX)?;
    if of.checklist.item(&given.item).is_none() {
        return Err(StoreError::Refused("visit-item"));
    }
    if given.op.is_empty() || given.op.len() > OP_MAX || !given.op.is_ascii() {
        return Err(StoreError::Refused("visit-op"));
    }
    let standing = standing(tx, visit, &given.item).await?;
    let done = tx
        .row(
            "select version from visit_answer_was where visit = $1 and item = $2 and op = $3",
            args![visit, &given.item, &given.op],
        )
        .await?;
    if let Some(done) = done {
        // Sent before: what came of it then is said again.
        tx.unchanged();
        return Ok(Outcome::Kept(done.count("version")?));
    }
    of.open()?;
    let version = standing.as_ref().map_or(0, |s| s.version);
    if let Some(other) = standing.filter(|_| version != given.base) {
        if (other.answer, other.note.as_str()) == (given.answer, note.as_str()) {
            tx.unchanged();
            return Ok(Outcome::Kept(version));
        }
        tx.unchanged();
        return Ok(Outcome::Conflict(other));
    }
    let now = tx.now();
    // A clock that runs ahead must not date an answer into the future.
    let at = given.at.min(now);
    let next = version.saturating_add(1);
    let word = given.answer.map_or("", Answer::name);
    tx.exec(
        "insert into visit_answer (visit, item, answer, note, answered_at, learnt_at, by_person, version, op)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)
         on conflict (visit, item) do update set answer = excluded.answer, note = excluded.note,
           answered_at = excluded.answered_at, learnt_at = excluded.learnt_at, by_person = excluded.by_person,
           version = excluded.version, op = excluded.op",
        args![visit, &given.item, word, &note, at, now, person, next, &given.op],
    )
    .await?;
    tx.exec(
        "insert into visit_answer_was (visit, item, version, answer, note, answered_at, learnt_at, by_person, op)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![visit, &given.item, next, word, &note, at, now, person, &given.op],
    )
    .await?;
    count(tx, &of).await?;
    tx.record("visit.answered", of.subject(), Some(of.body), &(&given.item, word, &note, next, at));
    of.changed(tx);
    Ok(Outcome::Kept(next))
}

/// Keeps the sums beside the visit, and says that it has begun.
async fn count(tx: &mut Tx, of: &Held) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "update visit set
           answered = (select count(*) from visit_answer a where a.visit = visit.id and a.answer <> ''),
           bad = (select count(*) from visit_answer a where a.visit = visit.id and a.answer = 'bad'),
           started_at = coalesce(started_at, $1), state = $2 where id = $3",
        args![now, VisitState::UnderWay.name(), of.id],
    )
    .await?;
    Ok(())
}

/// The answer that stands.
pub(super) async fn standing(
    sql: &mut Sql,
    visit: Id<kind::Visit>,
    item: &str,
) -> Result<Option<read::AnswerLine>, StoreError> {
    let row = sql
        .row(
            "select a.*, p.name as answerer from visit_answer a left join person p on p.id = a.by_person
             where a.visit = $1 and a.item = $2",
            args![visit, item],
        )
        .await?;
    row.as_ref().map(read::answer_line).transpose()
}
