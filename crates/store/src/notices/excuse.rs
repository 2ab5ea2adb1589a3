//! Excused with a reason: on leave, seconded elsewhere, gone. Told apart, never hidden among those who did what was asked.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    notice::NoticeState,
    right::Right,
};

use super::{Notice, draft::touched, read::get, tally};
use crate::{Query, Row, StoreError, Tx, args};

/// So many people are excused at once: a page of them.
pub const PEOPLE_MAX: usize = 100;
/// Characters of a reason.
const REASON_MAX: usize = 300;

/// Excuses recipients, each with the same reason. Needs [`Right::Review`] over their bodies, and nobody excuses
/// themselves. Who has done all that is asked stays as they are. Refuses `notice-not-open`, `notice-excuse-reason`,
/// `notice-excuse-nobody`, `notice-excuse-self`.
pub async fn excuse(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    notice: Id<kind::Notice>,
    people: &[Id<kind::Recipient>],
    reason: &str,
) -> Result<usize, StoreError> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(StoreError::Refused("notice-excuse-reason"));
    }
    let notice = open(tx, scope, notice).await?;
    let by = tx.actor().person();
    let mut found = chosen(tx, scope, &notice, people).await?;
    for row in &found {
        if by.is_some() && row.opt_id("own")? == by {
            return Err(StoreError::Refused("notice-excuse-self"));
        }
    }
    found.retain(|r| !done(r, &notice).unwrap_or(true));
    change(tx, ids, &notice, &found, Some(&reason)).await
}

/// Expects recipients again. Needs what excusing needs. Refuses `notice-not-open`, `notice-excuse-nobody`.
pub async fn expect(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    notice: Id<kind::Notice>,
    people: &[Id<kind::Recipient>],
) -> Result<usize, StoreError> {
    let notice = open(tx, scope, notice).await?;
    let mut found = chosen(tx, scope, &notice, people).await?;
    found.retain(|r| r.opt_time("excused_at").is_ok_and(|at| at.is_some()));
    change(tx, ids, &notice, &found, None).await
}

/// Somebody excused did what was asked all the same: expected again, and counted.
pub(super) async fn back(
    tx: &mut Tx,
    notice: Id<kind::Notice>,
    body: Id<kind::Body>,
    id: Id<kind::Recipient>,
) -> Result<(), StoreError> {
    mark(tx, id, None).await?;
    recount(tx, notice, body).await
}

async fn open(tx: &mut Tx, scope: &Scope, id: Id<kind::Notice>) -> Result<Notice, StoreError> {
    let notice = get(tx, scope, id).await?;
    // Before all recipients are known there are no figures to move.
    let open = notice.state == NoticeState::Issued && notice.gathered_at.is_some();
    if open { Ok(notice) } else { Err(StoreError::Refused("notice-not-open")) }
}

/// The recipients named, of bodies one reviews. `own` is the actor where the recipient is themselves, by their record or
/// by a verified address.
async fn chosen(
    tx: &mut Tx,
    scope: &Scope,
    notice: &Notice,
    people: &[Id<kind::Recipient>],
) -> Result<Vec<Row>, StoreError> {
    let by = tx.actor().person();
    let mut query = Query::new(
        "select r.*, coalesce(r.person, (select c.person from channel c where c.kind = 'email' and c.address = r.key
           and c.verified_at is not null and c.person =",
    );
    query.bind(by).push(")) as own from notice_recipient r where r.notice =").bind(notice.id);
    query.push("and r.id in").list(people.iter().take(PEOPLE_MAX).copied());
    query.push("and").visible(scope, Right::Review, "r.body").push("order by r.id");
    let found = query.rows(tx).await?;
    let asked: std::collections::BTreeSet<_> = people.iter().collect();
    // All or none: a page of people from which some were quietly left out would mislead.
    if found.is_empty() || found.len() < asked.len() {
        Err(StoreError::Refused("notice-excuse-nobody"))
    } else {
        Ok(found)
    }
}

fn done(row: &Row, notice: &Notice) -> Result<bool, StoreError> {
    let column = if notice.quiz.is_asked() { "passed_at" } else { "committed_at" };
    Ok(row.opt_time(column)?.is_some())
}

/// Excuses each with that reason, or none of them any longer, with an entry in the log that says who and why; then the
/// figures and facts of their bodies.
async fn change(
    tx: &mut Tx,
    ids: &dyn Ids,
    notice: &Notice,
    found: &[Row],
    reason: Option<&str>,
) -> Result<usize, StoreError> {
    let action = if reason.is_some() { "notice.excused" } else { "notice.expected" };
    let mut bodies = std::collections::BTreeMap::new();
    for row in found {
        let (id, body): (Id<kind::Recipient>, Id<kind::Body>) = (row.id("id")?, row.id("body")?);
        mark(tx, id, reason).await?;
        let seq = touched(tx, action, notice.id, body, &(id, row.text("name")?, reason));
        bodies.insert(body, seq);
    }
    for (body, seq) in bodies {
        recount(tx, notice.id, body).await?;
        tally::tell(tx, ids, notice.id, body, seq, false).await?;
    }
    if found.is_empty() {
        tx.unchanged();
    }
    Ok(found.len())
}

async fn mark(tx: &mut Tx, id: Id<kind::Recipient>, reason: Option<&str>) -> Result<(), StoreError> {
    let (at, by) = match reason {
        Some(_) => (Some(tx.now()), tx.actor().person()),
        None => (None, None),
    };
    tx.exec(
        "update notice_recipient set excused_at = $1, excused_by = $2, excused_reason = $3 where id = $4",
        args![at, by, reason, id],
    )
    .await?;
    Ok(())
}

/// The figures of a body from its recipients: rarely, where moving them by one would need to know too much.
async fn recount(tx: &mut Tx, notice: Id<kind::Notice>, body: Id<kind::Body>) -> Result<(), StoreError> {
    tx.exec(
        "update notice_sum set excused = f.excused, opened = f.opened, committed = f.committed, passed = f.passed
         from (select count(excused_at) as excused,
                 count(case when excused_at is null then opened_at end) as opened,
                 count(case when excused_at is null then committed_at end) as committed,
                 count(case when excused_at is null then passed_at end) as passed
               from notice_recipient where notice = $1 and body = $2) f
         where notice_sum.notice = $1 and notice_sum.body = $2",
        args![notice, body],
    )
    .await?;
    Ok(())
}
