//! A warning is read and triaged: does it concern us?

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    order::Affected,
    right::Right,
};
use serde_json::json;

use super::{Need, TEXT_MAX, Tools, fact, held, said, somebody};
use crate::{StoreError, Topic, Tx, args, facts};

/// Says whether the body is affected. It may change its mind: the newer word takes the place of the older, which stays
/// on record. The same word again changes nothing and returns `false`. Needs [`Right::Answer`] over the body; saying
/// that it is not affected needs a note that says why.
pub async fn triage(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Assignment>,
    affected: Affected,
    note: &str,
) -> Result<bool, StoreError> {
    let of = held(tx, scope, Need::Body(Right::Answer), id).await?;
    somebody(tx.actor())?;
    of.in_force()?;
    let note = match (note.trim().is_empty(), affected) {
        (true, Affected::NotAffected) => return Err(StoreError::Refused("triage-note-missing")),
        (true, _) => String::new(),
        (false, _) => said(note, TEXT_MAX)?,
    };
    let row = tx.row("select triage, triage_note from assignment where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("assignment"))?;
    let same_note = row.opt_text("triage_note")?.unwrap_or_default() == note;
    if row.opt_text("triage")?.as_deref() == Some(affected.name()) && same_note {
        tx.unchanged();
        return Ok(false);
    }
    let now = tx.now();
    tx.exec(
        "update assignment set triage = $1, triage_note = $2, triaged_at = $3 where id = $4",
        args![affected.name(), &note, now, id],
    )
    .await?;
    let seq = tx.record("assignment.triaged", of.subject(), Some(of.body), &(affected, &note));
    let old = facts::about(tx, &Scope::system(), &[of.subject()], &[kinds::TRIAGED], 1).await?;
    // The number of the audit entry makes the key: each change of mind is a fact of its own.
    let key = format!("{}/{id}/{seq}", kinds::TRIAGED);
    let value = json!({"affected": affected.name()});
    let new = fact(tools, now, kinds::TRIAGED, key, of.body, of.subject(), Source::Audit(seq), value);
    match old.first() {
        Some(old) => facts::supersede(tx, old.id, &new).await?,
        None => {
            facts::learn(tx, &new).await?;
        }
    }
    tx.changed(Topic::Assignment, of.subject(), Some(of.body));
    Ok(true)
}
