//! Reminders of requests. *When* is decided by [`domain::request::chase`] from the legal pack; here stands what was sent.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    intent::Urgency,
    order::chase::Reminder,
    request::chase::{self as rule, Clock},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Held, Need, Tools, held,
    letters::{self, Letter},
};
use crate::{
    Sql, StoreError, Topic, Tx, args,
    assignments::{chase::holders, written},
    jobs,
};

/// The kind of job that chases one request.
pub const JOB: &str = "chase.request";
/// A returned answer may move the due time: whatever was planned, the job looks again after this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(12);
/// Nobody is reminded of what they have only just been told.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(30);

/// Starts chasing a request. Starting twice is starting once.
pub(super) async fn start(tx: &mut Tx, ids: &dyn Ids, of: &Held) -> Result<(), StoreError> {
    let key = format!("{JOB}/{}", of.id);
    let first = tx.now().checked_add(FIRST_LOOK).unwrap_or(Timestamp::MAX);
    jobs::enqueue(tx, Id::new(ids), JOB, &key, first.min(of.due.max(tx.now())), &json!({"request": of.id}))
        .await?;
    Ok(())
}

/// Sends every reminder of a request that is due now; returns when to look again, or `None` when nothing is owed any
/// more. Safe to run again at any point: each reminder is written down with its message in one commit.
pub async fn run(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
) -> Result<Option<Timestamp>, StoreError> {
    let of = match held(tx, &Scope::system(), Need::See, id).await {
        Err(StoreError::NotFound(_)) => return Ok(None),
        other => other?,
    };
    let row = tx.row("select due_basis, ended_at from request where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("request"))?;
    if row.opt_int("ended_at")?.is_some() {
        return Ok(None);
    }
    let clock = if row.opt_text("due_basis")?.is_some() { Clock::Law } else { Clock::Agreed };
    let now = tx.now();
    let steps = tools.pack.request_steps();
    let mut sent: Vec<Reminder> =
        history(tx, id).await?.iter().filter(|s| s.due == of.due).map(|s| s.step).collect();
    while let Some((step, at)) = rule::next(steps, clock, now, of.asked_at, of.due, &sent) {
        if at > now {
            let again = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
            return Ok(Some(at.min(again)));
        }
        remind(tx, tools, &of, step, clock).await?;
        sent.push(step);
    }
    // Everything was said; a returned answer may start it anew.
    Ok(Some(now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX)))
}

/// One reminder that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// What it said.
    pub step: Reminder,
    /// Of which due time.
    pub due: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// The reminders of a request, oldest first. Callers have checked that it may be seen.
pub(super) async fn history(sql: &mut Sql, id: Id<kind::Request>) -> Result<Vec<Sent>, StoreError> {
    let rows = sql
        .rows("select step, due_at, at from request_chase where request = $1 order by at, step", args![id])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sent {
                step: row.word("step", Reminder::parse)?,
                due: row.time("due_at")?,
                at: row.time("at")?,
            })
        })
        .collect()
}

/// The reminders of a request, for whoever may see it.
pub async fn reminders(sql: &mut Sql, scope: &Scope, id: Id<kind::Request>) -> Result<Vec<Sent>, StoreError> {
    held(sql, scope, Need::See, id).await?;
    history(sql, id).await
}

async fn remind(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    step: Reminder,
    clock: Clock,
) -> Result<(), StoreError> {
    let now = tx.now();
    let new = tx
        .exec(
            "insert into request_chase (request, step, due_at, at) values ($1,$2,$3,$4)
             on conflict (request, step, due_at) do nothing",
            args![of.id, step.name(), of.due, now],
        )
        .await?;
    if new == 0 {
        return Ok(());
    }
    tx.exec("update request set chased = chased + 1, chased_at = $1 where id = $2", args![now, of.id])
        .await?;
    tx.record("request.chased", of.subject(), Some(of.body), &(step, of.due));
    tx.changed(Topic::Request, of.subject(), Some(of.body));
    let urgency = if clock == Clock::Law { Urgency::Urgent } else { Urgency::Normal };
    let key = format!("request/{}/{}/{}", of.id, step.name(), of.due.as_second());
    let vars = vec![
        ("body", of.body_name.clone()),
        ("asker", of.asker_name.clone()),
        ("request", of.title.clone()),
        ("due", written(of.due)),
    ];
    if step != Reminder::Escalated {
        let template = if step == Reminder::Overdue { "request-overdue" } else { "request-reminder" };
        return letters::to_body(tx, tools, of, Letter { key, template, vars, urgency }).await;
    }
    let heads = holders(tx, of.body, Right::Acknowledge).await?;
    let above = match of.asker {
        Some(asker) => holders(tx, asker, Right::Review).await?,
        None => Vec::new(),
    };
    for (person, name) in heads.into_iter().chain(above) {
        let vars = [vars.clone(), vec![("person", name)]].concat();
        let letter = Letter { key: key.clone(), template: "request-escalation", vars, urgency };
        letters::to_person(tx, tools, of, person, &letter).await?;
    }
    Ok(())
}
