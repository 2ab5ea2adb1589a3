//! A notice goes out, is closed or taken back. The rest is done by the job, step by step.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    notice::{NoticeRules, NoticeState, OPEN_DAYS_MAX},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Notice, document,
    draft::{draft, touched},
    gather, held,
    lists::require_list,
    step::JOB,
    tally,
};
use crate::{StoreError, Tx, args, jobs, register::require};

/// From when until when; `None` is now, and the usual days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// When it goes out.
    pub opens: Option<Timestamp>,
    /// When it closes.
    pub closes: Option<Timestamp>,
}

/// Shorter than this nobody can be expected to have read it.
const SHORTEST: SignedDuration = SignedDuration::from_hours(1);

/// Puts a draft on its way. Needs [`Right::Issue`] over its body and over everybody it goes to. Refuses
/// `notice-not-draft`, `notice-nobody`, `notice-times`.
pub async fn issue(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    ids: &dyn Ids,
    id: Id<kind::Notice>,
    opening: Opening,
) -> Result<(), StoreError> {
    let notice = draft(tx, scope, Right::Issue, id).await?;
    for top in &notice.audience.tops {
        require(tx, scope, Right::Issue, *top).await?;
    }
    for list in &notice.audience.lists {
        require_list(tx, scope, Right::Issue, *list).await?;
    }
    if notice.audience.is_empty() || !gather::anybody(tx, &notice.audience).await? {
        return Err(StoreError::Refused("notice-nobody"));
    }
    let now = tx.now();
    let opens = opening.opens.unwrap_or(now).max(now);
    let usual = SignedDuration::from_hours(24 * rules.open_days);
    let closes = opening.closes.or_else(|| opens.checked_add(usual).ok()).unwrap_or(opens);
    let open = opens.duration_until(closes);
    if open < SHORTEST || now.duration_until(closes) > SignedDuration::from_hours(24 * OPEN_DAYS_MAX) {
        return Err(StoreError::Refused("notice-times"));
    }
    let by = tx.actor().person();
    tx.exec(
        "update notice set state = 'issued', opens_at = $1, closes_at = $2, issued_at = $3, issued_by = $4,
           version = version + 1 where id = $5",
        args![opens, closes, now, by, id],
    )
    .await?;
    // The words as they were issued enter the log: a receipt is for exactly these.
    touched(
        tx,
        "notice.issued",
        id,
        notice.body,
        &(&notice.title, &notice.text, document(&notice.quiz)?, opens, closes),
    );
    jobs::enqueue(tx, Id::new(ids), JOB, &format!("{JOB}:{id}"), opens, &json!({ "notice": id })).await?;
    Ok(())
}

/// Closes it before its time. Refuses `notice-not-open`.
pub async fn close(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Notice>,
) -> Result<(), StoreError> {
    let notice = open(tx, scope, id).await?;
    tally::finish(tx, ids, &notice, NoticeState::Closed).await
}

/// Takes it back: its links end, letters not sent stay unsent, its figures no longer count as evidence. Refuses
/// `notice-not-open`.
pub async fn cancel(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Notice>,
) -> Result<(), StoreError> {
    let notice = open(tx, scope, id).await?;
    tally::finish(tx, ids, &notice, NoticeState::Cancelled).await
}

async fn open(tx: &mut Tx, scope: &Scope, id: Id<kind::Notice>) -> Result<Notice, StoreError> {
    let notice = held(tx, scope, Right::Issue, id).await?;
    if notice.state == NoticeState::Issued { Ok(notice) } else { Err(StoreError::Refused("notice-not-open")) }
}
