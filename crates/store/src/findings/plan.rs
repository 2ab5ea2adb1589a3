//! How lists of findings are read. Neither engine knows beforehand how many findings fit a filter: those of one body are
//! best gathered and sorted, those of a province walked in their order until a page is full. So it is counted first, up to
//! a bound, and the statement is written so that it can be carried out in that way only: `cross join` fixes the order of
//! tables, a column in an expression keeps its index out.

use domain::{actor::Scope, right::Right, text::fold};
use jiff::Timestamp;

use super::{
    keep::{rank, shelf},
    read::Filter,
};
use crate::{Query, Sql, StoreError, register::containing};

/// So many findings are gathered and sorted at most; of more a part is walked through in order.
const GATHER_MAX: u32 = 10_000;

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// At the machines.
    Hosts,
    /// At the flaws.
    Flaws,
    /// At what mends them.
    Fix,
    /// At those that are let be.
    Excused,
    /// At all findings, in order.
    All,
}

/// Which way is short for a filter.
pub(super) async fn way(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<Way, StoreError> {
    if filter.host.is_some() {
        return Ok(Way::Hosts);
    }
    if filter.flaw.is_some() {
        return Ok(Way::Flaws);
    }
    if let Some(text) = text(filter) {
        // What names a flaw seldom names a machine. Where a text does both, everything is looked through.
        let mut query = Query::new("select 1 as n from flaw_known k where k.folded like");
        query.bind(text).push("escape '\\' limit 1");
        let flaw = query.row(sql).await?.is_some();
        let hosts = within(sql, scope, filter, Way::Hosts).await?;
        return match (flaw, hosts) {
            (false, Some(_)) => Ok(Way::Hosts),
            (true, Some(0)) if within(sql, scope, filter, Way::Flaws).await?.is_some() => Ok(Way::Flaws),
            _ => Ok(Way::All),
        };
    }
    let by_fix = filter.fix.is_some() && only_open(filter);
    let some = scope.tops(Right::See).is_some() || filter.body.is_some();
    for (wanted, way) in [(by_fix, Way::Fix), (some, Way::Hosts), (filter.warning.is_some(), Way::Flaws)] {
        if wanted && within(sql, scope, filter, way).await?.is_some() {
            return Ok(way);
        }
    }
    Ok(Way::All)
}

/// What must be dealt with, and nothing else.
pub(super) fn only_open(filter: &Filter) -> bool {
    filter.state.is_none() && !filter.all
}

/// The text looked for, as it is compared.
pub(super) fn text(filter: &Filter) -> Option<String> {
    let text = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty())?;
    Some(containing(&fold(text)))
}

/// How many findings that way would gather, whatever else is asked; none if they are too many.
async fn within(sql: &mut Sql, scope: &Scope, filter: &Filter, way: Way) -> Result<Option<u32>, StoreError> {
    let mut query = Query::new("select count(*) as n from (select 1 as one");
    let alone = Filter {
        text: filter.text.clone(),
        flaw: filter.flaw.clone(),
        fix: filter.fix.clone().filter(|_| way == Way::Fix),
        warning: filter.warning.filter(|_| way == Way::Flaws),
        body: filter.body.filter(|_| way == Way::Hosts),
        all: filter.all || filter.state.is_some(),
        ..Filter::default()
    };
    from(&mut query, scope, &alone, way, Timestamp::MIN);
    query.push("limit").bind(i64::from(GATHER_MAX) + 1).push(") as x");
    let n = query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))?;
    Ok((n <= GATHER_MAX).then_some(n))
}

/// `from … where …` of a filter: findings `f` of hosts `h`.
pub(super) fn from(query: &mut Query, scope: &Scope, filter: &Filter, way: Way, now: Timestamp) {
    query.push(match way {
        Way::Hosts => "from host h cross join host_flaw f where f.host = h.id",
        Way::Flaws | Way::All => "from host_flaw f cross join host h where h.id = f.host",
        Way::Fix => {
            "from fix_sum s cross join host_flaw f cross join host h
             where s.warning = '' and f.host = s.host and f.fix = s.fix and h.id = f.host"
        }
        Way::Excused => {
            "from host_flaw f cross join host h where f.excused_until is not null and h.id = f.host"
        }
    });
    query.push("and h.closed_at is null and").visible(scope, Right::See, "h.body");
    let of = match filter.state {
        Some(state) => Some(shelf(state)),
        None if filter.all => None,
        None => Some(0),
    };
    if let Some(shelf) = of {
        query.push(if way == Way::All { "and f.shelf =" } else { "and f.shelf + 0 =" }).bind(shelf);
    }
    if let Some(state) = filter.state {
        query.push("and f.state =").bind(state.name());
    }
    if let Some(severity) = filter.severity {
        query.push(if way == Way::All { "and f.rank =" } else { "and f.rank + 0 =" }).bind(rank(severity));
    }
    if let Some(host) = filter.host {
        query.push("and h.id =").bind(host);
    }
    if let Some(body) = filter.body {
        query.push("and h.body =").bind(body);
    }
    if let Some(flaw) = &filter.flaw {
        query.push("and f.flaw =").bind(flaw);
    }
    if let Some(fix) = &filter.fix {
        query.push(if way == Way::Fix { "and s.fix =" } else { "and f.fix =" }).bind(fix);
        query.push("and f.workaround_at is null");
    }
    if let Some(warning) = filter.warning {
        query.push(if way == Way::Flaws { "and f.flaw in" } else { "and (f.flaw || '') in" });
        query.push("(select x.flaw from warning_flaw x where x.warning =").bind(warning).push(")");
    }
    if let Some(text) = text(filter) {
        texts(query, way, filter, text);
    }
    if filter.overdue {
        query.push("and f.workaround_at is null and f.due <=").bind(now);
        if way == Way::Excused {
            query.push("and f.excused_until >").bind(now);
        } else {
            query.push("and (f.excused_until is null or f.excused_until <=").bind(now).push(")");
        }
    }
}

/// What names a machine or a flaw. A way that was chosen by the text looks at its own side only: the other has nothing.
fn texts(query: &mut Query, way: Way, filter: &Filter, text: String) {
    let chosen = filter.host.is_none() && filter.flaw.is_none();
    let (flaws, hosts) = (!chosen || way != Way::Hosts, !chosen || way != Way::Flaws);
    query.push("and (");
    if flaws {
        query.push("f.flaw in (select k.flaw from flaw_known k where k.folded like");
        query.bind(text.clone()).push("escape '\\')");
    }
    if flaws && hosts {
        query.push("or");
    }
    if hosts {
        query.push("h.search like").bind(text.clone());
        query.push("escape '\\' or h.body in (select y.id from body y where y.folded like");
        query.bind(text).push("escape '\\')");
    }
    query.push(")");
}
