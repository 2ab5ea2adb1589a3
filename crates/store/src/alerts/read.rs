//! Alerts read.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::Severity,
    right::Right,
};
use jiff::Timestamp;

use super::{Alert, Event, from_row, held};
use crate::{Query, Row, Sql, StoreError, args};

/// Alerts with which one has to do.
const RELATED: i64 = 20;

/// Which alerts to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// Those that are not over, the worst first.
    #[default]
    Open,
    /// Those one owns.
    Mine,
    /// All, the newest first.
    All,
}

/// Which alerts to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Which.
    pub side: Side,
    /// Who asks, for [`Side::Mine`].
    pub me: Option<Id<kind::Person>>,
    /// Only of that body and those below it.
    pub under: Option<Id<kind::Body>>,
    /// At least as bad.
    pub from: Option<Severity>,
    /// Only what this rule found.
    pub rule: String,
}

/// An alert as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The alert.
    pub alert: Alert,
    /// Whose.
    pub body_name: String,
    /// Of which system.
    pub system_name: Option<String>,
    /// Who has it.
    pub owner_name: Option<String>,
    /// Whether the scope may deal with it.
    pub may_act: bool,
}

/// One line of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What: `raised`, `worse`, `owned`, `comment`, `closed`, `false-positive`, `reopened`, `came-right`,
    /// `not-called`.
    pub what: String,
    /// Who.
    pub person: Option<String>,
    /// What was said.
    pub note: String,
}

/// An event with the name of where it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The event.
    pub event: Event,
    /// Where it came in.
    pub source_name: String,
}

const SHOWN: &str = "select a.*, b.name as body_name, y.name as system_name, p.name as owner_name
    from alert a join body b on b.id = a.body left join system y on y.id = a.system
    left join person p on p.id = a.owner where";

/// Alerts a scope may see. `before`: of [`Side::All`] the time and id of the last one seen.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    before: Option<(Timestamp, Id<kind::Alert>)>,
    limit: u32,
) -> Result<Vec<Shown>, StoreError> {
    let mut query = Query::new(SHOWN);
    query.visible(scope, Right::Read, "a.body");
    match filter.side {
        Side::Open => {
            query.push("and a.status in ('new', 'owned')");
        }
        Side::Mine => {
            query.push("and a.status in ('new', 'owned') and a.owner =").bind(filter.me);
        }
        Side::All => {}
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = a.body and u.above =").bind(top);
        query.push(")");
    }
    if let Some(from) = filter.from {
        let worse: Vec<&str> = Severity::ALL.iter().filter(|s| **s >= from).map(|s| s.name()).collect();
        query.push("and a.severity in").list(worse);
    }
    if !filter.rule.is_empty() {
        query.push("and a.rule =").bind(&filter.rule);
    }
    if let (Side::All, Some((at, id))) = (filter.side, before) {
        query.push("and (a.raised_at <").bind(at).push("or (a.raised_at =").bind(at);
        query.push("and a.id <").bind(id).push("))");
    }
    query.push(match filter.side {
        Side::All => "order by a.raised_at desc, a.id desc limit",
        _ => "order by a.rank desc, a.raised_at desc, a.id desc limit",
    });
    query.bind(limit);
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| shown(row, false)).collect()
}

/// How many alerts of a scope are not over, and how many of them nobody has.
pub async fn counts(sql: &mut Sql, scope: &Scope) -> Result<(u32, u32), StoreError> {
    let mut query = Query::new(
        "select count(*) as n, coalesce(sum(case a.status when 'new' then 1 else 0 end), 0) as fresh from alert a
         where a.status in ('new', 'owned') and",
    );
    query.visible(scope, Right::Read, "a.body");
    query.row(sql).await?.map_or(Ok((0, 0)), |r| Ok((r.count("n")?, r.count("fresh")?)))
}

/// What one rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yield {
    /// Alerts.
    pub alerts: u32,
    /// Those among them that somebody found to be wrong.
    pub wrong: u32,
    /// When the last was raised.
    pub last: Timestamp,
}

/// What each rule found since then, as far as a scope may read it.
pub async fn by_rule(
    sql: &mut Sql,
    scope: &Scope,
    since: Timestamp,
) -> Result<HashMap<String, Yield>, StoreError> {
    let mut query = Query::new(
        "select a.rule, count(*) as n, max(a.raised_at) as last,
         coalesce(sum(case a.status when 'false-positive' then 1 else 0 end), 0) as wrong
         from alert a where a.raised_at >=",
    );
    query.bind(since).push("and").visible(scope, Right::Read, "a.body").push("group by a.rule");
    let of = |row: &Row| {
        let found = Yield { alerts: row.count("n")?, wrong: row.count("wrong")?, last: row.time("last")? };
        Ok((row.text("rule")?, found))
    };
    query.rows(sql).await?.iter().map(of).collect()
}

/// One alert.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Alert>) -> Result<Shown, StoreError> {
    let mut query = Query::new(SHOWN);
    query.push("a.id =").bind(id).push("and").visible(scope, Right::Read, "a.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("alert"))?;
    let may_act = held(sql, scope, Right::Answer, id).await.is_ok();
    shown(&row, may_act)
}

fn shown(row: &Row, may_act: bool) -> Result<Shown, StoreError> {
    Ok(Shown {
        alert: from_row(row)?,
        body_name: row.text("body_name")?,
        system_name: row.opt_text("system_name")?,
        owner_name: row.opt_text("owner_name")?,
        may_act,
    })
}

/// The first events of an alert.
pub async fn events(sql: &mut Sql, scope: &Scope, id: Id<kind::Alert>) -> Result<Vec<Seen>, StoreError> {
    held(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select v.*, e.name as source_name from alert_event v join event_source e on e.id = v.source
             where v.alert = $1 order by v.seq",
            args![id],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Seen {
            event: Event {
                at: row.time("at")?,
                source: row.id("source")?,
                place: (row.int("position")?, row.count("line")?),
                because: row.json("because")?,
                raw: row.text("raw")?,
            },
            source_name: row.text("source_name")?,
        })
    };
    rows.iter().map(one).collect()
}

/// What was done about an alert, in order.
pub async fn entries(sql: &mut Sql, scope: &Scope, id: Id<kind::Alert>) -> Result<Vec<Line>, StoreError> {
    held(sql, scope, Right::Read, id).await?;
    let rows = sql
        .rows(
            "select l.at, l.what, l.note, p.name from alert_entry l left join person p on p.id = l.person
             where l.alert = $1 order by l.seq",
            args![id],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Line {
            at: row.time("at")?,
            what: row.text("what")?,
            person: row.opt_text("name")?,
            note: row.text("note")?,
        })
    };
    rows.iter().map(one).collect()
}

/// Alerts of the same body about the same machine, account or address, within a day of it, the newest first.
pub async fn related(sql: &mut Sql, scope: &Scope, of: &Alert) -> Result<Vec<Shown>, StoreError> {
    let same: Vec<(&'static str, &str)> = [
        ("a.host =", of.host.as_str()),
        ("a.account =", of.account.as_str()),
        ("a.address =", of.address.as_str()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    if same.is_empty() {
        return Ok(Vec::new());
    }
    let day = jiff::SignedDuration::from_hours(24);
    let (from, to) = (of.first_at.checked_sub(day), of.last_at.checked_add(day));
    let mut query = Query::new(SHOWN);
    query
        .visible(scope, Right::Read, "a.body")
        .push("and a.id <>")
        .bind(of.id)
        .push("and a.body =")
        .bind(of.body);
    query.push("and a.last_at >=").bind(from.unwrap_or(Timestamp::MIN));
    query.push("and a.first_at <=").bind(to.unwrap_or(Timestamp::MAX)).push("and (1 = 0");
    for (column, value) in same {
        query.push("or").push(column).bind(value);
    }
    query.push(") order by a.last_at desc, a.id desc limit").bind(RELATED);
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| shown(row, false)).collect()
}
