//! What evaluators of MON, LOGS and AVC read: systems heard, alerts taken, logs kept, machines in contact.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    evidence::Count,
    id::{Id, kind},
    monitoring::{self, DROP_RULE, Held, Minutes, SILENT_RULE, Terms},
    time::Window,
};
use jiff::Timestamp;

use super::{
    Task,
    answering::{Figures, NAMED_MAX, widest},
    known::distinct,
};
use crate::{
    Query, Sql, StoreError,
    hosts::{Contact, contacts},
    sources::{SystemHeard, systems},
};

type All = HashMap<Id<kind::Task>, Figures>;

/// Registered systems and alerts, for tasks of MON. Without a window the time from the order on counts.
pub async fn heard(sql: &mut Sql, tasks: &[&Task], now: Timestamp, terms: &Terms) -> Result<All, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let all = systems(sql, &Scope::system(), &bodies, widest(tasks), terms.gap()).await?;
    let alerts = alerts(sql, &bodies, widest(tasks)).await?;
    let (all, alerts) = (by_body(&all, |s| s.body), by_body(&alerts, |a| a.body));
    let one = |task: &&Task| (task.id, heard_of(task, of(&all, task), of(&alerts, task), now, terms));
    Ok(tasks.iter().map(one).collect())
}

/// What there is of each body, so that nobody looks through all of it for every task.
fn by_body<T>(all: &[T], body: impl Fn(&T) -> Id<kind::Body>) -> HashMap<Id<kind::Body>, Vec<&T>> {
    let mut of: HashMap<_, Vec<&T>> = HashMap::new();
    all.iter().for_each(|one| of.entry(body(one)).or_default().push(one));
    of
}

fn of<'a, 'b, T>(all: &'a HashMap<Id<kind::Body>, Vec<&'b T>>, task: &Task) -> &'a [&'b T] {
    all.get(&task.body).map_or(&[], Vec::as_slice)
}

fn heard_of(
    task: &Task,
    systems_of: &[&SystemHeard],
    alerts: &[&Taken],
    now: Timestamp,
    terms: &Terms,
) -> Figures {
    let (window, gap) = (within(task), terms.gap());
    let (mut minutes, mut systems, mut heard, mut sourced) = (Minutes::default(), 0, 0, 0);
    let mut figures = Figures::default();
    let mut next: Option<Timestamp> = None;
    for system in systems_of {
        let line = monitoring::timeline(window, now, gap, &system.spoken());
        minutes = minutes.and(monitoring::minutes(window, &line));
        let (held, until) = monitoring::at(now, gap, &system.speaking());
        systems += 1;
        heard += u32::from(held == Held::Heard);
        sourced += u32::from(held != Held::Unknown);
        next = [next, until].into_iter().flatten().min();
        figures.subjects.extend(system.sources.iter().map(|s| format!("source:{}", s.id)));
    }
    let (mut raised, mut taken, mut waiting, mut late) = (0, 0, 0, 0);
    for alert in alerts.iter().filter(|a| window.contains(a.raised)) {
        let due = alert.raised.checked_add(terms.triage()).unwrap_or(Timestamp::MAX);
        raised += 1;
        match alert.taken {
            Some(at) if at <= due => taken += 1,
            Some(_) => late += 1,
            None if due < now => waiting += 1,
            None => next = [next, Some(due)].into_iter().flatten().min(),
        }
    }
    let count = |handled, all| Count { handled, all };
    figures.counts = vec![
        ("mon-minutes", count(minutes.heard, minutes.all)),
        ("mon-past", count(minutes.silent, minutes.unknown)),
        ("mon-systems", count(heard, systems)),
        ("mon-sourced", count(sourced, systems)),
        ("mon-alerts", count(taken, raised)),
        ("mon-late", count(waiting, late)),
    ];
    // The moment after: until then it is believed.
    let after = next.and_then(|at| at.checked_add(jiff::SignedDuration::from_micros(1)).ok());
    figures.times = after.map(|at| ("mon-next", at)).into_iter().collect();
    figures.subjects.truncate(NAMED_MAX);
    figures
}

/// An order without a window has no minutes: it is judged by what is heard now.
fn within(task: &Task) -> Window {
    task.window.unwrap_or(Window { from: task.due, to: task.due })
}

struct Taken {
    body: Id<kind::Body>,
    raised: Timestamp,
    taken: Option<Timestamp>,
}

/// Alerts somebody has to take: those nobody is to be woken for, and those about sources themselves, are left out.
async fn alerts(sql: &mut Sql, bodies: &[Id<kind::Body>], window: Window) -> Result<Vec<Taken>, StoreError> {
    let mut query = Query::new("select body, raised_at, owned_at, closed_at from alert where body in");
    query.list(bodies.iter().copied()).push("and rank > 0 and rule not in").list([SILENT_RULE, DROP_RULE]);
    query.push("and raised_at >=").bind(window.from).push("and raised_at <").bind(window.to);
    let one = |row: &crate::Row| {
        Ok(Taken {
            body: row.id("body")?,
            raised: row.time("raised_at")?,
            taken: [row.opt_time("owned_at")?, row.opt_time("closed_at")?].into_iter().flatten().min(),
        })
    };
    query.rows(sql).await?.iter().map(one).collect()
}

/// How long logs of registered systems are kept, for tasks of LOGS.
pub async fn retention(
    sql: &mut Sql,
    tasks: &[&Task],
    now: Timestamp,
    terms: &Terms,
) -> Result<All, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let none = Window { from: now, to: now };
    let all = systems(sql, &Scope::system(), &bodies, none, terms.gap()).await?;
    let all = by_body(&all, |s| s.body);
    let one = |task: &&Task| {
        let (mut kept, mut unknown, mut sourced, mut systems) = (0, 0, 0, 0);
        let mut next: Option<Timestamp> = None;
        for system in of(&all, task) {
            systems += 1;
            sourced += u32::from(!system.sources.is_empty());
            match system.level.zip(system.oldest()) {
                Some((level, oldest)) => {
                    let whole = oldest.checked_add(terms.retention(level)).unwrap_or(Timestamp::MAX);
                    kept += u32::from(whole <= now);
                    next = [next, Some(whole).filter(|at| *at > now)].into_iter().flatten().min();
                }
                None => unknown += 1,
            }
        }
        let count = |handled, all| Count { handled, all };
        let counts = vec![("logs-systems", count(kept, systems)), ("logs-unknown", count(unknown, sourced))];
        let times = next.map(|at| ("logs-next", at)).into_iter().collect();
        (task.id, Figures { counts, times, subjects: Vec::new() })
    };
    Ok(tasks.iter().map(one).collect())
}

/// Registered machines and when a console last spoke of each, for tasks of AVC.
pub async fn consoles(
    sql: &mut Sql,
    tasks: &[&Task],
    now: Timestamp,
    terms: &Terms,
) -> Result<All, StoreError> {
    let bodies = distinct(tasks.iter().map(|t| t.body));
    let all = contacts(sql, &Scope::system(), &bodies).await?;
    let all = by_body(&all, |c| c.body);
    let one = |task: &&Task| {
        let (mut hosts, mut lately, mut ever, mut unregistered) = (0, 0, 0, 0);
        let mut next: Option<Timestamp> = None;
        for contact in of(&all, task) {
            let Contact { host, last, .. } = contact;
            hosts += u32::from(host.is_some());
            unregistered += u32::from(host.is_none());
            ever += u32::from(last.is_some());
            let until = last.and_then(|at| at.checked_add(terms.contact()).ok()).filter(|until| now < *until);
            if host.is_some() && until.is_some() {
                lately += 1;
                next = [next, until].into_iter().flatten().min();
            }
        }
        let count = |handled, all| Count { handled, all };
        let counts = vec![("avc-hosts", count(lately, hosts)), ("avc-heard", count(ever, unregistered))];
        let times = next.map(|at| ("avc-next", at)).into_iter().collect();
        (task.id, Figures { counts, times, subjects: Vec::new() })
    };
    Ok(tasks.iter().map(one).collect())
}
