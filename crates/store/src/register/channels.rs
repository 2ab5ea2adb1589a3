//! How people are reached. A channel counts once it is verified: by a code sent there, or by somebody else's call.

use domain::{
    actor::Scope,
    evidence::Count,
    fact::{Fact, Source, kinds},
    id::{Id, Uuid, kind},
    person::{Channel, ChannelKind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::people;
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, facts};

/// A contact needs so many verified channels (CONT).
pub const CONTACT_CHANNELS: u32 = 2;
/// At most so many channels of one person.
pub const CHANNELS_MAX: u32 = 10;
/// A code is good for so long.
pub const CODE_VALID: SignedDuration = SignedDuration::from_mins(15);
/// So many wrong codes end a check: with six digits one guess in 200,000 would succeed.
pub const TRIES_MAX: u32 = 5;
/// At most so many codes an hour to one channel: nobody's mailbox is to be flooded.
pub const SENT_MAX: u32 = 5;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A channel to be added.
#[derive(Debug, Clone, Serialize)]
pub struct NewChannel {
    /// Its id.
    pub id: Id<kind::Channel>,
    /// Whose.
    pub person: Id<kind::Person>,
    /// Over what.
    pub kind: ChannelKind,
    /// Where; any spelling.
    pub address: String,
    /// Lower is tried first.
    pub rank: u32,
}

/// What came of a code that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It was right; the channel is verified now.
    Verified,
    /// It was wrong; so many tries are left.
    Wrong {
        /// Tries left; 0 = a new code is needed.
        left: u32,
    },
    /// There is no code waiting, or it came too late.
    Expired,
}

const CHANNEL: &str = "select c.id, c.person, c.kind, c.address, c.verified_at, c.rank from channel c where";

/// A person's channels. Needs [`Right::Read`] over a body they serve.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    person: Id<kind::Person>,
) -> Result<Vec<Channel>, StoreError> {
    let mut query = Query::new(CHANNEL);
    query.push("c.person =").bind(person);
    query.push("and exists (select 1 from membership m where m.person = c.person and");
    query.visible(scope, Right::Read, "m.body").push(") order by c.rank, c.kind, c.address");
    query.rows(sql).await?.iter().map(channel).collect()
}

/// A person's own channels, for themselves.
pub async fn own(sql: &mut Sql, person: Id<kind::Person>) -> Result<Vec<Channel>, StoreError> {
    let mut query = Query::new(CHANNEL);
    query.push("c.person =").bind(person).push("order by c.rank, c.kind, c.address");
    query.rows(sql).await?.iter().map(channel).collect()
}

/// Adds a channel, not yet verified. For whoever may change the person (see [`super::people`]).
/// Refusals: `channel-by-browser`, `channel-address-bad`, `channel-there`, `channels-many`, `person-closed`.
pub async fn add(tx: &mut Tx, scope: &Scope, new: &NewChannel) -> Result<(), StoreError> {
    people::may_change(tx, scope, new.person).await?;
    if people::any(tx, new.person).await?.closed_at.is_some() {
        return Err(StoreError::Refused("person-closed"));
    }
    if !new.kind.by_hand() {
        return Err(StoreError::Refused("channel-by-browser"));
    }
    let address = new.kind.address(&new.address).ok_or(StoreError::Refused("channel-address-bad"))?;
    let held = own(tx, new.person).await?;
    if held.iter().any(|c| c.kind == new.kind && c.address == address) {
        return Err(StoreError::Refused("channel-there"));
    }
    if held.len() >= CHANNELS_MAX as usize {
        return Err(StoreError::Refused("channels-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into channel (id, person, kind, address, rank, created_at) values ($1,$2,$3,$4,$5,$6)",
        args![new.id, new.person, new.kind.name(), address, new.rank, now],
    )
    .await?;
    people::done(tx, "channel.added", new.person, new).await
}

/// Removes a channel. For whoever may change the person.
pub async fn remove(tx: &mut Tx, scope: &Scope, id: Id<kind::Channel>) -> Result<(), StoreError> {
    let channel = changeable(tx, scope, id).await?;
    tx.exec("delete from channel_check where channel = $1", args![id]).await?;
    tx.exec("delete from channel where id = $1", args![id]).await?;
    people::done(tx, "channel.removed", channel.person, &json!({ "channel": id, "kind": channel.kind })).await
}

/// Starts a check: `digest` is that of the code the caller sends (an intent in the same transaction) and nobody else
/// learns. For whoever may change the person. Returns the channel.
///
/// Refusals: `channel-takes-no-code`, `channel-codes-many` (more than [`SENT_MAX`] within an hour).
pub async fn start_check(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Channel>,
    digest: &str,
) -> Result<Channel, StoreError> {
    let channel = changeable(tx, scope, id).await?;
    if !channel.kind.takes_code() {
        return Err(StoreError::Refused("channel-takes-no-code"));
    }
    let now = tx.now();
    let before = tx.row("select sent, counted_from from channel_check where channel = $1", args![id]).await?;
    let (sent, from) = match before {
        Some(row) if now.duration_since(row.time("counted_from")?) < HOUR => {
            (row.count("sent")?, row.time("counted_from")?)
        }
        _ => (0, now),
    };
    if sent >= SENT_MAX {
        return Err(StoreError::Refused("channel-codes-many"));
    }
    let expires = now.checked_add(CODE_VALID).unwrap_or(Timestamp::MAX);
    tx.exec(
        "insert into channel_check (channel, digest, expires_at, tries, sent_at, sent, counted_from)
         values ($1,$2,$3,0,$4,$5,$6)
         on conflict (channel) do update set digest = excluded.digest, expires_at = excluded.expires_at,
           tries = 0, sent_at = excluded.sent_at, sent = excluded.sent, counted_from = excluded.counted_from",
        args![id, digest, expires, now, sent + 1, from],
    )
    .await?;
    people::done(tx, "channel.code-sent", channel.person, &json!({ "channel": id })).await?;
    Ok(channel)
}

/// Checks a code by its digest. Only for the person themselves and whoever may change them. A wrong one is counted,
/// so this must be committed whatever comes out.
pub async fn verify(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Channel>,
    digest: &str,
) -> Result<Checked, StoreError> {
    let channel = changeable(tx, scope, id).await?;
    if channel.kind.sends_code() {
        // Typed in here it would prove nothing: the chat must send it.
        return Err(StoreError::Refused("channel-sends-code"));
    }
    let now = tx.now();
    let check =
        tx.row("select digest, expires_at, tries from channel_check where channel = $1", args![id]).await?;
    let Some(check) = check else {
        people::done(tx, "channel.check-failed", channel.person, &json!({ "channel": id })).await?;
        return Ok(Checked::Expired);
    };
    let tries = check.count("tries")?;
    if check.time("expires_at")? <= now || tries >= TRIES_MAX {
        people::done(tx, "channel.check-failed", channel.person, &json!({ "channel": id })).await?;
        return Ok(Checked::Expired);
    }
    if !same(&check.text("digest")?, digest) {
        tx.exec("update channel_check set tries = tries + 1 where channel = $1", args![id]).await?;
        people::done(tx, "channel.check-failed", channel.person, &json!({ "channel": id })).await?;
        return Ok(Checked::Wrong { left: TRIES_MAX.saturating_sub(tries + 1) });
    }
    // The code is used up: its digest no longer fits anything, but codes sent this hour stay counted.
    tx.exec("update channel_check set expires_at = 0 where channel = $1", args![id]).await?;
    set_verified(tx, &channel, "code").await?;
    Ok(Checked::Verified)
}

/// Writes down that somebody else reached the person there (called the number and spoke with them). For channels to
/// which no code can be sent; needs [`Right::Register`] or [`Right::Review`] over a body the person serves, and must
/// not be the person. Refusals: `channel-takes-code`, `channel-is-own`.
pub async fn attest(tx: &mut Tx, scope: &Scope, id: Id<kind::Channel>) -> Result<(), StoreError> {
    let channel = any(tx, id).await?;
    let mut query = Query::new("select m.body from membership m where m.person =");
    query.bind(channel.person).push("and (").visible(scope, Right::Register, "m.body");
    query.push("or").visible(scope, Right::Review, "m.body").push(") limit 1");
    query.row(tx).await?.ok_or(StoreError::NotFound("channel"))?;
    if channel.kind.takes_code() {
        return Err(StoreError::Refused("channel-takes-code"));
    }
    if tx.actor().person() == Some(channel.person) {
        return Err(StoreError::Refused("channel-is-own"));
    }
    set_verified(tx, &channel, "call").await
}

/// How many verified channels the best named contact of a body has, of [`CONTACT_CHANNELS`]: count `contact-channels`.
pub async fn contact_channels(sql: &mut Sql, body: Id<kind::Body>) -> Result<Count, StoreError> {
    let row = sql
        .row(
            "select count(c.id) as n from membership m
             join person p on p.id = m.person and p.closed_at is null
             join channel c on c.person = p.id and c.verified_at is not null
             where m.body = $1 and m.contact = true
             group by m.person order by count(c.id) desc limit 1",
            args![body],
        )
        .await?;
    let handled = row.map_or(Ok(0), |r| r.count("n"))?.min(CONTACT_CHANNELS);
    Ok(Count { handled, all: CONTACT_CHANNELS })
}

pub(super) async fn set_verified(tx: &mut Tx, channel: &Channel, how: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("update channel set verified_at = $1 where id = $2", args![now, channel.id]).await?;
    let bodies = people::bodies(tx, channel.person).await?;
    for body in &bodies {
        tx.changed(Topic::Register, format!("person:{}", channel.person), Some(*body));
    }
    let entry = tx.record(
        "channel.verified",
        format!("person:{}", channel.person),
        bodies.first().copied(),
        &json!({ "channel": channel.id, "how": how }),
    );
    learn(tx, channel.person, entry).await
}

/// Every body that a person serves knows of their verified channels; what it knows already stays as it is.
pub(super) async fn learn(tx: &mut Tx, person: Id<kind::Person>, entry: u64) -> Result<(), StoreError> {
    let now = tx.now();
    let bodies = people::bodies(tx, person).await?;
    for channel in own(tx, person).await? {
        let Some(at) = channel.verified_at else { continue };
        for body in &bodies {
            let key = format!("channel.verified/{}/{body}/{}", channel.id, at.as_microsecond());
            let fact = Fact {
                id: fact_id(&key, now),
                key,
                kind: kinds::CHANNEL_VERIFIED.into(),
                body: *body,
                subject: format!("person:{person}"),
                from: at,
                to: at,
                learnt: now,
                source: Source::Audit(entry),
                value: json!({ "channel": channel.id, "kind": channel.kind.name() }),
            };
            facts::learn(tx, &fact).await?;
        }
    }
    Ok(())
}

/// An id that follows from the fact's unique key and the time, so that verifying needs no source of ids: the time as
/// in UUIDv7 (RFC 9562), the rest from the key's SHA-256.
fn fact_id(key: &str, now: Timestamp) -> Id<kind::Fact> {
    let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let tail = u128::from_be_bytes(digest.first_chunk::<16>().copied().unwrap_or_default());
    let millis = u128::try_from(now.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
    let value = (millis << 80)
        | (0x7 << 76)
        | (((tail >> 64) & 0xfff) << 64)
        | (0b10 << 62)
        | (tail & (u128::MAX >> 66));
    Id::from_uuid(Uuid::from_u128(value))
}

pub(super) async fn changeable(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Channel>,
) -> Result<Channel, StoreError> {
    let channel = any(tx, id).await?;
    people::may_change(tx, scope, channel.person).await.map_err(|e| match e {
        StoreError::NotFound(_) => StoreError::NotFound("channel"),
        e => e,
    })?;
    Ok(channel)
}

pub(super) async fn any(sql: &mut Sql, id: Id<kind::Channel>) -> Result<Channel, StoreError> {
    let mut query = Query::new(CHANNEL);
    query.push("c.id =").bind(id);
    query.row(sql).await?.as_ref().map(channel).transpose()?.ok_or(StoreError::NotFound("channel"))
}

/// Compares digests without telling by its time how far they agree.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

fn channel(row: &Row) -> Result<Channel, StoreError> {
    Ok(Channel {
        id: row.id("id")?,
        person: row.id("person")?,
        kind: row.word("kind", ChannelKind::parse)?,
        address: row.text("address")?,
        verified_at: row.opt_time("verified_at")?,
        rank: row.count("rank")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_a_key_is_a_uuid_of_version_7_and_always_the_same() {
        let now = crate::register::channels::Timestamp::from_second(1_800_000_000).unwrap();
        let id = fact_id("a", now);
        assert_eq!(id.uuid().get_version_num(), 7);
        assert_eq!(id.uuid().get_variant(), domain::id::Uuid::from_u128(0x8000_0000_0000_0000).get_variant());
        assert_eq!(id, fact_id("a", now));
        assert_ne!(id, fact_id("b", now));
    }
}
