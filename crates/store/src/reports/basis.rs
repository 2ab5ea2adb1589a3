//! What a report was made from, as the records hold it.

use std::collections::{BTreeMap, HashMap};

use domain::{
    actor::Scope,
    id::{Id, kind},
    report::{Basis, Figures, ReportKind, Value},
    right::Right,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Report;
use crate::{Query, Row, Sql, StoreError};

/// Lines asked for in one statement.
const LINES: usize = 500;

/// The facts learnt until `until` about what a report speaks of, as digests, and the verdicts as they stand. Whose they
/// are does not matter here: digests tell nothing. With them the figures, as they were counted. `lines`: those whose
/// outages were told, which later registering and giving up do not change.
pub async fn basis(
    sql: &mut Sql,
    report: &Report,
    figures: &Figures,
    lines: &[Id<kind::Line>],
    until: Timestamp,
) -> Result<Basis, StoreError> {
    // What was passed on belongs to it: its bodies are counted too.
    let campaigns = || std::iter::once(report.campaign).chain(figures.below.iter().map(|b| b.campaign));
    let below = || figures.below.iter().map(|b| b.campaign);
    let mut facts = BTreeMap::new();
    for of_tasks in [true, false] {
        let mut query = Query::new(
            "select f.id, f.key, f.kind, f.body, f.subject, f.from_at, f.learnt_at, f.source, f.value from",
        );
        // Two queries, each by the index of subjects.
        if of_tasks {
            query.push("task x join fact f on f.subject = 'task:' || x.id where");
        } else {
            query.push("assignment x join fact f on f.subject = 'assignment:' || x.id where");
        }
        match (report.kind, report.assignment) {
            (ReportKind::Reply, Some(assignment)) => {
                query.push(if of_tasks { "(x.assignment =" } else { "(x.id =" }).bind(assignment);
                query.push("or x.campaign in").list(below()).push(")");
            }
            _ => {
                query.push("x.campaign in").list(campaigns());
            }
        }
        query.push("and f.learnt_at <=").bind(until);
        for row in query.rows(sql).await? {
            facts.insert(row.text("id")?, said(&row)?);
        }
    }
    for some in lines.chunks(LINES) {
        let mut query = Query::new(
            "select f.id, f.key, f.kind, f.body, f.subject, f.from_at, f.learnt_at, f.source, f.value from fact f
             where f.subject in",
        );
        query.list(some.iter().map(|line| format!("line:{line}")));
        query.push("and f.learnt_at <=").bind(until);
        for row in query.rows(sql).await? {
            facts.insert(row.text("id")?, said(&row)?);
        }
    }
    let mut query =
        Query::new("select t.id, t.state, t.handled, t.total from task t where t.withdrawn_at is null and");
    match (report.kind, report.assignment) {
        (ReportKind::Reply, Some(assignment)) => {
            query.push("(t.assignment =").bind(assignment);
            query.push("or t.campaign in").list(below()).push(")");
        }
        _ => {
            query.push("t.campaign in").list(campaigns());
        }
    }
    let mut verdicts = BTreeMap::new();
    for row in query.rows(sql).await? {
        let (state, handled, total) = (row.text("state")?, row.count("handled")?, row.count("total")?);
        verdicts.insert(row.text("id")?, format!("{state} {handled}/{total}"));
    }
    Ok(Basis { facts, verdicts, numbers: numbers(figures), lines: lines.to_vec() })
}

/// The figures as they were counted; the moment itself is no figure.
fn numbers(figures: &Figures) -> BTreeMap<String, String> {
    figures
        .values()
        .filter(|(name, _)| *name != "at")
        .map(|(name, value)| {
            let text = match value {
                Value::Number(n, _) => n.to_string(),
                Value::Words(words, _) => words,
                Value::Missing => "–".to_owned(),
            };
            (name.to_owned(), text)
        })
        .collect()
}

/// What a fact says, digested. When it ceases to hold is left out: a heartbeat moves that.
fn said(row: &Row) -> Result<String, StoreError> {
    let mut digest = Sha256::new();
    for column in ["key", "kind", "body", "subject", "source", "value"] {
        let text = row.text(column)?;
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    for column in ["from_at", "learnt_at"] {
        digest.update(row.int(column)?.to_be_bytes());
    }
    let whole = digest.finalize();
    // Sixteen bytes: nobody finds a second fact with the same ones.
    Ok(hex::encode(whole.get(..16).unwrap_or(&whole)))
}

/// The digest of what a report was made from: of its every line, in order.
pub fn digest(basis: &Basis) -> String {
    let mut digest = Sha256::new();
    for (kind, map) in [("fact", &basis.facts), ("verdict", &basis.verdicts), ("number", &basis.numbers)] {
        for (what, says) in map {
            for part in [kind, what, says] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
        }
    }
    hex::encode(digest.finalize())
}

/// Body and duty code of some tasks, as far as the scope sees them: how what moved is called.
pub async fn task_names(
    sql: &mut Sql,
    scope: &Scope,
    tasks: &[Id<kind::Task>],
) -> Result<HashMap<String, (String, String)>, StoreError> {
    let mut query =
        Query::new("select t.id, t.code, b.name from task t join body b on b.id = t.body where t.id in");
    query.list(tasks.iter().copied()).push("and").visible(scope, Right::See, "t.body");
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| Ok((row.text("id")?, (row.text("name")?, row.text("code")?)))).collect()
}
