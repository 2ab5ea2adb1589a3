//! Who is behind a policy's targets now.

use std::collections::BTreeMap;

use domain::{
    id::{Id, kind},
    paging::{Effect, Policy, Reach, Standing, State, Target, next},
    right::{Right, Role},
};
use jiff::Timestamp;

use super::{Callout, raise::rules};
use crate::{Query, Row, Sql, StoreError, args, assignments::Tools};

type Person = Id<kind::Person>;

/// At most so many people behind one target: whoever calls more sends a circular.
const PEOPLE_MAX: i64 = 30;

/// Around what targets are found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub body: Id<kind::Body>,
    pub post: Option<Id<kind::Post>>,
    pub person: Option<Person>,
}

impl From<&Callout> for Place {
    fn from(c: &Callout) -> Self {
        Self { body: c.body, post: c.post, person: c.person }
    }
}

/// Who is behind each target of a policy at `now`.
pub(super) async fn of(
    sql: &mut Sql,
    tools: &Tools<'_>,
    policy: &Policy,
    place: Place,
    now: Timestamp,
) -> Result<Reach, StoreError> {
    let mut people = BTreeMap::new();
    for target in policy.targets() {
        people.insert(target, behind(sql, target, place, now).await?);
    }
    let working = tools.pack.duty_roster().is_some_and(|t| t.is_working(tools.pack, now));
    Ok(Reach { people, working })
}

async fn behind(
    sql: &mut Sql,
    target: Target,
    place: Place,
    now: Timestamp,
) -> Result<Vec<Person>, StoreError> {
    match target {
        Target::Same => Ok(place.person.into_iter().collect()),
        Target::Person(person) => {
            let row =
                sql.row("select id from person where id = $1 and closed_at is null", args![person]).await?;
            row.iter().map(|r| r.id("id")).collect()
        }
        Target::OnDuty(post) => match watched(sql, post.or(place.post)).await? {
            Some(post) => on_duty(sql, post, now).await,
            None => on_duty_of(sql, place.body, now).await,
        },
        Target::Deputy(post) => match watched(sql, post.or(place.post)).await? {
            Some(post) => deputies(sql, post, place.person, now).await,
            None => Ok(Vec::new()),
        },
        Target::Next(post) => match watched(sql, post.or(place.post)).await? {
            Some(post) => after(sql, post, now).await,
            None => Ok(Vec::new()),
        },
        Target::Head => holders(sql, place.body, |r| r.may(Right::Acknowledge), now).await,
        Target::Role(role, body) => holders(sql, body.unwrap_or(place.body), |r| r == role, now).await,
        Target::Above => above(sql, place.body, now).await,
    }
}

/// The post whose shifts count: a post that is covered is watched by another.
async fn watched(sql: &mut Sql, post: Option<Id<kind::Post>>) -> Result<Option<Id<kind::Post>>, StoreError> {
    let Some(post) = post else { return Ok(None) };
    let row = sql.row("select covered_by from post where id = $1", args![post]).await?;
    Ok(row.map(|r| r.opt_id("covered_by")).transpose()?.flatten().or(Some(post)))
}

fn ids(rows: &[Row]) -> Result<Vec<Person>, StoreError> {
    rows.iter().map(|r| r.id("id")).collect()
}

async fn on_duty(sql: &mut Sql, post: Id<kind::Post>, now: Timestamp) -> Result<Vec<Person>, StoreError> {
    let rows = sql
        .rows(
            "select distinct p.id, p.sort_key from shift s join person p on p.id = s.person and p.closed_at is null
             where s.post = $1 and s.from_at <= $2 and s.to_at > $2 and s.line = 'primary' order by p.sort_key, p.id",
            args![post, now],
        )
        .await?;
    ids(&rows)
}

/// First in line at any post of the body.
async fn on_duty_of(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Vec<Person>, StoreError> {
    let rows = sql
        .rows(
            "select distinct p.id, p.sort_key from post o join shift s on s.post = coalesce(o.covered_by, o.id)
             join person p on p.id = s.person and p.closed_at is null
             where o.body = $1 and o.closed_at is null and s.from_at <= $2 and s.to_at > $2 and s.line = 'primary'
             order by p.sort_key, p.id limit $3",
            args![body, now, PEOPLE_MAX],
        )
        .await?;
    ids(&rows)
}

/// Whoever else is on duty at the post now: behind in line first, else others first in line.
async fn deputies(
    sql: &mut Sql,
    post: Id<kind::Post>,
    but: Option<Person>,
    now: Timestamp,
) -> Result<Vec<Person>, StoreError> {
    let mut query = Query::new(
        "select p.id, min(s.line) as line, p.sort_key from shift s
         join person p on p.id = s.person and p.closed_at is null where s.post =",
    );
    query.bind(post).push("and s.from_at <=").bind(now).push("and s.to_at >").bind(now);
    match but {
        Some(but) => query.push("and s.person <>").bind(but),
        // About nobody at the post: its first in line are no deputies.
        None => query.push("and s.line = 'backup'"),
    };
    query.push("group by p.id, p.sort_key order by line, p.sort_key, p.id");
    ids(&query.rows(sql).await?)
}

/// First in line at the post next.
async fn after(sql: &mut Sql, post: Id<kind::Post>, now: Timestamp) -> Result<Vec<Person>, StoreError> {
    let rows = sql
        .rows(
            "select distinct p.id, p.sort_key from shift s join person p on p.id = s.person and p.closed_at is null
             where s.post = $1 and s.line = 'primary' and s.from_at = (select min(n.from_at) from shift n
               where n.post = $1 and n.line = 'primary' and n.from_at > $2) order by p.sort_key, p.id",
            args![post, now],
        )
        .await?;
    ids(&rows)
}

async fn holders(
    sql: &mut Sql,
    body: Id<kind::Body>,
    fits: impl Fn(Role) -> bool,
    now: Timestamp,
) -> Result<Vec<Person>, StoreError> {
    let mut query = Query::new(
        "select distinct p.id, p.sort_key from role_grant g join person p on p.id = g.person and p.closed_at is null
         where g.revoked_at is null and g.body =",
    );
    query.bind(body).push("and g.role in");
    query.list(Role::ALL.iter().filter(|r| fits(**r)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(") order by p.sort_key, p.id limit").bind(PEOPLE_MAX);
    ids(&query.rows(sql).await?)
}

/// Whoever is on duty at the nearest body above that has somebody awake; its coordinators where none has.
async fn above(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Vec<Person>, StoreError> {
    let rows = sql
        .rows(
            "select distinct p.id, p.sort_key, c.depth from body_closure c
             join post o on o.body = c.above and o.closed_at is null
             join shift s on s.post = o.id and s.from_at <= $2 and s.to_at > $2 and s.line = 'primary'
             join person p on p.id = s.person and p.closed_at is null
             where c.below = $1 and c.depth > 0 order by c.depth, p.sort_key, p.id",
            args![body, now],
        )
        .await?;
    let nearest = rows.first().map(|r| r.int("depth")).transpose()?;
    let near: Vec<Row> =
        rows.into_iter().filter(|r| r.int("depth").ok() == nearest && nearest.is_some()).collect();
    if !near.is_empty() {
        return ids(&near);
    }
    let parent = sql.row("select parent from body where id = $1", args![body]).await?;
    let parent = parent.map(|r| r.opt_id("parent")).transpose()?.flatten();
    // The root has nobody above: its own coordinators.
    holders(sql, parent.unwrap_or(body), |r| r.may(Right::Review), now).await
}

/// One call of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// When.
    pub at: Timestamp,
    /// What: the engine's effect.
    pub effect: Effect,
    /// The names of those called.
    pub names: Vec<String>,
}

/// Who would be called when, if a call-out of that body and post were raised at `now` and nobody answered: the
/// rosters as they are published for each minute. Without a policy the one that would be chosen… is the caller's to ask.
pub async fn preview(
    sql: &mut Sql,
    tools: &Tools<'_>,
    policy: &Policy,
    body: Id<kind::Body>,
    post: Option<Id<kind::Post>>,
    now: Timestamp,
) -> Result<Vec<Called>, StoreError> {
    let mut state = State::new(now);
    let (mut at, mut told) = (now, Vec::new());
    // Whom it would be about is whoever is on duty then.
    let person = match watched(sql, post).await? {
        Some(post) => on_duty(sql, post, now).await?.first().copied(),
        None => on_duty_of(sql, body, now).await?.first().copied(),
    };
    let place = Place { body, post, person };
    while state.standing == Standing::Open && told.len() < PREVIEW_MAX {
        let turn = next(policy, state, &of(sql, tools, policy, place, at).await?, at);
        for effect in turn.effects {
            let mut names = Vec::new();
            if let Effect::Call { people, .. } = &effect {
                for person in people {
                    names.push(crate::assignments::person_name(sql, *person).await?);
                }
            }
            told.push(Called { at, effect, names });
        }
        state = turn.state;
        let Some(next) = turn.next else { break };
        at = next;
    }
    Ok(told)
}

/// A preview shows so many lines: two rounds of the longest sensible policy.
const PREVIEW_MAX: usize = 60;

/// The policy a call-out of that reason would follow now, with its name; that of the pack where nobody made one.
pub(super) async fn chosen(
    sql: &mut Sql,
    tools: &Tools<'_>,
    body: Id<kind::Body>,
    about: domain::paging::About,
    severity: domain::paging::Severity,
) -> Result<Option<Policy>, StoreError> {
    let rules = rules(sql, body).await?;
    Ok(match domain::paging::choose(&rules, about, severity) {
        Some(rule) => Some(rule.policy.clone()),
        None => tools.pack.duty_roster().map(|t| t.policy(about)),
    })
}
