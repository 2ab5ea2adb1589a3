//! Inspections: visits planned, answers as they come in from a telephone that may have been without a network, findings
//! followed until they are closed.
//!
//! Two sides see a visit: the body that inspects and, once it was announced or begun, the body that is inspected.
//! Planning, answering and deciding need a right over the inspecting body, which stands above the inspected one, so that
//! nobody ever closes a finding against themselves.

mod answer;
pub mod chase;
mod checklist;
mod decide;
mod evidence;
mod finding;
mod photo;
mod plan;
mod read;
mod run;
mod summary;

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    inspection::{Checklist, VisitState},
    right::Right,
};

pub(crate) use self::evidence::known;
pub use self::{
    answer::{Given, NOTE_MAX, Outcome, give},
    checklist::{Held as HeldChecklist, held as checklist, save as save_checklist},
    decide::{Act, Change, act, assign, change},
    finding::{Event, Finding, FindingFilter, Order as FindingOrder, events, finding, findings},
    photo::{NewPhoto, PHOTO_MAX, PHOTOS_MAX, Photo, add_photo, photos, remove_photo},
    plan::{NewVisit, TEAM_MAX, announce, cancel, plan, replan},
    read::{AnswerLine, Filter, Member, Order, Rights, Visit, answers, get, list},
    run::{Conclusion, FINISH_TEXT_MAX, conclude, finish, start},
    summary::{BodySummary, Summary, summary},
};
use crate::{Query, Row, Sql, StoreError, Topic, Tx};

/// At most so many rows of a list.
pub const PAGE_MAX: u32 = 500;

/// Which right an act needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// To see it, from either side.
    See,
    /// To plan and to decide, over the body that inspects.
    Lead,
    /// To answer: who may lead, and members of the team who answer for the inspecting body.
    Answer,
}

/// A visit as acts need it.
struct Held {
    id: Id<kind::Visit>,
    inspector: Id<kind::Body>,
    body: Id<kind::Body>,
    body_name: String,
    inspector_name: String,
    state: VisitState,
    checklist: Checklist,
    version: i64,
}

impl Held {
    fn subject(&self) -> String {
        format!("inspection:{}", self.id)
    }
    /// Both sides hear of it.
    fn changed(&self, tx: &mut Tx) {
        tx.changed(Topic::Inspection, self.subject(), Some(self.inspector));
        tx.changed(Topic::Inspection, self.subject(), Some(self.body));
    }
    /// Refuses answers once the visit is over.
    fn open(&self) -> Result<(), StoreError> {
        match self.state {
            VisitState::Planned | VisitState::UnderWay => Ok(()),
            VisitState::Done | VisitState::Cancelled => Err(StoreError::Refused("visit-over")),
        }
    }
}

/// The predicate of a right over a visit `v`.
fn may(query: &mut Query, scope: &Scope, need: Need, actor: Actor) {
    query.push("(").visible(scope, lead(need), "v.inspector");
    match need {
        Need::See => {
            query.push("or (v.state in ('under-way', 'done') or v.announced_at is not null) and");
            query.visible(scope, Right::See, "v.body");
        }
        Need::Answer => {
            query.push("or").visible(scope, Right::Answer, "v.inspector");
            query.push("and exists (select 1 from visit_member m where m.visit = v.id and m.person =");
            query.bind(actor.person().map(|p| p.to_string()).unwrap_or_default()).push(")");
        }
        Need::Lead => {}
    }
    query.push(")");
}

const fn lead(need: Need) -> Right {
    match need {
        Need::See => Right::See,
        Need::Lead | Need::Answer => Right::Review,
    }
}

/// The visit, if the scope may do with it what is needed.
async fn held(
    sql: &mut Sql,
    scope: &Scope,
    actor: Actor,
    need: Need,
    id: Id<kind::Visit>,
) -> Result<Held, StoreError> {
    let mut query = Query::new(
        "select v.id, v.inspector, v.body, v.state, v.checklist, v.version, b.name as body_name, i.name as inspector_name
         from visit v join body b on b.id = v.body join body i on i.id = v.inspector where v.id =",
    );
    query.bind(id).push("and");
    may(&mut query, scope, need, actor);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("visit"))?;
    Ok(Held {
        id,
        inspector: row.id("inspector")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        inspector_name: row.text("inspector_name")?,
        state: row.word("state", VisitState::parse)?,
        checklist: row.json("checklist")?,
        version: row.int("version")?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt("inspection", e.to_string()))
}

/// Text that may be empty: trimmed, at most `max` characters.
fn words(text: &str, max: usize) -> Result<String, StoreError> {
    let text = text.trim();
    if text.chars().count() > max { Err(StoreError::Refused("text-long")) } else { Ok(text.to_owned()) }
}

fn opt_sha(row: &Row, readable: bool) -> Result<Option<String>, StoreError> {
    Ok(row.opt_text("sha256")?.filter(|_| readable))
}
