//! What people are told of their turns: that one begins soon, and what became of a swap. Found by what was not said yet, like
//! everything here.

use domain::{
    id::{Id, kind},
    intent::{To, Urgency},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};

use super::BATCH;
use crate::{
    Query, Row, StoreError, Tx,
    assignments::{Telling, Tools, person_name, tell, written},
    sign_in::{
        InstanceKey,
        links::{self, Purpose},
    },
};

type Person = Id<kind::Person>;

/// What became of a swap is told so long afterwards at most: an older one is known, or comes from records put back.
const LATELY: SignedDuration = SignedDuration::from_hours(24);

/// Whoever is first in line soon hears of it once, with a link of their own that checks in; whoever goes on at the same post
/// does not. Returns how many.
pub(super) async fn soon(tx: &mut Tx, tools: &Tools<'_>, key: &InstanceKey) -> Result<usize, StoreError> {
    let now = tx.now();
    let Some(rule) = tools.pack.duty_roster().and_then(|t| t.remind) else { return Ok(0) };
    let ahead = SignedDuration::from_mins(rule.before_minutes.into());
    let mut query = Query::new(
        "select o.id as post, o.name, s.person, s.from_at, s.to_at from shift s
         join post o on o.id = s.post and o.closed_at is null
         join person p on p.id = s.person and p.closed_at is null
         where s.line = 'primary' and s.from_at < s.to_at and s.from_at >",
    );
    query.bind(now).push("and s.from_at <=").bind(now.checked_add(ahead).unwrap_or(Timestamp::MAX));
    query.push(
        "and not exists (select 1 from shift b where b.post = s.post and b.person = s.person and b.line = 'primary'
             and b.from_at < s.from_at and b.to_at >= s.from_at)
           and not exists (select 1 from intent i
             where i.key = 'shift-soon/' || s.post || '/' || s.person || '/' || s.from_at)
         order by s.from_at, o.id, s.person limit",
    );
    query.bind(i64::try_from(BATCH).unwrap_or(i64::MAX));
    let found = query.rows(tx).await?;
    for row in &found {
        let (post, person): (Id<kind::Post>, Person) = (row.id("post")?, row.id("person")?);
        let (link, ends) = (Id::new(tools.ids), row.time("to_at")?);
        links::create(tx, link, person, Purpose::CheckIn, &format!("post:{post}"), ends).await?;
        let telling = Telling {
            key: format!("shift-soon/{post}/{person}/{}", row.int("from_at")?),
            to: To::Person(person),
            template: "shift-soon",
            vars: vec![
                ("person", person_name(tx, person).await?),
                ("post", row.text("name")?),
                ("since", written(row.time("from_at")?)),
                ("until", written(ends)),
                ("link", links::url(key, tools.base, link)),
                // What a button of a chat carries.
                ("check-in", links::token(key, link)),
            ],
            urgency: Urgency::Normal,
        };
        tell(tx, tools, telling).await?;
    }
    said(tx, "roster.turns-told", &found);
    Ok(found.len())
}

/// Whoever is asked for a swap hears of it, then whoever published the roster last (where that was nobody, or they left:
/// somebody of the body who plans), then both what was decided. Returns how many swaps were told.
pub(super) async fn swaps(tx: &mut Tx, tools: &Tools<'_>) -> Result<usize, StoreError> {
    let now = tx.now();
    let since = now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
    let mut query = Query::new(
        "select w.* from (select s.*, o.name,
           coalesce((select u.by_person from roster_publication u join person p on p.id = u.by_person
               where u.post = s.post and p.closed_at is null order by u.at desc, u.id desc limit 1),
             (select p.id from role_grant g join person p on p.id = g.person and p.closed_at is null
               where g.body = o.body and g.revoked_at is null and g.role in",
    );
    query.list(Role::ALL.iter().filter(|r| r.may(Right::Prepare)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(
        ") order by p.sort_key, p.id limit 1)) as planner
         from swap s join post o on o.id = s.post where s.to_at >",
    );
    query.bind(now).push("and coalesce(s.decided_at, s.at) >=").bind(since);
    // What both agreed to and nobody but whoever agreed could decide is told to nobody: not looked at again and again.
    query.push(
        "and s.state in ('asked', 'agreed', 'approved', 'refused')
           and not exists (select 1 from intent i where i.key = 'swap/' || s.id || '/' || s.state)) w
         where w.state <> 'agreed' or (w.planner is not null and (w.decided_by is null or w.planner <> w.decided_by))
         order by w.at, w.id limit",
    );
    query.bind(i64::try_from(BATCH).unwrap_or(i64::MAX));
    let found = query.rows(tx).await?;
    for row in &found {
        swap(tx, tools, row).await?;
    }
    said(tx, "roster.swaps-told", &found);
    Ok(found.len())
}

async fn swap(tx: &mut Tx, tools: &Tools<'_>, row: &Row) -> Result<(), StoreError> {
    let (giver, taker): (Person, Person) = (row.id("giver")?, row.id("taker")?);
    let (state, id) = (row.text("state")?, row.text("id")?);
    let by: Option<Person> = row.opt_id("decided_by")?;
    let plan = format!("/roster/posts/{}/changes#swaps", row.text("post")?);
    let (template, link, to): (_, _, Vec<Person>) = match state.as_str() {
        "asked" => ("swap-asked", "/roster/mine".to_owned(), vec![taker]),
        "agreed" => {
            let planner: Option<Person> = row.opt_id("planner")?;
            ("swap-to-decide", plan, planner.into_iter().collect())
        }
        "approved" => ("swap-approved", "/roster/mine".to_owned(), vec![giver, taker]),
        _ => ("swap-refused", "/roster/mine".to_owned(), vec![giver, taker]),
    };
    let mut told = false;
    // Whoever decided knows it.
    for person in to.into_iter().filter(|p| Some(*p) != by) {
        // The first one's key is what says that it was told.
        let key = if told { format!("swap/{id}/{state}/{person}") } else { format!("swap/{id}/{state}") };
        let telling = Telling {
            key,
            to: To::Person(person),
            template,
            vars: vec![
                ("person", person_name(tx, person).await?),
                ("giver", person_name(tx, giver).await?),
                ("taker", person_name(tx, taker).await?),
                ("post", row.text("name")?),
                ("since", written(row.time("from_at")?)),
                ("until", written(row.time("to_at")?)),
                ("link", format!("{}{link}", tools.base)),
            ],
            urgency: Urgency::Normal,
        };
        tell(tx, tools, telling).await?;
        told = true;
    }
    Ok(())
}

fn said(tx: &mut Tx, action: &'static str, rows: &[Row]) {
    if !rows.is_empty() {
        tx.record(action, "roster", None, &rows.len());
    }
}
