//! Legal holds: events of a body and a period that stay, whatever their term. With a reason, an owner and an end.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, assignments::said};

/// Longest reason.
const REASON_MAX: usize = 1_000;
/// Nothing is held for longer without somebody looking again.
const LONGEST: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

/// A hold to be made.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// Its id.
    pub id: Id<kind::Hold>,
    /// Whose events.
    pub body: Id<kind::Body>,
    /// That came or happened since then …
    pub from: Timestamp,
    /// … and up to then; may lie ahead.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Until when: three years at most.
    pub until: Timestamp,
}

/// A hold as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: Id<kind::Hold>,
    /// Whose events.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Since when.
    pub from: Timestamp,
    /// Up to when.
    pub to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
    /// Whether the scope may lift it.
    pub may_lift: bool,
}

/// Holds events of a body from now on. Needs [`Right::Answer`] over it. `Refused`: `text-empty`, `text-long`,
/// `hold-period`, `hold-until`, `alert-no-person`.
pub async fn hold(tx: &mut Tx, scope: &Scope, new: &NewHold) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(new.body).push("and").visible(scope, Right::Answer, "b.id");
    query.row(tx).await?.ok_or(StoreError::NotFound("body"))?;
    let person = tx.actor().person().ok_or(StoreError::Refused("alert-no-person"))?;
    let reason = said(&new.reason, REASON_MAX)?;
    let now = tx.now();
    if new.to <= new.from {
        return Err(StoreError::Refused("hold-period"));
    }
    if new.until <= now || new.until.duration_since(now) > LONGEST {
        return Err(StoreError::Refused("hold-until"));
    }
    tx.exec(
        "insert into legal_hold (id, body, from_at, to_at, reason, owner, created_at, until_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![new.id, new.body, new.from, new.to, &reason, person, now, new.until],
    )
    .await?;
    let subject = format!("hold:{}", new.id);
    tx.record("hold.made", &subject, Some(new.body), &(new.from, new.to, &reason, new.until));
    tx.changed(Topic::Source, subject, Some(new.body));
    Ok(())
}

/// Lifts a hold before its end.
pub async fn lift(tx: &mut Tx, scope: &Scope, id: Id<kind::Hold>) -> Result<(), StoreError> {
    let mut query = Query::new("select h.body from legal_hold h where h.lifted_at is null and h.id =");
    query.bind(id).push("and").visible(scope, Right::Answer, "h.body");
    let body: Id<kind::Body> = query.row(tx).await?.ok_or(StoreError::NotFound("hold"))?.id("body")?;
    let person = tx.actor().person().ok_or(StoreError::Refused("alert-no-person"))?;
    let now = tx.now();
    tx.exec("update legal_hold set lifted_at = $2, lifted_by = $3 where id = $1", args![id, now, person])
        .await?;
    tx.record("hold.lifted", format!("hold:{id}"), Some(body), &());
    tx.changed(Topic::Source, format!("hold:{id}"), Some(body));
    Ok(())
}

/// The holds in force that a scope may see, those that end first at the top.
pub async fn holds(sql: &mut Sql, scope: &Scope, now: Timestamp) -> Result<Vec<Hold>, StoreError> {
    let mut may = Query::new("select h.id from legal_hold h where h.lifted_at is null and");
    may.visible(scope, Right::Answer, "h.body");
    let mine: Vec<Id<kind::Hold>> =
        may.rows(sql).await?.iter().map(|r| r.id("id")).collect::<Result<_, _>>()?;
    let mut query = Query::new(
        "select h.*, b.name as body_name, p.name as owner_name from legal_hold h join body b on b.id = h.body
         join person p on p.id = h.owner where h.lifted_at is null and h.until_at >",
    );
    query.bind(now).push("and").visible(scope, Right::Read, "h.body");
    query.push("order by h.until_at, h.id");
    query.rows(sql).await?.iter().map(|row| one(row, &mine)).collect()
}

fn one(row: &Row, mine: &[Id<kind::Hold>]) -> Result<Hold, StoreError> {
    let id = row.id("id")?;
    Ok(Hold {
        id,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        reason: row.text("reason")?,
        owner: row.text("owner_name")?,
        created_at: row.time("created_at")?,
        until: row.time("until_at")?,
        may_lift: mine.contains(&id),
    })
}
