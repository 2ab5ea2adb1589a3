//! Call-outs (lượt gọi trực): what somebody must answer, who is called for it, and what was done, minute by minute.
//!
//! *Whom* and *when* is [`domain::paging`]'s; here a call-out is raised once per key, taken one step further by a job
//! of its own, and answered exactly once, by a button on a page, an answer token, or whatever `via` says. Every act
//! is a line of its log and an audit entry in the same commit.

mod answer;
mod by_hand;
mod inlets;
mod monitors;
mod pause;
mod policies;
mod raise;
mod reach;
mod read;
mod reports;
mod step;

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Policy, Severity, Standing, State},
    right::Right,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

pub use self::{
    answer::{Act, Answer, Answered, REVISE, Settled, act, answer, name, peek, settled},
    by_hand::{ByHand, CALLS_MAX, WHY_MAX, Wanted, call, policy_of, whose},
    inlets::{Inlet, NewInlet, close_inlet, inlets, make_inlet},
    monitors::{
        MONITORS_JOB, Monitor, NewMonitor, beat, beat_of, close_monitor, look, make_monitor, monitors,
    },
    pause::{PAUSE_MAX, Pausable, Pause, pause},
    policies::{Kept, NewPolicy, change, create, in_force, list as policies, one as policy, retire},
    raise::{New, raise},
    reach::{Called, preview},
    read::{AtPost, Filter, Line, Shown, Side, at_post, counts, get, list, log, of_subject},
    reports::{Became, OPEN_MAX, Signed, report, report_of},
    step::{JOB, run as step},
};
pub(crate) use self::{
    answer::{came_right, came_right_itself},
    monitors::{tried, try_out},
};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// One call-out.
#[derive(Debug, Clone, PartialEq)]
pub struct Callout {
    /// Its id.
    pub id: Id<kind::Callout>,
    /// What it is about.
    pub about: About,
    /// Which one, as `noun:id`.
    pub subject: String,
    /// Whose.
    pub body: Id<kind::Body>,
    /// At which post.
    pub post: Option<Id<kind::Post>>,
    /// Whom it is about.
    pub person: Option<Id<kind::Person>>,
    /// How bad it is.
    pub severity: Severity,
    /// Variables of its sentences.
    pub words: BTreeMap<String, String>,
    /// What it follows.
    pub policy: Policy,
    /// How far it is.
    pub state: State,
    /// When it was raised.
    pub at: Timestamp,
    /// Who took it last, when, by which way.
    pub taken: Option<Taken>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// That somebody took a call-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who.
    pub person: Id<kind::Person>,
    /// When.
    pub at: Timestamp,
    /// By which way: `page`, `link`, `api`, or a kind of channel.
    pub via: String,
}

impl Callout {
    /// As changes, facts and the audit log call it.
    pub fn subject_of(id: Id<kind::Callout>) -> String {
        format!("callout:{id}")
    }
    /// Its own name.
    pub fn name(&self) -> String {
        Self::subject_of(self.id)
    }
}

/// What an act on a call-out needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    See,
    Answer,
}

/// Adds the predicate: a right over the body of call-out `c`, having been called for it, or having called by hand.
fn allowed(query: &mut Query, scope: &Scope, me: Option<Id<kind::Person>>, need: Need) {
    let right = if need == Need::See { Right::See } else { Right::Answer };
    query.push("(").visible(scope, right, "c.body");
    if let Some(me) = me {
        query.push("or exists (select 1 from callout_token k where k.callout = c.id and k.person =");
        query.bind(me).push(") or (c.about = 'by-hand' and exists (select 1 from callout_event e");
        query.push("where e.callout = c.id and e.seq = 0 and e.person =").bind(me).push("))");
    }
    query.push(")");
}

/// The call-out, if the scope may do with it what is needed.
async fn held(
    sql: &mut Sql,
    scope: &Scope,
    me: Option<Id<kind::Person>>,
    need: Need,
    id: Id<kind::Callout>,
) -> Result<Callout, StoreError> {
    let mut query = Query::new("select c.* from callout c where c.id =");
    query.bind(id).push("and");
    allowed(&mut query, scope, me, need);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("callout"))
}

/// The call-out, for those who have asked already.
async fn any(sql: &mut Sql, id: Id<kind::Callout>) -> Result<Callout, StoreError> {
    let row = sql.row("select * from callout where id = $1", args![id]).await?;
    row.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("callout"))
}

fn from_row(row: &Row) -> Result<Callout, StoreError> {
    let taken = row.opt_id("taker")?.zip(row.opt_time("taken_at")?);
    let via = row.opt_text("taken_via")?.unwrap_or_default();
    Ok(Callout {
        id: row.id("id")?,
        about: row.word("about", About::parse)?,
        subject: row.text("subject")?,
        body: row.id("body")?,
        post: row.opt_id("post")?,
        person: row.opt_id("person")?,
        severity: row.word("severity", Severity::parse)?,
        words: row.json("words")?,
        policy: row.json("policy")?,
        state: State {
            standing: row.word("standing", Standing::parse)?,
            since: row.time("since")?,
            taken: u16::try_from(row.int("taken")?).unwrap_or(u16::MAX),
            round: u8::try_from(row.int("round")?).unwrap_or(u8::MAX),
            touched: row.time("touched")?,
        },
        at: row.time("at")?,
        taken: taken.map(|(person, at)| Taken { person, at, via }),
        ended_at: row.opt_time("ended_at")?,
    })
}

/// Keeps how far a call-out is.
async fn keep(tx: &mut Tx, id: Id<kind::Callout>, state: &State) -> Result<(), StoreError> {
    let ended = state.standing.is_over().then_some(tx.now());
    tx.exec(
        "update callout set standing = $2, since = $3, taken = $4, round = $5, touched = $6, ended_at = $7
         where id = $1",
        args![
            id,
            state.standing.name(),
            state.since,
            u32::from(state.taken),
            u32::from(state.round),
            state.touched,
            ended
        ],
    )
    .await?;
    Ok(())
}

/// One line of the log.
#[derive(Debug, Default)]
struct Entry<'a> {
    what: &'a str,
    step: Option<u16>,
    round: Option<u8>,
    person: Option<Id<kind::Person>>,
    via: &'a str,
    note: &'a str,
}

async fn write(tx: &mut Tx, id: Id<kind::Callout>, entry: Entry<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into callout_event (callout, seq, at, what, step, round, person, via, note)
         values ($1, (select count(*) from callout_event where callout = $1), $2, $3, $4, $5, $6, $7, $8)",
        args![
            id,
            now,
            entry.what,
            entry.step.map(u32::from),
            entry.round.map(u32::from),
            entry.person,
            entry.via,
            entry.note
        ],
    )
    .await?;
    Ok(())
}
