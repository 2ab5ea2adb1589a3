//! Channels whose address comes from the other side: a chat that sent its code to the bot, a browser that subscribed.

use domain::{
    id::{Id, kind},
    person::{Channel, ChannelKind},
};
use serde_json::json;

use super::{channels, people};
use crate::{Query, Sql, StoreError, Tx, args};

/// A chat sent a code to the bot: the channel that waited for that code is the chat's now, and verified. Nothing, if no
/// channel waited for it: codes are long, so nobody gets there by guessing. The same code twice finds nothing the
/// second time, unless it is the same chat.
pub async fn link(tx: &mut Tx, digest: &str, chat: &str) -> Result<Option<Channel>, StoreError> {
    let now = tx.now();
    let mut query = Query::new(
        "select c.id, c.target, c.verified_at, k.expires_at from channel_check k
         join channel c on c.id = k.channel join person p on p.id = c.person and p.closed_at is null
         where c.kind = 'telegram' and k.digest =",
    );
    query.bind(digest);
    let Some(row) = query.row(tx).await? else {
        tx.unchanged();
        return Ok(None);
    };
    let id = row.id("id")?;
    if row.time("expires_at")? <= now {
        tx.unchanged();
        let again =
            row.opt_text("target")?.as_deref() == Some(chat) && row.opt_time("verified_at")?.is_some();
        return if again { channels::any(tx, id).await.map(Some) } else { Ok(None) };
    }
    tx.exec("update channel set target = $1 where id = $2", args![chat, id]).await?;
    tx.exec("update channel_check set expires_at = 0 where channel = $1", args![id]).await?;
    let channel = channels::any(tx, id).await?;
    channels::set_verified(tx, &channel, "telegram").await?;
    channels::any(tx, id).await.map(Some)
}

/// Whether that address is a verified one of the person: a button that comes back from anywhere else is not theirs.
pub async fn is_own(
    sql: &mut Sql,
    person: Id<kind::Person>,
    kind: ChannelKind,
    address: &str,
) -> Result<bool, StoreError> {
    let row = sql
        .row(
            "select id from channel where person = $1 and kind = $2 and coalesce(target, address) = $3
             and verified_at is not null limit 1",
            args![person, kind.name(), address],
        )
        .await?;
    Ok(row.is_some())
}

/// Writes down that a browser subscribed, as a channel still to be verified. Only for the person themselves. The same
/// browser again replaces what it had. Refusals as [`channels::add`].
pub async fn subscribe(
    tx: &mut Tx,
    new: &channels::NewChannel,
    subscription: &str,
) -> Result<(), StoreError> {
    if tx.actor().person() != Some(new.person) {
        return Err(StoreError::NotFound("person"));
    }
    let device = ChannelKind::Push.address(&new.address).ok_or(StoreError::Refused("channel-address-bad"))?;
    forget(tx, ChannelKind::Push, subscription, Some(new.person)).await?;
    let held = channels::own(tx, new.person).await?;
    if held.len() >= channels::CHANNELS_MAX as usize {
        return Err(StoreError::Refused("channels-many"));
    }
    let taken = |name: &str| held.iter().any(|c| c.kind == ChannelKind::Push && c.address == name);
    // Two telephones of one make: the second is number 2.
    let name = std::iter::once(device.clone())
        .chain((2..=channels::CHANNELS_MAX + 1).map(|n| format!("{device} ({n})")))
        .find(|name| !taken(name))
        .ok_or(StoreError::Refused("channels-many"))?;
    let now = tx.now();
    let rank = held.iter().map(|c| c.rank).max().map_or(0, |rank| rank.saturating_add(1));
    tx.exec(
        "insert into channel (id, person, kind, address, target, rank, created_at) values ($1,$2,'push',$3,$4,$5,$6)",
        args![new.id, new.person, name.as_str(), subscription, rank, now],
    )
    .await?;
    people::done(tx, "channel.added", new.person, &json!({ "channel": new.id, "kind": "push" })).await
}

/// The other side said that an address is no more: its channels are removed. Returns how many.
pub async fn gone(tx: &mut Tx, kind: ChannelKind, target: &str) -> Result<u32, StoreError> {
    let removed = forget(tx, kind, target, None).await?;
    if removed == 0 {
        tx.unchanged();
    }
    Ok(removed)
}

async fn forget(
    tx: &mut Tx,
    kind: ChannelKind,
    target: &str,
    of: Option<Id<kind::Person>>,
) -> Result<u32, StoreError> {
    let mut query = Query::new("select id, person from channel where kind =");
    query.bind(kind.name()).push("and target =").bind(target);
    if let Some(person) = of {
        query.push("and person =").bind(person);
    }
    let rows = query.rows(tx).await?;
    for row in &rows {
        let (id, person): (Id<kind::Channel>, Id<kind::Person>) = (row.id("id")?, row.id("person")?);
        tx.exec("delete from channel_check where channel = $1", args![id]).await?;
        tx.exec("delete from channel where id = $1", args![id]).await?;
        let detail = json!({ "channel": id, "kind": kind, "why": "gone" });
        people::done(tx, "channel.removed", person, &detail).await?;
    }
    Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
}
