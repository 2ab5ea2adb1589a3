//! What is open, grouped by what would mend it: "install KB5035857 on 14 machines closes 212".

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{PAGE_MAX, keep::NEVER};
use crate::{Query, Row, Sql, StoreError};

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What: `KB5035857`, `openssl 3.0.11-1~deb12u2`; none where nobody names anything.
    pub what: Option<String>,
    /// On so many hosts.
    pub hosts: u32,
    /// It closes so many findings.
    pub closes: u32,
    /// Some of them are known to be exploited.
    pub exploited: bool,
    /// The earliest of their deadlines.
    pub due_at: Option<Timestamp>,
}

/// Something to be done on one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFix {
    /// What; none where nobody names anything.
    pub what: Option<String>,
    /// The machine's name.
    pub host_name: String,
    /// Whose it is.
    pub body_name: String,
    /// It closes so many findings.
    pub closes: u32,
    /// The earliest of their deadlines.
    pub due_at: Option<Timestamp>,
}

/// What is to be done, what closes most first; of one body or warning if given. At most [`PAGE_MAX`], behind the first
/// `from`; and whether there are more.
pub async fn fixes(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    warning: Option<Id<kind::Warning>>,
    from: u32,
) -> Result<(Vec<Fix>, bool), StoreError> {
    // Read host by host: the sums of one warning are a few rows of each.
    let mut query = Query::new(
        "select s.fix, count(*) as hosts, cast(sum(s.n) as bigint) as closes,
           cast(max(s.exploited) as bigint) as n_exploited, min(s.due) as due
         from host h cross join fix_sum s where s.host = h.id and h.closed_at is null and s.warning =",
    );
    query.bind(warning.map(|w| w.to_string()).unwrap_or_default()).push("and");
    query.visible(scope, Right::See, "h.body");
    if let Some(body) = body {
        query.push("and h.body =").bind(body);
    }
    query.push("group by s.fix order by closes desc, s.fix limit").bind(PAGE_MAX as i64 + 1);
    query.push("offset").bind(from);
    let mut found = Vec::new();
    for r in query.rows(sql).await? {
        found.push(Fix {
            what: Some(r.text("fix")?).filter(|fix| !fix.is_empty()),
            hosts: r.count("hosts")?,
            closes: r.count("closes")?,
            exploited: r.count("n_exploited")? > 0,
            due_at: due(&r)?,
        });
    }
    let more = found.len() > PAGE_MAX;
    found.truncate(PAGE_MAX);
    Ok((found, more))
}

/// The same machine by machine, body by body; at most `most`.
pub async fn host_fixes(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    warning: Option<Id<kind::Warning>>,
    most: u32,
) -> Result<Vec<HostFix>, StoreError> {
    let mut query = Query::new(
        "select s.fix, s.n, s.due, h.name as host_name, b.name as body_name
         from host h cross join fix_sum s join body b on b.id = h.body
         where s.host = h.id and h.closed_at is null and s.warning =",
    );
    query.bind(warning.map(|w| w.to_string()).unwrap_or_default()).push("and");
    query.visible(scope, Right::See, "h.body");
    if let Some(body) = body {
        query.push("and h.body =").bind(body);
    }
    query.push("order by b.sort_key, b.id, h.sort_key, h.id, s.n desc, s.fix limit").bind(most);
    let of = |r: &Row| {
        Ok(HostFix {
            what: Some(r.text("fix")?).filter(|fix| !fix.is_empty()),
            host_name: r.text("host_name")?,
            body_name: r.text("body_name")?,
            closes: r.count("n")?,
            due_at: due(r)?,
        })
    };
    query.rows(sql).await?.iter().map(of).collect()
}

fn due(row: &Row) -> Result<Option<Timestamp>, StoreError> {
    Ok(Some(row.int("due")?).filter(|due| *due != NEVER).map(domain::time::from_micros))
}
