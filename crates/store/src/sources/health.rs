//! Whether sources are heard, and whether they send what they used to. Looked at every minute by `watch`.
//!
//! A stretch in which a source is heard is one fact, extended for as long as no gap is longer than the legal pack's. What
//! changed — silent, too little, again — becomes or ends an alert.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    actor::Actor,
    alert::Finding,
    id::{Id, kind},
    legal::Pack,
    monitoring::{DROP_RULE, Hours, SILENT_RULE, Terms, usual},
    paging::Severity,
};
use jiff::{SignedDuration, Timestamp};

use super::stretch;
use crate::{Db, Query, Row, Sql, StoreError, Topic, Tx, alerts, args, assignments::Tools};

/// Hours are kept for longer than is learned from, so that terms can be changed.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7 * 10);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How an alert calls what happened; screens have their own words.
const SILENT: &str = "Nguồn nhật ký im lặng · A source of logs is silent";
const DROP: &str = "Nguồn nhật ký gửi ít hẳn · A source of logs sends much less";

/// What became of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Silent for longer than it may be.
    Silent,
    /// It speaks again.
    Speaks,
    /// Much less than usual in the last whole hour.
    Low,
    /// As usual again.
    Usual,
}

/// A source as it is looked at.
pub(super) struct Looked {
    pub(super) id: Id<kind::Source>,
    pub(super) body: Id<kind::Body>,
    pub(super) system: Option<Id<kind::System>>,
    name: String,
    quiet: SignedDuration,
    created: Timestamp,
    pub(super) last: Option<Timestamp>,
    pub(super) kept: i64,
    pub(super) heard: Option<(Timestamp, Timestamp)>,
    pub(super) seen: i64,
    silent: Option<Timestamp>,
    low: Option<Timestamp>,
    looked: Option<Timestamp>,
}

impl Looked {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id("id")?,
            body: row.id("body")?,
            system: row.opt_id("system")?,
            name: row.text("name")?,
            quiet: SignedDuration::from_mins(row.int("quiet_minutes")?),
            created: row.time("created_at")?,
            last: row.opt_time("last_at")?,
            kept: row.int("kept")?,
            heard: row.opt_time("heard_from")?.zip(row.opt_time("heard_to")?),
            seen: row.int("seen")?,
            silent: row.opt_time("silent_at")?,
            low: row.opt_time("low_at")?,
            looked: row.opt_time("looked_hour")?,
        })
    }
    /// What the fact of a stretch is called.
    pub(super) fn key(&self, from: Timestamp) -> String {
        format!("heard/{}/{}", self.id, from.as_microsecond())
    }
    fn finding(&self, rule: &str, title: &str, severity: Severity, at: Timestamp) -> Finding {
        Finding {
            rule: rule.to_owned(),
            title: title.to_owned(),
            about: String::new(),
            severity: Some(severity),
            body: self.body,
            system: self.system,
            source: self.id,
            host: self.name.clone(),
            user: String::new(),
            address: String::new(),
            group: vec![("source".to_owned(), self.id.to_string())],
            at,
            because: Vec::new(),
            raw: String::new(),
            place: (0, 0),
        }
    }
    /// Silent for too long; nobody is blamed for the time in which this Canh did not listen (`up`: since when it does).
    fn is_silent(&self, now: Timestamp, up: Timestamp) -> bool {
        now.duration_since(self.last.unwrap_or(self.created).max(up)) > self.quiet
    }
}

/// Looks at every source: writes down who was heard and how much came, and says who fell silent, sends too little, or is
/// as before. `up`: since when events are listened for. Returns what turned.
pub async fn look(
    db: &Db,
    tools: &Tools<'_>,
    up: Timestamp,
    now: Timestamp,
) -> Result<Vec<(Id<kind::Source>, Turn)>, StoreError> {
    let Some(terms) = tools.pack.monitoring() else { return Ok(Vec::new()) };
    let mut tx = db.begin_quiet(now).await?;
    let all = load(&mut tx).await?;
    let hour = hour_of(now).checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    // Read once an hour, not at every look.
    let due = up <= hour && all.iter().any(|s| s.looked.is_none_or(|looked| looked < hour));
    let ended = if due { hours(&mut tx, hour, terms).await? } else { HashMap::new() };
    stretch::heard(&mut tx, tools, terms, &all, now).await?;
    let mut turned: Vec<(usize, Turn)> = Vec::new();
    let mut looked = BTreeSet::new();
    for (n, source) in all.iter().enumerate() {
        if let Some(turn) = turn(source, now, up) {
            turned.push((n, turn));
        }
        if up <= hour && source.looked.is_none_or(|looked| looked < hour) {
            let none = Hours::new();
            let own = ended.get(&source.id).unwrap_or(&none);
            turned.extend(volume(source, own, hour, terms, tools.pack).map(|turn| (n, turn)));
            looked.insert(n);
        }
    }
    if !looked.is_empty() {
        stretch::looked(&mut tx, &looked, &all, hour).await?;
        let old = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        tx.exec("delete from source_hour where hour < $1", args![old]).await?;
    }
    tx.commit().await?;
    if turned.is_empty() {
        return Ok(Vec::new());
    }
    let told: Result<(), StoreError> = crate::write!(db, Actor::System, now, tx => {
        for (n, turn) in &turned {
            if let Some(source) = all.get(*n) {
                tell(tx, tools, source, *turn).await?;
            }
        }
        Ok(())
    });
    told?;
    Ok(turned.into_iter().filter_map(|(n, turn)| Some((all.get(n)?.id, turn))).collect())
}

async fn load(sql: &mut Sql) -> Result<Vec<Looked>, StoreError> {
    let rows = sql
        .rows(
            "select e.id, e.body, e.system, e.name, e.quiet_minutes, e.created_at, c.last_at, c.kept, h.heard_from,
               h.heard_to, h.seen, h.silent_at, h.low_at, h.looked_hour
             from event_source e join event_source_count c on c.source = e.id
             join source_health h on h.source = e.id where e.closed_at is null order by e.id",
            args![],
        )
        .await?;
    rows.iter().map(Looked::of).collect()
}

/// The first moment of the hour.
pub(super) fn hour_of(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3_600)).unwrap_or(at)
}

fn turn(of: &Looked, now: Timestamp, up: Timestamp) -> Option<Turn> {
    match of.silent {
        Some(since) if of.last.is_some_and(|last| last > since) => Some(Turn::Speaks),
        None if of.is_silent(now, up) => Some(Turn::Silent),
        _ => None,
    }
}

/// The last whole hour against what is usual. Of a silent source nothing more is said.
fn volume(of: &Looked, hours: &Hours, hour: Timestamp, terms: &Terms, pack: &Pack) -> Option<Turn> {
    if of.silent.is_some() || of.created > hour {
        return None;
    }
    let usual = usual(hour, hours, of.created, &terms.drop, |day| pack.is_worked(day))?;
    let low = terms.drop.is(hours.get(&hour).copied().unwrap_or(0), usual);
    match (low, of.low) {
        (true, None) => Some(Turn::Low),
        (false, Some(_)) => Some(Turn::Usual),
        _ => None,
    }
}

/// That hour and the same one of the days before it, of every source.
async fn hours(
    sql: &mut Sql,
    hour: Timestamp,
    terms: &Terms,
) -> Result<HashMap<Id<kind::Source>, Hours>, StoreError> {
    let days =
        (0..=i64::from(terms.drop.weeks) * 7).filter_map(|d| hour.checked_sub(HOUR * (24 * d as i32)).ok());
    let mut query = Query::new("select source, hour, events from source_hour where hour in");
    query.list(days);
    let mut found: HashMap<Id<kind::Source>, Hours> = HashMap::new();
    for row in query.rows(sql).await? {
        let events = u64::try_from(row.int("events")?).unwrap_or(0);
        found.entry(row.id("source")?).or_default().insert(row.time("hour")?, events);
    }
    Ok(found)
}

async fn tell(tx: &mut Tx, tools: &Tools<'_>, of: &Looked, turn: Turn) -> Result<(), StoreError> {
    let now = tx.now();
    let (rule, title, severity) = match turn {
        Turn::Silent | Turn::Speaks => (SILENT_RULE, SILENT, Severity::Medium),
        Turn::Low | Turn::Usual => (DROP_RULE, DROP, Severity::Low),
    };
    let finding = of.finding(rule, title, severity, of.last.unwrap_or(of.created));
    match turn {
        Turn::Silent => {
            tx.exec("update source_health set silent_at = $2 where source = $1", args![of.id, now]).await?;
            alerts::found(tx, tools, &[finding]).await?;
        }
        Turn::Low => {
            tx.exec("update source_health set low_at = $2 where source = $1", args![of.id, now]).await?;
            alerts::found(tx, tools, &[finding]).await?;
        }
        Turn::Speaks => {
            tx.exec("update source_health set silent_at = null where source = $1", args![of.id]).await?;
            alerts::came_right(tx, tools, &finding.key()).await?;
        }
        Turn::Usual => {
            tx.exec("update source_health set low_at = null where source = $1", args![of.id]).await?;
            alerts::came_right(tx, tools, &finding.key()).await?;
        }
    }
    let subject = format!("source:{}", of.id);
    let did = match turn {
        Turn::Silent => "source.silent",
        Turn::Speaks => "source.speaks",
        Turn::Low => "source.low",
        Turn::Usual => "source.usual",
    };
    tx.record(did, &subject, Some(of.body), &of.last);
    tx.changed(Topic::Heard, subject.clone(), Some(of.body));
    tx.changed(Topic::Source, subject, Some(of.body));
    Ok(())
}

/// What came in at a source by the hour, and what is usual for the hour that runs, for its page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    /// The last two days, hour by hour, the newest last; an hour without a row had none.
    pub hours: BTreeMap<Timestamp, u64>,
    /// What is usual in the last whole hour; `None` while that is not learned.
    pub usual: Option<u64>,
    /// Since when it is said to be silent.
    pub silent: Option<Timestamp>,
    /// Since when it is said to send too little.
    pub low: Option<Timestamp>,
}

/// Hours on the page of a source.
const SHOWN_HOURS: i64 = 48;

/// How much a source sends. Whoever may see the source may see this; see [`super::get`].
pub async fn volume_of(
    sql: &mut Sql,
    id: Id<kind::Source>,
    pack: &Pack,
    now: Timestamp,
) -> Result<Volume, StoreError> {
    let Some(terms) = pack.monitoring() else { return Ok(Volume::default()) };
    let row = sql
        .row(
            "select h.silent_at, h.low_at, e.created_at from source_health h join event_source e on e.id = h.source
             where h.source = $1",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(Volume::default()) };
    let hour = hour_of(now);
    let since = hour.checked_sub(SignedDuration::from_hours(24 * 7 * i64::from(terms.drop.weeks) + 2));
    let rows = sql
        .rows(
            "select hour, events from source_hour where source = $1 and hour >= $2 order by hour",
            args![id, since.unwrap_or(Timestamp::MIN)],
        )
        .await?;
    let mut all = Hours::new();
    for row in &rows {
        all.insert(row.time("hour")?, u64::try_from(row.int("events")?).unwrap_or(0));
    }
    let last = hour.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    let usual = usual(last, &all, row.time("created_at")?, &terms.drop, |day| pack.is_worked(day));
    let shown = (0..SHOWN_HOURS).rev().filter_map(|n| hour.checked_sub(SignedDuration::from_hours(n)).ok());
    let hours = shown.map(|at| (at, all.get(&at).copied().unwrap_or(0))).collect();
    Ok(Volume { hours, usual, silent: row.opt_time("silent_at")?, low: row.opt_time("low_at")? })
}
