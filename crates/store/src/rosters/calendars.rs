//! Calendars on the telephone: secret links to one's own turns, or to those of a post. Whoever has the address reads
//! what the person who made it may see at that moment; of the secret only a digest is kept.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    person::Lang,
    roster::{Shift, rules::Person},
    time::Window,
};
use jiff::Timestamp;

use super::{Need, held, layers::names, on_duty};
use crate::{Query, Row, Sql, StoreError, Tx, args, sign_in::scope_of};

/// More links than this nobody keeps an eye on.
const LINKS_MAX: u32 = 20;

/// A link as its maker sees it; the secret itself nobody sees again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarLink {
    /// Its id.
    pub id: Id<kind::Calendar>,
    /// Of which post; `None`: one's own turns.
    pub post: Option<(Id<kind::Post>, String)>,
    /// When it was made.
    pub at: Timestamp,
}

/// What a calendar shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// The language of whoever made the link.
    pub lang: Lang,
    /// The post, where it is one's.
    pub post: Option<String>,
    /// The turns, each with the post's name and how often its roster was changed and when last.
    pub turns: Vec<Turn>,
}

/// A turn in a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The turn.
    pub shift: Shift,
    /// Who.
    pub name: String,
    /// Where.
    pub post: String,
    /// How often the post's roster was changed.
    pub version: i64,
    /// When last.
    pub changed: Timestamp,
}

/// Makes a link for whoever acts: to their own turns, or to a post they may see. `Refused`: `calendars-many`.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Calendar>,
    digest: &str,
    post: Option<Id<kind::Post>>,
) -> Result<(), StoreError> {
    let person = tx.actor().person().ok_or(StoreError::NotFound("person"))?;
    if let Some(post) = post {
        held(tx, scope, Need::See, post).await?;
    }
    let row = tx
        .row("select count(*) as n from calendar where person = $1 and revoked_at is null", args![person])
        .await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= LINKS_MAX {
        return Err(StoreError::Refused("calendars-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into calendar (id, person, post, digest, at) values ($1,$2,$3,$4,$5)",
        args![id, person, post, digest, now],
    )
    .await?;
    tx.record("calendar.created", format!("person:{person}"), None, &(id, post));
    Ok(())
}

/// Whoever acts takes a link of theirs back: its address answers nothing any more.
pub async fn revoke(tx: &mut Tx, id: Id<kind::Calendar>) -> Result<(), StoreError> {
    let person = tx.actor().person().ok_or(StoreError::NotFound("calendar"))?;
    let now = tx.now();
    let touched = tx
        .exec(
            "update calendar set revoked_at = $1 where id = $2 and person = $3 and revoked_at is null",
            args![now, id, person],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::NotFound("calendar"));
    }
    tx.record("calendar.revoked", format!("person:{person}"), None, &id);
    Ok(())
}

/// One's links that work, newest first.
pub async fn list(sql: &mut Sql, person: Person) -> Result<Vec<CalendarLink>, StoreError> {
    let rows = sql
        .rows(
            "select c.id, c.post, c.at, p.name from calendar c left join post p on p.id = c.post
             where c.person = $1 and c.revoked_at is null order by c.at desc, c.id desc",
            args![person],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(CalendarLink {
                id: row.id("id")?,
                post: row.opt_id("post")?.zip(row.opt_text("name")?),
                at: row.time("at")?,
            })
        })
        .collect()
}

/// What a link shows now, by the digest of its secret. `NotFound`: no such link, revoked, its maker gone or locked out,
/// or the post no longer theirs to see.
pub async fn read(
    sql: &mut Sql,
    digest: &str,
    window: Window,
    now: Timestamp,
) -> Result<Calendar, StoreError> {
    let row = sql
        .row(
            "select c.person, c.post, p.lang from calendar c join person p on p.id = c.person and p.closed_at is null
             where c.digest = $1 and c.revoked_at is null
               and not exists (select 1 from account a where a.person = p.id and a.disabled_at is not null)",
            args![digest],
        )
        .await?;
    let row = row.ok_or(StoreError::NotFound("calendar"))?;
    let (person, lang): (Person, Lang) = (row.id("person")?, row.word("lang", Lang::parse)?);
    let scope = scope_of(sql, person, now).await?;
    let (shifts, post): (Vec<Shift>, Option<String>) = match row.opt_id("post")? {
        Some(post) => {
            let of = held(sql, &scope, Need::See, post).await?;
            (on_duty::shifts(sql, &scope, post, window).await?, Some(of.name))
        }
        None => {
            let own = on_duty::shifts_of(sql, &scope, person, window).await?;
            (own.into_iter().map(|(shift, _)| shift).collect(), None)
        }
    };
    let mut people: Vec<Person> = shifts.iter().map(|s| s.person).collect();
    people.sort_unstable();
    people.dedup();
    let (names, posts) = (names(sql, &people).await?, versions(sql, &shifts).await?);
    let turns = shifts.into_iter().filter_map(|shift| {
        let (at, version, changed) = posts.get(&shift.post)?.clone();
        let name = names.get(&shift.person).cloned().unwrap_or_default();
        Some(Turn { name, post: at, version, changed, shift })
    });
    Ok(Calendar { lang, post, turns: turns.collect() })
}

type Versions = HashMap<Id<kind::Post>, (String, i64, Timestamp)>;

/// Name, number of changes and last change of the posts of these shifts.
async fn versions(sql: &mut Sql, shifts: &[Shift]) -> Result<Versions, StoreError> {
    let mut posts: Vec<Id<kind::Post>> = shifts.iter().map(|s| s.post).collect();
    posts.sort_unstable();
    posts.dedup();
    if posts.is_empty() {
        return Ok(Versions::new());
    }
    let mut query =
        Query::new("select id, name, roster_version, roster_at, created_at from post where id in");
    query.list(posts.iter().copied());
    let one = |row: &Row| {
        let changed = row.opt_time("roster_at")?.map_or_else(|| row.time("created_at"), Ok)?;
        Ok((row.id("id")?, (row.text("name")?, row.int("roster_version")?, changed)))
    };
    query.rows(sql).await?.iter().map(one).collect()
}
