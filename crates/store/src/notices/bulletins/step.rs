//! The life of an issued bulletin: communes are told, what is due is counted, missing receipts are asked for.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    intent::{Intent, To, Urgency},
    notice::{NoticeRules, NoticeState, chase_times, current_round, due_slots},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{Bulletin, draft::touched, held, tally};
use crate::{Db, StoreError, Tx, args, intents};

/// The kind of job. Payload `{bulletin, public_url}`, key `bulletin.run:ID`.
pub const JOB: &str = "bulletin.run";
/// Communes per transaction.
const CHUNK: u32 = 50;
/// A message about a bulletin is of no use for longer.
const MESSAGE_LIVES: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A letter names at most so many missing broadcasts.
const NAMED_MAX: usize = 12;

/// Does the next thing that is due; gives when to look again, `None` when the bulletin is over.
pub async fn step(
    db: &Db,
    now: Timestamp,
    rules: &NoticeRules,
    ids: &dyn Ids,
    base: &str,
    id: Id<kind::Bulletin>,
) -> Result<Option<Timestamp>, StoreError> {
    crate::write!(db, Actor::System, now, tx => {
        // Most looks find nothing to record.
        tx.unchanged();
        match held(tx, &Scope::system(), Right::Issue, id).await {
            Ok(bulletin) if bulletin.state == NoticeState::Issued => advance(tx, rules, ids, base, &bulletin).await,
            Ok(_) | Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    })
}

async fn advance(
    tx: &mut Tx,
    rules: &NoticeRules,
    ids: &dyn Ids,
    base: &str,
    bulletin: &Bulletin,
) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    if send(tx, ids, base, bulletin).await? {
        return Ok(Some(now));
    }
    count(tx, rules, ids, bulletin).await?;
    let slots = bulletin.schedule.slots();
    let chases = chase_times(&slots, rules.receipt_hours, rules.chase_days);
    let round = current_round(&chases, now);
    if round > 0 && chase(tx, rules, ids, base, bulletin, round).await? {
        return Ok(Some(now));
    }
    let hours = SignedDuration::from_hours(rules.receipt_hours);
    let due = slots.get(due_slots(&slots, rules.receipt_hours, now)).and_then(|s| s.checked_add(hours).ok());
    let next = [chases.get(round).copied(), due].into_iter().flatten().min();
    if next.is_none() {
        tx.exec(
            "update bulletin set state = 'closed', closed_at = $1 where id = $2",
            args![now, bulletin.id],
        )
        .await?;
        touched(tx, "bulletin.closed", bulletin.id, bulletin.body, &bulletin.title);
    }
    Ok(next)
}

/// Tells the next communes; `true` if there were some.
async fn send(tx: &mut Tx, ids: &dyn Ids, base: &str, bulletin: &Bulletin) -> Result<bool, StoreError> {
    let rows = tx
        .rows(
            "select x.body, b.name from bulletin_body x join body b on b.id = x.body
             where x.bulletin = $1 and x.sent_at is null order by x.body limit $2",
            args![bulletin.id, CHUNK],
        )
        .await?;
    let now = tx.now();
    let s = &bulletin.schedule;
    for row in &rows {
        let body: Id<kind::Body> = row.id("body")?;
        let vars = vec![
            ("body", row.text("name")?),
            ("issuer", bulletin.body_name.clone()),
            ("title", bulletin.title.clone()),
            ("minutes", bulletin.seconds.div_ceil(60).max(1).to_string()),
            ("days", format!("{} – {}", s.from.strftime("%d/%m/%Y"), s.to.strftime("%d/%m/%Y"))),
            ("times", s.times_text()),
            ("link", format!("{base}/bulletins/{}", bulletin.id)),
        ];
        tell(tx, ids, format!("bulletin/{}/{body}", bulletin.id), body, "bulletin-sent", vars).await?;
        tx.exec(
            "update bulletin_body set sent_at = $1 where bulletin = $2 and body = $3",
            args![now, bulletin.id, body],
        )
        .await?;
    }
    Ok(!rows.is_empty())
}

/// Counts what is due by now. A province has some hundred communes: one transaction.
async fn count(
    tx: &mut Tx,
    rules: &NoticeRules,
    ids: &dyn Ids,
    bulletin: &Bulletin,
) -> Result<(), StoreError> {
    let rows = tx
        .rows("select body from bulletin_body where bulletin = $1 order by body", args![bulletin.id])
        .await?;
    let seq = tx.head().size;
    let mut recorded = None;
    for row in rows {
        let body: Id<kind::Body> = row.id("body")?;
        let at = recorded.unwrap_or(seq);
        if tally::tell(tx, ids, bulletin, rules.receipt_hours, body, at).await? && recorded.is_none() {
            recorded = Some(touched(tx, "bulletin.counted", bulletin.id, bulletin.body, &bulletin.title));
        }
    }
    match recorded {
        Some(seq) => tally::tell_issuer(tx, ids, bulletin, seq).await,
        None => Ok(()),
    }
}

/// Asks the next communes whose receipts are missing; `true` if there may be more.
async fn chase(
    tx: &mut Tx,
    rules: &NoticeRules,
    ids: &dyn Ids,
    base: &str,
    bulletin: &Bulletin,
    round: usize,
) -> Result<bool, StoreError> {
    let round = i64::try_from(round).unwrap_or(i64::MAX);
    let rows = tx
        .rows(
            "select x.body, b.name from bulletin_body x join body b on b.id = x.body
             where x.bulletin = $1 and x.chased < $2 order by x.body limit $3",
            args![bulletin.id, round, CHUNK],
        )
        .await?;
    let slots = bulletin.schedule.slots();
    let due = due_slots(&slots, rules.receipt_hours, tx.now());
    for row in &rows {
        let body: Id<kind::Body> = row.id("body")?;
        let done = tx
            .rows(
                "select distinct slot_at from broadcast where bulletin = $1 and body = $2",
                args![bulletin.id, body],
            )
            .await?;
        let done: Vec<Timestamp> = done.iter().map(|r| r.time("slot_at")).collect::<Result<_, _>>()?;
        let missing: Vec<String> = slots
            .iter()
            .take(due)
            .filter(|s| !done.contains(s))
            .map(|s| crate::notices::written(*s))
            .collect();
        if !missing.is_empty() {
            let named: Vec<&str> = missing.iter().take(NAMED_MAX).map(String::as_str).collect();
            let vars = vec![
                ("body", row.text("name")?),
                ("title", bulletin.title.clone()),
                ("missing", missing.len().to_string()),
                ("slots", named.join("; ")),
                ("link", format!("{base}/bulletins/{}", bulletin.id)),
            ];
            let key = format!("bulletin-missing/{}/{body}/{round}", bulletin.id);
            tell(tx, ids, key, body, "bulletin-missing", vars).await?;
        }
        tx.exec(
            "update bulletin_body set chased = $1 where bulletin = $2 and body = $3",
            args![round, bulletin.id, body],
        )
        .await?;
    }
    Ok(!rows.is_empty())
}

async fn tell(
    tx: &mut Tx,
    ids: &dyn Ids,
    key: String,
    body: Id<kind::Body>,
    template: &str,
    vars: Vec<(&str, String)>,
) -> Result<(), StoreError> {
    let now = tx.now();
    let intent = Intent {
        id: Id::new(ids),
        key,
        to: To::Body(body),
        template: template.to_owned(),
        vars: vars.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>(),
        urgency: Urgency::Normal,
        not_before: now,
        expires: now.checked_add(MESSAGE_LIVES).unwrap_or(Timestamp::MAX),
    };
    intents::make(tx, &intent, &[(Id::new(ids), crate::notices::CHANNEL)]).await?;
    Ok(())
}
