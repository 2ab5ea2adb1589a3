//! What people change by hand: overrides of a post, absences of a person. Only from now on.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    right::Right,
    roster::{
        Line, Post,
        rules::{CREW_MAX, Leave, Override, Person},
    },
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{Need, changed, held, layers::known_people, publish::rewrite, subject};
use crate::{Query, Row, Sql, StoreError, Tx, args, assignments::said, register::require};

/// Why somebody else, why away.
pub const WHY_MAX: usize = 500;
/// An override or absence ends within a year; what lasts longer is a layer, or another person.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// An override as it is entered.
#[derive(Debug, Clone)]
pub struct NewOverride<'a> {
    /// What is settled.
    pub settled: Override,
    /// Why.
    pub why: &'a str,
}

/// An override as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overriding {
    /// What is settled.
    pub settled: Override,
    /// Why.
    pub why: String,
    /// When it was made.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// Puts somebody else on duty for a time; needs [`Right::Prepare`] over the post's body. A start in the past becomes
/// now. `Refused`: `span-bad`, `crew-bad`, `text-empty`, `text-long`, `person-unknown`.
pub async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    post: Id<kind::Post>,
    new: &NewOverride<'_>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, post).await?;
    let o = &new.settled;
    let span = from_now(tx, o.span)?;
    if !(1..=CREW_MAX).contains(&o.people.len()) {
        return Err(StoreError::Refused("crew-bad"));
    }
    known_people(tx, scope, &o.people).await?;
    let why = said(new.why, WHY_MAX)?;
    insert(tx, post, &Override { span, ..o.clone() }, &why).await?;
    tx.record("roster.overridden", subject(post), Some(of.body), &(o.id, o.line, span, &o.people, &why));
    rewrite(tx, pack, &of).await?;
    changed(tx, &of).await
}

pub(super) async fn insert(
    tx: &mut Tx,
    post: Id<kind::Post>,
    o: &Override,
    why: &str,
) -> Result<(), StoreError> {
    let people =
        serde_json::to_value(&o.people).map_err(|e| StoreError::Corrupt("override", e.to_string()))?;
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into roster_override (id, post, line, from_at, to_at, people, why, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![o.id, post, o.line.name(), o.span.from, o.span.to, people, why, now, by],
    )
    .await?;
    Ok(())
}

/// Takes an override back, from now on.
pub async fn unsettle(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    id: Id<kind::Override>,
) -> Result<Id<kind::Post>, StoreError> {
    let row =
        tx.row("select * from roster_override where id = $1 and withdrawn_at is null", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("override"))?;
    let post = row.id("post")?;
    let of = held(tx, scope, Need::Plan, post).await?;
    let (now, o) = (tx.now(), settled(&row)?);
    if o.span.to <= now {
        return Err(StoreError::Refused("span-bad"));
    }
    // What it did until now stays: it ends now instead of never having been.
    let ended = o.span.from < now;
    if ended {
        tx.exec("update roster_override set to_at = $1 where id = $2", args![now, id]).await?;
    } else {
        tx.exec("update roster_override set withdrawn_at = $1 where id = $2", args![now, id]).await?;
    }
    tx.record("roster.override-withdrawn", subject(post), Some(of.body), &(id, ended));
    rewrite(tx, pack, &of).await?;
    changed(tx, &of).await?;
    Ok(post)
}

/// The overrides of a post that end after `since`, newest first.
pub async fn overrides(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    since: Timestamp,
) -> Result<Vec<Overriding>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select o.*, p.name as maker from roster_override o left join person p on p.id = o.by_person
             where o.post = $1 and o.to_at > $2 order by o.from_at desc, o.id desc limit $3",
            args![post, since, SHOWN_MAX],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Overriding {
                settled: settled(row)?,
                why: row.text("why")?,
                at: row.time("at")?,
                by: row.opt_text("maker")?,
                withdrawn_at: row.opt_time("withdrawn_at")?,
            })
        })
        .collect()
}

/// So many changes are shown.
const SHOWN_MAX: u32 = 300;

/// An absence as it is entered.
#[derive(Debug, Clone)]
pub struct NewAbsence<'a> {
    /// Its id.
    pub id: Id<kind::Leave>,
    /// Who.
    pub person: Person,
    /// At which post it was told.
    pub post: Id<kind::Post>,
    /// When.
    pub span: Window,
    /// Why.
    pub why: &'a str,
}

/// An absence as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its id.
    pub id: Id<kind::Leave>,
    /// Who.
    pub person: Person,
    /// Their name.
    pub name: String,
    /// When.
    pub span: Window,
    /// Why; empty where their body may not be seen.
    pub why: String,
}

/// Somebody is away: their turns, at every post, are empty from now on. It is one's own, or needs [`Right::Prepare`] over
/// a body the person serves, or over the post's if they take turns there. `Refused`: `span-bad`, `text-empty`, `text-long`, `person-unknown`.
pub async fn be_absent(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    new: &NewAbsence<'_>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::See, new.post).await?;
    let body = answering(tx, scope, &of, new.person).await?;
    let span = from_now(tx, new.span)?;
    let why = said(new.why, WHY_MAX)?;
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into absence (id, person, body, from_at, to_at, why, at, by_person) values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![new.id, new.person, body, span.from, span.to, &why, now, by],
    )
    .await?;
    tx.record("roster.absence", format!("person:{}", new.person), Some(body), &(new.id, span, &why));
    of_person(tx, pack, new.person, span).await
}

/// The body whose affair somebody's absence from a post is: who may see and end it.
async fn answering(
    tx: &mut Tx,
    scope: &Scope,
    of: &Post,
    person: Person,
) -> Result<Id<kind::Body>, StoreError> {
    let own = tx.actor().person() == Some(person);
    let mut query = Query::new("select m.body from membership m where m.person =");
    query.bind(person).push("and");
    query.visible(scope, if own { Right::Answer } else { Right::Prepare }, "m.body");
    query.push("order by case when m.body =").bind(of.body).push("then 0 else 1 end, m.body limit 1");
    if let Some(row) = query.row(tx).await? {
        return row.id("body");
    }
    // Somebody of another body who takes turns here: whoever plans the post knows that they are away.
    held(tx, scope, Need::Plan, of.id).await?;
    let turn = tx
        .row(
            "select person from shift where post = $1 and person = $2
             union select u.person from roster_publication_person u join roster_publication r on r.id = u.publication
             where r.post = $1 and u.person = $2",
            args![of.id, person],
        )
        .await?;
    turn.map(|_| of.body).ok_or(StoreError::Refused("person-unknown"))
}

/// An absence ends now, or never begins.
pub async fn come_back(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    id: Id<kind::Leave>,
) -> Result<(), StoreError> {
    let row = tx.row("select * from absence where id = $1 and withdrawn_at is null", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("absence"))?;
    let (person, body): (Person, Id<kind::Body>) = (row.id("person")?, row.id("body")?);
    let own = tx.actor().person() == Some(person);
    let right = if own { Right::Answer } else { Right::Prepare };
    require(tx, scope, right, body).await.map_err(|_| StoreError::NotFound("absence"))?;
    let (now, span) = (tx.now(), span(&row)?);
    if span.from < now {
        tx.exec("update absence set to_at = $1 where id = $2 and to_at > $1", args![now, id]).await?;
    } else {
        tx.exec("update absence set withdrawn_at = $1 where id = $2", args![now, id]).await?;
    }
    tx.record("roster.absence-ended", format!("person:{person}"), Some(body), &id);
    of_person(tx, pack, person, span).await
}

/// The absences that end after `since` of those who may be on duty at a post, soonest first: of its body, of those that
/// share it, and whoever has turns there.
pub async fn absences(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    since: Timestamp,
) -> Result<Vec<Absence>, StoreError> {
    let of = held(sql, scope, Need::See, post).await?;
    let mut query = Query::new("select a.*, p.name, cast(case when");
    query.visible(scope, Right::See, "a.body");
    query.push("then 1 else 0 end as bigint) as known from absence a join person p on p.id = a.person");
    query.push("where a.withdrawn_at is null and a.to_at >").bind(since);
    query.push("and (a.body =").bind(of.body);
    query
        .push("or exists (select 1 from post_share s where s.post =")
        .bind(post)
        .push("and s.body = a.body)");
    query.push("or exists (select 1 from shift t where t.post =").bind(post);
    query.push("and t.person = a.person and t.to_at >").bind(since).push(")");
    query.push("or exists (select 1 from roster_publication_person u join roster_publication r on r.id = u.publication");
    query
        .push("where r.post =")
        .bind(post)
        .push("and u.person = a.person and r.to_at >")
        .bind(since)
        .push("))");
    query.push("order by a.from_at, a.id limit").bind(SHOWN_MAX);
    query
        .rows(sql)
        .await?
        .iter()
        .map(|row| {
            Ok(Absence {
                id: row.id("id")?,
                person: row.id("person")?,
                name: row.text("name")?,
                span: span(row)?,
                why: if row.int("known")? > 0 { row.text("why")? } else { String::new() },
            })
        })
        .collect()
}

/// The overrides that stand within a window.
pub(super) async fn overrides_within(
    sql: &mut Sql,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<Override>, StoreError> {
    let rows = sql
        .rows(
            "select * from roster_override where post = $1 and withdrawn_at is null and to_at > $2 and from_at < $3
             order by at, id",
            args![post, window.from, window.to],
        )
        .await?;
    rows.iter().map(settled).collect()
}

/// The absences of people within a window.
pub(super) async fn absences_within(
    sql: &mut Sql,
    people: &[Person],
    window: Window,
) -> Result<Vec<Leave>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        Query::new("select person, from_at, to_at from absence where withdrawn_at is null and person in");
    query.list(people.iter().copied()).push("and to_at >").bind(window.from);
    query.push("and from_at <").bind(window.to).push("order by at, id");
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| Ok(Leave { person: row.id("person")?, span: span(row)? })).collect()
}

/// Writes anew the shifts of every post at which a person is on duty or named within a span.
async fn of_person(tx: &mut Tx, pack: &Pack, person: Person, span: Window) -> Result<(), StoreError> {
    // Who came back stands in no shift yet: look into what was published, too.
    let rows = tx
        .rows(
            "select distinct post from shift where person = $1 and to_at > $2 and from_at < $3
             union select r.post from roster_publication r join roster_publication_person u on u.publication = r.id
             where u.person = $1 and r.to_at > $2 and r.from_at < $3",
            args![person, span.from, span.to],
        )
        .await?;
    for row in rows {
        let of = held(tx, &Scope::system(), Need::See, row.id("post")?).await?;
        rewrite(tx, pack, &of).await?;
        changed(tx, &of).await?;
    }
    Ok(())
}

/// A span that begins now at the earliest. `Refused`: `span-bad`.
pub(super) fn from_now(tx: &Tx, span: Window) -> Result<Window, StoreError> {
    let cut = Window { from: span.from.max(tx.now()), to: span.to };
    if cut.from >= cut.to || cut.to.duration_since(cut.from) > LONGEST {
        return Err(StoreError::Refused("span-bad"));
    }
    Ok(cut)
}

pub(super) fn span(row: &Row) -> Result<Window, StoreError> {
    Ok(Window { from: row.time("from_at")?, to: row.time("to_at")? })
}

fn settled(row: &Row) -> Result<Override, StoreError> {
    Ok(Override {
        id: row.id("id")?,
        line: row.word("line", Line::parse)?,
        span: span(row)?,
        people: row.json("people")?,
    })
}
