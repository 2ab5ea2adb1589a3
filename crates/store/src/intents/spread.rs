//! A wish becomes messages: one row per recipient and address, in each recipient's own order and outside their quiet hours.
//!
//! Urgent: every verified address at once. Otherwise a person's first kind of channel; the next waits for
//! [`FALL`] and is *spared* once the one before was taken, or pulled forward when that was refused.

use std::collections::HashMap;

use domain::{
    id::{Id, Uuid, kind},
    intent::{To, Urgency},
    person::Quiet,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Claimed;
use crate::{
    Db, Sql, StoreError, Topic, Tx,
    addressees::{self, Addressee},
    args,
    register::reach,
    troubles::reason,
};

/// A channel that neither took nor refused a message for so long is passed by: half a minute at most from one to the
/// next (item 7 of the paging), less the second in which the next is claimed.
pub const FALL: SignedDuration = SignedDuration::from_secs(25);

/// Spreads a claimed wish that has no address yet. The first message stays claimed by the caller and comes back; the
/// others are due as their place says. `None` where it waits for quiet hours to end, or where nobody can be reached,
/// which is written down.
pub async fn spread(db: &Db, now: Timestamp, claimed: &Claimed) -> Result<Option<Claimed>, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let row = tx
        .row(
            "select address from delivery where id = $1 and tries = $2 and state = 'claimed'",
            args![claimed.id, claimed.tries],
        )
        .await?;
    let Some(row) = row else {
        // Another worker took it over meanwhile.
        tx.rollback().await;
        return Ok(None);
    };
    if row.opt_text("address")?.is_some() {
        tx.rollback().await;
        return Ok(None);
    }
    let all = recipients(&mut tx, claimed).await?;
    let reached = !all.is_empty();
    let quiets = Quiets::of(&mut tx, claimed, &all).await?;
    let mut first = None;
    for (n, (channel, place, to)) in all.into_iter().enumerate() {
        let wait = FALL.checked_mul(i32::try_from(place).unwrap_or(i32::MAX)).unwrap_or(FALL);
        let begin = quiets.begin(&to, now);
        let due = begin.checked_add(wait).unwrap_or(Timestamp::MAX);
        if n == 0 {
            tx.exec(
                "update delivery set channel = $2, person = $3, name = $4, lang = $5, address = $6, place = $7 where id = $1",
                args![claimed.id, &channel, to.person, to.name.clone(), &to.lang, &to.address, place],
            )
            .await?;
            if due <= now {
                first = Some(Claimed { channel, to: Some(to), ..claimed.clone() });
                continue;
            }
            tx.exec(
                "update delivery set state = 'due', lease = 0, tries = 0, due = $2 where id = $1",
                args![claimed.id, due],
            )
            .await?;
        } else {
            let id = derived(claimed.id, n, now);
            tx.exec(
                "insert into delivery (id, intent, channel, person, name, lang, address, place, hurry, state, due)
                 values ($1,$2,$3,$4,$5,$6,$7,$8,$9,'due',$10)",
                args![
                    id,
                    claimed.intent.id,
                    &channel,
                    to.person,
                    to.name.clone(),
                    &to.lang,
                    &to.address,
                    place,
                    hurry(claimed.intent.urgency),
                    due
                ],
            )
            .await?;
        }
    }
    if reached {
        tx.changed(Topic::Intent, format!("intent:{}", claimed.intent.id), None);
    } else {
        super::give_up(&mut tx, claimed, reason::NO_ADDRESS).await?;
    }
    tx.commit().await?;
    Ok(first)
}

/// When a message may first go to a person: at once, or when their quiet hours end. What is urgent breaks them, and so
/// does what nobody would need any more by then. One question for all recipients.
struct Quiets<'a> {
    of: &'a Claimed,
    hours: HashMap<Id<kind::Person>, Quiet>,
}

impl<'a> Quiets<'a> {
    async fn of(
        sql: &mut Sql,
        of: &'a Claimed,
        all: &[(String, u32, Addressee)],
    ) -> Result<Self, StoreError> {
        let breaks = of.intent.urgency == Urgency::Urgent || matches!(of.intent.to, To::Channel(_));
        let mut people: Vec<Id<kind::Person>> = match breaks {
            true => Vec::new(),
            false => all.iter().filter_map(|(_, _, to)| to.person).collect(),
        };
        people.sort_unstable();
        people.dedup();
        Ok(Self { of, hours: reach::quiet_of_all(sql, &people).await? })
    }
    fn begin(&self, to: &Addressee, now: Timestamp) -> Timestamp {
        let quiet = to.person.and_then(|person| self.hours.get(&person));
        let ends = quiet.map_or(now, |quiet| quiet.ends(now));
        if ends < self.of.intent.expires { ends } else { now }
    }
}

/// In which order messages of an urgency go out.
pub(super) const fn hurry(urgency: Urgency) -> u32 {
    match urgency {
        Urgency::Urgent => 0,
        Urgency::Normal => 1,
        Urgency::Low => 2,
    }
}

/// The kind of channel by which a body's systems are told what its people are told.
const WEBHOOK: &str = "webhook";

/// Everybody behind a wish, each with the channel and its place in their order.
async fn recipients(sql: &mut Sql, of: &Claimed) -> Result<Vec<(String, u32, Addressee)>, StoreError> {
    let urgent = of.intent.urgency == Urgency::Urgent;
    let To::Person(person) = &of.intent.to else {
        let found = addressees::find(sql, &of.intent.to, &of.channel, urgent).await?;
        let mut all: Vec<_> = found.into_iter().map(|to| (of.channel.clone(), 0, to)).collect();
        if matches!(of.intent.to, To::Body(_)) && of.channel != WEBHOOK {
            let systems = addressees::find(sql, &of.intent.to, WEBHOOK, urgent).await?;
            all.extend(systems.into_iter().map(|to| (WEBHOOK.to_owned(), 0, to)));
        }
        return Ok(all);
    };
    let kinds = sql
        .rows(
            "select kind, min(rank) as first from channel where person = $1 and verified_at is not null
             and kind <> 'phone' group by kind order by first, kind",
            args![*person],
        )
        .await?;
    let mut all = Vec::new();
    for (n, row) in kinds.iter().enumerate() {
        let channel = row.text("kind")?;
        let place = if urgent { 0 } else { u32::try_from(n).unwrap_or(u32::MAX) };
        for to in addressees::find(sql, &of.intent.to, &channel, urgent).await? {
            all.push((channel.clone(), place, to));
        }
    }
    Ok(all)
}

/// An id that follows from the first message's: spreading needs no source of ids, and twice is the same.
fn derived(of: Id<kind::Delivery>, n: usize, now: Timestamp) -> Id<kind::Delivery> {
    let digest: [u8; 32] = Sha256::digest(format!("{of}/{n}").as_bytes()).into();
    let tail = u128::from_be_bytes(digest.first_chunk::<16>().copied().unwrap_or_default());
    let millis = u128::try_from(now.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
    let value = (millis << 80)
        | (0x7 << 76)
        | (((tail >> 64) & 0xfff) << 64)
        | (0b10 << 62)
        | (tail & (u128::MAX >> 66));
    Id::from_uuid(Uuid::from_u128(value))
}

/// After a message of a person was taken, their further channels need not be used; after it failed for good, the next
/// one is due now. One that will only be tried again leaves the next to its own time.
pub(super) async fn others(tx: &mut Tx, claimed: &Claimed, taken: Option<bool>) -> Result<(), StoreError> {
    let (Some(to), now) = (&claimed.to, tx.now()) else { return Ok(()) };
    let (Some(person), Some(taken)) = (to.person, taken) else { return Ok(()) };
    let row = tx.row("select place from delivery where id = $1", args![claimed.id]).await?;
    let place = row.map_or(Ok(0), |r| r.int("place"))?;
    if taken {
        tx.exec(
            "update delivery set state = 'spared' where intent = $1 and person = $2 and place > $3 and state = 'due'",
            args![claimed.intent.id, person, place],
        )
        .await?;
    } else {
        tx.exec(
            "update delivery set due = $4 where intent = $1 and person = $2 and place = $3 and state = 'due' and due > $4",
            args![claimed.intent.id, person, place + 1, now],
        )
        .await?;
    }
    Ok(())
}

/// A message that was delivered and is to be changed, since somebody has taken its call-out.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// It, with whom it went to.
    pub message: Claimed,
    /// What the channel said of it.
    pub receipt: String,
}

/// The delivered messages about a call-out that still look as if nobody had it.
pub async fn to_revise(sql: &mut Sql, callout: Id<kind::Callout>) -> Result<Vec<Delivered>, StoreError> {
    let rows = sql
        .rows(
            "select d.*, d.id as delivery from delivery d join intent i on i.id = d.intent
             where i.callout = $1 and d.state in ('sent', 'acknowledged') and d.revised_at is null
               and d.address is not null and d.receipt is not null
             order by d.sent_at, d.id",
            args![callout],
        )
        .await?;
    let mut all = Vec::new();
    for row in &rows {
        let intent = sql.row("select * from intent where id = $1", args![row.text("intent")?]).await?;
        let intent = intent.ok_or(StoreError::NotFound("intent"))?;
        all.push(Delivered { message: super::claimed(row, &intent)?, receipt: row.text("receipt")? });
    }
    Ok(all)
}

/// Writes down that a delivered message was changed, or cannot be.
pub async fn revised(db: &Db, now: Timestamp, id: Id<kind::Delivery>) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    tx.exec("update delivery set revised_at = $2 where id = $1", args![id, now]).await?;
    tx.commit().await
}
