//! Logs of the province: sources of some bodies, heard through last year's Tết and to this day — some whole, some with
//! gaps, some silent —, machines their anti-malware speaks of, and somebody guessing passwords. Lines go into the log as
//! they would from outside; what follows from them the data path finds by itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, kind},
    source::Kind,
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use lake::{Batch, Limits, Log, Record, Tools as LogTools};
use store::{
    StoreError,
    assignments::Tools,
    hosts,
    sign_in::digest,
    sources::{self, Flush, New},
};

use super::{cast::Member, live, order, province::LEAD};
use crate::centre::Centre;

/// Lines of an ordinary morning and of the guessing, with `{n}` for what changes.
const QUIET: &str = "<38>sshd[2210]: Accepted publickey for vanthu from 10.20.0.11 port 4{n} ssh2";
const GUESS: &str = "<38>sshd[2291]: Failed password for invalid user admin from 203.0.113.45 port 5{n} ssh2";
/// Sources are heard this often in what is told of the past: within the hour that is allowed.
const STEP: SignedDuration = SignedDuration::from_mins(50);
/// So much of the past is told up to now: what is usual is learned from it.
const PAST: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Of so many days something was kept: more than systems of their level ask.
const DAYS: i64 = 36;

/// How a source was through last year's Tết, and is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Heard throughout.
    Whole,
    /// Silent for a night of it.
    Gap,
    /// Silent since before it: somebody switched the sending off.
    Silent,
    /// Made a few weeks ago.
    Young,
}

/// Department, its system, name, way in, address, course.
pub type Told = (usize, usize, &'static str, Kind, Option<&'static str>, Course);
pub const SOURCES: [Told; 9] = [
    (0, 0, "Máy chủ cổng thông tin (nginx)", Kind::Lines, None, Course::Whole),
    (0, 1, "Máy chủ một cửa (nhật ký hệ thống)", Kind::Lines, None, Course::Whole),
    (1, 0, "Máy chủ web", Kind::Syslog, Some("10.21.0.20"), Course::Whole),
    (1, 1, "Máy chủ cơ sở dữ liệu", Kind::Elastic, None, Course::Gap),
    (2, 0, "Máy chủ web", Kind::Elastic, None, Course::Whole),
    (3, 0, "Máy chủ web", Kind::Syslog, Some("10.23.0.20"), Course::Silent),
    (3, 1, "Máy chủ nghiệp vụ", Kind::Syslog, Some("10.23.0.21"), Course::Silent),
    (4, 0, "Máy chủ web", Kind::Elastic, None, Course::Young),
    (4, 1, "Máy chủ miền (Windows)", Kind::Elastic, None, Course::Young),
];
/// The lead body's.
pub const CONSOLE: &str = "Máy chủ quản trị phòng, chống mã độc";
pub const FIREWALL: &str = "Tường lửa của sở";

/// Nobody sends to a demonstration that is not live, so its sources fall silent when it starts or ends. They may for a
/// week, and an hour has too few events for *much less than usual* to be said: else the demonstration would call people
/// in its first hour.
const QUIET_MINUTES: u32 = 7 * 24 * 60;
const BY_DAY: u64 = 50;
const BY_NIGHT: u64 = 15;

fn new(centre: &Centre, member: &Member, name: &str, kind: Kind, address: Option<&str>) -> New {
    source(centre, member.body, name, kind, address)
}

/// A source of the demonstration.
pub fn source(centre: &Centre, body: Id<kind::Body>, name: &str, kind: Kind, address: Option<&str>) -> New {
    New {
        id: Id::new(&*centre.ids),
        body,
        system: None,
        name: name.to_owned(),
        kind,
        // Whoever tries it gives it a token of their own, on its page.
        digest: digest(&store::sign_in::text(&centre.secrets.bytes())),
        address: address.map(str::to_owned),
        zone: "Asia/Ho_Chi_Minh".into(),
        rate: 1_000,
        quiet_minutes: QUIET_MINUTES,
    }
}

async fn make(centre: &Centre, member: &Member, new: &New, at: Timestamp) -> Result<()> {
    order::written(store::write!(centre.db, member.officer.actor(), at, tx => {
        sources::create(tx, &Scope::system(), new).await
    }))
}

/// Makes the sources of that course.
async fn found(
    centre: &Centre,
    members: &[Member],
    at: Timestamp,
    young: bool,
) -> Result<Vec<(Id<kind::Source>, Course)>> {
    let departments: Vec<&Member> = members.iter().filter(|m| m.place.kind == BodyKind::Department).collect();
    let mut made = Vec::new();
    for (n, system, name, kind, address, course) in SOURCES {
        let Some(member) = departments.get(n).filter(|_| (course == Course::Young) == young) else {
            continue;
        };
        let window = Window { from: at, to: at };
        let mut sql = centre.db.read().await?;
        let systems =
            sources::systems(&mut sql, &Scope::system(), &[member.body], window, SignedDuration::ZERO)
                .await?;
        drop(sql);
        let mut source = new(centre, member, name, kind, address);
        source.system = systems.get(system).map(|s| s.id);
        make(centre, member, &source, at).await?;
        made.push((source.id, course));
    }
    Ok(made)
}

/// Some sources speak at that moment.
async fn speak(
    centre: &Centre,
    who: impl Iterator<Item = Id<kind::Source>>,
    at: Timestamp,
    contacts: &BTreeMap<String, Timestamp>,
) -> Result<()> {
    let hour = time::local(at).hour();
    let events = if (8..17).contains(&hour) { BY_DAY } else { BY_NIGHT };
    let flush = Flush {
        received: events,
        kept: events,
        last_at: Some(at),
        contacts: contacts.clone(),
        ..Flush::default()
    };
    let all: Vec<(Id<kind::Source>, Flush)> = who.map(|id| (id, flush.clone())).collect();
    sources::flush(&centre.db, at, &all, &[]).await?;
    let base = centre.config.public_url();
    let tools = Tools { ids: &*centre.ids, base: &base, pack: centre.legal.on(time::date(at)) };
    // Listening since that moment: of the past nobody is called for silence.
    sources::look(&centre.db, &tools, at, at).await?;
    Ok(())
}

/// Last year's Tết: from before it to after it.
pub async fn tet(centre: &Centre, members: &[Member], made: Timestamp, window: Window) -> Result<()> {
    let all = found(centre, members, made, false).await.context("sources")?;
    let none = BTreeMap::new();
    speak(centre, all.iter().map(|(id, _)| *id), made, &none).await?;
    let night = window.from.checked_add(SignedDuration::from_hours(3 * 24 + 1))?;
    let gap = Window { from: night, to: night.checked_add(SignedDuration::from_hours(9))? };
    let mut at = window.from.checked_sub(STEP)?;
    while at <= window.to.checked_add(STEP)? {
        let heard = |course: Course| match course {
            Course::Whole => true,
            Course::Gap => !gap.contains(at),
            Course::Silent | Course::Young => false,
        };
        speak(centre, all.iter().filter(|(_, c)| heard(*c)).map(|(id, _)| *id), at, &none).await?;
        at = at.checked_add(STEP)?;
    }
    Ok(())
}

/// The weeks up to now; the log they are in.
pub async fn come(centre: &Centre, members: &[Member], now: Timestamp) -> Result<Log> {
    let young = now.checked_sub(SignedDuration::from_hours(24 * 24))?;
    let mut all = found(centre, members, young, true).await.context("sources")?;
    let mut sql = centre.db.read().await?;
    let known = sources::list(&mut sql, &Scope::system(), &sources::Filter::default()).await?;
    drop(sql);
    let silent: Vec<&str> =
        SOURCES.iter().filter(|(.., course)| *course == Course::Silent).filter_map(|(.., a, _)| *a).collect();
    for source in &known {
        let dark = source.known.address.as_deref().is_some_and(|a| silent.contains(&a));
        if !dark && all.iter().all(|(id, _)| *id != source.known.id) {
            all.push((source.known.id, Course::Whole));
        }
    }
    let lead = members.get(LEAD).context("the lead body")?;
    let console = new(centre, lead, CONSOLE, Kind::Elastic, None);
    make(centre, lead, &console, young).await?;
    let first = members.iter().find(|m| m.place.kind == BodyKind::Department).context("a department")?;
    let firewall = new(centre, first, FIREWALL, Kind::Syslog, Some("10.20.0.1"));
    make(centre, first, &firewall, now).await?;

    let machines = machines(centre, members, now).await.context("machines")?;
    let none = BTreeMap::new();
    let mut at = now.checked_sub(PAST)?;
    while at < now {
        speak(centre, all.iter().map(|(id, _)| *id), at, &none).await?;
        at = at.checked_add(STEP)?;
    }
    speak(centre, all.iter().map(|(id, _)| *id), now, &none).await?;
    speak(centre, std::iter::once(console.id), now, &machines).await?;
    let tools = LogTools { clock: centre.clock.clone(), secrets: centre.secrets.clone() };
    let log =
        Log::open(&centre.data.path("events"), Limits::default(), tools).context("the log of events")?;
    keep(&log, &known, now).await.context("what was kept")?;
    guess(centre, &log, first, &known, now).await?;
    Ok(log)
}

/// A minute of every day that is kept, as it came then: so that something is there to be found, for as long as is told.
async fn keep(log: &Log, known: &[sources::Shown], now: Timestamp) -> Result<()> {
    for day in (1..=DAYS).rev() {
        let at = now.checked_sub(SignedDuration::from_hours(24 * day))?;
        let mut by_source: BTreeMap<Id<kind::Source>, (Id<kind::Body>, Vec<Record>)> = BTreeMap::new();
        let there: Vec<_> = known.iter().filter(|s| s.created_at <= at).cloned().collect();
        for (source, line) in live::minute(at, &there) {
            let record = Record { line: line.into_bytes(), ..Record::default() };
            by_source.entry(source.id).or_insert_with(|| (source.body, Vec::new())).1.push(record);
        }
        for (source, (body, records)) in by_source {
            log.append(Batch { source, body, at, key: None, records }).await?;
        }
    }
    Ok(())
}

/// When the console last spoke of each machine: of the first department's all today, of the next body's some long ago, of
/// the others' none.
async fn machines(
    centre: &Centre,
    members: &[Member],
    now: Timestamp,
) -> Result<BTreeMap<String, Timestamp>> {
    let mut told = BTreeMap::new();
    let old = now.checked_sub(SignedDuration::from_hours(9 * 24))?;
    let some = members.iter().filter(|m| m.place.kind == BodyKind::Department).take(2);
    for (n, member) in some.enumerate() {
        let hosts = hosts::of_body(&mut centre.db.read().await?, &Scope::system(), member.body).await?;
        told.extend(
            hosts
                .iter()
                .enumerate()
                .map(|(h, e)| (e.name.clone(), if n == 0 || h % 2 == 0 { now } else { old })),
        );
    }
    Ok(told)
}

/// Somebody guesses passwords at a server of the first department.
async fn guess(
    centre: &Centre,
    log: &Log,
    member: &Member,
    known: &[sources::Shown],
    at: Timestamp,
) -> Result<()> {
    let named = |s: &&sources::Shown| s.known.body == member.body && s.name.contains("một cửa");
    let source = known.iter().find(named).context("the server of the first department")?.known.id;
    let stamp = time::local(at).strftime("%b %e %H:%M:%S").to_string();
    let line = |text: &str, n: usize| {
        let text = text.replace("{n}", &format!("{:04}", 1_000 + n));
        let text = text.replacen("<38>", &format!("<38>{stamp} motcua01 "), 1);
        Record { line: text.into_bytes(), ..Record::default() }
    };
    let records: Vec<Record> = (0..40).map(|n| line(if n % 2 == 0 { QUIET } else { GUESS }, n)).collect();
    let kept = records.len() as u64;
    log.append(Batch { source, body: member.body, at, key: None, records }).await?;
    let flush = Flush { received: kept, kept, last_at: Some(at), ..Flush::default() };
    let done: Result<(), StoreError> = sources::flush(&centre.db, at, &[(source, flush)], &[]).await;
    done.map_err(Into::into)
}
