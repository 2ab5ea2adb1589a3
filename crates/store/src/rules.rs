//! Sigma rules that were imported, and rules that are switched off.
//!
//! They belong to no body and watch the logs of all: whoever administers the whole installation changes them.

use std::collections::BTreeSet;

use domain::{actor::Scope, alert::RuleFile, right::Right};
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

/// A rule that is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Off {
    /// Its id.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// By whom; nobody of those who act by command.
    pub person: Option<String>,
    /// Since when.
    pub at: Timestamp,
}

async fn must(sql: &mut Sql, scope: &Scope) -> Result<(), StoreError> {
    if may_change(sql, scope).await? { Ok(()) } else { Err(StoreError::NotFound("rule")) }
}

/// What was imported, by id, for whoever may see anything.
pub async fn files(sql: &mut Sql, scope: &Scope) -> Result<Vec<RuleFile>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let read = |row: &Row| {
        Ok(RuleFile { id: row.text("id")?, name: row.text("origin")?, text: row.text("content")? })
    };
    sql.rows("select id, origin, content from rule_file order by id", vec![])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Tells apart what was imported at different times: files, and when the last of them changed.
pub async fn stamp(sql: &mut Sql) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row = sql.row("select count(*) as n, max(changed_at) as at from rule_file", vec![]).await?;
    row.map_or(Ok((0, None)), |row| Ok((row.int("n")?, row.opt_time("at")?)))
}

/// Whether the scope may change them.
pub async fn may_change(sql: &mut Sql, scope: &Scope) -> Result<bool, StoreError> {
    troubles::may_see(sql, scope).await
}

/// What is switched off, for whoever may see anything.
pub async fn off(sql: &mut Sql, scope: &Scope) -> Result<Vec<Off>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let read = |row: &Row| {
        Ok(Off {
            rule: row.text("rule")?,
            reason: row.text("reason")?,
            person: row.opt_text("name")?,
            at: row.time("at")?,
        })
    };
    let all = "select o.rule, o.reason, o.at, p.name from rule_off o left join person p on p.id = o.person order by o.rule";
    sql.rows(all, vec![]).await?.iter().map(read).collect()
}

/// Takes files in, each in the place of the one of its id, and lets go of others. What is switched off stays so.
/// `Refused`: `rules-many`, `rules-long`.
pub async fn import(
    tx: &mut Tx,
    scope: &Scope,
    files: &[RuleFile],
    gone: &BTreeSet<String>,
) -> Result<(), StoreError> {
    must(tx, scope).await?;
    if files.iter().any(|f| f.text.len() > TEXT_MAX || f.id.len() > NAME_MAX || f.name.len() > NAME_MAX) {
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
            args![&file.id, &file.name, &file.text, now],
        )
        .await?;
    }
    let held = tx.row("select count(*) as n from rule_file", vec![]).await?.map_or(Ok(0), |r| r.int("n"))?;
    if usize::try_from(held).is_ok_and(|held| held > FILES_MAX) {
        return Err(StoreError::Refused("rules-many"));
    }
    let told: Vec<_> = files.iter().map(|f| (&f.id, &f.name, &f.text)).collect();
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
