//! What came of tests and calls, as far as somebody may see.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Standing},
    right::Right,
};
use jiff::Timestamp;

use super::AHEAD;
use crate::{Query, Sql, StoreError, rosters::any_side};

/// At most so many bodies or posts on one page.
const LINES_MAX: i64 = 2_000;

/// One body's channels on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// People tested, and how many were reached by one channel at least.
    pub people: u32,
    /// Of them.
    pub reached: u32,
    /// Channels tested.
    pub channels: u32,
    /// Whose message the next station took.
    pub ok: u32,
    /// Not known yet.
    pub waits: u32,
    /// What failed, by person.
    pub failing: Vec<Failing>,
    /// Contacts of whoever gave the body its order: reached, of how many.
    pub up: (u32, u32),
}

/// A channel that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Whose.
    pub person: String,
    /// Of which kind; empty where somebody has no verified channel.
    pub kind: String,
}

/// The newest day's tests of each body the scope may see, the worst first.
pub async fn tested(sql: &mut Sql, scope: &Scope) -> Result<Vec<Tested>, StoreError> {
    let mut query = Query::new(
        // Body by body, each with its own newest day: not every day ever tested.
        "select x.*, b.name as body_name, p.name as person_name from body b cross join channel_test x
         join person p on p.id = x.person
         where x.body = b.id and x.day = (select max(y.day) from channel_test y where y.body = b.id) and",
    );
    query
        .visible(scope, Right::See, "b.id")
        .push("order by b.sort_key, b.id, p.sort_key, p.id, x.kind limit");
    query.bind(LINES_MAX * 10);
    let mut found: Vec<Tested> = Vec::new();
    let mut people: BTreeMap<(Id<kind::Body>, bool), BTreeMap<String, bool>> = BTreeMap::new();
    for row in query.rows(sql).await? {
        let body: Id<kind::Body> = row.id("body")?;
        if found.last().is_none_or(|t| t.body != body) {
            found.push(Tested {
                body,
                body_name: row.text("body_name")?,
                day: row.text("day")?,
                people: 0,
                reached: 0,
                channels: 0,
                ok: 0,
                waits: 0,
                failing: Vec::new(),
                up: (0, 0),
            });
        }
        let (kind, outcome) = (row.text("kind")?, row.opt_text("outcome")?);
        let (ok, side, person) = (outcome.as_deref() == Some("ok"), row.text("side")?, row.text("person")?);
        let mut heard =
            |up| *people.entry((body, up)).or_default().entry(person.clone()).or_insert(false) |= ok;
        if side != "own" {
            heard(true);
        }
        if side == "up" {
            continue;
        }
        heard(false);
        let Some(of) = found.last_mut() else { continue };
        of.channels += u32::from(!kind.is_empty());
        of.ok += u32::from(ok);
        of.waits += u32::from(outcome.is_none());
        if outcome.as_deref() == Some("failed") {
            of.failing.push(Failing { person: row.text("person_name")?, kind });
        }
    }
    for of in &mut found {
        let count = |up| {
            let all = people.get(&(of.body, up));
            let (ok, n) = all.map_or((0, 0), |all| (all.values().filter(|ok| **ok).count(), all.len()));
            (u32::try_from(ok).unwrap_or(u32::MAX), u32::try_from(n).unwrap_or(u32::MAX))
        };
        (of.reached, of.people) = count(false);
        of.up = count(true);
    }
    found.sort_by_key(|t| (t.reached == t.people, t.up.0 > 0 || t.up.1 == 0, t.failing.is_empty()));
    Ok(found)
}

/// How far down the newest day's test came at one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtPost {
    /// Which post.
    pub post: Id<kind::Post>,
    /// Its name.
    pub post_name: String,
    /// Whose.
    pub body_name: String,
    /// Those on duty there that day, and of them those whom one channel at least reached. Nobody: there was nobody to try.
    pub people: u32,
    /// Of them.
    pub reached: u32,
    /// Of how many it is not known yet.
    pub waits: u32,
}

/// The newest day's test at every post the scope may see, those nobody was reached at first, with the day.
pub async fn at_posts(sql: &mut Sql, scope: &Scope) -> Result<Option<(String, Vec<AtPost>)>, StoreError> {
    let newest =
        sql.row("select day, min(at) as at from channel_test group by day order by day desc limit 1", vec![]);
    let Some(newest) = newest.await? else { return Ok(None) };
    let (day, from) = (newest.text("day")?, newest.time("at")?);
    let to = from.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut query = Query::new(
        "select q.*, o.name as post_name, b.name as body_name from (
           select p.id as post, s.person, cast(max(case when x.outcome = 'ok' then 1 else 0 end) as bigint) as ok,
             cast(max(case when s.person is not null and x.outcome is null then 1 else 0 end) as bigint) as waits
           from post p left join shift s on s.post = coalesce(p.covered_by, p.id) and s.to_at >",
    );
    query.bind(from).push("and s.from_at <").bind(to);
    query.push("left join channel_test x on x.body = p.body and x.person = s.person and x.day =").bind(&day);
    query.push("where p.closed_at is null and");
    any_side(&mut query, scope, Right::See);
    query.push(
        "group by p.id, s.person) q join post o on o.id = q.post join body b on b.id = o.body
         order by b.sort_key, b.id, o.sort_key, o.id limit",
    );
    query.bind(LINES_MAX * 10);
    let mut found: Vec<AtPost> = Vec::new();
    for row in query.rows(sql).await? {
        let post = row.id("post")?;
        if found.last().is_none_or(|a| a.post != post) {
            let (post_name, body_name) = (row.text("post_name")?, row.text("body_name")?);
            found.push(AtPost { post, post_name, body_name, people: 0, reached: 0, waits: 0 });
        }
        let (Some(of), Some(_)) = (found.last_mut(), row.opt_text("person")?) else { continue };
        let ok = row.int("ok")? > 0;
        of.people += 1;
        of.reached += u32::from(ok);
        of.waits += u32::from(!ok && row.int("waits")? > 0);
    }
    found.sort_by_key(|a| (a.people > 0, a.reached == a.people));
    Ok(Some((day, found)))
}

/// Calls of one kind at one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Which post.
    pub post: Id<kind::Post>,
    /// Its name.
    pub post_name: String,
    /// Whose.
    pub body_name: String,
    /// A drill or test calls.
    pub about: About,
    /// Answered in time.
    pub answered: u32,
    /// Still being called.
    pub open: u32,
    /// All.
    pub all: u32,
    /// Who did not answer, by name, each once.
    pub silent: Vec<String>,
}

/// Drills and test calls since an instant, by post, those with silence first.
pub async fn called(sql: &mut Sql, scope: &Scope, since: Timestamp) -> Result<Vec<Called>, StoreError> {
    let mut query = Query::new(
        "select c.post, c.about, c.standing, o.name as post_name, b.name as body_name, p.name as person_name
         from callout c join post o on o.id = c.post join body b on b.id = c.body
         left join person p on p.id = c.person where c.about in",
    );
    query.list([About::Drill.name(), About::TestCall.name()]).push("and c.at >=").bind(since).push("and");
    query
        .visible(scope, Right::See, "c.body")
        .push("order by b.sort_key, b.id, o.sort_key, o.id, c.about, c.at limit");
    query.bind(LINES_MAX * 10);
    let mut found: Vec<Called> = Vec::new();
    for row in query.rows(sql).await? {
        let (post, about) = (row.id("post")?, row.word("about", About::parse)?);
        if found.last().is_none_or(|c: &Called| (c.post, c.about) != (post, about)) {
            found.push(Called {
                post,
                post_name: row.text("post_name")?,
                body_name: row.text("body_name")?,
                about,
                answered: 0,
                open: 0,
                all: 0,
                silent: Vec::new(),
            });
        }
        let Some(of) = found.last_mut() else { continue };
        of.all += 1;
        match row.word("standing", Standing::parse)? {
            Standing::Resolved | Standing::Acknowledged => of.answered += 1,
            Standing::Open => of.open += 1,
            Standing::Expired => {
                let name = row.opt_text("person_name")?.unwrap_or_default();
                if !of.silent.contains(&name) {
                    of.silent.push(name);
                }
            }
        }
    }
    found.sort_by_key(|c| c.silent.is_empty());
    Ok(found)
}

/// How the last test of each kind of channel came out, over everybody: the day, how many took it, of how many. Needs no
/// body's right but the operator's, which is for the caller to ask.
pub async fn by_kind(sql: &mut Sql) -> Result<BTreeMap<String, (String, u32, u32)>, StoreError> {
    let rows = sql
        .rows(
            "select q.kind, max(q.day) as day, sum(q.ok) as ok, count(*) as n from (
               select distinct x.kind, x.day, x.channel, case x.outcome when 'ok' then 1 else 0 end as ok
               from channel_test x where x.kind <> '' and x.outcome is not null
                 and x.day = (select max(y.day) from channel_test y where y.outcome is not null)) q
             group by q.kind",
            vec![],
        )
        .await?;
    rows.iter().map(|r| Ok((r.text("kind")?, (r.text("day")?, r.count("ok")?, r.count("n")?)))).collect()
}
