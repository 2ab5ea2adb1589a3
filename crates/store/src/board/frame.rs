//! What the frame around every page shows of the body one works for.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{Id, kind},
    paging::About,
};
use jiff::Timestamp;

use crate::{Sql, StoreError, args, requests};

/// Counts and window of one body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Orders received and not acknowledged.
    pub orders: u32,
    /// Own tasks that are not met, unknown or partly met.
    pub tasks: u32,
    /// Requests it owes an answer to.
    pub requests: u32,
    /// Call-outs of it and of those below it that nobody has yet; without drills and test calls, which burn nowhere.
    pub callouts: u32,
    /// The window that runs: name of its campaign, first instant, first instant after.
    pub window: Option<(String, Timestamp, Timestamp)>,
    /// Who watches the body's posts now; `None` where it has none.
    pub watch: Option<Watch>,
}

/// Who watches a body's posts now, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    /// The first in line at the first post that has one.
    pub name: String,
    /// How many people are first in line, all posts together.
    pub people: u32,
    /// Posts at which fewer are on duty than needed.
    pub short: u32,
}

/// The frame of a body one belongs to. Three queries by index.
pub async fn frame(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Frame, StoreError> {
    let counts = sql
        .row(
            "select (select count(*) from assignment a join campaign c on c.id = a.campaign
                     where a.body = $1 and a.acknowledged_at is null and a.cancelled_at is null
                       and c.state = 'issued') as orders,
                    (select count(*) from assignment a join campaign c on c.id = a.campaign
                     join task t on t.assignment = a.id
                     where a.body = $1 and a.cancelled_at is null and c.state = 'issued'
                       and t.withdrawn_at is null and t.rank <= 2) as tasks",
            args![body],
        )
        .await?;
    let window = sql
        .row(
            "select c.name, c.window_from, c.window_to from campaign c
             where c.state = 'issued' and c.window_from <= $2 and c.window_to > $2
               and (c.body = $1 or exists (select 1 from assignment a where a.campaign = c.id and a.body = $1
                                           and a.cancelled_at is null))
             order by c.window_to, c.id limit 1",
            args![body, now],
        )
        .await?;
    let requests = requests::open_count(sql, body).await?;
    let (orders, tasks) = match counts {
        Some(row) => (row.count("orders")?, row.count("tasks")?),
        None => (0, 0),
    };
    let window = window
        .map(|row| Ok::<_, StoreError>((row.text("name")?, row.time("window_from")?, row.time("window_to")?)))
        .transpose()?;
    let watch = watch(sql, body, now).await?;
    let callouts = sql
        .row(
            "select count(*) as n from callout c join body_closure k on k.below = c.body and k.above = $1
             where c.standing = 'open' and c.about not in ($2, $3)",
            args![body, About::Drill.name(), About::TestCall.name()],
        )
        .await?;
    let callouts = callouts.map_or(Ok(0), |r| r.count("n"))?;
    Ok(Frame { orders, tasks, requests, callouts, window, watch })
}

/// Who is first in line at the posts of a body, its own and those it shares: one query by index.
async fn watch(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Option<Watch>, StoreError> {
    let rows = sql
        .rows(
            "select p.id, case when p.covered_by is null then p.needed else 1 end as needed, s.person, n.name
             from (select id, covered_by, needed, sort_key from post where body = $1 and closed_at is null
                   union select o.id, o.covered_by, o.needed, o.sort_key from post_share h
                   join post o on o.id = h.post and o.closed_at is null where h.body = $1) p
             left join shift s on s.post = coalesce(p.covered_by, p.id) and s.line = 'primary'
               and s.from_at <= $2 and s.to_at > $2
             left join person n on n.id = s.person order by p.sort_key, p.id, s.from_at, n.sort_key",
            args![body, now],
        )
        .await?;
    let mut posts: BTreeMap<Id<kind::Post>, (u32, u32)> = BTreeMap::new();
    let (mut people, mut first): (BTreeSet<Id<kind::Person>>, _) = (BTreeSet::new(), String::new());
    for row in &rows {
        let at = posts.entry(row.id("id")?).or_insert((row.count("needed")?, 0));
        let Some(person) = row.opt_id("person")? else { continue };
        at.1 += 1;
        people.insert(person);
        if first.is_empty() {
            first = row.opt_text("name")?.unwrap_or_default();
        }
    }
    let short = posts.values().filter(|(needed, have)| have < needed).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let watch = Watch { name: first, people: count(people.len()), short: count(short) };
    Ok((!posts.is_empty()).then_some(watch))
}
