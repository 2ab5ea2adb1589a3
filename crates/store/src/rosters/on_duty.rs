//! Who is on duty: read from published shifts alone.

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
    /// Until when.
    pub until: Timestamp,
    /// The last check-in of this shift; `None`: none yet.
    pub checked_in: Option<Timestamp>,
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
    for one in &mut found {
        one.people = people(sql, scope, &one.post, now).await?;
    }
    Ok(found)
}

/// So many posts are shown at once.
const POSTS_MAX: u32 = 1_000;

async fn people(sql: &mut Sql, scope: &Scope, of: &Post, now: Timestamp) -> Result<Vec<OnDuty>, StoreError> {
    let watched_by = of.covered_by.unwrap_or(of.id);
    let rows = sql
        .rows(
            "select s.person, s.line, s.to_at, p.name,
               (select max(c.at) from check_in c where c.post = s.post and c.person = s.person
                  and c.at >= s.from_at - $3) as seen
             from shift s join person p on p.id = s.person
             where s.post = $1 and s.from_at <= $2 and s.to_at > $2
             order by case s.line when 'primary' then 0 else 1 end, s.from_at, p.sort_key",
            args![watched_by, now, EARLY_MICROS],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        let person = row.id("person")?;
        found.push(OnDuty {
            person,
            name: row.text("name")?,
            line: row.word("line", Line::parse)?,
            until: row.time("to_at")?,
            checked_in: row.opt_time("seen")?,
            channels: channels(sql, scope, person).await?,
        });
    }
    Ok(found)
}

/// A check-in counts so long before its time.
const EARLY_MICROS: i64 = domain::roster::check_in::EARLY_MINUTES * 60 * 1_000_000;

/// The verified channels of a person, where the scope may read them.
async fn channels(
    sql: &mut Sql,
    scope: &Scope,
    person: Person,
) -> Result<Vec<(ChannelKind, String)>, StoreError> {
    let mut query =
        Query::new("select c.kind, c.address from channel c where c.verified_at is not null and c.person =");
    query.bind(person).push("and exists (select 1 from membership m where m.person = c.person and");
    query.visible(scope, Right::Read, "m.body").push(") order by c.rank, c.id");
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| Ok((row.word("kind", ChannelKind::parse)?, row.text("address")?))).collect()
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
