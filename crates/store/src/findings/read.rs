//! Findings as pages and programs ask for them.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    flaw::{Grade, State},
    id::{Id, kind},
    right::Right,
    text::fold,
};
use jiff::{Timestamp, civil::Date};
use review::judge::Verdict;

use super::PAGE_MAX;
use crate::{Query, Row, Sql, StoreError, args, register::containing};

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
    /// Why: a verdict an advisory.
    pub because: Vec<Verdict>,
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
    /// Past their due time.
    pub overdue: u32,
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
}

/// What came and went on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Found or come back.
    pub found: u32,
    /// Mended.
    pub fixed: u32,
}

const FROM: &str = "from host_flaw f join host h on h.id = f.host join body b on b.id = h.body
    left join person o on o.id = f.owner left join person x on x.id = f.excused_by
    left join person w on w.id = f.workaround_by where h.closed_at is null and";

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter, now: Timestamp) {
    query.visible(scope, Right::See, "h.body");
    match filter.state {
        Some(state) => {
            query.push("and f.state =").bind(state.name());
        }
        None if filter.all => {}
        None => {
            query.push("and f.state in ('affected', 'not-effective')");
        }
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        let like = containing(&fold(text));
        query.push("and (lower(f.flaw) like").bind(like.clone()).push("escape '\\' or h.search like");
        query.bind(like.clone()).push("escape '\\' or b.folded like").bind(like).push("escape '\\')");
    }
    if let Some(severity) = filter.severity {
        query.push("and f.severity =").bind(severity.name());
    }
    if let Some(host) = filter.host {
        query.push("and f.host =").bind(host);
    }
    if let Some(body) = filter.body {
        query.push("and h.body =").bind(body);
    }
    if let Some(warning) = filter.warning {
        query
            .push("and f.flaw in (select x.flaw from warning_flaw x where x.warning =")
            .bind(warning)
            .push(")");
    }
    if let Some(flaw) = &filter.flaw {
        query.push("and f.flaw =").bind(flaw);
    }
    if let Some(fix) = &filter.fix {
        query.push("and f.fix =").bind(fix);
    }
    if filter.overdue {
        query
            .push("and f.workaround_at is null and (f.excused_until is null or f.excused_until <=")
            .bind(now);
        query.push(") and f.due_at <=").bind(now);
    }
}

/// The findings that fit, at most [`PAGE_MAX`].
pub async fn findings(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let mut query = Query::new(
        "select f.*, h.name as host_name, h.body, b.name as body_name, o.name as owner_name, x.name as excuser, w.name as doer",
    );
    narrow(query.push(FROM), scope, filter, now);
    query.push(match order {
        Order::Due => "order by coalesce(f.due_at, 9000000000000000000), f.flaw, f.host",
        Order::Severity => {
            "order by case f.severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 when 'low' then 3
             else 4 end, f.due_at, f.flaw, f.host"
        }
        Order::Host => "order by h.sort_key, f.host, f.flaw",
        Order::Newest => "order by coalesce(f.first_seen, 0) desc, f.flaw, f.host",
    });
    query.push("limit").bind(PAGE_MAX as i64);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// How many fit.
pub async fn sum(sql: &mut Sql, scope: &Scope, filter: &Filter, now: Timestamp) -> Result<Sum, StoreError> {
    let mut query = Query::new(
        "select count(*) as n, count(distinct f.host) as hosts,
           coalesce(sum(case when f.state in ('affected', 'not-effective') and f.workaround_at is null and f.due_at <=",
    );
    query.bind(now).push("and (f.excused_until is null or f.excused_until <=").bind(now);
    query.push(") then 1 else 0 end), 0) as overdue").push(FROM);
    narrow(&mut query, scope, filter, now);
    let Some(r) = query.row(sql).await? else { return Ok(Sum::default()) };
    Ok(Sum { findings: r.count("n")?, hosts: r.count("hosts")?, overdue: r.count("overdue")? })
}

/// One finding.
pub async fn finding(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
) -> Result<Finding, StoreError> {
    let filter = Filter { host: Some(host), flaw: Some(flaw.to_owned()), all: true, ..Filter::default() };
    let found = findings(sql, scope, &filter, Order::Due, Timestamp::MIN).await?;
    found.into_iter().next().ok_or(StoreError::NotFound("finding"))
}

/// The hosts a flaw is on, or was.
pub async fn of_flaw(
    sql: &mut Sql,
    scope: &Scope,
    flaw: &str,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let filter = Filter { flaw: Some(flaw.to_owned()), all: true, ..Filter::default() };
    findings(sql, scope, &filter, Order::Host, now).await
}

/// How many flaws are open on each of those hosts; hosts without any are left out.
pub async fn open_on(
    sql: &mut Sql,
    scope: &Scope,
    hosts: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, u32>, StoreError> {
    let mut query = Query::new(
        "select f.host, count(*) as n from host_flaw f join host h on h.id = f.host
         where f.state in ('affected', 'not-effective') and f.workaround_at is null and",
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
            "select e.at, e.kind, e.text, p.name from host_flaw_event e left join person p on p.id = e.by_person
             where e.host = $1 and e.flaw = $2 order by e.at, e.kind",
            args![host, flaw],
        )
        .await?;
    let one = |r: &Row| {
        Ok(Event { at: r.time("at")?, kind: r.text("kind")?, by: r.opt_text("name")?, text: r.text("text")? })
    };
    rows.iter().map(one).collect()
}

/// What came and went since, day by day; days on which nothing did are left out.
pub async fn trend(sql: &mut Sql, scope: &Scope, since: Timestamp) -> Result<Vec<Day>, StoreError> {
    // Days of Hà Nội, which keeps one offset all year.
    let mut query = Query::new(
        "select (e.at + 25200000000) / 86400000000 as n_day,
           sum(case when e.kind in ('found', 'reopened') then 1 else 0 end) as n_found,
           sum(case when e.kind = 'fixed' then 1 else 0 end) as n_fixed
         from host_flaw_event e join host h on h.id = e.host where e.at >=",
    );
    query.bind(since).push("and").visible(scope, Right::See, "h.body");
    query.push("group by (e.at + 25200000000) / 86400000000 order by 1");
    let mut days = Vec::new();
    for r in query.rows(sql).await? {
        let seconds = r.int("n_day")?.saturating_mul(86_400);
        let at = Timestamp::from_second(seconds).map_err(|e| StoreError::Corrupt("event", e.to_string()))?;
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        days.push(Day { day, found: r.count("n_found")?, fixed: r.count("n_fixed")? });
    }
    Ok(days)
}

fn from_row(row: &Row) -> Result<Finding, StoreError> {
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
        because: row.json("because")?,
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
