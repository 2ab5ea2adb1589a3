//! What is there of each source, as whoever keeps the events found it.

use std::collections::BTreeMap;

use domain::{
    actor::Actor,
    id::{Id, kind},
};
use jiff::{SignedDuration, Timestamp};

use crate::{Db, StoreError, Topic, args};

/// The oldest event moves on all the time; it is written down when it moved by more than this.
const STEP: SignedDuration = SignedDuration::from_hours(12);

/// Writes down when the oldest event that is there of each source came. What moved little is left as it is; what changed is
/// judged again by whoever judges how long logs are kept.
pub async fn found(
    db: &Db,
    now: Timestamp,
    oldest: &BTreeMap<Id<kind::Source>, Timestamp>,
) -> Result<usize, StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let rows = tx
        .rows(
            "select e.id, e.body, c.first_at, h.looked_at, h.oldest_at from event_source e
             join event_source_count c on c.source = e.id left join event_held h on h.source = e.id
             where c.first_at is not null order by e.id",
            args![],
        )
        .await?;
    let mut moved = Vec::new();
    for row in &rows {
        let id: Id<kind::Source> = row.id("id")?;
        let (before, is) = (row.opt_time("oldest_at")?, oldest.get(&id).copied());
        let same = match (before, is) {
            (Some(before), Some(is)) => before.duration_since(is).abs() < STEP,
            (None, None) => row.opt_time("looked_at")?.is_some(),
            _ => false,
        };
        if !same {
            moved.push((id, row.id::<kind::Body>("body")?, is));
        }
    }
    for (id, _, is) in &moved {
        tx.exec(
            "insert into event_held (source, oldest_at, looked_at) values ($1,$2,$3)
             on conflict (source) do update set oldest_at = excluded.oldest_at, looked_at = excluded.looked_at",
            args![*id, *is, now],
        )
        .await?;
    }
    for (id, body, _) in &moved {
        tx.changed(Topic::Heard, format!("source:{id}"), Some(*body));
    }
    tx.commit().await?;
    Ok(moved.len())
}

/// Says in the log of everything done that events of these bodies, so many, are let go of because their term is over.
/// Said before it is done: a crash in between leaves them, and they are let go of, and it is said, again.
pub async fn let_go(
    db: &Db,
    now: Timestamp,
    gone: &BTreeMap<Id<kind::Body>, (u64, Timestamp)>,
) -> Result<(), StoreError> {
    crate::write!(db, Actor::System, now, tx => {
        for (body, (events, since)) in gone {
            tx.record("events.expired", format!("body:{body}"), Some(*body), &(*events, *since));
        }
        Ok(())
    })
}
