//! Missed check-ins: each unanswered one raises a call-out ([`crate::callouts`]), which calls whoever is to be called.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    paging::{About, Severity},
    roster::{Post, rules::Person},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Need, changed, check_in, held, subject};
use crate::{
    Row, Sql, StoreError, Tx, args,
    assignments::{Tools, fact, written},
    callouts, facts,
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
    /// The call-out it raised; an earlier one of the same silence where it raised none.
    pub callout: Option<Id<kind::Callout>>,
    /// When and by whom it was answered.
    pub answered: Option<(Timestamp, String)>,
}

/// Notes what was missed at a post, has whoever is to be called called, and returns when to look again; `None` when the
/// post is closed. What was missed and its call-out go in one commit: killed at any point, none is forgotten or doubled.
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
        if row.count("step")? >= CALLS_NOBODY || row.opt_text("callout")?.is_some() {
            continue;
        }
        let (person, due, missed) = (row.id("person")?, row.time("due")?, row.time("missed")?);
        let id = call(tx, tools, &of, person, due, missed).await?;
        tx.exec(
            "update missed_check_in set callout = $1 where post = $2 and person = $3 and due = $4",
            args![id, post, person, due],
        )
        .await?;
        quiet = false;
    }
    if quiet {
        tx.unchanged();
    } else {
        changed(tx, &of).await?;
    }
    Ok(Some(next))
}

/// Steps of a miss that calls nobody, because an earlier one of the same watch does.
const CALLS_NOBODY: u32 = 1_000;

/// Writes down that a check-in was missed; `false` if that stood already. One silence is one alarm: while an earlier
/// miss of the same person is open, a later one calls nobody anew.
async fn note(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    due: Timestamp,
    missed: Timestamp,
) -> Result<bool, StoreError> {
    let open = silent(tx, of.id).await?.contains(&person);
    let step = if open { CALLS_NOBODY } else { 0 };
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

/// Raises the call-out of a missed check-in; its policy's minutes count from when it was missed.
async fn call(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    due: Timestamp,
    missed: Timestamp,
) -> Result<Option<Id<kind::Callout>>, StoreError> {
    let words = vec![("post", of.name.clone()), ("silent", name(tx, person).await?), ("due", written(due))];
    let new = callouts::New {
        key: format!("check-in/{}/{person}/{}", of.id, due.as_microsecond()),
        about: About::CheckIn,
        subject: subject(of.id),
        body: of.body,
        post: Some(of.id),
        person: Some(person),
        severity: Severity::High,
        words,
        since: missed,
    };
    callouts::raise(tx, tools, new).await
}

/// Those whose watch at a post is silent now.
pub(super) async fn silent(sql: &mut Sql, post: Id<kind::Post>) -> Result<Vec<Person>, StoreError> {
    open(sql, post).await?.iter().map(|row| row.id("person")).collect()
}

/// A person checked in, perhaps for others: what is open of them is answered, and of those whose turn is over, since
/// somebody is awake again.
pub(super) async fn answered(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Post,
    person: Person,
    took_over: &[Person],
    way: &str,
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
            if let Some(id) = row.opt_id("callout")? {
                callouts::came_right(tx, tools, id, person, way).await?;
            }
        }
    }
    Ok(())
}

async fn open(sql: &mut Sql, post: Id<kind::Post>) -> Result<Vec<Row>, StoreError> {
    sql.rows(
        "select person, due, missed, step, callout from missed_check_in where post = $1 and answered_at is null
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
                callout: row.opt_id("callout")?,
                answered: row.opt_time("answered_at")?.zip(row.opt_text("answerer")?),
            })
        })
        .collect()
}
