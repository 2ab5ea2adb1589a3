//! Reports: how a line is, now, by somebody's word.

use std::collections::{BTreeMap, HashSet};

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    line::{LineState, hold},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Held, Need, held, outages};
use crate::{
    Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, learn, said},
    facts,
};

/// Lines in one batch: as many as a body may have.
pub const BATCH_MAX: usize = 500;
/// Words beside a report: a sentence.
pub const NOTE_MAX: usize = 500;
/// So many stretches of a line are shown; the strip is drawn from all of its window.
const SHOWN_MAX: i64 = 100;

/// A stretch of reports that all said the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What they said.
    pub state: LineState,
    /// The first.
    pub from: Timestamp,
    /// The last.
    pub seen: Timestamp,
    /// Who gave the last.
    pub by: Option<String>,
    /// Words beside the last that had any.
    pub note: String,
}

/// Says how a line is now; needs [`domain::right::Right::Answer`] over the line's body or the body it serves. *Down*
/// opens an outage unless one is open; anything else ends the open one. `Refused`: `line-closed`, `text-long`.
pub async fn report(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Line>,
    state: LineState,
    note: &str,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Report, id).await?;
    of.in_use()?;
    let note = match note.trim() {
        "" => String::new(),
        text => said(text, NOTE_MAX)?,
    };
    let seq = tx.record("line.reported", of.subject(), Some(of.body), &(state, &note));
    tx.changed(Topic::Line, of.subject(), Some(of.body));
    take(tx, tools, &of, state, &note, seq).await
}

/// What a batch says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which line.
    pub line: Id<kind::Line>,
    /// How it is now.
    pub state: LineState,
    /// Words beside it; may be empty.
    pub note: String,
}

/// Says how many lines are now, all or none of them: what an operator's machine sends, or somebody with one tap. One
/// audit entry a body. `Refused`: as [`report`], `lines-many`, `line-twice`.
pub async fn report_many(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    all: &[Said],
) -> Result<(), StoreError> {
    if all.len() > BATCH_MAX {
        return Err(StoreError::Refused("lines-many"));
    }
    let mut bodies: BTreeMap<Id<kind::Body>, Vec<(Held, LineState, String)>> = BTreeMap::new();
    let mut seen = HashSet::new();
    for one in all {
        if !seen.insert(one.line) {
            return Err(StoreError::Refused("line-twice"));
        }
        let of = held(tx, scope, Need::Report, one.line).await?;
        of.in_use()?;
        let note = match one.note.trim() {
            "" => String::new(),
            text => said(text, NOTE_MAX)?,
        };
        bodies.entry(of.body).or_default().push((of, one.state, note));
    }
    for (body, lines) in bodies {
        let subject = format!("body:{body}");
        let detail: Vec<_> = lines.iter().map(|(of, state, note)| (of.id, state, note)).collect();
        let seq = tx.record("line.reported", subject.clone(), Some(body), &detail);
        // Whoever watches lines looks at the body whose they are.
        tx.changed(Topic::Line, subject, Some(body));
        for (of, state, note) in &lines {
            take(tx, tools, of, *state, note, seq).await?;
        }
    }
    Ok(())
}

async fn take(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    state: LineState,
    note: &str,
    seq: u64,
) -> Result<(), StoreError> {
    stretch(tx, tools, of, state, note, seq).await?;
    match state {
        LineState::Down => outages::begin(tx, tools, of, seq).await,
        LineState::Ok | LineState::Degraded => outages::over(tx, tools, of, seq).await,
    }
}

/// Extends the last stretch if it says the same and is still believed, else begins a new one.
async fn stretch(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    state: LineState,
    note: &str,
    seq: u64,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let last = tx
        .row("select * from line_status where line = $1 order by from_at desc, id desc limit 1", args![of.id])
        .await?;
    if let Some(last) = last
        && last.word("state", LineState::parse)? == state
        && last.time("seen_at")?.checked_add(hold(tools.pack)).is_ok_and(|until| now <= until)
    {
        let stretch = last.text("id")?;
        let note = if note.is_empty() { last.text("note")? } else { note.to_owned() };
        tx.exec(
            "update line_status set seen_at = $1, by_person = $2, note = $3 where id = $4",
            args![now, by, note, &stretch],
        )
        .await?;
        facts::extend(tx, &key(&stretch), now).await?;
        return Ok(());
    }
    let stretch: Id<kind::Line> = Id::new(tools.ids);
    tx.exec(
        "insert into line_status (id, line, state, from_at, seen_at, by_person, note) values ($1,$2,$3,$4,$4,$5,$6)",
        args![stretch, of.id, state.name(), now, by, note],
    )
    .await?;
    let key = key(&stretch.to_string());
    let value = json!({"state": state});
    learn(tx, tools, kinds::LINE_REPORTED, key, of.body, of.subject(), Source::Audit(seq), value).await?;
    Ok(())
}

fn key(stretch: &str) -> String {
    format!("{}/{stretch}", kinds::LINE_REPORTED)
}

/// The newest stretches of a line, newest first.
pub async fn reports(sql: &mut Sql, scope: &Scope, id: Id<kind::Line>) -> Result<Vec<Report>, StoreError> {
    held(sql, scope, Need::See, id).await?;
    let rows = sql
        .rows(
            "select s.*, p.name from line_status s left join person p on p.id = s.by_person
             where s.line = $1 order by s.from_at desc, s.id desc limit $2",
            args![id, SHOWN_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Report {
                state: row.word("state", LineState::parse)?,
                from: row.time("from_at")?,
                seen: row.time("seen_at")?,
                by: row.opt_text("name")?,
                note: row.text("note")?,
            })
        })
        .collect()
}
