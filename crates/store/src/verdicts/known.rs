//! What is known of a batch of tasks: facts and counts, each in one query for the whole batch.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    body::BodyKind,
    counts::Counted,
    evidence::Count,
    fact::Fact,
    id::{Id, kind},
    inspection,
};
use jiff::Timestamp;

use super::Task;
use crate::{
    Query, Sql, StoreError, counts, facts as records, inspections, register::channels::CONTACT_CHANNELS,
};

/// Facts by subject, oldest learnt first.
pub async fn facts(
    sql: &mut Sql,
    subjects: &[String],
    kinds: &[&str],
) -> Result<HashMap<String, Vec<Fact>>, StoreError> {
    let mut by_subject: HashMap<String, Vec<Fact>> = HashMap::new();
    for fact in records::about(sql, &Scope::system(), subjects, kinds, usize::MAX).await? {
        by_subject.entry(fact.subject.clone()).or_default().push(fact);
    }
    Ok(by_subject)
}

/// The best named contact of a body.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    /// Who; `None` if nobody is named.
    pub person: Option<Id<kind::Person>>,
    /// Verified channels of those asked for.
    pub channels: Count,
}

/// The named contact with most verified channels of each body: count `contact-channels`.
pub async fn contacts(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
) -> Result<HashMap<Id<kind::Body>, Contact>, StoreError> {
    let none = Contact { person: None, channels: Count { handled: 0, all: CONTACT_CHANNELS } };
    let mut found: HashMap<_, _> = bodies.iter().map(|b| (*b, none)).collect();
    let mut query = Query::new(
        "select m.body, m.person, count(c.id) as n from membership m
         join person p on p.id = m.person and p.closed_at is null
         left join channel c on c.person = p.id and c.verified_at is not null
         where m.contact = true and m.body in",
    );
    query.list(bodies.iter().copied()).push("group by m.body, m.person order by m.person");
    for row in query.rows(sql).await? {
        let handled = row.count("n")?.min(CONTACT_CHANNELS);
        if let Some(best) = found.get_mut(&row.id("body")?)
            && (best.person.is_none() || best.channels.handled < handled)
        {
            *best = Contact {
                person: Some(row.id("person")?),
                channels: Count { handled, all: CONTACT_CHANNELS },
            };
        }
    }
    Ok(found)
}

/// How many hosts are registered of each body: count `registered-hosts`, of which `all` is read.
pub async fn hosts(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
) -> Result<HashMap<Id<kind::Body>, Count>, StoreError> {
    let mut query =
        Query::new("select h.body, count(*) as n from host h where h.closed_at is null and h.body in");
    query.list(bodies.iter().copied()).push("group by h.body");
    let rows = query.rows(sql).await?;
    rows.iter().map(|r| Ok((r.id("body")?, Count { handled: 0, all: r.count("n")? }))).collect()
}

/// The independent counts that stand of each body, oldest learnt first.
pub async fn machines(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
) -> Result<HashMap<Id<kind::Body>, Vec<Counted>>, StoreError> {
    counts::known(sql, bodies).await
}

/// Inspections by task.
pub type Inspections = HashMap<Id<kind::Task>, inspection::Known>;

/// What is known of the inspections that each task's body makes of those below it: visits planned between the day it
/// received the letter and the end of the window (without a window: the due time).
pub async fn inspections(sql: &mut Sql, tasks: &[&Task], now: Timestamp) -> Result<Inspections, StoreError> {
    inspections::known(sql, tasks, now).await
}

/// Count `leaves` by assignment.
pub type Leaves = HashMap<Id<kind::Assignment>, Count>;

/// The leaves below each task's body, and how many of them acknowledged.
///
/// A leaf is a body below in the tree without bodies of its own, or the end of the chain of passing on. It has
/// acknowledged if it did so in that chain or, addressed directly, in the same campaign. Providers are below nobody
/// in this sense unless the order was passed on to them.
pub async fn leaves(sql: &mut Sql, tasks: &[&Task]) -> Result<Leaves, StoreError> {
    let bodies: Vec<_> = distinct(tasks.iter().map(|t| t.body));
    let chains = chains(sql, tasks).await?;
    let leaf_bodies = leaf_bodies(sql, &bodies).await?;
    let direct = direct(sql, &bodies, &distinct(tasks.iter().map(|t| t.campaign))).await?;
    let nothing = HashMap::new();
    Ok(tasks
        .iter()
        .map(|task| {
            let chain = chains.get(&task.assignment);
            let mut leaves: HashSet<Id<kind::Body>> =
                leaf_bodies.get(&task.body).into_iter().flatten().copied().collect();
            leaves.extend(chain.into_iter().flatten().filter(|link| link.last).map(|link| link.body));
            let mut told: HashSet<_> =
                chain.into_iter().flatten().filter(|l| l.acknowledged).map(|l| l.body).collect();
            let direct = direct.get(&(task.campaign, task.body)).unwrap_or(&nothing);
            told.extend(direct.iter().filter(|(_, acknowledged)| **acknowledged).map(|(body, _)| *body));
            let handled = leaves.intersection(&told).count();
            (task.assignment, Count { handled: clamp(handled), all: clamp(leaves.len()) })
        })
        .collect())
}

struct Link {
    body: Id<kind::Body>,
    acknowledged: bool,
    last: bool,
}

async fn chains(
    sql: &mut Sql,
    tasks: &[&Task],
) -> Result<HashMap<Id<kind::Assignment>, Vec<Link>>, StoreError> {
    let mut query = Query::new(
        "with recursive chain (top, id) as (
           select a.parent, a.id from assignment a where a.cancelled_at is null and a.parent in",
    );
    query.list(distinct(tasks.iter().map(|t| t.assignment)));
    query.push(
        "union select c.top, a.id from chain c join assignment a on a.parent = c.id where a.cancelled_at is null)
         select c.top, a.body, a.acknowledged_at, (select count(*) from assignment n where n.parent = a.id) as below
         from chain c join assignment a on a.id = c.id join campaign m on m.id = a.campaign and m.state <> 'cancelled'",
    );
    let mut chains: HashMap<_, Vec<Link>> = HashMap::new();
    for row in query.rows(sql).await? {
        chains.entry(row.id("top")?).or_default().push(Link {
            body: row.id("body")?,
            acknowledged: row.opt_int("acknowledged_at")?.is_some(),
            last: row.int("below")? == 0,
        });
    }
    Ok(chains)
}

async fn leaf_bodies(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
) -> Result<HashMap<Id<kind::Body>, Vec<Id<kind::Body>>>, StoreError> {
    let mut query = Query::new(
        "select k.above, k.below from body_closure k join body b on b.id = k.below
         where k.depth > 0 and b.closed_at is null
           and not exists (select 1 from body c where c.parent = b.id and c.closed_at is null) and k.above in",
    );
    let apart = BodyKind::ALL.iter().filter(|k| k.is_provider() || **k == BodyKind::Bank);
    query.list(bodies.iter().copied()).push("and b.kind not in").list(apart.map(|k| k.name()));
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in query.rows(sql).await? {
        found.entry(row.id("above")?).or_default().push(row.id("below")?);
    }
    Ok(found)
}

type Direct = HashMap<(Id<kind::Campaign>, Id<kind::Body>), HashMap<Id<kind::Body>, bool>>;

/// Who below was addressed by the same campaign, and whether they acknowledged.
async fn direct(
    sql: &mut Sql,
    bodies: &[Id<kind::Body>],
    campaigns: &[Id<kind::Campaign>],
) -> Result<Direct, StoreError> {
    let mut query = Query::new(
        "select a.campaign, k.above, a.body, a.acknowledged_at from body_closure k join assignment a on a.body = k.below
         where k.depth > 0 and a.cancelled_at is null and k.above in",
    );
    query.list(bodies.iter().copied()).push("and a.campaign in").list(campaigns.iter().copied());
    let mut found: Direct = HashMap::new();
    for row in query.rows(sql).await? {
        let below = found.entry((row.id("campaign")?, row.id("above")?)).or_default();
        below.insert(row.id("body")?, row.opt_int("acknowledged_at")?.is_some());
    }
    Ok(found)
}

pub(super) fn distinct<K>(ids: impl Iterator<Item = Id<K>>) -> Vec<Id<K>> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
