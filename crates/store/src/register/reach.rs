//! How a person wants to be reached: in which order, and when not. Decided over by whoever sends.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    person::{ChannelKind, Quiet},
};
use serde_json::json;

use super::{channels, people};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// One step of a person's plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The channel.
    pub channel: Id<kind::Channel>,
    /// Over what.
    pub kind: ChannelKind,
    /// Only verified ones are sent to.
    pub verified: bool,
}

/// How a person wants to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Their channels, the first to be tried first.
    pub channels: Vec<Planned>,
    /// When they want to hear of nothing that does not hurry. Does not hold for what is urgent.
    pub quiet: Option<Quiet>,
}

impl Plan {
    /// The kinds to be tried, in order, each once; verified ones only.
    pub fn kinds(&self) -> Vec<ChannelKind> {
        let mut kinds = Vec::new();
        for step in self.channels.iter().filter(|step| step.verified) {
            if !kinds.contains(&step.kind) {
                kinds.push(step.kind);
            }
        }
        kinds
    }
}

/// A person's plan. Says nothing of addresses, so it needs no right.
pub async fn plan_of(sql: &mut Sql, person: Id<kind::Person>) -> Result<Plan, StoreError> {
    let held = channels::own(sql, person).await?;
    let channels = held
        .iter()
        .map(|c| Planned { channel: c.id, kind: c.kind, verified: c.verified_at.is_some() })
        .collect();
    Ok(Plan { channels, quiet: quiet_of(sql, person).await? })
}

/// A person's quiet hours.
pub async fn quiet_of(sql: &mut Sql, person: Id<kind::Person>) -> Result<Option<Quiet>, StoreError> {
    let row =
        sql.row("select from_minute, to_minute from quiet_hours where person = $1", args![person]).await?;
    row.as_ref().map_or(Ok(None), quiet)
}

fn quiet(row: &Row) -> Result<Option<Quiet>, StoreError> {
    let minute = |name: &'static str| -> Result<u16, StoreError> {
        u16::try_from(row.int(name)?).map_err(|e| StoreError::Corrupt("quiet hours", e.to_string()))
    };
    Ok(Quiet::new(minute("from_minute")?, minute("to_minute")?))
}

/// The quiet hours of all those people who have any, in one question.
pub async fn quiet_of_all(
    sql: &mut Sql,
    people: &[Id<kind::Person>],
) -> Result<HashMap<Id<kind::Person>, Quiet>, StoreError> {
    let mut found = HashMap::new();
    if people.is_empty() {
        return Ok(found);
    }
    let mut query = Query::new("select person, from_minute, to_minute from quiet_hours where person in");
    query.list(people.iter().copied());
    for row in query.rows(sql).await? {
        if let Some(quiet) = quiet(&row)? {
            found.insert(row.id("person")?, quiet);
        }
    }
    Ok(found)
}

/// Sets a person's quiet hours, or ends them. For whoever may change the person.
pub async fn set_quiet(
    tx: &mut Tx,
    scope: &Scope,
    person: Id<kind::Person>,
    quiet: Option<Quiet>,
) -> Result<(), StoreError> {
    people::may_change(tx, scope, person).await?;
    match quiet {
        Some(quiet) => {
            tx.exec(
                "insert into quiet_hours (person, from_minute, to_minute) values ($1,$2,$3)
                 on conflict (person) do update set from_minute = excluded.from_minute, to_minute = excluded.to_minute",
                args![person, i64::from(quiet.from), i64::from(quiet.to)],
            )
            .await?
        }
        None => tx.exec("delete from quiet_hours where person = $1", args![person]).await?,
    };
    people::done(tx, "channel.quiet-set", person, &json!({ "quiet": quiet })).await
}

/// Puts a channel one place forward. For whoever may change the person.
pub async fn prefer(tx: &mut Tx, scope: &Scope, id: Id<kind::Channel>) -> Result<(), StoreError> {
    let channel = channels::changeable(tx, scope, id).await?;
    let mut order: Vec<_> = channels::own(tx, channel.person).await?.into_iter().map(|c| c.id).collect();
    let at = order.iter().position(|other| *other == id).unwrap_or(0);
    if at > 0 {
        order.swap(at - 1, at);
    }
    for (rank, id) in order.iter().enumerate() {
        let rank = i64::try_from(rank).unwrap_or(i64::MAX);
        tx.exec("update channel set rank = $1 where id = $2", args![rank, *id]).await?;
    }
    people::done(tx, "channel.preferred", channel.person, &json!({ "channel": id })).await
}

/// Sets the whole order of a person's channels. For whoever may change the person. `Refused("channel-order")` unless
/// every channel of theirs is named once and none of others.
pub async fn set_order(
    tx: &mut Tx,
    scope: &Scope,
    person: Id<kind::Person>,
    order: &[Id<kind::Channel>],
) -> Result<(), StoreError> {
    people::may_change(tx, scope, person).await?;
    let mut held: Vec<_> = channels::own(tx, person).await?.into_iter().map(|c| c.id).collect();
    let mut given = order.to_vec();
    held.sort_unstable();
    given.sort_unstable();
    if held != given {
        return Err(StoreError::Refused("channel-order"));
    }
    for (rank, id) in order.iter().enumerate() {
        let rank = i64::try_from(rank).unwrap_or(i64::MAX);
        tx.exec("update channel set rank = $1 where id = $2", args![rank, *id]).await?;
    }
    people::done(tx, "channel.preferred", person, &json!({ "order": order })).await
}
