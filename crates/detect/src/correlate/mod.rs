//! Correlations at work: hits go in with their time, what several of them say together comes out.
//!
//! Memory is bounded: of each correlation so many groups, of each group so many events; the oldest go first, and how
//! many went is counted. The state can be kept and taken up again.

mod measure;
mod state;

use std::collections::HashMap;

use domain::event::Event;
use jiff::Timestamp;

use crate::engine::Matcher;
use crate::rule::Correlation;
pub use state::State;
use state::{Entry, Group, Groups};

/// The most groups (values of `group-by`) remembered of one correlation: accounts or addresses of a province.
pub const GROUPS: usize = 20_000;
/// The most events remembered of one group. A threshold above it could not be seen: `canh rules lint` says so.
pub const ENTRIES: usize = 10_000;
/// How deep correlations may rest on correlations.
const CHAIN: usize = 8;

/// What a correlation found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its number.
    pub correlation: usize,
    /// The values its events have in common.
    pub group: Vec<(String, String)>,
    /// What it counted; of temporal ones, how many rules.
    pub figure: f64,
    /// How many events it rests on.
    pub events: usize,
    /// When the first of them happened.
    pub first: Timestamp,
    /// When the last of them happened.
    pub last: Timestamp,
    /// The reference of the last of them, as it was given.
    pub reference: u128,
}

/// What feeds a correlation: a rule or another correlation, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Feeder {
    Rule(u32),
    Correlation(usize),
}

/// Correlations at work.
#[derive(Debug)]
pub struct Correlator {
    correlations: Vec<Correlation>,
    /// What each feeder feeds: the correlation, and which of its rules the feeder is.
    feeds: HashMap<Feeder, Vec<(usize, usize)>>,
    groups: Vec<Groups>,
    /// Rules whose hits are only for a correlation.
    silent: Vec<bool>,
}

impl Correlator {
    /// Ready to be fed with the hits of a matcher.
    pub fn new(correlations: Vec<Correlation>, matcher: &Matcher) -> Correlator {
        let mut feeds: HashMap<Feeder, Vec<(usize, usize)>> = HashMap::new();
        let mut silent = vec![false; matcher.rules().len()];
        let mut loud = vec![false; matcher.rules().len()];
        for (number, correlation) in correlations.iter().enumerate() {
            for (place, (reference, _)) in correlation.rules.iter().enumerate() {
                let called = |rule: &crate::Rule| rule.about.is_called(reference);
                for (rule, _) in matcher.rules().iter().enumerate().filter(|(_, rule)| called(rule)) {
                    let id = u32::try_from(rule).unwrap_or(u32::MAX);
                    feeds.entry(Feeder::Rule(id)).or_default().push((number, place));
                    let list = if correlation.generate { &mut loud } else { &mut silent };
                    if let Some(slot) = list.get_mut(rule) {
                        *slot = true;
                    }
                }
                let chained = correlations.iter().enumerate().filter(|(_, c)| c.about.is_called(reference));
                for (other, _) in chained.filter(|(other, _)| *other != number) {
                    feeds.entry(Feeder::Correlation(other)).or_default().push((number, place));
                }
            }
        }
        let silent = silent.iter().zip(&loud).map(|(silent, loud)| *silent && !*loud).collect();
        let groups = correlations.iter().map(|_| Groups::default()).collect();
        Correlator { correlations, feeds, groups, silent }
    }

    /// The correlations, in their order.
    pub fn correlations(&self) -> &[Correlation] {
        &self.correlations
    }

    /// Whether a rule's hits are only for a correlation and not to be told by themselves.
    pub fn is_silent(&self, rule: u32) -> bool {
        self.silent.get(rule as usize).copied().unwrap_or(false)
    }

    /// How many events were forgotten because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.groups.iter().map(|g| g.forgotten).sum()
    }

    /// A rule's hit at a time. `reference` is handed back in what is found; wide enough for a place in a log.
    pub fn feed(
        &mut self,
        matcher: &Matcher,
        rule: u32,
        event: &Event,
        now: Timestamp,
        reference: u128,
    ) -> Vec<Found> {
        self.feed_values(rule, &|field| matcher.value(event, field).map(str::to_owned), now, reference)
    }

    /// The same where the event is gone and only the values of [`Correlator::fields`] are left of it.
    pub fn feed_values(
        &mut self,
        rule: u32,
        value: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
        reference: u128,
    ) -> Vec<Found> {
        let mut out = Vec::new();
        if self.is_fed(rule) {
            self.pass(Feeder::Rule(rule), value, now, reference, 0, &mut out);
        }
        out
    }

    /// Whether a rule's hits are for a correlation.
    pub fn is_fed(&self, rule: u32) -> bool {
        self.feeds.contains_key(&Feeder::Rule(rule))
    }

    /// The fields of events that are looked at, each once.
    pub fn fields(&self) -> Vec<String> {
        let of = |c: &Correlation| {
            let own = c.aliases.iter().flat_map(|(_, rules)| rules.iter().map(|(_, field)| field.clone()));
            c.group_by.iter().cloned().chain(c.field.clone()).chain(own).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = self.correlations.iter().flat_map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// How many seconds before an event may lie what it completes: the longest span, with those of the correlations it
    /// rests on.
    pub fn span(&self) -> i64 {
        (0..self.correlations.len()).map(|n| self.span_of(n, 0)).max().unwrap_or(0)
    }

    fn span_of(&self, number: usize, depth: usize) -> i64 {
        let Some(correlation) = self.correlations.get(number).filter(|_| depth < CHAIN) else { return 0 };
        let rests = |(feeder, fed): (&Feeder, &Vec<(usize, usize)>)| match feeder {
            Feeder::Correlation(other) if fed.iter().any(|(n, _)| *n == number) => Some(*other),
            _ => None,
        };
        let below = self.feeds.iter().filter_map(rests).map(|other| self.span_of(other, depth + 1)).max();
        correlation.seconds.saturating_add(below.unwrap_or(0))
    }

    fn pass(
        &mut self,
        feeder: Feeder,
        value: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
        reference: u128,
        depth: usize,
        out: &mut Vec<Found>,
    ) {
        if depth >= CHAIN {
            return;
        }
        for (number, place) in self.feeds.get(&feeder).cloned().unwrap_or_default() {
            for found in self.one(number, place, value, now, reference) {
                self.tell(found, value, now, depth, out);
            }
        }
    }

    /// Tells what was found, and feeds what rests on it.
    fn tell(
        &mut self,
        found: Found,
        value: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
        depth: usize,
        out: &mut Vec<Found>,
    ) {
        let (number, reference) = (found.correlation, found.reference);
        let group: HashMap<String, String> = found.group.iter().cloned().collect();
        out.push(found);
        let by_group = |field: &str| group.get(field).cloned().or_else(|| value(field));
        self.pass(Feeder::Correlation(number), &by_group, now, reference, depth + 1, out);
    }

    fn one(
        &mut self,
        number: usize,
        place: usize,
        value: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
        reference: u128,
    ) -> Vec<Found> {
        let at = (self.correlations.get(number), self.groups.get_mut(number));
        let (Some(correlation), Some(groups)) = at else { return Vec::new() };
        let Some((reference_name, _)) = correlation.rules.get(place) else { return Vec::new() };
        // An event without what it is grouped by belongs to no group.
        let key: Option<Vec<String>> = correlation
            .group_by
            .iter()
            .map(|field| value(own_name(correlation, field, reference_name)).filter(|v| !v.is_empty()))
            .collect();
        let measured = correlation.field.as_ref().map(|field| value(field));
        let (Some(key), false) = (key, measured == Some(None)) else { return Vec::new() };
        let rule = u16::try_from(place).unwrap_or(u16::MAX);
        let entry = Entry { at: now, rule, value: measured.flatten(), reference };
        let span = correlation.span();
        if correlation.few() {
            let passed = groups.passed(&key, now, span);
            groups.add(&key, entry);
            return passed.iter().filter_map(|group| few(correlation, number, &key, group)).collect();
        }
        let group = groups.add(&key, entry);
        group.keep_within(span);
        let figure = measure::judge(correlation, group).filter(|_| group.may_tell(now, span));
        figure.map(|figure| found(correlation, number, &key, figure, group)).into_iter().collect()
    }

    /// Judges what only time can tell: too few events. To be called as time passes, with the time before which no event
    /// is awaited any more. A span begins with a hit: where nothing is heard at all nothing is found.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Found> {
        let mut all = Vec::new();
        for (number, (correlation, groups)) in self.correlations.iter().zip(&mut self.groups).enumerate() {
            if correlation.few() {
                let passed = groups.all_passed(now, correlation.span());
                all.extend(passed.iter().filter_map(|(key, group)| few(correlation, number, key, group)));
            } else {
                groups.forget(now, correlation.span());
            }
        }
        let mut out = Vec::new();
        for found in all {
            self.tell(found, &|_| None, now, 0, &mut out);
        }
        out
    }

    /// What is to be kept over a restart.
    pub fn state(&self) -> State {
        let named = self.correlations.iter().zip(&self.groups);
        State(named.map(|(c, groups)| (name(c), groups.clone())).collect())
    }

    /// Takes up what was kept; what belongs to no correlation any more is left.
    pub fn resume(&mut self, state: State) {
        let mut kept: HashMap<String, Groups> = state.0.into_iter().collect();
        for (correlation, groups) in self.correlations.iter().zip(&mut self.groups) {
            if let Some(own) = kept.remove(&name(correlation)) {
                *groups = own;
            }
        }
    }
}

/// What a correlation's memory is known by: what it is called, and what its hits mean. One that was changed begins anew.
fn name(correlation: &Correlation) -> String {
    let about = &correlation.about;
    let called = about.id.as_ref().or(about.name.as_ref()).unwrap_or(&about.title);
    let rules: Vec<&str> = correlation.rules.iter().map(|(rule, _)| rule.as_str()).collect();
    format!("{called}|{}|{}", rules.join(","), correlation.group_by.join(","))
}

/// The name of a field of `group-by` in the events of one rule.
fn own_name<'c>(correlation: &'c Correlation, field: &'c str, rule: &str) -> &'c str {
    let alias = correlation.aliases.iter().find(|(alias, _)| alias == field);
    let own = alias.and_then(|(_, rules)| rules.iter().find(|(name, _)| name == rule));
    own.map_or(field, |(_, name)| name)
}

/// Of a span that has passed: whether there was too little.
fn few(correlation: &Correlation, number: usize, key: &[String], group: &Group) -> Option<Found> {
    let figure = measure::figure(correlation, group).filter(|figure| correlation.bounds.hold(*figure))?;
    Some(found(correlation, number, key, figure, group))
}

fn found(correlation: &Correlation, number: usize, key: &[String], figure: f64, group: &Group) -> Found {
    let (first, last) = (group.entries().next(), group.entries().last());
    Found {
        correlation: number,
        group: correlation.group_by.iter().cloned().zip(key.iter().cloned()).collect(),
        figure,
        events: group.entries().count(),
        first: first.map(|e| e.at).unwrap_or_default(),
        last: last.map(|e| e.at).unwrap_or_default(),
        reference: last.map(|e| e.reference).unwrap_or_default(),
    }
}
