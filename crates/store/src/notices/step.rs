//! The life of an issued notice, one short transaction at a time. Where it stands is in the records alone, so that a
//! process killed at any point is simply continued by the next.

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    notice::{NoticeState, current_round, reminders},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{Notice, Tools, gather, held, mail, tally};
use crate::{Db, StoreError, Tx};

/// The kind of job. Payload `{notice}`, key `notice.run:ID`.
pub const JOB: &str = "notice.run";
/// Facts that lag behind their figures are brought up to them so often: a body of a thousand is never off for longer.
const TELL_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Bodies brought up to date per transaction.
const TELL_CHUNK: usize = 100;

/// Does the next thing that is due; gives when to look again, `None` when the notice is over.
pub async fn step(
    db: &Db,
    now: Timestamp,
    tools: &Tools<'_>,
    id: Id<kind::Notice>,
) -> Result<Option<Timestamp>, StoreError> {
    crate::write!(db, Actor::System, now, tx => {
        // Most looks find nothing to record.
        tx.unchanged();
        match held(tx, &Scope::system(), Right::Issue, id).await {
            Ok(notice) if notice.state == NoticeState::Issued => advance(tx, tools, &notice).await,
            Ok(_) | Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    })
}

async fn advance(tx: &mut Tx, tools: &Tools<'_>, notice: &Notice) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    let (opens, closes) = (notice.opens_at.unwrap_or(now), notice.closes_at.unwrap_or(now));
    if now < opens {
        return Ok(Some(opens));
    }
    if closes <= now {
        tally::finish(tx, tools.ids, notice, NoticeState::Closed).await?;
        return Ok(None);
    }
    if notice.gathered_at.is_none() {
        if gather::chunk(tx, tools.ids, notice).await? {
            tell(tx, tools, notice, usize::MAX).await?;
        }
        return Ok(Some(now));
    }
    if notice.sent_at.is_none() {
        mail::chunk(tx, tools, notice).await?;
        return Ok(Some(now));
    }
    let rounds = reminders(opens, closes, &tools.rules.reminders);
    let round = current_round(&rounds, now);
    if round > 0 && !mail::remind(tx, tools, notice, round).await? {
        return Ok(Some(now));
    }
    if tell(tx, tools, notice, TELL_CHUNK).await? {
        return Ok(Some(now));
    }
    let later = now.checked_add(TELL_EVERY).unwrap_or(closes);
    Ok(Some(
        [rounds.get(round).copied(), Some(later), Some(closes)].into_iter().flatten().min().unwrap_or(closes),
    ))
}

/// Brings facts up to their figures; `true` if there is more to do.
async fn tell(tx: &mut Tx, tools: &Tools<'_>, notice: &Notice, limit: usize) -> Result<bool, StoreError> {
    let stale = tally::stale(tx, notice.id, notice.quiz.is_asked(), limit).await?;
    if stale.is_empty() {
        return Ok(false);
    }
    let subject = super::subject(notice.id);
    let seq = tx.record("notice.counted", subject, Some(notice.body), &stale.len());
    for body in &stale {
        tally::tell(tx, tools.ids, notice.id, *body, seq, true).await?;
    }
    Ok(stale.len() >= limit)
}
