//! Missed check-ins: who is woken, when, and by whom the watch was taken over. *When* and *whom* are the legal pack's
//! ([`domain::roster::Terms`]); here stands what was done.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    intent::{To, Urgency},
    right::Right,
    roster::{Post, Whom, rules::Person},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Need, changed, check_in, held, subject};
use crate::{
    Row, Sql, StoreError, Tx, args,
    assignments::{Telling, Tools, chase::holders, fact, tell, written},
    facts,
};

/// The kind of job that watches one post.
pub const JOB: &str = "roster.wake";
/// The job looks at least so often, whatever it knows: a roster may have changed.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// A missed check-in as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Who missed it.
    pub person: Person,
    /// Their name.
    pub name: String,
    /// When it was due.
    pub due: Timestamp,
    /// How many steps of waking were taken.
    pub steps: u32,
    /// When and by whom it was answered.
    pub answered: Option<(Timestamp, String)>,
}

/// Notes what was missed at a post, wakes whoever is to be woken now, and returns when to look again; `None` when the
/// post is closed. Each step is written down with its messages in one commit: killed at any point, it neither forgets
/// nor repeats one.
pub async fn run(
    tx: &mut Tx,
    tools: &Tools<'_>,
    post: Id<kind::Post>,
) -> Result<Option<Timestamp>, StoreError> {
    let all = Scope::system();
    let of = match held(tx, &all, Need::Answer, post).await {
        Err(StoreError::NotFound(_) | StoreError::Refused(_)) => {
            tx.unchanged();
            return Ok(None);
        }
        other => other?,
    };
    let now = tx.now();
    let mut next = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    let mut quiet = true;
    for (owed, answer) in check_in::owed_by(tx, &of, now).await? {
        if answer.is_some() {
            continue;
        }
        if owed.missed > now {
            next = next.min(owed.missed);
            continue;
        }
        quiet &= !note(tx, tools, &of, owed.person, owed.due, owed.missed).await?;
    }
    for row in open(tx, post).await? {
        let (person, due, missed) = (row.id("person")?, row.time("due")?, row.time("missed")?);
        let mut taken = row.count("step")?;
        while let Some((whom, at)) = tools
            .pack
            .duty_roster()
            .and_then(|t| t.wake_at(usize::try_from(taken).unwrap_or(usize::MAX), missed))
        {
            if at > now {
                next = next.min(at);
                break;
            }
            wake(tx, tools, &of, person, due, taken, whom).await?;
            taken += 1;
            quiet = false;
        }
        tx.exec(
            "update missed_check_in set step = $1 where post = $2 and person = $3 and due = $4",
            args![taken, post, person, due],
        )
        .await?;
    }
    if quiet {
        tx.unchanged();
    } else {
        changed(tx, &of).await?;
    }
    Ok(Some(next))
}

/// Steps of a miss that wakes nobody, because an earlier one of the same watch does.
const WAKES_NOBODY: u32 = 1_000;

/// Writes down that a check-in was missed; `false` if that stood already. One silence is one alarm: while an earlier
/// miss of the same person is open, a later one wakes nobody anew.
async fn note(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    due: Timestamp,
    missed: Timestamp,
) -> Result<bool, StoreError> {
    let open = silent(tx, of.id).await?.contains(&person);
    let step = if open { WAKES_NOBODY } else { 0 };
    let new = tx
        .exec(
            "insert into missed_check_in (post, person, due, missed, step) values ($1,$2,$3,$4,$5)
             on conflict (post, person, due) do nothing",
            args![of.id, person, due, missed, step],
        )
        .await?;
    if new == 0 {
        return Ok(false);
    }
    let now = tx.now();
    let seq = tx.record("roster.check-in-missed", subject(of.id), Some(of.body), &(person, due));
    let value = json!({"person": person});
    let key = format!("{}/{}/{person}/{}", kinds::CHECK_IN_MISSED, of.id, due.as_microsecond());
    let (source, about) = (Source::Audit(seq), subject(of.id));
    let learnt = fact(tools, now, kinds::CHECK_IN_MISSED, key, of.body, about, source, value);
    facts::learn(tx, &domain::fact::Fact { from: due, to: now, ..learnt }).await?;
    Ok(true)
}

/// One step of waking: everybody it names gets one message.
async fn wake(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    due: Timestamp,
    step: u32,
    whom: Whom,
) -> Result<(), StoreError> {
    let name = name(tx, person).await?;
    let woken = match whom {
        Whom::Same => vec![(person, name.clone())],
        Whom::Deputy => behind(tx, of, person).await?,
        Whom::Head => holders(tx, of.body, Right::Acknowledge).await?,
        Whom::Above => above(tx, of.body).await?,
    };
    tx.record("roster.woken", subject(of.id), Some(of.body), &(person, due, step, whom, woken.len()));
    let key = format!("wake/{}/{person}/{}/{step}", of.id, due.as_microsecond());
    for (to, to_name) in woken {
        let vars = vec![
            ("person", to_name),
            ("post", of.name.clone()),
            ("silent", name.clone()),
            ("due", written(due)),
            ("link", format!("{}/roster/posts/{}", tools.base, of.id)),
        ];
        let template = if whom == Whom::Same { "check-in-missed" } else { "watch-silent" };
        let (key, to) = (format!("{key}/{to}"), To::Person(to));
        tell(tx, tools, Telling { key, to, template, vars, urgency: Urgency::Urgent }).await?;
    }
    Ok(())
}

/// Whoever else is on duty at the post now: behind in line first, else others first in line.
async fn behind(tx: &mut Tx, of: &Post, person: Person) -> Result<Vec<(Person, String)>, StoreError> {
    let now = tx.now();
    let rows = tx
        .rows(
            "select distinct p.id, p.name, s.line from shift s join person p on p.id = s.person
             where s.post = $1 and s.from_at <= $2 and s.to_at > $2 and s.person <> $3 order by s.line, p.name",
            args![of.id, now, person],
        )
        .await?;
    rows.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}

/// Whoever is on duty at the nearest body above that has somebody awake; its coordinators where none has.
async fn above(tx: &mut Tx, body: Id<kind::Body>) -> Result<Vec<(Person, String)>, StoreError> {
    let now = tx.now();
    let rows = tx
        .rows(
            "select distinct p.id, p.name, c.depth from body_closure c
             join post o on o.body = c.above and o.closed_at is null
             join shift s on s.post = o.id and s.from_at <= $2 and s.to_at > $2 and s.line = 'primary'
             join person p on p.id = s.person
             where c.below = $1 and c.depth > 0 order by c.depth, p.name, p.id",
            args![body, now],
        )
        .await?;
    let nearest = rows.first().map(|r| r.int("depth")).transpose()?;
    let mut found = Vec::new();
    for row in &rows {
        if Some(row.int("depth")?) == nearest {
            found.push((row.id("id")?, row.text("name")?));
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let parent = tx.row("select parent from body where id = $1", args![body]).await?;
    match parent.map(|r| r.opt_id("parent")).transpose()?.flatten() {
        Some(parent) => holders(tx, parent, Right::Review).await,
        // The root has nobody above: its own coordinators.
        None => holders(tx, body, Right::Review).await,
    }
}

/// Those whose watch at a post is silent now.
pub(super) async fn silent(sql: &mut Sql, post: Id<kind::Post>) -> Result<Vec<Person>, StoreError> {
    open(sql, post).await?.iter().map(|row| row.id("person")).collect()
}

/// A person checked in, perhaps for others: what is open of them is answered, and of those whose turn is over, since
/// somebody is awake again.
pub(super) async fn answered(
    tx: &mut Tx,
    of: &Post,
    person: Person,
    took_over: &[Person],
) -> Result<(), StoreError> {
    let now = tx.now();
    for row in open(tx, of.id).await? {
        let silent: Person = row.id("person")?;
        let on = tx
            .row(
                "select person from shift where post = $1 and person = $2 and line = 'primary' and from_at <= $3
                   and to_at > $3",
                args![of.id, silent, now],
            )
            .await?;
        if silent == person || took_over.contains(&silent) || on.is_none() {
            tx.exec(
                "update missed_check_in set answered_at = $1, answered_by = $2
                 where post = $3 and person = $4 and answered_at is null",
                args![now, person, of.id, silent],
            )
            .await?;
        }
    }
    Ok(())
}

async fn open(sql: &mut Sql, post: Id<kind::Post>) -> Result<Vec<Row>, StoreError> {
    sql.rows(
        "select person, due, missed, step from missed_check_in where post = $1 and answered_at is null
         order by due, person",
        args![post],
    )
    .await
}

async fn name(sql: &mut Sql, person: Person) -> Result<String, StoreError> {
    let row = sql.row("select name from person where id = $1", args![person]).await?;
    row.map_or(Ok(String::new()), |r| r.text("name"))
}

/// The missed check-ins of a post since then, newest first.
pub async fn missed(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    since: Timestamp,
) -> Result<Vec<Missed>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select m.*, p.name, a.name as answerer from missed_check_in m join person p on p.id = m.person
             left join person a on a.id = m.answered_by where m.post = $1 and m.due >= $2
             order by m.due desc limit 300",
            args![post, since],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Missed {
                person: row.id("person")?,
                name: row.text("name")?,
                due: row.time("due")?,
                steps: row.count("step")?,
                answered: row.opt_time("answered_at")?.zip(row.opt_text("answerer")?),
            })
        })
        .collect()
}
