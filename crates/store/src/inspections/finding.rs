//! Findings, as they are shown.

use domain::{
    actor::Scope,
    id::{Id, kind},
    inspection::{FindingState, Severity},
    right::Right,
};
use jiff::{Timestamp, civil::Date};

use super::{PAGE_MAX, opt_sha};
use crate::{Query, Row, Sql, StoreError, Tx, args, register::containing};

/// A finding as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its id.
    pub id: Id<kind::Finding>,
    /// At which visit it was made.
    pub visit: Id<kind::Visit>,
    /// Which item.
    pub item: String,
    /// Who inspected.
    pub inspector: Id<kind::Body>,
    /// Its name.
    pub inspector_name: String,
    /// Who has to put it right.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is.
    pub text: String,
    /// Who of the body has to.
    pub owner: Option<(Id<kind::Person>, String)>,
    /// By which day.
    pub due_on: Date,
    /// The end of it.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: FindingState,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was said to be put right.
    pub fixed_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Reminders that went out.
    pub chased: u32,
    /// Whoever changes it names this.
    pub version: i64,
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// Part of the body's name.
    pub text: Option<String>,
    /// Only in that state.
    pub state: Option<FindingState>,
    /// Only of that weight.
    pub severity: Option<Severity>,
    /// Only of that visit.
    pub visit: Option<Id<kind::Visit>>,
    /// Only of that inspected body.
    pub body: Option<Id<kind::Body>>,
    /// Only those past their due day.
    pub overdue: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Not closed before closed, the earliest due day first.
    #[default]
    Due,
    /// By the body's name.
    Body,
    /// The heaviest first.
    Severity,
    /// The newest first.
    Newest,
}

/// One thing that happened to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which: `made`, `changed`, `assigned`, `fixed`, `returned`, `closed`, `reopened`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// Words.
    pub text: String,
    /// The evidence, for those who may read.
    pub sha256: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
}

const FINDING: &str = "select f.*, b.name as body_name, i.name as inspector_name, o.name as owner_name,
    (select count(*) from finding_chase c where c.finding = f.id) as chased
    from finding f join body b on b.id = f.body join body i on i.id = f.inspector
    left join person o on o.id = f.owner where";

/// Seen from both sides, with [`Right::Read`].
fn seen(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::Read, "f.inspector").push("or");
    query.visible(scope, Right::Read, "f.body").push(")");
}

/// One finding.
pub async fn finding(sql: &mut Sql, scope: &Scope, id: Id<kind::Finding>) -> Result<Finding, StoreError> {
    let mut query = Query::new(FINDING);
    query.push("f.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("finding"))
}

/// Findings, at most [`PAGE_MAX`].
pub async fn findings(
    sql: &mut Sql,
    scope: &Scope,
    filter: &FindingFilter,
    order: Order,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let mut query = Query::new(FINDING);
    seen(&mut query, scope);
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and b.folded like").bind(containing(text)).push("escape '\\'");
    }
    if let Some(state) = filter.state {
        query.push("and f.state =").bind(state.name());
    }
    if let Some(severity) = filter.severity {
        query.push("and f.severity =").bind(severity.name());
    }
    if let Some(visit) = filter.visit {
        query.push("and f.visit =").bind(visit);
    }
    if let Some(body) = filter.body {
        query.push("and f.body =").bind(body);
    }
    if filter.overdue {
        query.push("and f.state = 'open' and f.due_at <=").bind(now);
    }
    query.push(match order {
        Order::Due => "order by case when f.state = 'closed' then 1 else 0 end, f.due_at, f.id",
        Order::Body => "order by b.sort_key, f.due_at, f.id",
        Order::Severity => {
            "order by case f.severity when 'high' then 0 when 'medium' then 1 else 2 end, f.due_at, f.id"
        }
        Order::Newest => "order by f.made_at desc, f.id desc",
    });
    query.push("limit").bind(PAGE_MAX);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// What happened to a finding, oldest first.
pub async fn events(sql: &mut Sql, scope: &Scope, id: Id<kind::Finding>) -> Result<Vec<Event>, StoreError> {
    finding(sql, scope, id).await?;
    let rows = sql
        .rows(
            "select e.*, p.name as doer from finding_event e left join person p on p.id = e.by_person
             where e.finding = $1 order by e.n",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                kind: row.text("kind")?,
                at: row.time("at")?,
                by: row.opt_text("doer")?,
                text: row.text("text")?,
                sha256: opt_sha(row, true)?,
                file_name: row.opt_text("file_name")?,
            })
        })
        .collect()
}

/// Writes down what happened.
pub(super) async fn event(
    tx: &mut Tx,
    id: Id<kind::Finding>,
    kind: &'static str,
    text: &str,
    file: Option<(&str, &str)>,
) -> Result<(), StoreError> {
    let (now, person) = (tx.now(), tx.actor().person());
    let (sha256, name) = (file.map(|f| f.0), file.map(|f| f.1));
    tx.exec(
        "insert into finding_event (finding, n, kind, at, by_person, text, sha256, file_name)
         select $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7 from finding_event where finding = $1",
        args![id, kind, now, person, text, sha256, name],
    )
    .await?;
    Ok(())
}

fn from_row(row: &Row) -> Result<Finding, StoreError> {
    Ok(Finding {
        id: row.id("id")?,
        visit: row.id("visit")?,
        item: row.text("item")?,
        inspector: row.id("inspector")?,
        inspector_name: row.text("inspector_name")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        severity: row.word("severity", Severity::parse)?,
        text: row.text("text")?,
        owner: row.opt_id("owner")?.zip(row.opt_text("owner_name")?),
        due_on: row.opt_date("due_on")?.ok_or(StoreError::Corrupt("finding", "no day".into()))?,
        due_at: row.time("due_at")?,
        state: row.word("state", FindingState::parse)?,
        made_at: row.time("made_at")?,
        fixed_at: row.opt_time("fixed_at")?,
        closed_at: row.opt_time("closed_at")?,
        chased: row.count("chased")?,
        version: row.int("version")?,
    })
}
