//! The superior looks at evidence: accepted, or returned with a reason; one by one or in bulk.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    duty::Code,
    fact::{Source, kinds},
    id::{Id, kind},
    intent::{To, Urgency},
    order::SubmissionState,
    right::Right,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Held, Need, Submission, TEXT_MAX, Telling, Tools,
    evidence::{self, counted, key},
    held, learn, order_name, person_name, said, somebody, tell, written,
};
use crate::{Query, Sql, StoreError, Topic, Tx, args};

/// So many pieces may be decided at once: a page of the queue.
pub const REVIEW_AT_ONCE: usize = 500;
/// At most so many rows of the queue.
const PAGE_MAX: usize = 500;

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It proves what it should.
    Accept,
    /// It does not; why, and what is missing.
    Return(String),
}

/// Decides on pieces of evidence, all or none. Needs the right to decide at each issuing body; whoever handed a piece
/// in cannot decide on it (`Refused("evidence-own")`). Deciding the same again changes nothing; a piece decided
/// otherwise or taken back meanwhile is `Refused("evidence-decided")`. Returns how many were decided now.
pub async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    ids: &[Id<kind::Submission>],
    decision: &Decision,
) -> Result<u32, StoreError> {
    let person = somebody(tx.actor())?;
    if ids.is_empty() {
        return Err(StoreError::Refused("review-nothing"));
    }
    if ids.len() > REVIEW_AT_ONCE {
        return Err(StoreError::Refused("review-many"));
    }
    let reason = match decision {
        Decision::Accept => None,
        Decision::Return(reason) => Some(said(reason, TEXT_MAX)?),
    };
    let mut decided: BTreeMap<Id<kind::Assignment>, (Held, Vec<Done>)> = BTreeMap::new();
    for id in ids {
        if let Some((of, done)) = one(tx, scope, tools, person, *id, reason.as_deref()).await? {
            decided.entry(of.id).or_insert_with(|| (of, Vec::new())).1.push(done);
        }
    }
    let reviewer = person_name(tx, person).await?;
    let mut count = 0;
    for (of, done) in decided.values() {
        count += u32::try_from(done.len()).unwrap_or(u32::MAX);
        report(tx, tools, of, done, &reviewer, reason.as_deref()).await?;
    }
    if count == 0 {
        tx.unchanged();
    }
    Ok(count)
}

struct Done {
    id: Id<kind::Submission>,
    task: Id<kind::Task>,
    code: String,
    due: Timestamp,
}

async fn one(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    person: Id<kind::Person>,
    id: Id<kind::Submission>,
    reason: Option<&str>,
) -> Result<Option<(Held, Done)>, StoreError> {
    let row = tx
        .row(
            "select s.task, s.state, s.submitted_by, s.submitted_at, s.handled, s.total,
                    t.assignment, t.code, t.due_at
             from submission s join task t on t.id = s.task where s.id = $1",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("submission"))?;
    let of = held(tx, scope, Need::Review, row.id("assignment")?).await.map_err(|e| {
        if matches!(e, StoreError::NotFound(_)) { StoreError::NotFound("submission") } else { e }
    })?;
    let (state, kind, action) = match reason {
        None => (SubmissionState::Accepted, kinds::ACCEPTED, "evidence.accepted"),
        Some(_) => (SubmissionState::Returned, kinds::RETURNED, "evidence.returned"),
    };
    match row.word("state", SubmissionState::parse)? {
        SubmissionState::Submitted => {}
        now if now == state => return Ok(None),
        _ => return Err(StoreError::Refused("evidence-decided")),
    }
    if row.opt_id::<kind::Person>("submitted_by")? == Some(person) {
        return Err(StoreError::Refused("evidence-own"));
    }
    let now = tx.now();
    tx.exec(
        "update submission set state = $1, decided_at = $2, decided_by = $3, reason = $4
         where id = $5 and state = 'submitted'",
        args![state.name(), now, person, reason, id],
    )
    .await?;
    let task: Id<kind::Task> = row.id("task")?;
    let subject = format!("task:{task}");
    let seq = tx.record(action, subject.clone(), Some(of.body), &(id, reason));
    let value = match reason {
        None => counted(
            json!({"submission": id, "submitted": row.time("submitted_at")?.to_string()}),
            evidence::count(&row)?,
        ),
        Some(reason) => json!({"submission": id, "reason": reason}),
    };
    learn(tx, tools, kind, key(kind, id), of.body, subject.clone(), Source::Audit(seq), value).await?;
    tx.changed(Topic::Task, subject, Some(of.body));
    Ok(Some((of, Done { id, task, code: row.text("code")?, due: row.time("due_at")? })))
}

/// Tells the body, one message for all that was decided on its assignment in one go.
async fn report(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    done: &[Done],
    reviewer: &str,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let Some(first) = done.first() else { return Ok(()) };
    let mut codes: Vec<&str> = done.iter().map(|d| d.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let link = match done {
        [only] => tools.task_page(of, only.task),
        _ => tools.page(of),
    };
    let duties = codes.iter().map(|c| tools.duty(c)).collect::<Vec<_>>().join("; ");
    let mut vars = vec![
        ("body", of.body_name.clone()),
        ("order", of.order.clone()),
        ("duty", duties),
        ("reviewer", format!("{reviewer}, {}", of.issuer_name)),
        ("link", link),
    ];
    let (template, urgency) = match reason {
        None => ("evidence-accepted", Urgency::Low),
        Some(reason) => {
            vars.push(("reason", reason.to_owned()));
            if let Some(due) = done.iter().map(|d| d.due).min() {
                vars.push(("due", written(due)));
            }
            ("evidence-returned", Urgency::Normal)
        }
    };
    let telling =
        Telling { key: format!("{template}/{}", first.id), to: To::Body(of.body), template, vars, urgency };
    tell(tx, tools, telling).await?;
    Ok(())
}

/// Which pieces of the queue.
#[derive(Debug, Clone, Default)]
pub struct PendingFilter {
    /// Of one campaign.
    pub campaign: Option<Id<kind::Campaign>>,
    /// Of one owing body.
    pub body: Option<Id<kind::Body>>,
    /// Of one duty.
    pub code: Option<Code>,
}

/// A piece of evidence that waits for a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The evidence.
    pub submission: Submission,
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// Of which campaign.
    pub campaign: Id<kind::Campaign>,
    /// How people call the order.
    pub order: String,
    /// Who owes it.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Which duty.
    pub code: String,
    /// When it is due.
    pub due: Timestamp,
}

/// The evidence that waits for somebody with this scope, oldest first; `after` is the last row of the page before.
pub async fn pending(
    sql: &mut Sql,
    scope: &Scope,
    filter: &PendingFilter,
    after: Option<(Timestamp, Id<kind::Submission>)>,
    limit: usize,
) -> Result<Vec<Pending>, StoreError> {
    let mut query = Query::new(
        "select s.*, p.name as submitter, d.name as decider, t.assignment, t.code, t.due_at, t.campaign,
                b.name as body_name, c.name as campaign_name, l.number, l.symbol
         from submission s join task t on t.id = s.task and t.withdrawn_at is null
         join campaign c on c.id = t.campaign join body b on b.id = s.body
         left join letter l on l.id = c.letter
         left join person p on p.id = s.submitted_by left join person d on d.id = s.decided_by
         where s.state = 'submitted' and",
    );
    match scope.tops(Right::Review) {
        None => {}
        Some(tops) => {
            query.push("exists (select 1 from body_closure seen where seen.below = c.body");
            query.push("and seen.above <> s.body and seen.above in").list(tops).push(") and");
        }
    }
    query.push("1 = 1");
    if let Some(campaign) = filter.campaign {
        query.push("and t.campaign =").bind(campaign);
    }
    if let Some(body) = filter.body {
        query.push("and s.body =").bind(body);
    }
    if let Some(code) = &filter.code {
        query.push("and t.code =").bind(code.as_str());
    }
    if let Some((at, id)) = after {
        query.push("and (s.submitted_at, s.id) > (").bind(at).push(",").bind(id).push(")");
    }
    query.push("order by s.submitted_at, s.id limit").bind(limit.min(PAGE_MAX) as i64);
    let rows = query.rows(sql).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(Pending {
            submission: evidence::from_row(row)?,
            assignment: row.id("assignment")?,
            campaign: row.id("campaign")?,
            order: order_name(row)?,
            body: row.id("body")?,
            body_name: row.text("body_name")?,
            code: row.text("code")?,
            due: row.time("due_at")?,
        });
    }
    Ok(found)
}
