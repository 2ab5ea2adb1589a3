//! Findings to alerts, in the transaction that says how far the log was read.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    alert::{
        Effect, Finding, Lately, OnCall, Open, STORM_MINUTES, STORM_RULE, Standing, Suppression, Weight,
        decide,
    },
    id::{Id, kind},
    paging::{About, Severity},
    system::Level,
};
use jiff::{SignedDuration, Timestamp};

use super::{Alert, write};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, written},
    callouts,
    sources::{Followed, follow},
};

/// Events kept of one alert: what it looked like. All of them are in the log.
const EVENTS: i64 = 100;
/// Keys asked for at once.
const KEYS: usize = 200;

/// What came of recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Whether it was recorded before; nothing was done then.
    pub before: bool,
    /// The new alerts.
    pub raised: Vec<Id<kind::Alert>>,
    /// Call-outs begun.
    pub paged: usize,
}

/// Records what was found since a place of the log, and how far it was read. Where the log was read further already
/// nothing happens: another process did it, or this one before it was killed.
pub async fn record(
    tx: &mut Tx,
    tools: &Tools<'_>,
    follower: &str,
    (from, to): (i64, Followed),
    findings: &[Finding],
) -> Result<Recorded, StoreError> {
    if !follow(tx, follower, from, to).await? {
        tx.unchanged();
        return Ok(Recorded { before: true, ..Recorded::default() });
    }
    if findings.is_empty() {
        tx.unchanged();
        return Ok(Recorded::default());
    }
    found(tx, tools, findings).await
}

/// What was found becomes alerts, more of alerts, or is silenced: [`decide`] says which.
pub async fn found(tx: &mut Tx, tools: &Tools<'_>, findings: &[Finding]) -> Result<Recorded, StoreError> {
    let mut done = Recorded::default();
    let now = tx.now();
    let (standing, on_call) = standing(tx, findings, now).await?;
    let effects = decide(findings, &standing, &on_call, now);
    if effects.is_empty() {
        tx.unchanged();
    }
    let mut by_key: BTreeMap<String, Id<kind::Alert>> =
        standing.open.iter().map(|o| (o.key.clone(), o.id)).collect();
    for effect in &effects {
        match effect {
            Effect::Raise { key, findings: places, .. } => {
                let id = Id::new(tools.ids);
                raise(tx, id, effect, findings).await?;
                add_events(tx, id, 0, pick(findings, places)).await?;
                by_key.insert(key.clone(), id);
                done.raised.push(id);
            }
            Effect::Add { alert, severity, findings: places, .. } => {
                add(tx, *alert, *severity, pick(findings, places), effect).await?;
            }
            Effect::Page { key, body, severity } => {
                if let Some(id) = by_key.get(key) {
                    done.paged += usize::from(page(tx, tools, *id, *body, *severity).await?);
                }
            }
            Effect::Silence { suppression, findings } => {
                let n = i64::try_from(*findings).unwrap_or(i64::MAX);
                tx.exec("update suppression set hits = hits + $2 where id = $1", args![*suppression, n])
                    .await?;
            }
        }
    }
    // Silenced findings are counted, which is no act; alerts are recorded one by one above.
    if effects.iter().all(|e| matches!(e, Effect::Silence { .. })) {
        tx.unchanged();
    }
    Ok(done)
}

fn pick<'a>(findings: &'a [Finding], places: &[usize]) -> Vec<&'a Finding> {
    places.iter().filter_map(|place| findings.get(*place)).collect()
}

async fn raise(tx: &mut Tx, id: Id<kind::Alert>, effect: &Effect, all: &[Finding]) -> Result<(), StoreError> {
    let Effect::Raise { key, rule, severity, why, findings } = effect else { return Ok(()) };
    let of = pick(all, findings);
    let Some(first) = of.first() else { return Ok(()) };
    let storm = rule == STORM_RULE;
    let (from, to) = ends(&of, first.at);
    let now = tx.now();
    let text = |text: &str| if storm { String::new() } else { text.to_owned() };
    let why_json = serde_json::to_string(why).map_err(|e| StoreError::Corrupt("alert", e.to_string()))?;
    tx.exec(
        "insert into alert (id, body, system, key, rule, title, about, severity, rank, why, host, account, address,
           first_at, last_at, raised_at, events, status)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,'new')",
        args![
            id,
            first.body,
            first.system.filter(|_| !storm),
            key,
            rule,
            text(&first.title),
            text(&first.about),
            severity.name(),
            rank(*severity),
            why_json,
            text(&first.host),
            text(&first.user),
            text(&first.address),
            from,
            to,
            now,
            count(of.len())
        ],
    )
    .await?;
    write(tx, id, "raised", None, "").await?;
    let subject = Alert::subject_of(id);
    tx.record("alert.raised", &subject, Some(first.body), &(rule, severity, why, of.len()));
    tx.changed(Topic::Alert, subject, Some(first.body));
    Ok(())
}

async fn add(
    tx: &mut Tx,
    id: Id<kind::Alert>,
    severity: Severity,
    of: Vec<&Finding>,
    effect: &Effect,
) -> Result<(), StoreError> {
    let Some(first) = of.first() else { return Ok(()) };
    let (from, to) = ends(&of, first.at);
    let row = tx.row("select severity, events from alert where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("alert"))?;
    let before = row.word("severity", Severity::parse)?;
    tx.exec(
        "update alert set events = events + $2, severity = $3, rank = $4,
           first_at = case when first_at > $5 then $5 else first_at end,
           last_at = case when last_at < $6 then $6 else last_at end where id = $1",
        args![id, count(of.len()), severity.name(), rank(severity), from, to],
    )
    .await?;
    let body = first.body;
    add_events(tx, id, row.int("events")?, of).await?;
    let subject = Alert::subject_of(id);
    if severity > before
        && let Effect::Add { why, .. } = effect
    {
        let why = serde_json::to_string(why).map_err(|e| StoreError::Corrupt("alert", e.to_string()))?;
        tx.exec("update alert set why = $2 where id = $1", args![id, why]).await?;
        write(tx, id, "worse", None, severity.name()).await?;
    }
    tx.record("alert.grew", &subject, Some(body), &(severity, from, to));
    tx.changed(Topic::Alert, subject, Some(body));
    Ok(())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// For sorting: the worst has the highest.
fn rank(severity: Severity) -> i64 {
    Severity::ALL.iter().position(|s| *s == severity).map_or(0, count)
}

fn ends(of: &[&Finding], first: Timestamp) -> (Timestamp, Timestamp) {
    of.iter().fold((first, first), |(from, to), f| (from.min(f.at), to.max(f.at)))
}

async fn add_events(
    tx: &mut Tx,
    id: Id<kind::Alert>,
    held: i64,
    of: Vec<&Finding>,
) -> Result<(), StoreError> {
    let json = |e: serde_json::Error| StoreError::Corrupt("alert", e.to_string());
    let room = usize::try_from(EVENTS.saturating_sub(held)).unwrap_or(0);
    // What no line says, because none came, has no event.
    let said = of.into_iter().filter(|f| !f.raw.is_empty());
    for (n, finding) in said.take(room).enumerate() {
        tx.exec(
            "insert into alert_event (alert, seq, at, source, position, line, because, raw)
             values ($1,$2,$3,$4,$5,$6,$7,$8)",
            args![
                id,
                held.saturating_add(count(n)),
                finding.at,
                finding.source,
                finding.place.0,
                finding.place.1,
                serde_json::to_string(&finding.because).map_err(json)?,
                &finding.raw
            ],
        )
        .await?;
    }
    Ok(())
}

/// Calls whoever watches; `false` where nobody can be called or was called for this before.
async fn page(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Alert>,
    called: Id<kind::Body>,
    severity: Severity,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "select a.title, a.host, a.rule, a.raised_at, b.name as body_name from alert a join body b on b.id = a.body
             where a.id = $1",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("alert"))?;
    let storm = row.text("rule")? == STORM_RULE;
    let title = if storm {
        "Nhiều cảnh báo cùng lúc · Many alerts at once".to_owned()
    } else {
        row.text("title")?
    };
    let now = tx.now();
    let host = Some(row.text("host")?).filter(|h| !h.is_empty()).unwrap_or_else(|| "–".to_owned());
    let new = callouts::New {
        key: format!("alert/{id}/{}", severity.name()),
        about: About::Alert,
        subject: Alert::subject_of(id),
        body: called,
        post: None,
        person: None,
        severity,
        words: vec![
            ("alert", title),
            ("host", host),
            ("body", row.text("body_name")?),
            ("since", written(row.time("raised_at")?)),
        ],
        since: now,
    };
    match callouts::raise(tx, tools, new).await {
        Ok(raised) => Ok(raised.is_some()),
        // A legal pack without terms of the watch: the alert stands all the same.
        Err(StoreError::Refused(_)) => {
            write(tx, id, "not-called", None, "").await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// What stands where these findings were made.
async fn standing(
    sql: &mut Sql,
    findings: &[Finding],
    now: Timestamp,
) -> Result<(Standing, OnCall), StoreError> {
    let bodies: BTreeSet<Id<kind::Body>> = findings.iter().map(|f| f.body).collect();
    let mut keys: BTreeSet<String> = findings.iter().map(Finding::key).collect();
    keys.extend(bodies.iter().map(|body| format!("{body}|{STORM_RULE}|")));
    let keys: Vec<String> = keys.into_iter().collect();
    let mut standing = Standing::default();
    for some in keys.chunks(KEYS) {
        let mut query = Query::new(
            "select id, key, severity, events, last_at, raised_at from alert where status in ('new', 'owned') and key in",
        );
        query.list(some.iter()).push("order by raised_at desc, id desc");
        for row in query.rows(sql).await? {
            standing.open.push(Open {
                id: row.id("id")?,
                key: row.text("key")?,
                severity: row.word("severity", Severity::parse)?,
                events: u64::try_from(row.int("events")?).unwrap_or(0),
                // An event's own clock may be wrong: an alert just raised is not old.
                last_at: row.time("last_at")?.max(row.time("raised_at")?),
            });
        }
    }
    let systems: BTreeSet<Id<kind::System>> = findings.iter().filter_map(|f| f.system).collect();
    let mut query = Query::new("select id, level, important from system where id in");
    query.list(systems);
    for row in query.rows(sql).await? {
        let level = row.opt_int("level")?.and_then(|n| u8::try_from(n).ok()).and_then(Level::new);
        standing.systems.insert(row.id("id")?, Weight { level, important: row.bool("important")? });
    }
    let mut query = Query::new(
        "select id, body, rule, field, value, until_at from suppression where lifted_at is null and until_at >",
    );
    query.bind(now).push("and body in").list(bodies.iter().copied()).push("order by created_at, id");
    for row in query.rows(sql).await? {
        standing.suppressions.push(Suppression {
            id: row.id("id")?,
            body: row.id("body")?,
            rule: row.text("rule")?,
            field: row.text("field")?,
            value: row.text("value")?,
            until: row.time("until_at")?,
        });
    }
    let mut on_call = OnCall::new();
    for body in bodies {
        standing.bodies.insert(body, lately(sql, body, now).await?);
        if let Some(called) = watch(sql, body, now).await? {
            on_call.insert(body, called);
        }
    }
    Ok((standing, on_call))
}

async fn lately(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Lately, StoreError> {
    let since = now.checked_sub(SignedDuration::from_mins(STORM_MINUTES)).unwrap_or(Timestamp::MIN);
    let row = sql
        .row(
            "select (select count(*) from alert where body = $1 and raised_at > $3) as alerts,
               (select count(*) from campaign c where c.state = 'issued' and c.window_from <= $2 and c.window_to > $2
                  and (c.body = $1 or exists (select 1 from assignment a where a.campaign = c.id and a.body = $1
                                              and a.cancelled_at is null))) as windows",
            args![body, now, since],
        )
        .await?
        .ok_or(StoreError::NotFound("body"))?;
    Ok(Lately { window: row.int("windows")? > 0, alerts: usize::try_from(row.int("alerts")?).unwrap_or(0) })
}

/// The nearest body, upwards, at one of whose posts somebody is on duty now.
async fn watch(
    sql: &mut Sql,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Option<Id<kind::Body>>, StoreError> {
    let row = sql
        .row(
            "select c.above from body_closure c join post p on p.body = c.above and p.closed_at is null
             join shift s on s.post = p.id and s.from_at <= $2 and s.to_at > $2
             where c.below = $1 order by c.depth, c.above limit 1",
            args![body, now],
        )
        .await?;
    row.map(|r| r.id("above")).transpose()
}
