//! What came of tests and calls, as far as somebody may see.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Standing},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError};

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
        "select x.*, b.name as body_name, p.name as person_name from channel_test x
         join body b on b.id = x.body join person p on p.id = x.person
         where x.day = (select max(y.day) from channel_test y where y.body = x.body) and",
    );
    query
        .visible(scope, Right::See, "x.body")
        .push("order by b.sort_key, b.id, p.sort_key, p.id, x.kind limit");
    query.bind(LINES_MAX * 10);
    let mut found: Vec<Tested> = Vec::new();
    let mut people: BTreeMap<(Id<kind::Body>, String), bool> = BTreeMap::new();
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
            });
        }
        let (kind, outcome) = (row.text("kind")?, row.opt_text("outcome")?);
        let ok = outcome.as_deref() == Some("ok");
        *people.entry((body, row.text("person")?)).or_insert(false) |= ok;
        let Some(of) = found.last_mut() else { continue };
        of.channels += u32::from(!kind.is_empty());
        of.ok += u32::from(ok);
        of.waits += u32::from(outcome.is_none());
        if outcome.as_deref() == Some("failed") {
            of.failing.push(Failing { person: row.text("person_name")?, kind });
        }
    }
    for of in &mut found {
        let mine = || people.iter().filter(|((body, _), _)| *body == of.body);
        of.people = u32::try_from(mine().count()).unwrap_or(u32::MAX);
        of.reached = u32::try_from(mine().filter(|(_, ok)| **ok).count()).unwrap_or(u32::MAX);
    }
    found.sort_by_key(|t| (t.reached == t.people, t.failing.is_empty()));
    Ok(found)
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
