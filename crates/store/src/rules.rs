//! Sigma rules that were imported, and rules that are switched off.
//!
//! They belong to no body and watch the logs of all: whoever administers the whole installation changes them.

use std::collections::BTreeSet;

use domain::{actor::Scope, right::Right};
use jiff::Timestamp;

use crate::{Row, Sql, StoreError, Topic, Tx, args, assignments::said, troubles};

/// Files of rules: SigmaHQ has some 4,000.
pub const FILES_MAX: usize = 20_000;
/// A file of rules, in bytes: the longest public one has 300 KB.
pub const TEXT_MAX: usize = 4 << 20;
/// Longest id and place, in bytes.
const NAME_MAX: usize = 2_000;
/// Longest reason.
const REASON_MAX: usize = 1_000;

/// An imported file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Of its first rule; where that has none, its title.
    pub id: String,
    /// Where it came from.
    pub origin: String,
    /// As it was written.
    pub text: String,
}

/// A rule that is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// Its id.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

async fn must(sql: &mut Sql, scope: &Scope) -> Result<(), StoreError> {
    if troubles::may_see(sql, scope).await? { Ok(()) } else { Err(StoreError::NotFound("rule")) }
}

/// What was imported, by id, for whoever may see anything.
pub async fn files(sql: &mut Sql, scope: &Scope) -> Result<Vec<File>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let read =
        |row: &Row| Ok(File { id: row.text("id")?, origin: row.text("origin")?, text: row.text("content")? });
    sql.rows("select id, origin, content from rule_file order by id", vec![])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// What is switched off, for whoever may see anything.
pub async fn off(sql: &mut Sql, scope: &Scope) -> Result<Vec<Off>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let read =
        |row: &Row| Ok(Off { rule: row.text("rule")?, reason: row.text("reason")?, at: row.time("at")? });
    sql.rows("select rule, reason, at from rule_off order by rule", vec![]).await?.iter().map(read).collect()
}

/// Takes files in, each in the place of the one of its id, and lets go of others. What is switched off stays so.
/// `Refused`: `rules-many`, `rules-long`.
pub async fn import(
    tx: &mut Tx,
    scope: &Scope,
    files: &[File],
    gone: &BTreeSet<String>,
) -> Result<(), StoreError> {
    must(tx, scope).await?;
    if files.iter().any(|f| f.text.len() > TEXT_MAX || f.id.len() > NAME_MAX || f.origin.len() > NAME_MAX) {
        return Err(StoreError::Refused("rules-long"));
    }
    let now = tx.now();
    for id in gone {
        tx.exec("delete from rule_file where id = $1", args![id]).await?;
    }
    for file in files {
        tx.exec(
            "insert into rule_file (id, origin, content, imported_at, changed_at) values ($1,$2,$3,$4,$4)
             on conflict (id) do update set origin = $2, content = $3, changed_at = $4",
            args![&file.id, &file.origin, &file.text, now],
        )
        .await?;
    }
    let held = tx.row("select count(*) as n from rule_file", vec![]).await?.map_or(Ok(0), |r| r.int("n"))?;
    if usize::try_from(held).is_ok_and(|held| held > FILES_MAX) {
        return Err(StoreError::Refused("rules-many"));
    }
    let told: Vec<_> = files.iter().map(|f| (&f.id, &f.origin, &f.text)).collect();
    tx.record("rules.imported", "rules:imported", None, &(told, gone));
    tx.changed(Topic::Rule, "rules:imported", None);
    Ok(())
}

/// Switches a rule off, with a reason, or on again. `Refused`: `text-empty`, `text-long`.
pub async fn switch(tx: &mut Tx, scope: &Scope, rule: &str, off: Option<&str>) -> Result<(), StoreError> {
    must(tx, scope).await?;
    if rule.is_empty() || rule.len() > NAME_MAX {
        return Err(StoreError::Refused("text-long"));
    }
    let (now, person, subject) = (tx.now(), tx.actor().person(), format!("rule:{rule}"));
    match off {
        Some(reason) => {
            let reason = said(reason, REASON_MAX)?;
            tx.exec(
                "insert into rule_off (rule, reason, person, at) values ($1,$2,$3,$4)
                 on conflict (rule) do update set reason = $2, person = $3, at = $4",
                args![rule, &reason, person, now],
            )
            .await?;
            tx.record("rule.switched-off", subject.clone(), None, &reason);
        }
        None => {
            tx.exec("delete from rule_off where rule = $1", args![rule]).await?;
            tx.record("rule.switched-on", subject.clone(), None, &());
        }
    }
    tx.changed(Topic::Rule, subject, None);
    Ok(())
}
