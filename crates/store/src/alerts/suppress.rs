//! What keeps alerts silent: with a reason, an owner and an end.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{Alert, held, write};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, assignments::said};

/// Longest reason.
const REASON_MAX: usize = 1_000;
/// Nothing is silenced for longer than this without somebody looking again.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// By what a suppression may narrow itself, beside the fields of a rule.
const VALUE_MAX: usize = 500;

/// A suppression to be made, from an alert.
#[derive(Debug, Clone)]
pub struct NewSuppression {
    /// Its id.
    pub id: Id<kind::Suppression>,
    /// The alert it begins with: its body and rule are meant.
    pub alert: Id<kind::Alert>,
    /// Only where this field …
    pub field: String,
    /// … has this value; both empty: wherever the rule finds something.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Until when: 90 days at most.
    pub until: Timestamp,
}

/// A suppression as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: Id<kind::Suppression>,
    /// Whose alerts.
    pub body_name: String,
    /// The rule's title.
    pub title: String,
    /// Only where this field …
    pub field: String,
    /// … has this value.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many findings it kept silent.
    pub hits: u64,
    /// Whether the scope may lift it.
    pub may_lift: bool,
}

/// Silences what an alert found, from now on. Needs [`Right::Answer`] over its body. `Refused`: `text-empty`,
/// `text-long`, `suppress-until`, `suppress-value`, `alert-no-person`.
pub async fn suppress(tx: &mut Tx, scope: &Scope, new: &NewSuppression) -> Result<(), StoreError> {
    let alert = held(tx, scope, Right::Answer, new.alert).await?;
    let person = tx.actor().person().ok_or(StoreError::Refused("alert-no-person"))?;
    let reason = said(&new.reason, REASON_MAX)?;
    let now = tx.now();
    if new.until <= now || new.until.duration_since(now) > LONGEST {
        return Err(StoreError::Refused("suppress-until"));
    }
    let (field, value) = (new.field.trim(), new.value.trim());
    if field.is_empty() != value.is_empty() || value.chars().count() > VALUE_MAX {
        return Err(StoreError::Refused("suppress-value"));
    }
    tx.exec(
        "insert into suppression (id, body, rule, title, field, value, reason, owner, created_at, until_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        args![new.id, alert.body, &alert.rule, &alert.title, field, value, &reason, person, now, new.until],
    )
    .await?;
    write(tx, alert.id, "suppressed", Some(person), &reason).await?;
    let subject = format!("suppression:{}", new.id);
    tx.record(
        "suppression.created",
        &subject,
        Some(alert.body),
        &(&alert.rule, field, value, &reason, new.until),
    );
    tx.changed(Topic::Alert, Alert::subject_of(alert.id), Some(alert.body));
    Ok(())
}

/// Lifts a suppression before its end.
pub async fn lift(tx: &mut Tx, scope: &Scope, id: Id<kind::Suppression>) -> Result<(), StoreError> {
    let mut query = Query::new("select s.body from suppression s where s.lifted_at is null and s.id =");
    query.bind(id).push("and").visible(scope, Right::Answer, "s.body");
    let body: Id<kind::Body> = query.row(tx).await?.ok_or(StoreError::NotFound("suppression"))?.id("body")?;
    let now = tx.now();
    tx.exec("update suppression set lifted_at = $2 where id = $1", args![id, now]).await?;
    tx.record("suppression.lifted", format!("suppression:{id}"), Some(body), &());
    tx.changed(Topic::Alert, format!("suppression:{id}"), Some(body));
    Ok(())
}

/// The suppressions in force that a scope may see, those that end first at the top.
pub async fn list(sql: &mut Sql, scope: &Scope, now: Timestamp) -> Result<Vec<Kept>, StoreError> {
    let mut query = Query::new(
        "select s.*, b.name as body_name, p.name as owner_name from suppression s join body b on b.id = s.body
         join person p on p.id = s.owner where s.lifted_at is null and s.until_at >",
    );
    query.bind(now).push("and").visible(scope, Right::Read, "s.body");
    query.push("order by s.until_at, s.id limit 1000");
    let rows = query.rows(sql).await?;
    let mut may = Query::new("select s.id from suppression s where s.lifted_at is null and");
    may.visible(scope, Right::Answer, "s.body");
    let mine: Vec<Id<kind::Suppression>> =
        may.rows(sql).await?.iter().map(|r| r.id("id")).collect::<Result<_, _>>()?;
    rows.iter().map(|row| kept(row, &mine)).collect()
}

fn kept(row: &Row, mine: &[Id<kind::Suppression>]) -> Result<Kept, StoreError> {
    let id = row.id("id")?;
    Ok(Kept {
        id,
        body_name: row.text("body_name")?,
        title: row.text("title")?,
        field: row.text("field")?,
        value: row.text("value")?,
        reason: row.text("reason")?,
        owner: row.text("owner_name")?,
        created_at: row.time("created_at")?,
        until: row.time("until_at")?,
        hits: u64::try_from(row.int("hits")?).unwrap_or(0),
        may_lift: mine.contains(&id),
    })
}
