//! Lines to findings: normalise, detect, lists of indicators; one batch after the other.

use std::{collections::HashMap, sync::Arc};

use detect::{Correlator, Found, Scratch, indicators::Spotter, ruleset::Watch};
use domain::{
    alert::{Finding, Reason},
    event::{Column, Event, Kind},
    id::{Id, kind},
    indicator,
    paging::Severity,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use lake::{About, Batch, Feed, Position, Record, View};
use normalise::{Reader, Shape, Zone};
use store::sources::Known;

use crate::{
    counts::Counts,
    door::Directory,
    few::Few,
    lists::{self, Lists, Loaded},
    memory::Remembered,
};

/// A clock that is off by more than this is told at its source.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// An event further from now than this is not believed to have come together with others: it is an old file.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// A line is kept with an alert up to here, in characters; the log has all of it.
const RAW: usize = 8_000;
/// Fields kept of one finding.
pub(crate) const REASONS: usize = 20;

/// The author of the rules that came with the program.
const OWN: &str = "Canh";

/// The rules that watch.
pub type Rules = Arc<Watch>;

/// What judges. Correlations of one body never count what another's logs say.
pub struct Judge {
    rules: Rules,
    lists: Arc<Lists>,
    spotter: Spotter,
    scratch: Scratch,
    event: Event,
    inner: Event,
    readers: HashMap<Id<kind::Source>, Reader>,
    correlators: HashMap<Id<kind::Body>, Correlator>,
    few: Few,
    /// Correlations know what lies before.
    known: Position,
}

impl Judge {
    /// Ready, remembering nothing.
    pub fn new(rules: Rules, lists: Arc<Lists>) -> Self {
        Self {
            rules,
            lists,
            spotter: Spotter::default(),
            scratch: Scratch::default(),
            event: Event::default(),
            inner: Event::default(),
            readers: HashMap::new(),
            correlators: HashMap::new(),
            few: Few::default(),
            known: Position::default(),
        }
    }

    /// Judges by these rules from now on. What correlations remember stays where they are the same.
    pub fn take_up(&mut self, rules: Rules) {
        if Arc::ptr_eq(&self.rules, &rules) {
            return;
        }
        for correlator in self.correlators.values_mut() {
            let state = correlator.state();
            *correlator = Correlator::new(rules.correlations.clone(), &rules.matcher);
            correlator.resume(state);
        }
        (self.rules, self.scratch) = (rules, Scratch::default());
    }

    /// What correlations remember.
    pub fn remembered(&self) -> Remembered {
        let bodies = self.correlators.iter().map(|(body, correlator)| (*body, correlator.state()));
        Remembered { bodies: bodies.collect(), since: self.few.since() }
    }

    /// Takes up what they remembered of all that lies before a place.
    pub fn recall(&mut self, at: Position, remembered: Remembered) {
        for (body, state) in remembered.bodies {
            correlator(&mut self.correlators, &self.rules, body).resume(state);
        }
        self.few.recall(remembered.since);
        self.known = at;
    }

    /// Judged before, and begun anew: what was read again so far was told, and up to when what only time can tell.
    pub fn resume(&mut self, upto: Timestamp) {
        self.few.resume(upto, &mut self.correlators);
    }

    /// Up to when what only time can tell was told.
    pub const fn upto(&self) -> Timestamp {
        self.few.upto
    }

    /// What is found because too little came, now that all was read that had come by a time. The events it rests on are
    /// in the table.
    pub fn too_few(
        &mut self,
        came: Timestamp,
        view: &View,
        directory: &Directory,
    ) -> anyhow::Result<Vec<Finding>> {
        self.few.tick(came, &mut self.correlators);
        self.few.findings(view, directory)
    }

    /// Judges a batch, and feeds its events to the table. What cannot be read is counted and holds nothing up.
    pub fn batch(
        &mut self,
        at: Position,
        batch: &Batch,
        directory: &Directory,
        counts: &Counts,
        feed: &mut Feed,
    ) -> Vec<Finding> {
        let known = directory.get(batch.source);
        let zone = known.and_then(|k| TimeZone::get(&k.zone).ok()).unwrap_or(TimeZone::UTC);
        // What a line leaves out is told by when it came.
        self.readers.insert(batch.source, Reader::new(Zone { zone, now: Some(batch.at) }));
        self.few.came(batch.at);
        let mut found = Vec::new();
        let lists = self.lists.now();
        for (n, record) in batch.records.iter().enumerate() {
            let line = u32::try_from(n).unwrap_or(u32::MAX);
            if self.read(batch, record, counts) {
                let (source, came, raw) = (batch.source, batch.at, &record.line);
                feed.push(batch.body, &self.event, &About { source, came, position: at, line, raw });
                if at >= self.known {
                    self.match_rules(batch, known, (at.packed(), line), &mut found);
                }
                self.match_lists(&lists, batch, known, (at.packed(), line), &mut found);
            }
        }
        found
    }

    /// Reads a line into `self.event`; false where it is no event.
    fn read(&mut self, batch: &Batch, record: &Record, counts: &Counts) -> bool {
        let Some(reader) = self.readers.get_mut(&batch.source) else { return false };
        match understand(reader, &record.line, &mut self.event, &mut self.inner) {
            Shape::Nothing => return false,
            Shape::Unknown => counts.unparsed(batch.source, &String::from_utf8_lossy(&record.line)),
            _ => {}
        }
        if !record.meta.is_empty()
            && let Ok(meta) = serde_json::from_str::<serde_json::Value>(&record.meta)
        {
            let text = |name: &str| meta.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
            fill(&mut self.event, Column::Host, text("host"));
            fill(&mut self.event, Column::Host, text("peer"));
            if self.event.time().is_none()
                && let Ok(time) = text("time").parse()
            {
                self.event.set_time(time);
            }
        }
        if is_antimalware(&self.event)
            && let Some(host) = self.event.column(Column::Host)
        {
            counts.contact(batch.source, host.text, batch.at);
        }
        if self.event.time().is_some_and(|t| t.duration_since(batch.at).abs() > SKEW) {
            counts.at(batch.source, |c| c.skewed += 1);
        }
        true
    }

    fn match_lists(
        &mut self,
        lists: &Loaded,
        batch: &Batch,
        known: Option<&Known>,
        place: (i64, u32),
        out: &mut Vec<Finding>,
    ) {
        let (event, body, at) = (&self.event, batch.body, batch.at);
        let hits = self.spotter.spot(&lists.matcher, event, lists::day(at), &|n| lists.applies(n, body, at));
        if hits.is_empty() {
            return;
        }
        let told = event.time().filter(|t| t.duration_since(at).abs() < BELIEVED).unwrap_or(at);
        out.extend(of_lists(lists, hits, event, |list| Finding {
            rule: list.rule(),
            title: clean(&list.terms.name),
            about: clean(&list.terms.origin),
            severity: Some(indicator::severity(list.terms.confidence)),
            ..base(event, batch, known, told, place)
        }));
    }

    fn match_rules(
        &mut self,
        batch: &Batch,
        known: Option<&Known>,
        place: (i64, u32),
        out: &mut Vec<Finding>,
    ) {
        let rules = self.rules.clone();
        let hits = rules.matcher.matches(&self.event, &mut self.scratch);
        if hits.is_empty() {
            return;
        }
        let event = &self.event;
        let told = event.time().filter(|t| t.duration_since(batch.at).abs() < BELIEVED);
        let now = told.unwrap_or(batch.at);
        let correlator = correlator(&mut self.correlators, &rules, batch.body);
        for &rule in hits {
            let Some(about) = rules.matcher.rules().get(rule as usize).map(|r| &r.about) else { continue };
            if !correlator.is_silent(rule) && severity(about.level).is_some() {
                let because = rules.matcher.explain(rule, event).into_iter();
                let because = because.map(because_of).take(REASONS).collect();
                out.push(Finding { because, ..named(about, base(event, batch, known, now, place)) });
            }
            for found in correlator.feed(&rules.matcher, rule, event, now, reference(place)) {
                let Some(correlation) = correlator.correlations().get(found.correlation) else { continue };
                if correlation.few() {
                    self.few.found(batch.body, correlation, found);
                } else {
                    out.push(joined(
                        &found,
                        named(&correlation.about, base(event, batch, known, now, place)),
                    ));
                }
            }
        }
    }
}

fn correlator<'a>(
    all: &'a mut HashMap<Id<kind::Body>, Correlator>,
    rules: &Rules,
    body: Id<kind::Body>,
) -> &'a mut Correlator {
    all.entry(body).or_insert_with(|| Correlator::new(rules.correlations.clone(), &rules.matcher))
}

/// Reads a line. A shipper that knows nothing of one sends it as the message of an object of its own.
pub(crate) fn understand(reader: &mut Reader, line: &[u8], event: &mut Event, inner: &mut Event) -> Shape {
    let shape = reader.line(line, event);
    if matches!(shape, Shape::Json) && event.product().is_empty() {
        let message = event.get("message").or_else(|| event.get("log"));
        let message = message.map(|m| m.text.to_owned()).unwrap_or_default();
        let within = reader.line(message.as_bytes(), inner);
        if !message.is_empty() && !matches!(within, Shape::Unknown | Shape::Nothing) {
            let host = event.get("host.name").or_else(|| event.get("host"));
            let host = host.map(|h| h.text.to_owned()).unwrap_or_default();
            std::mem::swap(event, inner);
            fill(event, Column::Host, &host);
        }
    }
    shape
}

/// A finding for each list something of the event is in.
fn of_lists(
    lists: &Loaded,
    hits: &[detect::indicators::Hit],
    event: &Event,
    found: impl Fn(&crate::lists::List) -> Finding,
) -> Vec<Finding> {
    let mut all: Vec<(u16, Finding)> = Vec::new();
    for hit in hits {
        let Some(list) = lists.list(hit.list) else { continue };
        let reason = lists::reason(hit, event);
        match all.iter_mut().find(|(number, _)| *number == hit.list) {
            Some((_, one)) if one.because.len() < REASONS => one.because.push(reason),
            Some(_) => {}
            None => all.push((hit.list, Finding { because: vec![reason], ..found(list) })),
        }
    }
    all.into_iter().map(|(_, finding)| finding).collect()
}

/// Whether anti-malware says this: whatever it says of a machine, it reaches it.
fn is_antimalware(event: &Event) -> bool {
    event.product() == "antivirus"
        || event.dataset() == "clamav"
        || event
            .column(Column::Channel)
            .is_some_and(|c| c.text.starts_with("Microsoft-Windows-Windows Defender/"))
}

/// Puts a value into a column that is empty.
pub(crate) fn fill(event: &mut Event, column: Column, value: &str) {
    if !value.is_empty()
        && event.column(column).is_none()
        && let Some(field) = event.push(column.name(), value, Kind::Text)
    {
        event.point(column, field);
    }
}

fn severity(level: detect::Level) -> Option<Severity> {
    Some(match level {
        detect::Level::Informational => return None,
        detect::Level::Low => Severity::Low,
        detect::Level::Medium => Severity::Medium,
        detect::Level::High => Severity::High,
        detect::Level::Critical => Severity::Critical,
    })
}

/// A place in the log, as correlations hand it back.
pub(crate) fn reference((position, line): (i64, u32)) -> u128 {
    u128::from(position.cast_unsigned()) << 32 | u128::from(line)
}

/// The place a correlation handed back.
pub(crate) fn place(reference: u128) -> (i64, u32) {
    let position = u64::try_from(reference >> 32).unwrap_or_default().cast_signed();
    (position, u32::try_from(reference & u128::from(u32::MAX)).unwrap_or_default())
}

/// Text as both databases keep it.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(RAW).collect()
}

/// Why a rule says what it says, as it is kept.
pub(crate) fn because_of(because: detect::Because) -> Reason {
    Reason { field: clean(&because.field), value: clean(&because.value), asked: clean(&because.asked) }
}

/// What a correlation found, about the last of its events.
pub(crate) fn joined(found: &Found, of: Finding) -> Finding {
    let reason = |(field, value): &(String, String)| Reason {
        field: clean(field),
        value: clean(value),
        asked: lists::counted(found),
    };
    Finding {
        because: found.group.iter().map(reason).take(REASONS).collect(),
        group: found.group.iter().map(|(f, v)| (clean(f), clean(v))).collect(),
        ..of
    }
}

/// What a rule found, about what an event says itself.
pub(crate) fn named(about: &detect::rule::About, of: Finding) -> Finding {
    Finding {
        rule: about.called().to_owned(),
        title: about.title.clone(),
        about: by(about),
        severity: severity(about.level),
        ..of
    }
}

/// What a rule says of itself, with who wrote it, as licences of rules ask.
fn by(about: &detect::rule::About) -> String {
    let (said, author) = (about.description.trim_end(), about.author.trim());
    if author.is_empty() || author == OWN { said.to_owned() } else { format!("{said} ({author})") }
}

/// What the event says itself.
fn base(event: &Event, batch: &Batch, known: Option<&Known>, at: Timestamp, place: (i64, u32)) -> Finding {
    let column = |column| event.column(column).map_or(String::new(), |v| clean(v.text));
    Finding {
        rule: String::new(),
        title: String::new(),
        about: String::new(),
        severity: None,
        body: batch.body,
        system: known.and_then(|k| k.system),
        source: batch.source,
        host: column(Column::Host),
        user: column(Column::User),
        address: column(Column::SourceIp),
        group: Vec::new(),
        at,
        because: Vec::new(),
        raw: clean(event.raw()),
        place,
    }
}
