//! Who is on duty: read from published shifts alone.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    person::ChannelKind,
    right::Right,
    roster::{Line, Post, Shift, rules::Person},
    time::Window,
};
use jiff::Timestamp;

use super::{Need, any_side, held, post};
use crate::{Query, Row, Sql, StoreError, args};

/// A post with who is awake at it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awake {
    /// The post.
    pub post: Post,
    /// Its body's name.
    pub body_name: String,
    /// Who, first in line first.
    pub people: Vec<OnDuty>,
}

/// Somebody on duty now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    /// Who.
    pub person: Person,
    /// Their name.
    pub name: String,
    /// First in line or behind.
    pub line: Line,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The last check-in of this shift; `None`: none yet.
    pub checked_in: Option<Timestamp>,
    /// Whether a check-in of theirs is missed and nobody has answered for it.
    pub silent: bool,
    /// Verified channels, the one to try first, first; empty where the scope may not read them.
    pub channels: Vec<(ChannelKind, String)>,
}

/// Who is awake at the posts a scope may see; posts without anybody are there, too. Of one body or of all.
pub async fn awake(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    now: Timestamp,
) -> Result<Vec<Awake>, StoreError> {
    let mut query = Query::new(
        "select p.*, b.name as body_name, b.sort_key as body_key from post p join body b on b.id = p.body
         where p.closed_at is null and",
    );
    any_side(&mut query, scope, Right::See);
    if let Some(body) = body {
        query.push("and (p.body =").bind(body);
        query.push("or exists (select 1 from post_share o where o.post = p.id and o.body =").bind(body);
        query.push("))");
    }
    query.push("order by body_key, p.sort_key, p.id limit").bind(POSTS_MAX);
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        found.push(Awake { post: post(&row)?, body_name: row.text("body_name")?, people: Vec::new() });
    }
    let mut watching: Vec<Id<kind::Post>> = found.iter().map(|a| watched_by(&a.post)).collect();
    watching.sort_unstable();
    watching.dedup();
    let mut on_duty: HashMap<Id<kind::Post>, Vec<OnDuty>> = HashMap::new();
    for (post, person) in people(sql, scope, &watching, now).await? {
        on_duty.entry(post).or_default().push(person);
    }
    for one in &mut found {
        one.people = on_duty.get(&watched_by(&one.post)).cloned().unwrap_or_default();
    }
    Ok(found)
}

impl Awake {
    /// Whether enough people are first in line; a post that is covered needs one, whoever covers it.
    pub fn is_held(&self) -> bool {
        let first = self.people.iter().filter(|p| p.line == Line::Primary).count();
        let needed = if self.post.covered_by.is_some() { 1 } else { self.post.needed.max(1) };
        first >= usize::from(needed)
    }
    /// Whether somebody first in line missed a check-in.
    pub fn is_silent(&self) -> bool {
        self.people.iter().any(|p| p.line == Line::Primary && p.silent)
    }
}

/// Whose shifts count at a post: its own, or those of the post that watches it.
fn watched_by(of: &Post) -> Id<kind::Post> {
    of.covered_by.unwrap_or(of.id)
}

/// So many posts are shown at once.
const POSTS_MAX: u32 = 1_000;

/// Posts or people asked for in one statement.
const CHUNK: usize = 500;

/// Who is on duty now at those posts, first in line first.
async fn people(
    sql: &mut Sql,
    scope: &Scope,
    posts: &[Id<kind::Post>],
    now: Timestamp,
) -> Result<Vec<(Id<kind::Post>, OnDuty)>, StoreError> {
    let mut found: Vec<(Id<kind::Post>, OnDuty)> = Vec::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new(
            "select s.post, s.person, s.line, s.from_at, s.to_at, p.name,
               (select max(c.at) from check_in c where c.post = s.post and c.person = s.person and c.at >= s.from_at -",
        );
        query.bind(EARLY_MICROS).push(") as seen, cast(case when exists (select 1 from missed_check_in m");
        query.push("where m.post = s.post and m.person = s.person and m.answered_at is null) then 1 else 0 end as bigint) as silent");
        query.push("from shift s join person p on p.id = s.person where s.from_at <=").bind(now);
        query.push("and s.to_at >").bind(now).push("and s.post in").list(some.iter().copied());
        query.push("order by case s.line when 'primary' then 0 else 1 end, s.from_at, p.sort_key, s.person");
        for row in query.rows(sql).await? {
            let on = OnDuty {
                person: row.id("person")?,
                name: row.text("name")?,
                line: row.word("line", Line::parse)?,
                since: row.time("from_at")?,
                until: row.time("to_at")?,
                checked_in: row.opt_time("seen")?,
                silent: row.int("silent")? > 0,
                channels: Vec::new(),
            };
            found.push((row.id("post")?, on));
        }
    }
    let mut named: Vec<Person> = found.iter().map(|(_, on)| on.person).collect();
    named.sort_unstable();
    named.dedup();
    let channels = channels(sql, scope, &named).await?;
    for (_, on) in &mut found {
        on.channels = channels.get(&on.person).cloned().unwrap_or_default();
    }
    Ok(found)
}

/// A check-in counts so long before its time.
const EARLY_MICROS: i64 = domain::roster::check_in::EARLY_MINUTES * 60 * 1_000_000;

/// Kind and address of verified channels.
type Channels = Vec<(ChannelKind, String)>;

/// The verified channels of people, where the scope may read them.
async fn channels(
    sql: &mut Sql,
    scope: &Scope,
    people: &[Person],
) -> Result<HashMap<Person, Channels>, StoreError> {
    let mut found: HashMap<Person, Channels> = HashMap::new();
    for some in people.chunks(CHUNK) {
        let mut query = Query::new(
            "select c.person, c.kind, c.address from channel c where c.verified_at is not null and c.person in",
        );
        query.list(some.iter().copied());
        query.push("and exists (select 1 from membership m where m.person = c.person and");
        query.visible(scope, Right::Read, "m.body").push(") order by c.rank, c.id");
        for row in query.rows(sql).await? {
            let channel = (row.word("kind", ChannelKind::parse)?, row.text("address")?);
            found.entry(row.id("person")?).or_default().push(channel);
        }
    }
    Ok(found)
}

/// The published shifts of a post that touch a window, in the order of time.
pub async fn shifts(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<Shift>, StoreError> {
    let of = held(sql, scope, Need::See, post).await?;
    raw(sql, of.covered_by.unwrap_or(of.id), window).await
}

/// The shifts a person has at any post within a window, with the post's name: one's own, or of people one may see.
pub async fn shifts_of(
    sql: &mut Sql,
    scope: &Scope,
    person: Person,
    window: Window,
) -> Result<Vec<(Shift, String)>, StoreError> {
    let mut query = Query::new(
        "select s.*, p.name as post_name from shift s join post p on p.id = s.post where s.person =",
    );
    query.bind(person).push("and s.to_at >").bind(window.from).push("and s.from_at <").bind(window.to);
    query.push("and");
    any_side(&mut query, scope, Right::See);
    query.push("order by s.from_at, s.line, p.sort_key limit").bind(SHIFTS_MAX);
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| Ok((shift(row)?, row.text("post_name")?))).collect()
}

/// So many shifts of one person are shown.
const SHIFTS_MAX: u32 = 2_000;

/// The shifts of a post, for those who have asked already.
pub(super) async fn raw(
    sql: &mut Sql,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<Shift>, StoreError> {
    let rows = sql
        .rows(
            "select * from shift where post = $1 and to_at > $2 and from_at < $3 and from_at < to_at
             order by from_at, case line when 'primary' then 0 else 1 end, person",
            args![post, window.from, window.to],
        )
        .await?;
    rows.iter().map(shift).collect()
}

pub(super) fn shift(row: &Row) -> Result<Shift, StoreError> {
    Ok(Shift {
        post: row.id("post")?,
        line: row.word("line", Line::parse)?,
        person: row.id("person")?,
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        why: row.json("why")?,
    })
}
