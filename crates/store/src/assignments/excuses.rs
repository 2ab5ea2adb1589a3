//! Excused, or not applicable: with a reason, an approver, an end.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    order::ExcuseKind,
};
use jiff::Timestamp;
use serde_json::json;

use super::{Need, TEXT_MAX, Tools, held_by_task, learn, said, somebody};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// What is granted.
#[derive(Debug, Clone)]
pub struct NewExcuse {
    /// Its id.
    pub id: Id<kind::Excuse>,
    /// Which duty of which body.
    pub task: Id<kind::Task>,
    /// Excused for a time, or not applicable at all.
    pub kind: ExcuseKind,
    /// Why.
    pub reason: String,
    /// Until when; an excuse must end, *not applicable* may stand.
    pub until: Option<Timestamp>,
}

/// An excuse as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Excuse {
    /// Its id.
    pub id: Id<kind::Excuse>,
    /// Excused, or not applicable.
    pub kind: ExcuseKind,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Option<Timestamp>,
    /// When it was taken back or replaced.
    pub ended_at: Option<Timestamp>,
}

impl Excuse {
    /// Whether it holds at that moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until.is_none_or(|until| now < until)
    }
}

/// Excuses a task, taking the place of an excuse in force. Needs the right to decide at the issuing body.
/// `Refused`: `excuse-endless`, `excuse-past`.
pub async fn excuse(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    new: &NewExcuse,
) -> Result<(), StoreError> {
    let of = held_by_task(tx, scope, Need::Review, new.task).await?;
    let person = somebody(tx.actor())?;
    of.in_force()?;
    let reason = said(&new.reason, TEXT_MAX)?;
    let now = tx.now();
    match new.until {
        None if new.kind == ExcuseKind::Excused => return Err(StoreError::Refused("excuse-endless")),
        Some(until) if until <= now => return Err(StoreError::Refused("excuse-past")),
        _ => {}
    }
    tx.exec("update excuse set ended_at = $1 where task = $2 and ended_at is null", args![now, new.task])
        .await?;
    tx.exec(
        "insert into excuse (id, task, kind, reason, approved_by, from_at, until_at) values ($1,$2,$3,$4,$5,$6,$7)",
        args![new.id, new.task, new.kind.name(), &reason, person, now, new.until],
    )
    .await?;
    let subject = format!("task:{}", new.task);
    let detail = (new.id, new.kind, &reason, new.until);
    let seq = tx.record("task.excused", subject.clone(), Some(of.body), &detail);
    let mut value = json!({"kind": new.kind.name(), "reason": reason, "by": person});
    if let (Some(until), Some(map)) = (new.until, value.as_object_mut()) {
        map.insert("until".into(), json!(until.to_string()));
    }
    let key = format!("{}/{}", kinds::EXCUSED, new.id);
    learn(tx, tools, kinds::EXCUSED, key, of.body, subject.clone(), Source::Audit(seq), value).await?;
    tx.changed(Topic::Task, subject, Some(of.body));
    Ok(())
}

/// Takes back the excuse in force; `NotFound` if there is none.
pub async fn take_back(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    task: Id<kind::Task>,
) -> Result<(), StoreError> {
    let of = held_by_task(tx, scope, Need::Review, task).await?;
    somebody(tx.actor())?;
    let now = tx.now();
    let row = tx
        .row(
            "update excuse set ended_at = $1
             where task = $2 and ended_at is null and (until_at is null or until_at > $1) returning id",
            args![now, task],
        )
        .await?
        .ok_or(StoreError::NotFound("excuse"))?;
    let id: Id<kind::Excuse> = row.id("id")?;
    let subject = format!("task:{task}");
    let seq = tx.record("task.unexcused", subject.clone(), Some(of.body), &id);
    let (key, value) = (format!("{}/{id}", kinds::UNEXCUSED), json!({}));
    learn(tx, tools, kinds::UNEXCUSED, key, of.body, subject.clone(), Source::Audit(seq), value).await?;
    tx.changed(Topic::Task, subject, Some(of.body));
    Ok(())
}

/// All excuses of a task, newest first. Needs [`Right::See`] from either side.
pub async fn excuses(sql: &mut Sql, scope: &Scope, task: Id<kind::Task>) -> Result<Vec<Excuse>, StoreError> {
    held_by_task(sql, scope, Need::See, task).await?;
    let mut query = Query::new(
        "select e.*, p.name from excuse e left join person p on p.id = e.approved_by where e.task =",
    );
    query.bind(task).push("order by e.from_at desc, e.id desc");
    query.rows(sql).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Excuse, StoreError> {
    Ok(Excuse {
        id: row.id("id")?,
        kind: row.word("kind", ExcuseKind::parse)?,
        reason: row.text("reason")?,
        approved_by: row.opt_text("name")?,
        from: row.time("from_at")?,
        until: row.opt_time("until_at")?,
        ended_at: row.opt_time("ended_at")?,
    })
}
