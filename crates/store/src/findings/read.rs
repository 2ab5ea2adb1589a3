//! Findings as pages and programs ask for them.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    flaw::{Grade, State},
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use review::judge::Verdict;

use super::list::findings;
use crate::{Query, Row, Sql, StoreError, args};

/// A flaw on a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The host.
    pub host: Id<kind::Host>,
    /// Its name.
    pub host_name: String,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// The flaw's number.
    pub flaw: String,
    /// How it stands.
    pub state: State,
    /// It rests on a product's name only.
    pub weak: bool,
    /// How grave it is.
    pub severity: Grade,
    /// Known to be exploited.
    pub exploited: bool,
    /// What would mend it.
    pub fix: Option<String>,
    /// When it was first found.
    pub first_seen: Option<Timestamp>,
    /// Since when it is mended.
    pub fixed_at: Option<Timestamp>,
    /// How often it came back.
    pub reopened: u32,
    /// By when it must be mended.
    pub due_at: Option<Timestamp>,
    /// Who sees to it.
    pub owner: Option<(Id<kind::Person>, String)>,
    /// Let be until then, because.
    pub excused: Option<(Timestamp, String)>,
    /// Who let it be.
    pub excused_by: Option<String>,
    /// What was done instead of mending it, and when.
    pub workaround: Option<(Timestamp, String)>,
    /// Who did it.
    pub worked_around_by: Option<String>,
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the flaw's number, the host's or the body's name.
    pub text: Option<String>,
    /// Only in that state; what must be dealt with if nothing is given.
    pub state: Option<State>,
    /// Only of that grade.
    pub severity: Option<Grade>,
    /// Only of that host.
    pub host: Option<Id<kind::Host>>,
    /// Only of that body.
    pub body: Option<Id<kind::Body>>,
    /// Only of that warning.
    pub warning: Option<Id<kind::Warning>>,
    /// Only of that flaw.
    pub flaw: Option<String>,
    /// Only what that would mend.
    pub fix: Option<String>,
    /// Only past their due time.
    pub overdue: bool,
    /// Also what is not open.
    pub all: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The earliest due first.
    #[default]
    Due,
    /// The gravest first.
    Severity,
    /// By host.
    Host,
    /// The newest first.
    Newest,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Findings.
    pub findings: u32,
    /// On so many hosts.
    pub hosts: u32,
    /// Past their due time; none where nobody counted.
    pub overdue: Option<u32>,
    /// There are more than that: not all were counted.
    pub more: bool,
}

/// Something that happened to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// `found`, `fixed`, `reopened`, `taken-back`, `excused`, `worked-around`.
    pub kind: String,
    /// By whom, if by a person.
    pub by: Option<String>,
    /// Words.
    pub text: String,
    /// A file that proves it: its digest and name.
    pub file: Option<(String, String)>,
}

/// One finding.
pub async fn finding(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
) -> Result<Finding, StoreError> {
    let filter = Filter { host: Some(host), flaw: Some(flaw.to_owned()), all: true, ..Filter::default() };
    let found = findings(sql, scope, &filter, Order::Due, None, Timestamp::MIN).await?;
    found.into_iter().next().ok_or(StoreError::NotFound("finding"))
}

/// Why it is as it is: a verdict an advisory.
pub async fn because(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
) -> Result<Vec<Verdict>, StoreError> {
    finding(sql, scope, host, flaw).await?;
    let row =
        sql.row("select because from flaw_verdict where host = $1 and flaw = $2", args![host, flaw]).await?;
    row.map_or(Ok(Vec::new()), |r| r.json("because"))
}

/// The hosts a flaw is on, or was.
pub async fn of_flaw(
    sql: &mut Sql,
    scope: &Scope,
    flaw: &str,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let filter = Filter { flaw: Some(flaw.to_owned()), all: true, ..Filter::default() };
    findings(sql, scope, &filter, Order::Host, None, now).await
}

/// How many flaws are open on each of those hosts; hosts without any are left out.
pub async fn open_on(
    sql: &mut Sql,
    scope: &Scope,
    hosts: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, u32>, StoreError> {
    let mut query = Query::new(
        "select f.host, cast(sum(f.n) as bigint) as n from fix_sum f join host h on h.id = f.host where f.warning = '' and",
    );
    query.visible(scope, Right::See, "h.body").push("and f.host in");
    query.list(hosts.iter().copied()).push("group by f.host");
    query.rows(sql).await?.iter().map(|r| Ok((r.id("host")?, r.count("n")?))).collect()
}

/// What happened to a finding, oldest first.
pub async fn events(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
) -> Result<Vec<Event>, StoreError> {
    finding(sql, scope, host, flaw).await?;
    let rows = sql
        .rows(
            "select e.at, e.kind, e.text, e.sha256, e.file_name, p.name from host_flaw_event e left join person p on p.id = e.by_person
             where e.host = $1 and e.flaw = $2 order by e.at, e.kind",
            args![host, flaw],
        )
        .await?;
    let one = |r: &Row| {
        let file = r.opt_text("sha256")?.zip(r.opt_text("file_name")?);
        let by = r.opt_text("name")?;
        Ok(Event { at: r.time("at")?, kind: r.text("kind")?, by, text: r.text("text")?, file })
    };
    rows.iter().map(one).collect()
}

pub(super) fn from_row(row: &Row) -> Result<Finding, StoreError> {
    Ok(Finding {
        host: row.id("host")?,
        host_name: row.text("host_name")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        flaw: row.text("flaw")?,
        state: row.word("state", State::parse)?,
        weak: row.bool("weak")?,
        severity: row.word("severity", Grade::parse)?,
        exploited: row.bool("exploited")?,
        fix: row.opt_text("fix")?,
        first_seen: row.opt_time("first_seen")?,
        fixed_at: row.opt_time("fixed_at")?,
        reopened: row.count("reopened")?,
        due_at: row.opt_time("due_at")?,
        owner: row.opt_id("owner")?.zip(row.opt_text("owner_name")?),
        excused: row.opt_time("excused_until")?.zip(row.opt_text("excused_why")?),
        excused_by: row.opt_text("excuser")?,
        worked_around_by: row.opt_text("doer")?,
        workaround: row.opt_time("workaround_at")?.zip(row.opt_text("workaround")?),
    })
}
