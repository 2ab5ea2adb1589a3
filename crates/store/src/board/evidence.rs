//! From a cell to its facts.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::{State, Verdict},
    fact::{Fact, Source},
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::rows::rows_of;
use crate::{Query, Row, Sql, StoreError, facts as records};

/// The evidence of one cell.
#[derive(Debug, Clone)]
pub struct CellEvidence {
    /// The row it stands in, with all cells.
    pub row: domain::board::Row,
    /// The codes of the row's cells.
    pub codes: Vec<String>,
    /// Its tasks: mostly one.
    pub tasks: Vec<TaskEvidence>,
}

/// A task, its verdict, and the facts about it.
#[derive(Debug, Clone)]
pub struct TaskEvidence {
    /// The task.
    pub id: Id<kind::Task>,
    /// Its duty code.
    pub code: String,
    /// The words of the letter.
    pub quote: String,
    /// Where they stand in it.
    pub path: String,
    /// When it is due.
    pub due: Timestamp,
    /// The verdict.
    pub verdict: Verdict,
    /// When it was reached.
    pub evaluated: Option<Timestamp>,
    /// Every fact about it, newest learnt first, also those that no longer count.
    pub facts: Vec<FactLine>,
}

/// A fact as people read it.
#[derive(Debug, Clone)]
pub struct FactLine {
    /// The fact.
    pub fact: Fact,
    /// A correction has taken its place.
    pub superseded: bool,
    /// Who stands behind it, where that is a person.
    pub who: Option<Who>,
}

/// A person behind a fact.
#[derive(Debug, Clone)]
pub struct Who {
    /// Who.
    pub id: Id<kind::Person>,
    /// Their name.
    pub name: String,
}

/// At most so many facts of one cell are shown; more are in the API, page by page.
const FACTS_MAX: i64 = 300;

/// The evidence of the cell in row `number` and column `code`.
pub async fn cell(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    number: u32,
    code: Option<&str>,
    now: Timestamp,
) -> Result<CellEvidence, StoreError> {
    let mut query = Query::new(
        "select a.id from (select x.id, x.body, row_number() over (order by x.received_at, x.id) as n
                           from assignment x where x.campaign =",
    );
    query.bind(campaign).push(") a where a.n =").bind(number).push("and").visible(
        scope,
        Right::See,
        "a.body",
    );
    let found = query.row(sql).await?.ok_or(StoreError::NotFound("row"))?;
    let assignment: Id<kind::Assignment> = found.id("id")?;
    let board = rows_of(sql, scope, campaign, &[assignment], now).await?;
    let row = board.rows.into_iter().next().ok_or(StoreError::NotFound("row"))?;
    let mut query = Query::new(
        "select t.id, t.code, t.due_at, t.state, t.handled, t.total, t.because, t.next_check, t.evaluated_at,
                d.quote, d.path from task t join campaign_duty d on d.id = t.duty
         where t.withdrawn_at is null and t.assignment =",
    );
    query.bind(assignment);
    if let Some(code) = code {
        query.push("and t.code =").bind(code);
    }
    query.push("order by d.place, t.id");
    let mut tasks = Vec::new();
    for found in query.rows(sql).await? {
        let mut task = task(&found)?;
        let because: Vec<_> = task.verdict.because.iter().filter_map(|b| b.fact).collect();
        let subjects = [format!("task:{}", task.id), format!("assignment:{assignment}")];
        task.facts = facts(sql, scope, &subjects, &because, None, FACTS_MAX).await?;
        tasks.push(task);
    }
    if code.is_some() && tasks.is_empty() {
        return Err(StoreError::NotFound("cell"));
    }
    Ok(CellEvidence { row, codes: board.codes, tasks })
}

/// Facts about subjects, and some by id, newest learnt first; `after` is the last one seen.
pub async fn facts(
    sql: &mut Sql,
    scope: &Scope,
    subjects: &[String],
    also: &[Id<kind::Fact>],
    after: Option<(Timestamp, Id<kind::Fact>)>,
    limit: i64,
) -> Result<Vec<FactLine>, StoreError> {
    let mut query = Query::new("select * from fact where (fact.subject in");
    query.list(subjects).push("or fact.id in").list(also.iter().copied()).push(") and");
    query.visible(scope, Right::See, "fact.body");
    if let Some((learnt, id)) = after {
        query.push("and (fact.learnt_at <").bind(learnt).push("or (fact.learnt_at =").bind(learnt);
        query.push("and fact.id <").bind(id).push("))");
    }
    query.push("order by fact.learnt_at desc, fact.id desc limit").bind(limit);
    let mut lines = Vec::new();
    for row in query.rows(sql).await? {
        let superseded = row.opt_text("superseded_by")?.is_some();
        lines.push(FactLine { fact: records::from_row(&row)?, superseded, who: None });
    }
    name(sql, &mut lines).await?;
    Ok(lines)
}

/// Puts names to the people behind the facts. Whoever may see a body may know who acted for it.
async fn name(sql: &mut Sql, lines: &mut [FactLine]) -> Result<(), StoreError> {
    let entries = lines.iter().filter_map(|l| match l.fact.source {
        Source::Audit(seq) => i64::try_from(seq).ok(),
        _ => None,
    });
    let mut query = Query::new("select seq, actor from audit_entry where seq in");
    query.list(entries);
    let mut actors: HashMap<u64, Id<kind::Person>> = HashMap::new();
    for row in query.rows(sql).await? {
        let actor = row.text("actor")?;
        let person =
            actor.strip_prefix("person:").and_then(|a| a.split(' ').next()).and_then(|a| a.parse().ok());
        actors.extend(u64::try_from(row.int("seq")?).ok().zip(person));
    }
    let person = |line: &FactLine| match &line.fact.source {
        Source::Audit(seq) => actors.get(seq).copied(),
        Source::Person(id) => Some(*id),
        _ => None,
    };
    let mut query = Query::new("select id, name from person where id in");
    query.list(lines.iter().filter_map(person));
    let mut names: HashMap<Id<kind::Person>, String> = HashMap::new();
    for row in query.rows(sql).await? {
        names.insert(row.id("id")?, row.text("name")?);
    }
    for line in lines.iter_mut() {
        line.who = person(line).and_then(|id| Some(Who { id, name: names.get(&id)?.clone() }));
    }
    Ok(())
}

fn task(row: &Row) -> Result<TaskEvidence, StoreError> {
    Ok(TaskEvidence {
        id: row.id("id")?,
        code: row.text("code")?,
        quote: row.text("quote")?,
        path: row.text("path")?,
        due: row.time("due_at")?,
        verdict: Verdict {
            state: row.word("state", State::parse)?,
            handled: row.count("handled")?,
            all: row.count("total")?,
            because: row.json("because")?,
            next_check: row.opt_time("next_check")?,
        },
        evaluated: row.opt_time("evaluated_at")?,
        facts: Vec::new(),
    })
}
