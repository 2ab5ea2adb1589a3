//! What is open, grouped by what would mend it: "install KB5035857 on 14 machines closes 212".

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::PAGE_MAX;
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
    /// Of so many flaws.
    pub flaws: u32,
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
    let mut query = Query::new(
        "select f.fix, count(distinct f.host) as hosts, count(*) as closes, count(distinct f.flaw) as flaws,
           sum(case when f.exploited = true then 1 else 0 end) as n_exploited, min(f.due_at) as due
         from host_flaw f join host h on h.id = f.host
         where h.closed_at is null and f.state in ('affected', 'not-effective') and f.workaround_at is null and",
    );
    query.visible(scope, Right::See, "h.body");
    if let Some(body) = body {
        query.push("and h.body =").bind(body);
    }
    if let Some(warning) = warning {
        query
            .push("and f.flaw in (select x.flaw from warning_flaw x where x.warning =")
            .bind(warning)
            .push(")");
    }
    query.push("group by f.fix order by closes desc, f.fix limit").bind(PAGE_MAX as i64);
    let mut found = Vec::new();
    for r in query.rows(sql).await? {
        found.push(Fix {
            what: r.opt_text("fix")?,
            hosts: r.count("hosts")?,
            closes: r.count("closes")?,
            flaws: r.count("flaws")?,
            exploited: r.count("n_exploited")? > 0,
            due_at: r.opt_time("due")?,
        });
    }
    Ok(found)
}
