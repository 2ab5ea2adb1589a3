//! Check-ins and hand-overs: what people on duty do.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    roster::{
        Line, Post, Shift,
        check_in::{self, Made, Owed},
        rules::{Override, Person},
    },
    time::Window,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Need, changed, changes, held, on_duty, publish::rewrite, subject, wake};
use crate::{
    Row, Sql, StoreError, Tx, args,
    assignments::{Tools, fact},
    facts, jobs,
};

/// How a check-in came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// On the page.
    Page,
    /// By a one-time link.
    Link,
    /// By the button of a chat.
    Telegram,
    /// By the API.
    Api,
}

impl Way {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Way::Page => "page",
            Way::Link => "link",
            Way::Telegram => "telegram",
            Way::Api => "api",
        }
    }
}

/// Words at a check-in or hand-over.
const NOTE_MAX: usize = 4_000;
/// Open items of a hand-over.
pub const ITEMS_MAX: usize = 50;
/// One open item.
const ITEM_MAX: usize = 500;

/// What a check-in did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedIn {
    /// Its id.
    pub id: Id<kind::CheckIn>,
    /// Whose watch was silent and was taken over by this.
    pub took_over: Vec<Person>,
}

/// Somebody on duty at a post says so. Whoever is first in line checks in for themselves; anybody else who may answer at
/// the post, or anywhere above it, takes a silent watch over: from now until its end they are first in line.
/// `Refused`: `not-on-duty` where nothing is owed and the person is not on duty, `text-long`, `check-in-nobody`.
pub async fn check_in(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    post: Id<kind::Post>,
    way: Way,
    note: &str,
) -> Result<CheckedIn, StoreError> {
    let of = held(tx, scope, Need::Answer, post).await?;
    let person = tx.actor().person().ok_or(StoreError::Refused("check-in-nobody"))?;
    let note = short(note)?;
    let now = tx.now();
    let around = Window { from: before(now, SLACK), to: after(now, SLACK) };
    let shifts = on_duty::raw(tx, post, around).await?;
    let own = shifts
        .iter()
        .any(|s| s.person == person && s.line == Line::Primary && reaches(s, of.check_in.grace_minutes, now));
    let took_over = if own { Vec::new() } else { take_over(tx, tools, &of, person, &shifts).await? };
    if !own && took_over.is_empty() {
        return Err(StoreError::Refused("not-on-duty"));
    }
    let id = write(tx, tools, &of, person, way, &note).await?;
    wake::answered(tx, tools, &of, person, &took_over, way.name()).await?;
    changed(tx, &of).await?;
    Ok(CheckedIn { id, took_over })
}

/// Shifts that began or end so long ago still take a check-in, where their post's grace is as long.
const SLACK: SignedDuration = SignedDuration::from_hours(12);

/// Whether a check-in now belongs to a shift: from a little before its start until its end and the grace after.
fn reaches(shift: &Shift, grace: u16, now: Timestamp) -> bool {
    let opens = before(shift.from, SignedDuration::from_mins(check_in::EARLY_MINUTES));
    let closes = after(shift.to, SignedDuration::from_mins(i64::from(grace)));
    opens <= now && now <= closes
}

/// Takes over what is silent at a post: those first in line now who missed a check-in.
async fn take_over(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    shifts: &[Shift],
) -> Result<Vec<Person>, StoreError> {
    let now = tx.now();
    let silent = wake::silent(tx, of.id).await?;
    let running = |s: &&Shift| s.line == Line::Primary && s.from <= now && now < s.to;
    let taken: Vec<&Shift> = shifts.iter().filter(running).filter(|s| silent.contains(&s.person)).collect();
    let Some(until) = taken.iter().map(|s| s.to).max() else { return Ok(Vec::new()) };
    let mut people: Vec<Person> =
        shifts.iter().filter(running).map(|s| s.person).filter(|p| !silent.contains(p)).collect();
    people.push(person);
    let id: Id<kind::Override> = Id::new(tools.ids);
    let o = Override { id, line: Line::Primary, span: Window { from: now, to: until }, people };
    changes::insert(tx, of.id, &o, "").await?;
    let from: Vec<Person> = taken.iter().map(|s| s.person).collect();
    let seq = tx.record("roster.taken-over", subject(of.id), Some(of.body), &(&from, person, until));
    let value = json!({"person": person, "from": from});
    let key = format!("{}/{id}", kinds::TAKEN_OVER);
    let (source, about) = (Source::Audit(seq), subject(of.id));
    let learnt = fact(tools, now, kinds::TAKEN_OVER, key, of.body, about, source, value);
    facts::learn(tx, &learnt).await?;
    rewrite(tx, tools.pack, of).await?;
    plan_wakes(tx, tools, of).await?;
    Ok(from)
}

async fn write(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    way: Way,
    note: &str,
) -> Result<Id<kind::CheckIn>, StoreError> {
    let (id, now): (Id<kind::CheckIn>, _) = (Id::new(tools.ids), tx.now());
    tx.exec(
        "insert into check_in (id, post, person, at, way, note) values ($1,$2,$3,$4,$5,$6)",
        args![id, of.id, person, now, way.name(), note],
    )
    .await?;
    let seq = tx.record("roster.checked-in", subject(of.id), Some(of.body), &(id, person, way));
    let value = json!({"person": person, "way": way});
    let key = format!("{}/{id}", kinds::CHECKED_IN);
    let (source, about) = (Source::Audit(seq), subject(of.id));
    let learnt = fact(tools, now, kinds::CHECKED_IN, key, of.body, about, source, value);
    facts::learn(tx, &learnt).await?;
    Ok(id)
}

/// A hand-over of a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Its id.
    pub id: Id<kind::HandOver>,
    /// Who hands over, with name.
    pub giver: (Person, String),
    /// Who accepted.
    pub taker: Option<String>,
    /// When it was written.
    pub at: Timestamp,
    /// Words.
    pub note: String,
    /// What is open.
    pub items: Vec<String>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
}

/// Writes the hand-over of one's shift, which is a check-in as well. `Refused` as [`check_in`], and `hand-over-items`.
pub async fn hand_over(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    post: Id<kind::Post>,
    way: Way,
    note: &str,
    items: &[String],
) -> Result<Id<kind::HandOver>, StoreError> {
    let checked = check_in(tx, scope, tools, post, way, "").await?;
    if !checked.took_over.is_empty() {
        return Err(StoreError::Refused("not-on-duty"));
    }
    let of = held(tx, scope, Need::Answer, post).await?;
    let note = short(note)?;
    let items: Vec<&str> = items.iter().map(|i| i.trim()).filter(|i| !i.is_empty()).collect();
    if items.len() > ITEMS_MAX || items.iter().any(|i| i.chars().count() > ITEM_MAX) {
        return Err(StoreError::Refused("hand-over-items"));
    }
    let giver = tx.actor().person().ok_or(StoreError::Refused("check-in-nobody"))?;
    let (id, now): (Id<kind::HandOver>, _) = (Id::new(tools.ids), tx.now());
    tx.exec(
        "insert into hand_over (id, post, giver, at, note, items) values ($1,$2,$3,$4,$5,$6)",
        args![id, post, giver, now, &note, json!(items)],
    )
    .await?;
    tx.record("roster.handed-over", subject(post), Some(of.body), &(id, &note, &items));
    Ok(id)
}

/// The next one accepts a hand-over, which is their check-in. `Refused` as [`check_in`], and `hand-over-taken`,
/// `hand-over-own`.
pub async fn accept(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::HandOver>,
    way: Way,
) -> Result<Id<kind::Post>, StoreError> {
    let row = tx.row("select post, giver, accepted_at from hand_over where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("hand-over"))?;
    let post = row.id("post")?;
    held(tx, scope, Need::Answer, post).await.map_err(|_| StoreError::NotFound("hand-over"))?;
    let person = tx.actor().person().ok_or(StoreError::Refused("check-in-nobody"))?;
    if row.id::<kind::Person>("giver")? == person {
        return Err(StoreError::Refused("hand-over-own"));
    }
    let now = tx.now();
    let touched = tx
        .exec(
            "update hand_over set taker = $1, accepted_at = $2 where id = $3 and accepted_at is null",
            args![person, now, id],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Refused("hand-over-taken"));
    }
    check_in(tx, scope, tools, post, way, "").await?;
    Ok(post)
}

/// The hand-overs of a post, newest first.
pub async fn hand_overs(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    limit: u32,
) -> Result<Vec<HandOver>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select h.*, g.name as giver_name, t.name as taker_name from hand_over h
             join person g on g.id = h.giver left join person t on t.id = h.taker
             where h.post = $1 order by h.at desc, h.id desc limit $2",
            args![post, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(HandOver {
                id: row.id("id")?,
                giver: (row.id("giver")?, row.text("giver_name")?),
                taker: row.opt_text("taker_name")?,
                at: row.time("at")?,
                note: row.text("note")?,
                items: row.json("items")?,
                accepted_at: row.opt_time("accepted_at")?,
            })
        })
        .collect()
}

/// The check-ins made at a post around a window, oldest first. For those who have asked already, or see everything.
pub async fn made(sql: &mut Sql, post: Id<kind::Post>, window: Window) -> Result<Vec<Made>, StoreError> {
    let around = around(window);
    let rows = sql
        .rows(
            "select person, at from check_in where post = $1 and at >= $2 and at < $3 order by at, id",
            args![post, around.from, around.to],
        )
        .await?;
    rows.iter().map(|row: &Row| Ok(Made { person: row.id("person")?, at: row.time("at")? })).collect()
}

/// When check-ins count for a window: from a little before it until the longest grace after.
pub(super) fn around(window: Window) -> Window {
    let early = SignedDuration::from_mins(check_in::EARLY_MINUTES);
    Window { from: before(window.from, early), to: after(window.to, SLACK) }
}

/// What is owed at a post around now, with when it was answered: the last shift, this one, and the next.
pub async fn owed_by(
    sql: &mut Sql,
    of: &Post,
    now: Timestamp,
) -> Result<Vec<(Owed, Option<Timestamp>)>, StoreError> {
    let around = Window { from: before(now, SLACK), to: after(now, SLACK) };
    let shifts = on_duty::raw(sql, of.id, around).await?;
    let from = shifts.iter().map(|s| s.from).min().unwrap_or(now);
    let made = made(sql, of.id, Window { from, to: around.to }).await?;
    let mut all = Vec::new();
    for shift in &shifts {
        let owed = check_in::owed(shift, of.check_in);
        let answers = check_in::answered(&owed, &made);
        all.extend(owed.into_iter().zip(answers));
    }
    all.sort_by_key(|(o, _)| o.due);
    Ok(all)
}

/// Makes the post's job look when its next check-in is missed. Planning twice is planning once.
pub(super) async fn plan_wakes(tx: &mut Tx, tools: &Tools<'_>, of: &Post) -> Result<(), StoreError> {
    let key = format!("{}/{}", wake::JOB, of.id);
    jobs::enqueue(tx, Id::new(tools.ids), wake::JOB, &key, tx.now(), &json!({"post": of.id})).await?;
    Ok(())
}

fn short(text: &str) -> Result<String, StoreError> {
    let text = text.trim();
    if text.chars().count() > NOTE_MAX { Err(StoreError::Refused("text-long")) } else { Ok(text.to_owned()) }
}

pub(super) fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

pub(super) fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
