//! Hunts made, begun, ended, concluded.

use domain::{
    actor::Scope,
    fact::{Fact, Source, kinds},
    hunt::{DAYS_MAX, EVERY_MAX, How, Outcome, Standing},
    id::{Id, Ids, kind},
    right::Right,
};
use jiff::SignedDuration;
use serde_json::json;

use super::{New, body_of, subject_of};
use crate::{Query, StoreError, Topic, Tx, args, assignments::said, facts};

/// Longest title.
const TITLE_MAX: usize = 200;
/// Longest supposition, scope, conclusion.
const TEXT_MAX: usize = 8_000;
/// Longest query or rule.
const QUERY_MAX: usize = 64_000;
/// Open hunts of one body.
const EACH_MAX: i64 = 500;
/// Runs of one body that wait or are under way: the others' turn comes, too.
const RUNNING_MAX: i64 = 5;

/// Makes a hunt. Needs [`Right::Answer`] over the body. `Refused`: `text-empty`, `text-long`, `hunt-query`, `hunt-list`,
/// `hunt-days`, `hunt-every`, `hunts-many`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &New) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(new.body).push("and").visible(scope, Right::Answer, "b.id");
    query.row(tx).await?.ok_or(StoreError::NotFound("body"))?;
    let title = said(&new.title, TITLE_MAX)?;
    let hypothesis = said(&new.hypothesis, TEXT_MAX)?;
    if new.scope.chars().count() > TEXT_MAX {
        return Err(StoreError::Refused("text-long"));
    }
    match (new.how, new.list) {
        (How::List, Some(list)) => {
            // Whoever may not read a list learns nothing of it by what it finds.
            crate::indicators::get(tx, scope, list).await.map_err(|_| StoreError::Refused("hunt-list"))?;
        }
        (How::List, None) => return Err(StoreError::Refused("hunt-list")),
        (How::Search | How::Sigma, _) if new.query.trim().is_empty() || new.query.len() > QUERY_MAX => {
            return Err(StoreError::Refused("hunt-query"));
        }
        _ => {}
    }
    if !(1..=DAYS_MAX).contains(&new.days) {
        return Err(StoreError::Refused("hunt-days"));
    }
    if new.every_days.is_some_and(|n| !(1..=EVERY_MAX).contains(&n)) {
        return Err(StoreError::Refused("hunt-every"));
    }
    let held = tx
        .row("select count(*) as n from hunt where body = $1 and closed_at is null", args![new.body])
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("hunts-many"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    let next =
        new.every_days.and_then(|n| now.checked_add(SignedDuration::from_hours(24 * i64::from(n))).ok());
    tx.exec(
        "insert into hunt (id, body, title, hypothesis, scope, how, query, list, days, every_days, next_at, created_by,
           created_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
        args![
            new.id,
            new.body,
            &title,
            &hypothesis,
            new.scope.trim(),
            new.how.name(),
            &new.query,
            new.list.filter(|_| new.how == How::List),
            i64::from(new.days),
            new.every_days.map(i64::from),
            next,
            person,
            now
        ],
    )
    .await?;
    let told = (&title, &hypothesis, new.how, &new.query, new.list, new.days, new.every_days);
    tx.record("hunt.created", subject_of(new.id), Some(new.body), &told);
    tx.changed(Topic::Hunt, subject_of(new.id), Some(new.body));
    Ok(())
}

/// Begins a run. `Refused`: `hunt-running`, `hunts-running`.
pub async fn begin(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Hunt>,
    run: Id<kind::HuntRun>,
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let open = tx
        .row(
            "select count(*) as n, cast(coalesce(max(case when r.hunt = $2 then 1 else 0 end), 0) as bigint) as own
             from hunt_run r join hunt h on h.id = r.hunt
             where h.body = $1 and r.standing in ('waiting', 'running')",
            args![body, id],
        )
        .await?
        .ok_or(StoreError::NotFound("hunt"))?;
    if open.int("own")? > 0 {
        return Err(StoreError::Refused("hunt-running"));
    }
    if open.int("n")? >= RUNNING_MAX {
        return Err(StoreError::Refused("hunts-running"));
    }
    started(tx, id, run).await?;
    tx.record("hunt.begun", subject_of(id), Some(body), &run);
    tx.changed(Topic::Hunt, subject_of(id), Some(body));
    Ok(())
}

/// A run that waits, over the hunt's days up to now.
pub(super) async fn started(
    tx: &mut Tx,
    id: Id<kind::Hunt>,
    run: Id<kind::HuntRun>,
) -> Result<(), StoreError> {
    let (now, person) = (tx.now(), tx.actor().person());
    let row = tx.row("select days from hunt where id = $1", args![id]).await?;
    let days = i64::from(row.ok_or(StoreError::NotFound("hunt"))?.count("days")?);
    let from = now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(jiff::Timestamp::MIN);
    tx.exec(
        "insert into hunt_run (id, hunt, standing, asked_by, from_at, to_at, done_to, lease, looked_at, hits, fault,
           created_at) values ($1,$2,'waiting',$3,$4,$5,$5,0,0,0,'',$5)",
        args![run, id, person, from, now],
    )
    .await?;
    Ok(())
}

/// Ends whatever of a hunt waits or is under way.
pub async fn cancel(tx: &mut Tx, scope: &Scope, id: Id<kind::Hunt>) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let now = tx.now();
    tx.exec(
        "update hunt_run set standing = $2, ended_at = $3 where hunt = $1 and standing in ('waiting', 'running')",
        args![id, Standing::Cancelled.name(), now],
    )
    .await?;
    tx.record("hunt.cancelled", subject_of(id), Some(body), &());
    tx.changed(Topic::Hunt, subject_of(id), Some(body));
    Ok(())
}

/// Says what a hunt came to: evidence of the body, and of every body below whose events it had before it. `Refused`:
/// `text-empty`, `text-long`, `hunt-not-run`.
pub async fn conclude(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Hunt>,
    (outcome, words): (Outcome, &str),
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let words = said(words, TEXT_MAX)?;
    let done =
        tx.row("select count(*) as n from hunt_run where hunt = $1 and standing = 'done'", args![id]).await?;
    if done.map_or(Ok(0), |r| r.int("n"))? == 0 {
        return Err(StoreError::Refused("hunt-not-run"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    tx.exec(
        "update hunt set outcome = $2, conclusion = $3, concluded_by = $4, concluded_at = $5 where id = $1",
        args![id, outcome.name(), &words, person, now],
    )
    .await?;
    let title = match tx.row("select title from hunt where id = $1", args![id]).await? {
        Some(row) => row.text("title")?,
        None => String::new(),
    };
    let entry = tx.record("hunt.concluded", subject_of(id), Some(body), &(outcome, &words));
    facts::learn(
        tx,
        &Fact {
            id: Id::new(ids),
            key: format!("hunt:{id}:{now}"),
            kind: kinds::HUNTED.to_owned(),
            body,
            subject: subject_of(id),
            from: now,
            to: now,
            learnt: now,
            source: Source::Audit(entry),
            value: json!({ "outcome": outcome, "title": title }),
        },
    )
    .await?;
    let below = tx
        .rows(
            "select distinct x.body from hunt_reach x join hunt_run r on r.id = x.run where r.hunt = $1 and x.body <> $2",
            args![id, body],
        )
        .await?;
    for row in &below {
        tx.changed(Topic::Hunt, subject_of(id), Some(row.id("body")?));
    }
    tx.changed(Topic::Hunt, subject_of(id), Some(body));
    Ok(())
}

/// Closes a hunt: it runs no more. What it found and came to stays evidence.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Hunt>) -> Result<(), StoreError> {
    cancel(tx, scope, id).await?;
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let now = tx.now();
    tx.exec("update hunt set closed_at = $2, next_at = null where id = $1", args![id, now]).await?;
    tx.record("hunt.closed", subject_of(id), Some(body), &());
    tx.changed(Topic::Hunt, subject_of(id), Some(body));
    Ok(())
}
