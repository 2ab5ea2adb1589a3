//! Broadcasts counted, as facts: one for each bulletin and commune, and one for the body that asked.
//!
//! What counts is due: a broadcast whose receipt is expected by now, or is there already. The rest of the schedule is
//! neither done nor missing yet.

use domain::{
    fact::{Fact, Source, kinds},
    id::{Id, Ids, kind},
    notice::due_slots,
};
use jiff::Timestamp;
use serde_json::json;

use super::{Bulletin, subject};
use crate::{Sql, StoreError, Topic, Tx, args, notices::tally::replace};

/// How a body stands: done, of what is due.
type Stand = (u32, u32);

/// Learns how a commune stands, if that has changed since it was last told.
pub(super) async fn tell(
    tx: &mut Tx,
    ids: &dyn Ids,
    bulletin: &Bulletin,
    receipt_hours: i64,
    body: Id<kind::Body>,
    seq: u64,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "select told, fact from bulletin_body where bulletin = $1 and body = $2",
            args![bulletin.id, body],
        )
        .await?
        .ok_or(StoreError::NotFound("bulletin"))?;
    let now = tx.now();
    let stand = stand(tx, bulletin, receipt_hours, body, now).await?;
    let told = format!("{}/{}", stand.0, stand.1);
    if row.opt_text("told")?.as_ref() == Some(&told) {
        return Ok(false);
    }
    let fact = fact(now, ids, bulletin, body, stand, seq);
    replace(tx, row.opt_id("fact")?, &fact).await?;
    tx.exec(
        "update bulletin_body set told = $1, fact = $2 where bulletin = $3 and body = $4",
        args![told, fact.id, bulletin.id, body],
    )
    .await?;
    tx.changed(Topic::Notice, subject(bulletin.id), Some(body));
    Ok(true)
}

/// Learns how the communes together stand, for the body that asked: those that are nothing behind, of those from whom
/// something is due.
pub(super) async fn tell_issuer(
    tx: &mut Tx,
    ids: &dyn Ids,
    bulletin: &Bulletin,
    seq: u64,
) -> Result<(), StoreError> {
    let rows = tx.rows("select told from bulletin_body where bulletin = $1", args![bulletin.id]).await?;
    let (mut done, mut all) = (0, 0);
    for row in &rows {
        let told = row.opt_text("told")?.unwrap_or_default();
        let (handled, due) = told.split_once('/').unwrap_or(("0", "0"));
        let (handled, due): (u32, u32) = (handled.parse().unwrap_or(0), due.parse().unwrap_or(0));
        all += u32::from(due > 0);
        done += u32::from(due > 0 && handled >= due);
    }
    let told = format!("{done}/{all}");
    let row = tx.row("select told, fact from bulletin where id = $1", args![bulletin.id]).await?;
    let row = row.ok_or(StoreError::NotFound("bulletin"))?;
    if row.opt_text("told")?.as_ref() == Some(&told) {
        return Ok(());
    }
    let fact = fact(tx.now(), ids, bulletin, bulletin.body, (done, all), seq);
    replace(tx, row.opt_id("fact")?, &fact).await?;
    tx.exec("update bulletin set told = $1, fact = $2 where id = $3", args![told, fact.id, bulletin.id])
        .await?;
    tx.changed(Topic::Notice, subject(bulletin.id), Some(bulletin.body));
    Ok(())
}

async fn stand(
    sql: &mut Sql,
    bulletin: &Bulletin,
    receipt_hours: i64,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Stand, StoreError> {
    let slots = bulletin.schedule.slots();
    let rows = sql
        .rows(
            "select distinct slot_at from broadcast where bulletin = $1 and body = $2",
            args![bulletin.id, body],
        )
        .await?;
    let done: Vec<Timestamp> = rows.iter().map(|r| r.time("slot_at")).collect::<Result<_, _>>()?;
    let due = due_slots(&slots, receipt_hours, now);
    let early = done.iter().filter(|at| slots.iter().skip(due).any(|s| s == *at)).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok((count(done.len()), count(due + early)))
}

fn fact(
    now: Timestamp,
    ids: &dyn Ids,
    bulletin: &Bulletin,
    body: Id<kind::Body>,
    (handled, all): Stand,
    seq: u64,
) -> Fact {
    let slots = bulletin.schedule.slots();
    let mut value = json!({ "bulletin": bulletin.id, "handled": handled, "all": all, "due": all });
    if let (Some(campaign), Some(fields)) = (bulletin.campaign, value.as_object_mut()) {
        fields.insert("campaign".into(), json!(campaign));
    }
    Fact {
        id: Id::new(ids),
        key: format!("{}/{}/{body}/{seq}", kinds::BULLETIN_TALLY, bulletin.id),
        kind: kinds::BULLETIN_TALLY.into(),
        body,
        subject: format!("body:{body}"),
        from: slots.first().copied().unwrap_or(now).min(now),
        to: now,
        learnt: now,
        source: Source::Audit(seq),
        value,
    }
}
