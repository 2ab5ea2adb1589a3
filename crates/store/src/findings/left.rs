//! Holes that were open at a moment: what a campaign left behind when it ended.

use domain::{
    actor::Scope,
    flaw::Grade,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Row, Sql, StoreError};

/// What the machines of a campaign's bodies had open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// By body, most first; bodies without any are left out.
    pub bodies: Vec<LeftAt>,
    /// The gravest, at most as many as asked for.
    pub gravest: Vec<Hole>,
    /// Machines of which an inventory had come in by then; without one nobody knows.
    pub hosts: u32,
    /// Bodies with such a machine.
    pub known: u32,
}

/// What one body had open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAt {
    /// Which.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Flaws on machines, neither mended nor worked around then.
    pub open: u32,
    /// Machines with one.
    pub hosts: u32,
    /// Of the open ones, graded high or critical.
    pub grave: u32,
    /// Of the open ones, known to be exploited.
    pub exploited: u32,
    /// Of the open ones, mended since.
    pub mended: u32,
}

/// A flaw that was open somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Its number.
    pub flaw: String,
    /// How grave it is.
    pub severity: Grade,
    /// Known to be exploited.
    pub exploited: bool,
    /// On so many machines.
    pub hosts: u32,
    /// Of so many bodies.
    pub bodies: u32,
    /// On so many of those machines mended since.
    pub mended: u32,
}

/// Grades, the gravest first, by the numbers the statement gives them.
const GRADES: [Grade; 5] = [Grade::Critical, Grade::High, Grade::Medium, Grade::Low, Grade::Ungraded];

/// What was open at `at` on machines of the bodies a campaign was handed to, as far as the scope sees them: found or back
/// by then, and neither mended, worked around nor taken back by then.
pub async fn left(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    at: Timestamp,
    most: usize,
) -> Result<Left, StoreError> {
    let mut query = Query::new(
        "select h.body, b.name, count(*) as n_open, count(distinct f.host) as n_hosts,
           sum(case when f.severity in ('critical', 'high') then 1 else 0 end) as n_grave,
           sum(case when f.exploited then 1 else 0 end) as n_exploited,
           sum(case when f.state = 'fixed' then 1 else 0 end) as n_mended",
    );
    open_at(&mut query, scope, campaign, at);
    query.push("group by h.body, b.name, b.sort_key order by count(*) desc, b.sort_key, h.body");
    let bodies = query.rows(sql).await?.iter().map(body).collect::<Result<_, _>>()?;

    let mut query = Query::new(
        "select f.flaw, cast(min(case f.severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2
             when 'low' then 3 else 4 end) as bigint) as n_grade,
           cast(max(case when f.exploited then 1 else 0 end) as bigint) as n_exploited, count(*) as n_hosts,
           count(distinct h.body) as n_bodies, sum(case when f.state = 'fixed' then 1 else 0 end) as n_mended",
    );
    open_at(&mut query, scope, campaign, at);
    query.push("group by f.flaw order by 3 desc, 2, 4 desc, f.flaw limit").bind(most as i64);
    let gravest = query.rows(sql).await?.iter().map(hole).collect::<Result<_, _>>()?;

    let mut query = Query::new(
        "select count(distinct h.id) as n_hosts, count(distinct h.body) as n_bodies
         from inventory_report r join host h on h.id = r.host where r.received_at <=",
    );
    query.bind(at).push("and (h.closed_at is null or h.closed_at >").bind(at).push(") and");
    of_campaign(&mut query, scope, campaign);
    let known = query.row(sql).await?;
    let known =
        known.map(|r| Ok::<_, StoreError>((r.count("n_hosts")?, r.count("n_bodies")?))).transpose()?;
    let (hosts, known) = known.unwrap_or_default();
    Ok(Left { bodies, gravest, hosts, known })
}

fn open_at(query: &mut Query, scope: &Scope, campaign: Id<kind::Campaign>, at: Timestamp) {
    query.push(
        "from host_flaw f join host h on h.id = f.host join body b on b.id = h.body
         where (h.closed_at is null or h.closed_at >",
    );
    query.bind(at);
    query.push(
        ") and (select e.kind from host_flaw_event e where e.host = f.host and e.flaw = f.flaw
             and e.kind in ('found', 'reopened', 'fixed', 'taken-back', 'worked-around') and e.at <=",
    );
    query.bind(at).push("order by e.at desc, e.kind desc limit 1) in ('found', 'reopened') and");
    of_campaign(query, scope, campaign);
}

fn of_campaign(query: &mut Query, scope: &Scope, campaign: Id<kind::Campaign>) {
    query.visible(scope, Right::See, "h.body");
    query
        .push("and h.body in (select a.body from assignment a where a.cancelled_at is null and a.campaign =");
    query.bind(campaign).push(")");
}

fn body(row: &Row) -> Result<LeftAt, StoreError> {
    Ok(LeftAt {
        body: row.id("body")?,
        name: row.text("name")?,
        open: row.count("n_open")?,
        hosts: row.count("n_hosts")?,
        grave: row.count("n_grave")?,
        exploited: row.count("n_exploited")?,
        mended: row.count("n_mended")?,
    })
}

fn hole(row: &Row) -> Result<Hole, StoreError> {
    let grade = GRADES.get(row.count("n_grade")? as usize).copied();
    Ok(Hole {
        flaw: row.text("flaw")?,
        severity: grade.unwrap_or(Grade::Ungraded),
        exploited: row.count("n_exploited")? > 0,
        hosts: row.count("n_hosts")?,
        bodies: row.count("n_bodies")?,
        mended: row.count("n_mended")?,
    })
}
