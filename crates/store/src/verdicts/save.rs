//! Writing verdicts, and how far the worker has followed the changes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    evidence::Verdict,
    id::{Id, kind},
};

use super::Task;
use crate::{Arg, Query, Sql, StoreError, Topic, Tx, args, changes};

const CURSOR: &str = "evidence.cursor";

/// Writes the verdicts that differ from those on record, one statement for all tasks that share one; after issuing,
/// a thousand bodies mostly do. Says [`Topic::Verdict`] `assignment:ID` once for every row of a board of which a cell
/// shows something else. Returns how many tasks got a new verdict.
pub async fn save(tx: &mut Tx, judged: &[(Task, Verdict)]) -> Result<usize, StoreError> {
    let mut same: BTreeMap<String, (&Verdict, Vec<Id<kind::Task>>)> = BTreeMap::new();
    let mut rows = BTreeSet::new();
    let mut count = 0;
    for (task, new) in judged {
        let old = &task.verdict;
        if task.judged && old == new {
            continue;
        }
        count += 1;
        if (old.state, old.handled, old.all) != (new.state, new.handled, new.all) {
            rows.insert((task.assignment, task.body));
        }
        let key = serde_json::to_string(new).map_err(|e| StoreError::Corrupt("task", e.to_string()))?;
        same.entry(key).or_insert_with(|| (new, Vec::new())).1.push(task.id);
    }
    for (verdict, ids) in same.into_values() {
        remember(tx, verdict, &ids).await?;
        update(tx, verdict, &ids).await?;
    }
    for (assignment, body) in rows {
        tx.changed(Topic::Verdict, format!("assignment:{assignment}"), Some(body));
    }
    Ok(count)
}

/// Keeps what those tasks showed until now and show from now on, where it differs: see [`crate::history`].
async fn remember(tx: &mut Tx, new: &Verdict, ids: &[Id<kind::Task>]) -> Result<(), StoreError> {
    let now = tx.now();
    let mut query =
        Query::new("insert into verdict_change (task, at, campaign, was, state, handled, total) select id,");
    query.bind(now).push(", campaign, case when evaluated_at is null then '' else state end,");
    query.bind(new.state.name()).push(",").bind(new.handled).push(",").bind(new.all);
    query.push("from task where id in").list(ids.iter().copied());
    query.push("and (evaluated_at is null or state <>").bind(new.state.name());
    query.push("or handled <>").bind(new.handled).push("or total <>").bind(new.all);
    // Judged twice within one microsecond: what stood before both remains what was.
    query.push(
        ") on conflict (task, at) do update set state = excluded.state, handled = excluded.handled,
             total = excluded.total",
    );
    query.exec(tx).await?;
    Ok(())
}

async fn update(tx: &mut Tx, new: &Verdict, ids: &[Id<kind::Task>]) -> Result<(), StoreError> {
    let because =
        serde_json::to_string(&new.because).map_err(|e| StoreError::Corrupt("task", e.to_string()))?;
    let now = tx.now();
    let mut query = Query::new("update task set state =");
    query.bind(new.state.name()).push(", rank =").bind(new.state.rank());
    query.push(", handled =").bind(new.handled).push(", total =").bind(new.all);
    query.push(", because =").bind(because).push(", next_check =").bind(Arg::from(new.next_check));
    query.push(", evaluated_at =").bind(now).push("where id in").list(ids.iter().copied());
    query.exec(tx).await?;
    Ok(())
}

/// Up to which change verdicts follow the records; `None` if changes after it were forgotten meanwhile, or if nothing
/// was ever judged: then every open task must be.
pub async fn cursor(sql: &mut Sql) -> Result<Option<i64>, StoreError> {
    let row = sql.row("select value from setting where key = $1", args![CURSOR]).await?;
    let Some(at) = row.map(|r| r.text("value")).transpose()?.and_then(|v| v.parse::<i64>().ok()) else {
        return Ok(None);
    };
    Ok(changes::kept_after(sql, at).await?.then_some(at))
}

/// Keeps how far the worker has come.
pub async fn set_cursor(tx: &mut Tx, at: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into setting (key, value, at) values ($1, $2, $3)
         on conflict (key) do update set value = excluded.value, at = excluded.at",
        args![CURSOR, at.to_string(), now],
    )
    .await?;
    Ok(())
}
