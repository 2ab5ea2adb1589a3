//! Dead-man monitors: an outside system says again and again that it lives; when it falls silent, somebody is called.

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Severity, Standing},
    right::Right,
    text::sort_key,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{New, Pause, answer::finish, any, raise};
use crate::{
    Db, Query, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, said, written},
    sign_in::digest,
};

/// The kind of job that looks for silent monitors; one for all.
pub const MONITORS_JOB: &str = "callout.monitors";
/// It looks at least so often.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Signs of life more often than this are not written down one by one.
const WRITE_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// Longest name.
const NAME_MAX: usize = 120;
/// Monitors of one body.
const EACH_MAX: i64 = 200;
/// An interval and its grace: from a minute to a week.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// A monitor to be made.
#[derive(Debug, Clone)]
pub struct NewMonitor {
    /// Its id.
    pub id: Id<kind::Monitor>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it hears: a name people know.
    pub name: String,
    /// SHA-256 of the secret in its address.
    pub digest: String,
    /// A sign of life at least so often.
    pub every_minutes: u32,
    /// And so much later at most.
    pub grace_minutes: u32,
    /// How bad its silence is.
    pub severity: Severity,
}

/// A monitor as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// Its id.
    pub id: Id<kind::Monitor>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// What it hears.
    pub name: String,
    /// A sign of life at least so often.
    pub every_minutes: u32,
    /// And so much later at most.
    pub grace_minutes: u32,
    /// How bad its silence is.
    pub severity: Severity,
    /// The last sign of life.
    pub last_at: Option<Timestamp>,
    /// From then on without one it is silent.
    pub deadline: Timestamp,
    /// Whether its silence calls nobody now.
    pub paused: Option<Pause>,
    /// Whether the scope may close it.
    pub may_change: bool,
}

/// Makes a monitor. Needs [`Right::Prepare`] over the body. `Refused`: `text-empty`, `text-long`, `monitor-minutes`,
/// `monitors-many`.
pub async fn make_monitor(tx: &mut Tx, scope: &Scope, new: &NewMonitor) -> Result<(), StoreError> {
    may(tx, scope, new.body).await?;
    let name = said(&new.name, NAME_MAX)?;
    if !(1..=MINUTES_MAX).contains(&new.every_minutes) || new.grace_minutes > MINUTES_MAX {
        return Err(StoreError::Refused("monitor-minutes"));
    }
    let held = tx
        .row("select count(*) as n from monitor where body = $1 and closed_at is null", args![new.body])
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("monitors-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into monitor (id, body, name, sort_key, digest, every_minutes, grace_minutes, severity, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![
            new.id,
            new.body,
            &name,
            sort_key(&name),
            &new.digest,
            new.every_minutes,
            new.grace_minutes,
            new.severity.name(),
            now
        ],
    )
    .await?;
    let subject = format!("monitor:{}", new.id);
    let detail = (&name, new.every_minutes, new.grace_minutes, new.severity);
    tx.record("monitor.created", &subject, Some(new.body), &detail);
    tx.changed(Topic::Callout, subject, Some(new.body));
    Ok(())
}

/// Closes a monitor: it is listened to no more.
pub async fn close_monitor(tx: &mut Tx, scope: &Scope, id: Id<kind::Monitor>) -> Result<(), StoreError> {
    let row = tx.row("select body from monitor where id = $1 and closed_at is null", args![id]).await?;
    let body = row.ok_or(StoreError::NotFound("monitor"))?.id("body")?;
    may(tx, scope, body).await.map_err(|_| StoreError::NotFound("monitor"))?;
    let now = tx.now();
    tx.exec("update monitor set closed_at = $2 where id = $1", args![id, now]).await?;
    tx.record("monitor.closed", format!("monitor:{id}"), Some(body), &());
    tx.changed(Topic::Callout, format!("monitor:{id}"), Some(body));
    Ok(())
}

async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::Prepare, "b.id");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

/// A sign of life. What was called for its silence is over by itself. `NotFound` for a secret that names no monitor.
pub async fn beat(db: &Db, tools: &Tools<'_>, now: Timestamp, secret: &str) -> Result<(), StoreError> {
    let mut sql = db.read().await?;
    let row = sql
        .row(
            "select id, body, last_at from monitor where digest = $1 and closed_at is null",
            args![digest(secret)],
        )
        .await?;
    let row = row.ok_or(StoreError::NotFound("monitor"))?;
    let (id, body): (Id<kind::Monitor>, Id<kind::Body>) = (row.id("id")?, row.id("body")?);
    if row.opt_time("last_at")?.is_some_and(|last| now.duration_since(last) < WRITE_EVERY) {
        return Ok(());
    }
    drop(sql);
    crate::write!(db, domain::actor::Actor::System, now, tx => heard(tx, tools, id, body).await)
}

/// A sign of life through the API. Needs [`Right::Prepare`] over the monitor's body.
pub async fn beat_of(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Monitor>,
) -> Result<(), StoreError> {
    let row = tx.row("select body from monitor where id = $1 and closed_at is null", args![id]).await?;
    let body = row.ok_or(StoreError::NotFound("monitor"))?.id("body")?;
    may(tx, scope, body).await.map_err(|_| StoreError::NotFound("monitor"))?;
    heard(tx, tools, id, body).await
}

async fn heard(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Monitor>,
    body: Id<kind::Body>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.unchanged();
    tx.exec("update monitor set last_at = $2 where id = $1", args![id, now]).await?;
    let open = tx
        .rows(
            "select id from callout where subject = $1 and standing in ('open', 'acknowledged')",
            args![format!("monitor:{id}")],
        )
        .await?;
    for row in &open {
        let mut of = any(tx, row.id("id")?).await?;
        finish(tx, tools, &mut of, None, "", "").await?;
    }
    tx.changed(Topic::Callout, format!("monitor:{id}"), Some(body));
    Ok(())
}

/// Raises a call-out for every monitor that has fallen silent: one a silence. Returns when to look again.
pub async fn look(tx: &mut Tx, tools: &Tools<'_>) -> Result<Timestamp, StoreError> {
    let now = tx.now();
    let mut next = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    let mut quiet = true;
    let rows = tx
        .rows(
            "select m.*, b.name as body_name from monitor m join body b on b.id = m.body where m.closed_at is null",
            vec![],
        )
        .await?;
    for row in &rows {
        let of = monitor(row, now)?;
        if of.deadline > now {
            next = next.min(of.deadline);
            continue;
        }
        let since = of.last_at.unwrap_or(row.time("created_at")?);
        let key = format!("monitor/{}/{}", of.id, since.as_microsecond());
        let words = vec![("monitor", of.name), ("body", of.body_name), ("since", written(since))];
        let new = New {
            key,
            about: About::Monitor,
            subject: format!("monitor:{}", of.id),
            body: of.body,
            post: None,
            person: None,
            severity: of.severity,
            words,
            since: now,
        };
        quiet &= raise(tx, tools, new).await?.is_none();
    }
    if quiet {
        tx.unchanged();
    }
    Ok(next)
}

/// The monitors a scope may see.
pub async fn monitors(sql: &mut Sql, scope: &Scope, now: Timestamp) -> Result<Vec<Monitor>, StoreError> {
    let mut query = Query::new("select m.*, b.name as body_name, cast(case when");
    query.visible(scope, Right::Prepare, "m.body");
    query.push(
        "then 1 else 0 end as bigint) as may from monitor m join body b on b.id = m.body where m.closed_at is null and",
    );
    query.visible(scope, Right::See, "m.body").push("order by b.sort_key, b.id, m.sort_key, m.id limit 1000");
    let rows = query.rows(sql).await?;
    let mut found = Vec::new();
    for row in &rows {
        let mut one = monitor(row, now)?;
        one.may_change = row.int("may")? > 0;
        found.push(one);
    }
    Ok(found)
}

fn monitor(row: &Row, now: Timestamp) -> Result<Monitor, StoreError> {
    let (every, grace) = (row.count("every_minutes")?, row.count("grace_minutes")?);
    let last_at = row.opt_time("last_at")?;
    let since = last_at.unwrap_or(row.time("created_at")?);
    // Silence within a pause is none; from its end on it has as long as ever.
    let since = row.opt_time("paused_until")?.map_or(since, |until| until.max(since));
    let wait = SignedDuration::from_mins(i64::from(every) + i64::from(grace));
    Ok(Monitor {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        every_minutes: every,
        grace_minutes: grace,
        severity: row.word("severity", Severity::parse)?,
        last_at,
        deadline: since.checked_add(wait).unwrap_or(Timestamp::MAX),
        paused: Pause::of(row, now)?,
        may_change: false,
    })
}

/// A test call or a drill at a post: everybody in the list is called by themselves, and who answers is counted.
pub(crate) async fn try_out(
    tx: &mut Tx,
    tools: &Tools<'_>,
    post: &domain::roster::Post,
    about: About,
    people: &[Id<kind::Person>],
) -> Result<u32, StoreError> {
    let now = tx.now();
    let mut called = 0;
    for person in people {
        let who = crate::assignments::person_name(tx, *person).await?;
        let new = New {
            // One a minute is enough, however often the button is pressed.
            key: format!("{}/{}/{person}/{}", about.name(), post.id, now.as_second() / 60),
            about,
            subject: format!("post:{}", post.id),
            body: post.body,
            post: Some(post.id),
            person: Some(*person),
            severity: Severity::High,
            words: vec![("post", post.name.clone()), ("who", who)],
            since: now,
        };
        called += u32::from(raise(tx, tools, new).await?.is_some());
    }
    Ok(called)
}

/// How many of the calls of that kind at a post within that time were answered in time, of how many.
pub(crate) async fn tried(
    sql: &mut Sql,
    post: Id<kind::Post>,
    about: About,
    when: Window,
) -> Result<(u32, u32), StoreError> {
    let row = sql
        .row(
            "select count(*) as n, coalesce(sum(case c.standing when $3 then 1 else 0 end), 0) as ok from callout c
             where c.post = $1 and c.about = $2 and c.at >= $4 and c.at < $5",
            args![post, about.name(), Standing::Resolved.name(), when.from, when.to],
        )
        .await?;
    row.map_or(Ok((0, 0)), |r| Ok((r.count("ok")?, r.count("n")?)))
}
