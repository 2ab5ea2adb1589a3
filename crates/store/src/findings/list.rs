//! Lists of findings, page by page, and how many there are.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{
    PAGE_MAX,
    keep::{rank, shelf},
    plan::{self, Way, from, only_open},
    read::{Filter, Finding, Order, Sum, from_row},
};
use crate::{Query, Sql, StoreError};

/// Of what can only be counted one by one so many are counted.
const COUNT_MAX: u32 = 10_000;

/// The last finding of a page: the next page begins behind it. Shelf, the number lists are ordered by, deadline; host and
/// flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    key: [i64; 3],
    host: Id<kind::Host>,
    flaw: String,
}

impl After {
    /// Behind that finding in that order.
    #[must_use]
    pub fn of(it: &Finding, order: Order) -> Self {
        let due = it.due_at.map_or(super::keep::NEVER, |at| at.as_microsecond());
        let by = match order {
            Order::Due | Order::Host => 0,
            Order::Severity => rank(it.severity),
            Order::Newest => it.first_seen.map_or(0, |at| -at.as_microsecond()),
        };
        Self { key: [shelf(it.state), by, due], host: it.host, flaw: it.flaw.clone() }
    }
}

impl std::fmt::Display for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [shelf, by, due] = self.key;
        write!(f, "{shelf}_{by}_{due}_{}_{}", self.host, self.flaw)
    }
}

impl std::str::FromStr for After {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(5, '_');
        let mut next = || parts.next().ok_or(());
        let mut number = || next()?.parse::<i64>().map_err(|_| ());
        let key = [number()?, number()?, number()?];
        let host = next()?.parse().map_err(|_| ())?;
        Ok(Self { key, host, flaw: next()?.to_owned() })
    }
}

/// The findings that fit, at most [`PAGE_MAX`], behind `after`.
pub async fn findings(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    after: Option<&After>,
    now: Timestamp,
) -> Result<Vec<Finding>, StoreError> {
    let mut way = plan::way(sql, scope, filter).await?;
    // A text may also be of a flaw, which no machine is found by.
    if way == Way::All && order == Order::Host && plan::text(filter).is_none() {
        way = Way::Hosts;
    }
    // First which, out of indexes alone; then what there is to tell of these few.
    let mut query = Query::new("select f.host, f.flaw");
    from(&mut query, scope, filter, way, now);
    if let Some(after) = after {
        behind(&mut query, after, order, filter.all && filter.state.is_none());
    }
    query.push(by(order)).push("limit").bind(PAGE_MAX as i64);
    let rows = query.rows(sql).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut of = Query::new(
        "select f.*, h.name as host_name, h.body, b.name as body_name, o.name as owner_name, x.name as excuser,
           w.name as doer from (values",
    );
    for (n, row) in rows.iter().enumerate() {
        let (host, flaw): (Id<kind::Host>, _) = (row.id("host")?, row.text("flaw")?);
        of.push(if n == 0 { "(" } else { ",(" }).bind(host).push(",").bind(flaw).push(")");
    }
    of.push(
        ") as v cross join host_flaw f cross join host h join body b on b.id = h.body
         left join person o on o.id = f.owner left join person x on x.id = f.excused_by
         left join person w on w.id = f.workaround_by
         where f.host = v.column1 and f.flaw = v.column2 and h.id = f.host",
    );
    of.push(by(order));
    of.rows(sql).await?.iter().map(from_row).collect()
}

fn by(order: Order) -> &'static str {
    match order {
        Order::Due => "order by f.shelf, f.due, f.flaw, f.host",
        Order::Severity => "order by f.shelf, f.rank, f.due, f.flaw, f.host",
        Order::Host => "order by h.sort_key, h.id, f.flaw",
        Order::Newest => "order by f.shelf, f.age, f.flaw, f.host",
    }
}

/// Only what comes after. Where one shelf is asked for it is left out of what is compared, so that the index is entered
/// there and not at the shelf's beginning.
fn behind(query: &mut Query, after: &After, order: Order, all: bool) {
    let ([shelf, by, due], host, flaw) = (after.key, after.host, after.flaw.as_str());
    if order == Order::Host {
        query.push("and (h.sort_key, h.id, f.flaw) > ((select z.sort_key from host z where z.id =");
        query.bind(host).push("),").bind(host).push(",").bind(flaw).push(")");
        return;
    }
    let (columns, keys): (_, &[i64]) = match (order, all) {
        (Order::Severity, true) => ("and (f.shelf, f.rank, f.due, f.flaw, f.host) > (", &[shelf, by, due]),
        (Order::Severity, false) => ("and (f.rank, f.due, f.flaw, f.host) > (", &[by, due]),
        (Order::Newest, true) => ("and (f.shelf, f.age, f.flaw, f.host) > (", &[shelf, by]),
        (Order::Newest, false) => ("and (f.age, f.flaw, f.host) > (", &[by]),
        (_, true) => ("and (f.shelf, f.due, f.flaw, f.host) > (", &[shelf, due]),
        (_, false) => ("and (f.due, f.flaw, f.host) > (", &[due]),
    };
    query.push(columns);
    for key in keys {
        query.bind(*key).push(",");
    }
    query.bind(flaw).push(",").bind(host).push(")");
}

/// How many fit.
pub async fn sum(sql: &mut Sql, scope: &Scope, filter: &Filter, now: Timestamp) -> Result<Sum, StoreError> {
    let way = plan::way(sql, scope, filter).await?;
    if way != Way::All {
        return counted(sql, scope, filter, way, None, now).await;
    }
    if plan::text(filter).is_some() {
        return counted(sql, scope, filter, way, Some(COUNT_MAX), now).await;
    }
    if filter.fix.is_some() {
        return match only_open(filter) && filter.severity.is_none() && !filter.overdue {
            true => fixed_by(sql, scope, filter).await,
            false => counted(sql, scope, filter, way, Some(COUNT_MAX), now).await,
        };
    }
    summed(sql, scope, filter, now).await
}

/// One by one, up to a bound.
async fn counted(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    way: Way,
    most: Option<u32>,
    now: Timestamp,
) -> Result<Sum, StoreError> {
    let mut query = Query::new(
        "select count(*) as n, count(distinct x.host) as hosts, cast(coalesce(sum(x.late), 0) as bigint) as overdue
         from (select f.host, case when f.shelf = 0 and f.workaround_at is null and f.due <=",
    );
    query.bind(now).push("and (f.excused_until is null or f.excused_until <=").bind(now);
    query.push(") then 1 else 0 end as late");
    from(&mut query, scope, filter, way, now);
    if let Some(most) = most {
        query.push("limit").bind(i64::from(most) + 1);
    }
    query.push(") as x");
    let Some(r) = query.row(sql).await? else { return Ok(Sum::default()) };
    let findings = r.count("n")?;
    let more = most.is_some_and(|most| findings > most);
    let all = Sum { findings, hosts: r.count("hosts")?, overdue: Some(r.count("overdue")?), more };
    Ok(match most {
        Some(most) if more => Sum { findings: most, overdue: None, ..all },
        _ => all,
    })
}

/// By the sums of what would mend them.
async fn fixed_by(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<Sum, StoreError> {
    let mut query = Query::new(
        "select cast(coalesce(sum(s.n), 0) as bigint) as n, count(*) as hosts
         from host h cross join fix_sum s where s.host = h.id and h.closed_at is null and",
    );
    query.visible(scope, Right::See, "h.body").push("and s.fix =").bind(filter.fix.clone());
    narrow(&mut query, filter);
    let Some(r) = query.row(sql).await? else { return Ok(Sum::default()) };
    Ok(Sum { findings: r.count("n")?, hosts: r.count("hosts")?, overdue: None, more: false })
}

fn narrow(query: &mut Query, filter: &Filter) {
    query.push("and s.warning =").bind(filter.warning.map(|w| w.to_string()).unwrap_or_default());
    if let Some(body) = filter.body {
        query.push("and h.body =").bind(body);
    }
}

/// By the sums of machines.
async fn summed(sql: &mut Sql, scope: &Scope, filter: &Filter, now: Timestamp) -> Result<Sum, StoreError> {
    let mut query = Query::new(
        "select cast(coalesce(sum(s.n), 0) as bigint) as n, count(distinct h.id) as hosts,
           cast(coalesce(sum(case when s.shelf = 0 and s.due <=",
    );
    query.bind(now).push("then s.n - s.around else 0 end), 0) as bigint) as overdue");
    query.push("from host h cross join flaw_sum s where s.host = h.id and h.closed_at is null and");
    query.visible(scope, Right::See, "h.body");
    narrow(&mut query, filter);
    match filter.state {
        Some(state) => {
            query.push("and s.shelf =").bind(shelf(state)).push("and s.state =").bind(state.name());
        }
        None if filter.all => {}
        None => {
            query.push("and s.shelf = 0");
        }
    }
    if let Some(severity) = filter.severity {
        query.push("and s.severity =").bind(severity.name());
    }
    if filter.overdue {
        query.push("and s.n > s.around and s.due <=").bind(now);
    }
    let Some(r) = query.row(sql).await? else { return Ok(Sum::default()) };
    // Those that are let be are few, and by whom and until when is in no sum.
    let overdue = Filter { overdue: true, ..filter.clone() };
    let excused = counted(sql, scope, &overdue, Way::Excused, None, now).await?;
    if filter.overdue && excused.findings > 0 {
        return counted(sql, scope, filter, Way::All, None, now).await;
    }
    let late = r.count("overdue")?.saturating_sub(excused.findings);
    let findings = if filter.overdue { late } else { r.count("n")? };
    Ok(Sum { findings, hosts: r.count("hosts")?, overdue: Some(late), more: false })
}
