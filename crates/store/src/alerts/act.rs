//! What people do about an alert.

use domain::{
    actor::Scope,
    alert::Status,
    id::{Id, kind},
    right::Right,
};

use super::{Alert, held, write};
use crate::{
    StoreError, Topic, Tx, args,
    assignments::{Tools, said},
    callouts,
};

/// Most that is said at once.
const NOTE_MAX: usize = 4_000;

/// What may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It is mine; taking over from somebody else is told.
    Own,
    /// Something is said.
    Comment(String),
    /// It is dealt with, because.
    Close(String),
    /// The rule was wrong, because.
    FalsePositive(String),
    /// It is not over after all, because.
    Reopen(String),
}

/// Does it. Needs [`Right::Answer`] over the alert's body and a person. Whoever owns or closes it answers the call-out
/// about it as well. Returns whether anything changed. `Refused`: `text-empty`, `text-long`, `alert-no-person`,
/// `alert-over`, `alert-open`.
pub async fn act(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Alert>,
    act: &Act,
    via: &str,
) -> Result<bool, StoreError> {
    let alert = held(tx, scope, Right::Answer, id).await?;
    let person = tx.actor().person().ok_or(StoreError::Refused("alert-no-person"))?;
    let over = alert.status.is_over();
    let (what, status, note) = match act {
        Act::Own if over => return Err(StoreError::Refused("alert-over")),
        Act::Own if alert.owner == Some(person) => {
            tx.unchanged();
            return Ok(false);
        }
        Act::Own => ("owned", Status::Owned, String::new()),
        Act::Comment(note) => ("comment", alert.status, said(note, NOTE_MAX)?),
        Act::Close(_) | Act::FalsePositive(_) if over => return Err(StoreError::Refused("alert-over")),
        Act::Close(note) => ("closed", Status::Closed, said(note, NOTE_MAX)?),
        Act::FalsePositive(note) => ("false-positive", Status::FalsePositive, said(note, NOTE_MAX)?),
        Act::Reopen(_) if !over => return Err(StoreError::Refused("alert-open")),
        Act::Reopen(note) => ("reopened", Status::Owned, said(note, NOTE_MAX)?),
    };
    let now = tx.now();
    if !matches!(act, Act::Comment(_)) {
        tx.exec(
            "update alert set status = $2, owner = $3, owned_at = coalesce(owned_at, $4), closed_at = $5 where id = $1",
            args![id, status.name(), person, now, status.is_over().then_some(now)],
        )
        .await?;
        answered(tx, tools, id, person, via).await?;
    }
    write(tx, id, what, Some(person), &note).await?;
    let subject = Alert::subject_of(id);
    tx.record(recorded(act), &subject, Some(alert.body), &(status, &note));
    tx.changed(Topic::Alert, subject, Some(alert.body));
    Ok(true)
}

/// What an alert is about came right by itself: it is over, and nobody need be called for it any more.
pub async fn came_right(tx: &mut Tx, tools: &Tools<'_>, key: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let rows = tx
        .rows("select id, body from alert where key = $1 and status in ('new', 'owned')", args![key])
        .await?;
    for row in &rows {
        let (id, body): (Id<kind::Alert>, Id<kind::Body>) = (row.id("id")?, row.id("body")?);
        let subject = Alert::subject_of(id);
        tx.exec("update alert set status = 'closed', closed_at = $2 where id = $1", args![id, now]).await?;
        let open = tx
            .rows(
                "select id from callout where subject = $1 and standing in ('open', 'acknowledged')",
                args![&subject],
            )
            .await?;
        for callout in &open {
            callouts::came_right_itself(tx, tools, callout.id("id")?).await?;
        }
        write(tx, id, "came-right", None, "").await?;
        tx.record("alert.came-right", &subject, Some(body), &());
        tx.changed(Topic::Alert, subject, Some(body));
    }
    Ok(())
}

fn recorded(act: &Act) -> &'static str {
    match act {
        Act::Own => "alert.owned",
        Act::Comment(_) => "alert.comment",
        Act::Close(_) => "alert.closed",
        Act::FalsePositive(_) => "alert.false-positive",
        Act::Reopen(_) => "alert.reopened",
    }
}

/// Nobody else need be called for it.
async fn answered(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Alert>,
    person: Id<kind::Person>,
    via: &str,
) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "select id from callout where subject = $1 and standing in ('open', 'acknowledged')",
            args![Alert::subject_of(id)],
        )
        .await?;
    for row in &rows {
        callouts::came_right(tx, tools, row.id("id")?, person, via).await?;
    }
    Ok(())
}
