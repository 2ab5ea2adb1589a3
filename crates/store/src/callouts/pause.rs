//! Maintenance: what an outside system reports, or that it is silent, calls nobody until an hour.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Query, Row, StoreError, Topic, Tx, args, assignments::said};

/// Maintenance that takes longer is a system nobody listens to: it is closed instead.
pub const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Longest reason.
const WHY_MAX: usize = 200;

/// What is not listened to for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausable {
    /// A monitor: its silence calls nobody.
    Monitor(Id<kind::Monitor>),
    /// An inlet: what is reported there begins no call-out. What is under way goes on, and ends as ever.
    Inlet(Id<kind::Inlet>),
}

/// That it is not listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub why: String,
}

impl Pause {
    /// The pause of a row that is not over.
    pub(super) fn of(row: &Row, now: Timestamp) -> Result<Option<Self>, StoreError> {
        let why = row.opt_text("paused_why")?.unwrap_or_default();
        let until = row.opt_time("paused_until")?.filter(|until| *until > now);
        Ok(until.map(|until| Self { until, why }))
    }
}

/// Listens to it no more until an hour, or again from now on. Needs [`Right::Prepare`] over its body. `Refused`:
/// `pause-span`, `text-empty`, `text-long`.
pub async fn pause(
    tx: &mut Tx,
    scope: &Scope,
    of: Pausable,
    until: Option<Timestamp>,
    why: &str,
) -> Result<(), StoreError> {
    let (what, id) = match of {
        Pausable::Monitor(id) => ("monitor", id.to_string()),
        Pausable::Inlet(id) => ("inlet", id.to_string()),
    };
    let mut query = Query::new(match of {
        Pausable::Monitor(_) => "select m.body from monitor m where m.closed_at is null and m.id =",
        Pausable::Inlet(_) => "select m.body from inlet m where m.closed_at is null and m.id =",
    });
    query.bind(&id).push("and").visible(scope, Right::Prepare, "m.body");
    let body: Id<kind::Body> = query.row(tx).await?.ok_or(StoreError::NotFound(what))?.id("body")?;
    let now = tx.now();
    let why = match until {
        Some(until) if until <= now || until.duration_since(now) > PAUSE_MAX => {
            return Err(StoreError::Refused("pause-span"));
        }
        Some(_) => said(why, WHY_MAX)?,
        None => String::new(),
    };
    let sql = match of {
        Pausable::Monitor(_) => "update monitor set paused_until = $2, paused_why = $3 where id = $1",
        Pausable::Inlet(_) => "update inlet set paused_until = $2, paused_why = $3 where id = $1",
    };
    // Ended now: from now on it counts again.
    tx.exec(sql, args![&id, until.unwrap_or(now), &why]).await?;
    let subject = format!("{what}:{id}");
    let action = match of {
        Pausable::Monitor(_) => "monitor.paused",
        Pausable::Inlet(_) => "inlet.paused",
    };
    tx.record(action, &subject, Some(body), &(until, &why));
    tx.changed(Topic::Callout, subject, Some(body));
    Ok(())
}
