//! What is open, grouped by what would mend it: "install KB5035857 on 14 machines closes 212".

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{PAGE_MAX, keep::NEVER};
use crate::{Query, Sql, StoreError};

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

/// What is to be done, what closes most first; of one body or warning if given.
pub async fn fixes(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    warning: Option<Id<kind::Warning>>,
) -> Result<Vec<Fix>, StoreError> {
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
    query.push("group by s.fix order by closes desc, s.fix limit").bind(PAGE_MAX as i64);
    let mut found = Vec::new();
    for r in query.rows(sql).await? {
        found.push(Fix {
            what: Some(r.text("fix")?).filter(|fix| !fix.is_empty()),
            hosts: r.count("hosts")?,
            closes: r.count("closes")?,
            exploited: r.count("n_exploited")? > 0,
            due_at: Some(r.int("due")?).filter(|due| *due != NEVER).map(domain::time::from_micros),
        });
    }
    Ok(found)
}
