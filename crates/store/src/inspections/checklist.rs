//! A body's own version of the checklist; where there is none, the legal pack's.

use domain::{
    actor::Scope,
    id::{Id, kind},
    inspection::Checklist,
    legal::Pack,
    right::Right,
};
use jiff::Timestamp;

use super::json;
use crate::{Sql, StoreError, Topic, Tx, args, register::require};

/// The list in force for a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Its version; 0 for the legal pack's own.
    pub version: u32,
    /// The list.
    pub list: Checklist,
    /// Since when; `None` for the legal pack's own.
    pub at: Option<Timestamp>,
}

/// The list by which a body inspects. Needs [`Right::See`] over it.
pub async fn held(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    body: Id<kind::Body>,
) -> Result<Held, StoreError> {
    require(sql, scope, Right::See, body).await?;
    let (version, list, at) = of(sql, pack, body).await?;
    Ok(Held { version, list, at })
}

pub(super) async fn of(
    sql: &mut Sql,
    pack: &Pack,
    body: Id<kind::Body>,
) -> Result<(u32, Checklist, Option<Timestamp>), StoreError> {
    let row = sql
        .row(
            "select version, items, at from checklist where body = $1 order by version desc limit 1",
            args![body],
        )
        .await?;
    match row {
        // An empty list is the way back to the pack's own.
        Some(row) => {
            let list: Checklist = row.json("items")?;
            let (version, at) = (row.count("version")?, row.time("at")?);
            Ok(if list.items.is_empty() {
                (version, pack.checklist().clone(), Some(at))
            } else {
                (version, list, Some(at))
            })
        }
        None => Ok((0, pack.checklist().clone(), None)),
    }
}

/// Makes `list` the one by which a body inspects from now on, or `None` the legal pack's own. Needs [`Right::Review`]
/// over the body; `version` is the one that was seen. `Refused`: `checklist-…`.
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    body: Id<kind::Body>,
    version: u32,
    list: Option<&Checklist>,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Review, body).await?;
    if let Some(problem) = list.and_then(Checklist::problem) {
        return Err(StoreError::Refused(problem));
    }
    let (held, ..) = of(tx, pack, body).await?;
    if held != version {
        return Err(StoreError::Stale);
    }
    let (now, person) = (tx.now(), tx.actor().person());
    let list = list.cloned().unwrap_or_default();
    tx.exec(
        "insert into checklist (body, version, items, at, by_person) values ($1,$2,$3,$4,$5)",
        args![body, held.saturating_add(1), json(&list)?, now, person],
    )
    .await?;
    tx.record("checklist.saved", format!("body:{body}"), Some(body), &list);
    tx.changed(Topic::Inspection, format!("body:{body}"), Some(body));
    Ok(())
}
