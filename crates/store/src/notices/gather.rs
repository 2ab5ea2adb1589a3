//! From an audience to recipients: in chunks, each person once, from where the last chunk ended.

use domain::{
    id::{Id, Ids, kind},
    notice::Audience,
    text::{fold, sort_key},
};

use super::{Notice, RECIPIENTS_MAX};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// Recipients per transaction: others write in between.
const CHUNK: i64 = 500;

/// Where gathering stands, as the notice keeps it: `p:PERSON` among the register's people, `l:N:ROW` in the Nth list.
enum Cursor {
    People(String),
    List(usize, i64),
    End,
}

impl Cursor {
    fn read(text: &str) -> Self {
        match text.split_once(':') {
            Some(("p", person)) => Cursor::People(person.to_owned()),
            Some(("l", rest)) => {
                let (list, row) = rest.split_once(':').unwrap_or((rest, "0"));
                Cursor::List(list.parse().unwrap_or(0), row.parse().unwrap_or(0))
            }
            _ => Cursor::People(String::new()),
        }
    }
    fn text(&self) -> String {
        match self {
            Cursor::People(person) => format!("p:{person}"),
            Cursor::List(list, row) => format!("l:{list}:{row}"),
            Cursor::End => String::new(),
        }
    }
}

struct Found {
    body: Id<kind::Body>,
    person: Option<Id<kind::Person>>,
    name: String,
    email: Option<String>,
}

/// Gathers one chunk; `true` once everybody is there.
pub(super) async fn chunk(tx: &mut Tx, ids: &dyn Ids, notice: &Notice) -> Result<bool, StoreError> {
    let row = tx.row("select cursor from notice where id = $1", args![notice.id]).await?;
    let at = Cursor::read(&row.ok_or(StoreError::NotFound("notice"))?.text("cursor")?);
    let (found, next) = match at {
        Cursor::People(after) => people(tx, &notice.audience, &after).await?,
        Cursor::List(list, row) => members(tx, &notice.audience, list, row).await?,
        Cursor::End => (Vec::new(), Cursor::End),
    };
    for one in &found {
        add(tx, ids, notice.id, one).await?;
    }
    let end = matches!(next, Cursor::End) || full(tx, notice.id).await?;
    let now = tx.now();
    if end {
        tx.exec(
            "insert into notice_sum (notice, body, recipients, without_address)
             select notice, body, count(*), sum(case when email is null then 1 else 0 end)
             from notice_recipient where notice = $1 group by notice, body on conflict (notice, body) do nothing",
            args![notice.id],
        )
        .await?;
        tx.exec("update notice set gathered_at = $1 where id = $2", args![now, notice.id]).await?;
    } else {
        tx.exec("update notice set cursor = $1 where id = $2", args![next.text(), notice.id]).await?;
    }
    Ok(end)
}

/// Whether the audience means anybody.
pub(super) async fn anybody(sql: &mut Sql, audience: &Audience) -> Result<bool, StoreError> {
    if !people(sql, audience, "").await?.0.is_empty() {
        return Ok(true);
    }
    let mut query = Query::new("select 1 as n from staff_member where list in");
    query.list(audience.lists.iter().copied()).push("limit 1");
    Ok(query.row(sql).await?.is_some())
}

async fn people(sql: &mut Sql, audience: &Audience, after: &str) -> Result<(Vec<Found>, Cursor), StoreError> {
    let lists = || Cursor::List(0, 0);
    if audience.tops.is_empty() {
        return Ok((Vec::new(), lists()));
    }
    let mut query = Query::new(
        "select m.person, m.body, p.name,
           (select c.address from channel c where c.person = p.id and c.kind = 'email' and c.verified_at is not null
            order by c.rank, c.created_at, c.id limit 1) as email
         from membership m join person p on p.id = m.person and p.closed_at is null
         join body b on b.id = m.body and b.closed_at is null
         where exists (select 1 from body_closure k where k.below = m.body and k.above in",
    );
    query.list(audience.tops.iter().copied()).push(") and m.person >").bind(after);
    if !audience.roles.is_empty() {
        query.push("and exists (select 1 from role_grant g where g.person = m.person and g.revoked_at is null and g.role in");
        query.list(audience.roles.iter().map(|r| r.name())).push(")");
    }
    // Who serves several bodies gets it once, for the first; rows of the last person beyond the limit are such.
    query.push("order by m.person, m.body limit").bind(CHUNK);
    let rows = query.rows(sql).await?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == CHUNK => Cursor::People(last.text("person")?),
        _ => lists(),
    };
    let found = rows.iter().map(|r| person(r, r.opt_id("person")?)).collect::<Result<_, _>>()?;
    Ok((found, next))
}

async fn members(
    sql: &mut Sql,
    audience: &Audience,
    at: usize,
    row: i64,
) -> Result<(Vec<Found>, Cursor), StoreError> {
    let Some(list) = audience.lists.get(at) else { return Ok((Vec::new(), Cursor::End)) };
    let rows = sql
        .rows(
            "select s.place, s.name, s.email, s.body from staff_member s join body b on b.id = s.body and b.closed_at is null
             where s.list = $1 and s.place > $2 order by s.place limit $3",
            args![*list, row, CHUNK],
        )
        .await?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == CHUNK => Cursor::List(at, last.int("place")?),
        _ if at + 1 < audience.lists.len() => Cursor::List(at + 1, 0),
        _ => Cursor::End,
    };
    Ok((rows.iter().map(|r| person(r, None)).collect::<Result<_, _>>()?, next))
}

fn person(row: &Row, person: Option<Id<kind::Person>>) -> Result<Found, StoreError> {
    Ok(Found { body: row.id("body")?, person, name: row.text("name")?, email: row.opt_text("email")? })
}

async fn add(tx: &mut Tx, ids: &dyn Ids, notice: Id<kind::Notice>, one: &Found) -> Result<(), StoreError> {
    let id: Id<kind::Recipient> = Id::new(ids);
    let key = match (&one.email, one.person) {
        (Some(email), _) => email.clone(),
        (None, Some(person)) => format!("person:{person}"),
        (None, None) => return Ok(()),
    };
    tx.exec(
        "insert into notice_recipient (id, notice, body, person, key, name, sort_key, folded, email)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9) on conflict (notice, key) do nothing",
        args![
            id,
            notice,
            one.body,
            one.person,
            key,
            &one.name,
            sort_key(&one.name),
            fold(&one.name),
            one.email.as_deref()
        ],
    )
    .await?;
    Ok(())
}

async fn full(sql: &mut Sql, notice: Id<kind::Notice>) -> Result<bool, StoreError> {
    let row = sql.row("select count(*) as n from notice_recipient where notice = $1", args![notice]).await?;
    row.map_or(Ok(false), |r| Ok(r.count("n")? >= RECIPIENTS_MAX))
}
