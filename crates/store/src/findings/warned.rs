//! Warnings and the hosts they concern: whom which warning reaches, and the sums that pages and evidence read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{
    PAGE_MAX,
    sums::{OfWarning, Summed},
};
use crate::{Query, Sql, StoreError, Tx, args, verdicts::Task};

/// Which warnings reach which bodies, with their flaws.
#[derive(Default)]
pub(super) struct Warned {
    flaws: HashMap<Id<kind::Warning>, BTreeSet<String>>,
    of_body: HashMap<Id<kind::Body>, Vec<Id<kind::Warning>>>,
    /// The numbers of those that agencies wrote themselves.
    own: HashMap<String, Id<kind::Warning>>,
    /// The earliest deadline to mend: of the orders a body got with a warning, or its own.
    due: HashMap<(Id<kind::Body>, Id<kind::Warning>), Timestamp>,
}

impl Warned {
    /// Every flaw of every warning.
    pub fn flaws(&self) -> impl Iterator<Item = &str> {
        self.flaws.values().flatten().map(String::as_str)
    }
    /// What a body was warned of.
    pub fn of(&self, body: Id<kind::Body>) -> BTreeSet<&str> {
        let warnings = self.of_body.get(&body).into_iter().flatten();
        warnings.filter_map(|w| self.flaws.get(w)).flatten().map(String::as_str).collect()
    }
    /// The warnings that reach a body and name a flaw.
    pub fn naming(&self, body: Id<kind::Body>, flaw: &str) -> impl Iterator<Item = Id<kind::Warning>> {
        let warnings = self.of_body.get(&body).into_iter().flatten().copied();
        warnings.filter(move |w| self.flaws.get(w).is_some_and(|f| f.contains(flaw)))
    }
    /// The warnings that reach a body.
    pub fn reaching(&self, body: Id<kind::Body>) -> &[Id<kind::Warning>] {
        self.of_body.get(&body).map_or(&[], Vec::as_slice)
    }
    /// Whether what an agency wrote itself reaches a body.
    pub fn reaches(&self, body: Id<kind::Body>, number: &str) -> bool {
        let of = self.of_body.get(&body);
        self.own.get(number).is_some_and(|w| of.is_some_and(|all| all.contains(w)))
    }
    /// By when an order wants a flaw mended.
    pub fn due(&self, body: Id<kind::Body>, flaw: &str) -> Option<Timestamp> {
        self.naming(body, flaw).filter_map(|w| self.due.get(&(body, w))).min().copied()
    }
}

/// The warnings in force that reach those bodies: of a body above, or of an order they got.
pub(super) async fn of_bodies(sql: &mut Sql, bodies: BTreeSet<Id<kind::Body>>) -> Result<Warned, StoreError> {
    let mut found = Warned::default();
    let mut query = Query::new(
        "select c.below as body, w.id, w.due_at as due from warning w join body_closure c on c.above = w.body
         where w.closed_at is null and c.below in",
    );
    query.list(bodies.iter().copied());
    let above = query.rows(sql).await?;
    let mut query = Query::new(
        "select a.body, w.id, min(t.due_at) as due from warning w join warning_campaign u on u.warning = w.id
         join campaign p on p.id = u.campaign and p.state = 'issued'
         join assignment a on a.campaign = u.campaign
         left join task t on t.assignment = a.id and t.code = 'VFIX'
         where w.closed_at is null and a.body in",
    );
    query.list(bodies.iter().copied()).push("group by a.body, w.id");
    let ordered = query.rows(sql).await?;
    for row in &above {
        let (body, id) = (row.id("body")?, row.id("id")?);
        found.of_body.entry(body).or_default().push(id);
        found.due.extend(row.opt_time("due")?.map(|due| ((body, id), due)));
    }
    for row in &ordered {
        let (body, id) = (row.id("body")?, row.id("id")?);
        let of = found.of_body.entry(body).or_default();
        if !of.contains(&id) {
            of.push(id);
        }
        if let Some(due) = row.opt_time("due")? {
            let first = found.due.entry((body, id)).or_insert(due);
            *first = due.min(*first);
        }
    }
    let ids: HashSet<Id<kind::Warning>> = found.of_body.values().flatten().copied().collect();
    let mut query = Query::new("select id, number from own_advisory where id in");
    query.list(ids.iter().copied());
    for row in query.rows(sql).await? {
        found.own.insert(row.text("number")?, row.id("id")?);
    }
    let mut query = Query::new("select warning, flaw from warning_flaw where warning in");
    query.list(ids.iter().copied());
    for row in query.rows(sql).await? {
        found.flaws.entry(row.id("warning")?).or_default().insert(row.text("flaw")?);
    }
    Ok(found)
}

/// Rows of one insert, of eight values each.
const AT_ONCE: usize = 400;
/// By warning: the body, and what stands for it.
pub(super) type Settled = BTreeMap<Id<kind::Warning>, (Id<kind::Body>, OfWarning)>;

/// What stands in the records for the warnings that reach those hosts.
pub(super) async fn settled(
    sql: &mut Sql,
    hosts: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, Settled>, StoreError> {
    let mut query = Query::new(
        "select host, warning, body, open, handled, unclear, due_at from warning_host where host in",
    );
    query.list(hosts.iter().copied());
    let mut found: HashMap<Id<kind::Host>, Settled> = HashMap::new();
    for r in query.rows(sql).await? {
        let sums = (r.int("open")?, r.int("handled")?, r.int("unclear")?, r.opt_time("due_at")?);
        found.entry(r.id("host")?).or_default().insert(r.id("warning")?, (r.id("body")?, sums));
    }
    Ok(found)
}

/// Counts hosts up for every warning that reaches them; returns the bodies of those of which anything is different.
pub(super) async fn settle(
    tx: &mut Tx,
    hosts: &[Summed],
    warned: &Warned,
) -> Result<BTreeSet<Id<kind::Body>>, StoreError> {
    let ids: Vec<_> = hosts.iter().map(|(host, ..)| *host).collect();
    let mut before = settled(tx, &ids).await?;
    let (mut changed, mut fresh, mut gone) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (host, body, sums) in hosts {
        let mut before = before.remove(host).unwrap_or_default();
        for warning in warned.reaching(*body) {
            let sums = (*body, sums.warning(*warning));
            if before.remove(warning) != Some(sums) {
                changed.insert(*body);
                fresh.push((*warning, *host, sums));
            }
        }
        for (warning, _) in before {
            changed.insert(*body);
            gone.push((warning, *host));
        }
    }
    let now = tx.now();
    for part in fresh.chunks(AT_ONCE) {
        let mut query = Query::new(
            "insert into warning_host (warning, host, body, open, handled, unclear, due_at, judged_at) values",
        );
        for (n, (warning, host, (body, (open, handled, unclear, due)))) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*warning).push(",").bind(*host);
            query.push(",").bind(*body).push(",").bind(*open).push(",").bind(*handled);
            query.push(",").bind(*unclear).push(",").bind(*due).push(",").bind(now).push(")");
        }
        query.push(
            "on conflict (warning, host) do update set body = excluded.body, open = excluded.open,
               handled = excluded.handled, unclear = excluded.unclear, due_at = excluded.due_at,
               judged_at = excluded.judged_at",
        );
        query.exec(tx).await?;
    }
    for (warning, host) in gone {
        tx.exec("delete from warning_host where warning = $1 and host = $2", args![warning, host]).await?;
    }
    Ok(changed)
}

/// A warning in one body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodySum {
    /// Which.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Hosts in service.
    pub hosts: u32,
    /// Hosts that were judged.
    pub judged: u32,
    /// Hosts that have, or had, a flaw of the warning.
    pub all: u32,
    /// Of those, all flaws are mended or worked around.
    pub handled: u32,
    /// Hosts of which something cannot be told.
    pub unclear: u32,
    /// The earliest deadline of what is open.
    pub due_at: Option<Timestamp>,
}

/// A warning in each body the scope sees, those with most open first. Bodies without hosts are left out: of them nothing
/// is known.
pub async fn body_sums(
    sql: &mut Sql,
    scope: &Scope,
    warning: Id<kind::Warning>,
) -> Result<Vec<BodySum>, StoreError> {
    let mut query = Query::new(
        "select b.id, b.name, count(*) as judged, sum(case when w.open + w.handled > 0 then 1 else 0 end) as n_all,
           sum(case when w.open = 0 and w.handled > 0 then 1 else 0 end) as n_handled,
           sum(case when w.unclear > 0 then 1 else 0 end) as n_unclear, min(w.due_at) as due,
           (select count(*) from host h where h.body = b.id and h.closed_at is null) as hosts
         from warning_host w join body b on b.id = w.body where w.warning =",
    );
    query
        .bind(warning)
        .push("and")
        .visible(scope, Right::See, "b.id")
        .push("group by b.id, b.name, b.sort_key");
    query.push("order by b.sort_key, b.id");
    let mut found: Vec<BodySum> = Vec::new();
    for r in query.rows(sql).await? {
        found.push(BodySum {
            body: r.id("id")?,
            name: r.text("name")?,
            hosts: r.count("hosts")?,
            judged: r.count("judged")?,
            all: r.count("n_all")?,
            handled: r.count("n_handled")?,
            unclear: r.count("n_unclear")?,
            due_at: r.opt_time("due")?,
        });
    }
    found.sort_by_key(|b| std::cmp::Reverse(b.all - b.handled));
    Ok(found)
}

/// A warning on one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSum {
    /// Which.
    pub host: Id<kind::Host>,
    /// Its name.
    pub name: String,
    /// Whose.
    pub body_name: String,
    /// Flaws that are open.
    pub open: u32,
    /// Flaws that are mended or worked around.
    pub handled: u32,
    /// Flaws of which nobody can tell.
    pub unclear: u32,
    /// The earliest deadline.
    pub due_at: Option<Timestamp>,
}

/// The hosts a warning concerns, or of which it cannot be told, the worst first; of one body if given.
pub async fn host_sums(
    sql: &mut Sql,
    scope: &Scope,
    warning: Id<kind::Warning>,
    body: Option<Id<kind::Body>>,
) -> Result<Vec<HostSum>, StoreError> {
    let mut query = Query::new(
        "select w.host, h.name, b.name as body_name, w.open, w.handled, w.unclear, w.due_at from warning_host w
         join host h on h.id = w.host join body b on b.id = w.body
         where w.open + w.handled + w.unclear > 0 and w.warning =",
    );
    query.bind(warning).push("and").visible(scope, Right::See, "w.body");
    if let Some(body) = body {
        query.push("and w.body =").bind(body);
    }
    query.push("order by w.open desc, w.unclear desc, h.sort_key, w.host limit").bind(PAGE_MAX as i64);
    let one = |r: &crate::Row| {
        Ok(HostSum {
            host: r.id("host")?,
            name: r.text("name")?,
            body_name: r.text("body_name")?,
            open: r.count("open")?,
            handled: r.count("handled")?,
            unclear: r.count("unclear")?,
            due_at: r.opt_time("due_at")?,
        })
    };
    query.rows(sql).await?.iter().map(one).collect()
}

/// What the hosts of a task's body tell of its order: `review-hosts` (judged on inventory since the order came, or of its
/// window, and everything told), `judged-hosts`, `fix-hosts` (mended of those concerned), `flaw-unclear` (of which something cannot be told), and
/// under a warning `triage-hosts` (of which is told whether it concerns them).
/// Without a warning of the order, all that is known counts. No hosts, no figures.
pub async fn task_figures(
    sql: &mut Sql,
    tasks: &[&Task],
) -> Result<HashMap<Id<kind::Task>, Vec<(&'static str, Count)>>, StoreError> {
    let mut found = HashMap::new();
    for task in tasks {
        // Who reviews before a holiday begins has reviewed: what was reported since the order came counts.
        let received = sql
            .row("select received_at from assignment where id = $1", args![task.assignment])
            .await?
            .and_then(|r| r.opt_time("received_at").transpose())
            .transpose()?;
        let since = received.into_iter().chain(task.window.map(|w| w.from)).min().unwrap_or(Timestamp::MIN);
        let warning = crate::warnings::under(sql, task.campaign).await?;
        let row = match warning {
            Some(warning) => {
                sql.row(
                    "select count(*) as hosts,
                       count(w.host) as judged,
                       coalesce(sum(case when j.inventory_at >= $2 and w.unclear = 0 then 1 else 0 end), 0) as fresh,
                       coalesce(sum(case when w.open + w.handled > 0 then 1 else 0 end), 0) as n_all,
                       coalesce(sum(case when w.open = 0 and w.handled > 0 then 1 else 0 end), 0) as n_handled,
                       coalesce(sum(case when w.unclear > 0 then 1 else 0 end), 0) as n_unclear
                     from host h left join host_judged j on j.host = h.id
                     left join warning_host w on w.host = h.id and w.warning = $1
                     where h.closed_at is null and h.body = $3",
                    args![warning, since, task.body],
                )
                .await?
            }
            None => {
                sql.row(
                    "select count(*) as hosts, count(j.host) as judged,
                       coalesce(sum(case when j.inventory_at >= $1 then 1 else 0 end), 0) as fresh,
                       coalesce(sum(case when exists (select 1 from flaw_sum f where f.host = h.id
                         and f.warning = '' and f.seen > 0) then 1 else 0 end), 0) as n_all,
                       coalesce(sum(case when exists (select 1 from flaw_sum f where f.host = h.id
                         and f.warning = '' and f.seen > 0) and not exists (select 1 from flaw_sum f where f.host = h.id
                         and f.warning = '' and f.shelf = 0 and f.n > f.around) then 1 else 0 end), 0) as n_handled,
                       cast(0 as bigint) as n_unclear
                     from host h left join host_judged j on j.host = h.id
                     where h.closed_at is null and h.body = $2",
                    args![since, task.body],
                )
                .await?
            }
        };
        let Some(r) = row else { continue };
        let (hosts, judged) = (r.count("hosts")?, r.count("judged")?);
        if judged == 0 {
            continue;
        }
        let unclear = Count { handled: r.count("n_unclear")?, all: hosts };
        let mut counts = vec![
            ("review-hosts", Count { handled: r.count("fresh")?, all: hosts }),
            ("judged-hosts", Count { handled: judged, all: hosts }),
            ("fix-hosts", Count { handled: r.count("n_handled")?, all: r.count("n_all")? }),
            ("flaw-unclear", unclear),
        ];
        if warning.is_some() {
            counts.push(("triage-hosts", Count { handled: judged, all: hosts }));
        }
        found.insert(task.id, counts);
    }
    Ok(found)
}
