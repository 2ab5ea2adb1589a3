//! The outbox: intents are made exactly once inside a write; their deliveries happen afterwards, at least once.

use domain::{
    id::{Id, kind},
    intent::{Delivery, Intent, To, Urgency},
    job::retry_at,
};
use jiff::{SignedDuration, Timestamp};

mod spread;

pub use self::spread::{Delivered, FALL, revised, spread, to_revise};
use crate::{Db, Row, Sql, StoreError, Topic, Tx, addressees::Addressee, args, notices, troubles::reason};

/// How long a worker may hold a delivery before another takes it over: longer than the slowest mail server may take.
pub const LEASE: SignedDuration = SignedDuration::from_secs(180);
/// After so many tries a delivery is given up and shown: with an hour between the later ones, a mail server may be
/// away for two days. Most intents expire before.
pub const TRIES_MAX: u32 = 60;

/// Makes an intent, with one delivery per channel kind. The same key made twice is one intent: returns `false`.
pub async fn make(
    tx: &mut Tx,
    intent: &Intent,
    deliveries: &[(Id<kind::Delivery>, &str)],
) -> Result<bool, StoreError> {
    let json = |e: serde_json::Error| StoreError::Corrupt("intent", e.to_string());
    let now = tx.now();
    let added = tx
        .exec(
            "insert into intent (id, key, recipient, template, vars, urgency, not_before, expires, created_at)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9) on conflict (key) do nothing",
            args![
                intent.id,
                &intent.key,
                serde_json::to_string(&intent.to).map_err(json)?,
                &intent.template,
                serde_json::to_string(&intent.vars).map_err(json)?,
                intent.urgency.name(),
                intent.not_before,
                intent.expires,
                now
            ],
        )
        .await?;
    if added == 0 {
        return Ok(false);
    }
    for (id, channel) in deliveries {
        tx.exec(
            "insert into delivery (id, intent, channel, hurry, state, due) values ($1,$2,$3,$4,'due',$5)",
            args![*id, intent.id, *channel, spread::hurry(intent.urgency), intent.not_before],
        )
        .await?;
    }
    tx.changed(Topic::Intent, format!("intent:{}", intent.id), None);
    Ok(true)
}

/// A delivery to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Its id.
    pub id: Id<kind::Delivery>,
    /// Kind of channel.
    pub channel: String,
    /// How often it was tried, this one included.
    pub tries: u32,
    /// What is to be told.
    pub intent: Intent,
    /// To whom; `None`: to be spread over its recipients first ([`spread`]).
    pub to: Option<Addressee>,
    /// When it was wished: the date of every message about it, so that a second try is the same message.
    pub made_at: Timestamp,
}

/// Claims the next due delivery; expired intents are given up on the way.
pub async fn claim(db: &Db, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
    let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let mut tx = db.begin_quiet(now).await?;
    let claimed = loop {
        // One state after the other, each along its index: with thousands waiting, one question for both would sort
        // them all for every claim.
        let row = match take(&mut tx, "due", until, now).await? {
            None => take(&mut tx, "claimed", until, now).await?,
            some => some,
        };
        let Some(row) = row else { break None };
        let intent = tx.row("select * from intent where id = $1", args![row.text("intent")?]).await?;
        let intent = intent.ok_or(StoreError::NotFound("intent"))?;
        let claimed = claimed(&row, &intent)?;
        if intent.opt_int("over_at")?.is_some() {
            // Somebody answered while another worker had it.
            tx.exec("update delivery set state = 'spared', lease = 0 where id = $1", args![claimed.id])
                .await?;
            continue;
        }
        if claimed.intent.expires > now {
            break Some(claimed);
        }
        give_up(&mut tx, &claimed, reason::EXPIRED).await?;
    };
    tx.commit().await?;
    Ok(claimed)
}

/// Claims the delivery of that state that has been due longest.
async fn take(
    tx: &mut Tx,
    state: &'static str,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<Row>, StoreError> {
    tx.row(
        "update delivery set state = 'claimed', lease = $1, tries = tries + 1
         where id = (select id from delivery where state = $3 and due <= $2 and lease < $2
                     order by hurry, due, id limit 1)
           and lease < $2
         returning id as delivery, intent, channel, tries, person, name, lang, address",
        args![until, now, state],
    )
    .await
}

/// A claimed row with its intent.
fn claimed(row: &Row, intent: &Row) -> Result<Claimed, StoreError> {
    let to = match row.opt_text("address")? {
        None => None,
        Some(address) => Some(Addressee {
            person: row.opt_id("person")?,
            name: row.opt_text("name")?,
            lang: row.opt_text("lang")?.unwrap_or_default(),
            address,
        }),
    };
    Ok(Claimed {
        id: row.id("delivery")?,
        channel: row.text("channel")?,
        tries: row.count("tries")?,
        to,
        made_at: intent.time("created_at")?,
        intent: from_row(intent)?,
    })
}

/// Gives a claimed delivery up; the whole is undeliverable once nothing else of it was or may still be sent.
async fn give_up(tx: &mut Tx, claimed: &Claimed, why: &str) -> Result<(), StoreError> {
    tx.exec(
        "update delivery set state = 'failed', lease = 0, why = $1 where id = $2 and tries = $3",
        args![why, claimed.id, claimed.tries],
    )
    .await?;
    spread::others(tx, claimed, Some(false)).await?;
    let rest = tx
        .row(
            "select 1 as one from delivery where intent = $1 and state in ('due', 'claimed', 'sent', 'acknowledged')",
            args![claimed.intent.id],
        )
        .await?;
    if rest.is_none() {
        notices::undeliverable(tx, &claimed.intent.key).await?;
    }
    Ok(())
}

/// Writes down what came of a claimed delivery; one that another worker took over meanwhile is left alone.
pub async fn settle(
    db: &Db,
    now: Timestamp,
    claimed: &Claimed,
    outcome: &Delivery,
) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let (id, tries) = (claimed.id, claimed.tries);
    match outcome {
        Delivery::Sent { receipt } => {
            tx.exec(
                "update delivery set state = 'sent', receipt = $1, sent_at = $2, why = null
                 where id = $3 and tries = $4",
                args![receipt, now, id, tries],
            )
            .await?;
            spread::others(&mut tx, claimed, Some(true)).await?;
            notices::delivered(&mut tx, &claimed.intent.key).await?;
        }
        Delivery::Failed { next, why } if next.is_none() || tries >= TRIES_MAX => {
            give_up(&mut tx, claimed, why).await?;
        }
        Delivery::Failed { next, why } => {
            tx.exec(
                "update delivery set state = 'due', lease = 0, due = $1, why = $2 where id = $3 and tries = $4",
                args![next.unwrap_or_else(|| retry_at(now, tries)), why, id, tries],
            )
            .await?;
        }
        Delivery::Due | Delivery::Claimed => {
            tx.exec("update delivery set state = 'due', lease = 0 where id = $1", args![id]).await?;
        }
        Delivery::Acknowledged => {
            tx.exec("update delivery set state = 'acknowledged' where id = $1", args![id]).await?;
        }
    }
    tx.commit().await
}

/// Somebody has the call-out, or it came right by itself: what has not gone out about it is not sent any more. What has
/// says so once more where it came right after somebody had taken it.
pub(crate) async fn answered(
    tx: &mut Tx,
    callout: Id<kind::Callout>,
    by: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("update intent set over_at = $2 where callout = $1 and over_at is null", args![callout, now])
        .await?;
    tx.exec(
        "update delivery set state = 'spared', why = null
         where state = 'due' and intent in (select id from intent where callout = $1)",
        args![callout],
    )
    .await?;
    let Some(by) = by else {
        tx.exec(
            "update delivery set revised_at = null
             where revised_at is not null and intent in (select id from intent where callout = $1)",
            args![callout],
        )
        .await?;
        return Ok(());
    };
    tx.exec(
        "update delivery set state = 'acknowledged' where state = 'sent' and person = $2
         and intent in (select id from intent where callout = $1)",
        args![callout, by],
    )
    .await?;
    Ok(())
}

/// When the next delivery is due.
pub async fn next_due(sql: &mut Sql, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let row = sql
        .row(
            "select min(case when lease > $1 then lease else due end) as at
             from delivery where state in ('due', 'claimed')",
            args![now],
        )
        .await?;
    row.map_or(Ok(None), |r| r.opt_time("at"))
}

/// How many deliveries are in each state: for `canh doctor` and the administration page.
pub async fn counts(sql: &mut Sql) -> Result<Vec<(String, u32)>, StoreError> {
    let rows =
        sql.rows("select state, count(*) as n from delivery group by state order by state", vec![]).await?;
    rows.iter().map(|r| Ok((r.text("state")?, r.count("n")?))).collect()
}

/// Empties the variables of intents that expired before then: they may hold codes and links that are good for nobody
/// any more. Returns how many. That it was said, to whom and what came of it, stays.
pub async fn forget_words(db: &Db, now: Timestamp, before: Timestamp) -> Result<u64, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let emptied =
        tx.exec("update intent set vars = '{}' where expires < $1 and vars <> '{}'", args![before]).await?;
    tx.commit().await?;
    Ok(emptied)
}

fn from_row(row: &Row) -> Result<Intent, StoreError> {
    Ok(Intent {
        id: row.id("id")?,
        key: row.text("key")?,
        to: row.json::<To>("recipient")?,
        template: row.text("template")?,
        vars: row.json("vars")?,
        urgency: row.word("urgency", Urgency::parse)?,
        not_before: row.time("not_before")?,
        expires: row.time("expires")?,
    })
}
