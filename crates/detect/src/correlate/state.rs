//! What correlations remember.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ENTRIES, GROUPS};

/// One hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// Which of the correlation's rules it was.
    pub rule: u16,
    /// The value that is counted.
    pub value: Option<String>,
    /// What the caller calls it.
    pub reference: u128,
}

/// Hits that have the same values of `group-by`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    entries: VecDeque<Entry>,
    told: Option<Timestamp>,
}

impl Group {
    /// The hits, from the oldest.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> + Clone {
        self.entries.iter()
    }

    /// Forgets what lies further back than the span from the newest.
    pub fn keep_within(&mut self, span: SignedDuration) {
        let newest = self.entries.back().map(|e| e.at).unwrap_or_default();
        while self.entries.front().is_some_and(|e| newest.duration_since(e.at) > span) {
            self.entries.pop_front();
        }
    }

    /// Whether it may be told: once within each span.
    pub fn may_tell(&mut self, now: Timestamp, span: SignedDuration) -> bool {
        let may = self.told.is_none_or(|told| now.duration_since(told) >= span);
        if may {
            self.told = Some(now);
        }
        may
    }

    /// Takes out each span that has passed, from its first hit on: the next begins with the first hit after it.
    fn passed(&mut self, now: Timestamp, span: SignedDuration) -> Vec<Self> {
        let mut all = Vec::new();
        while let Some(first) = self.entries.front().map(|e| e.at)
            && now.duration_since(first) > span
        {
            let end = self.entries.partition_point(|e| e.at.duration_since(first) <= span);
            let rest = self.entries.split_off(end);
            all.push(Self { entries: std::mem::replace(&mut self.entries, rest), told: None });
        }
        all
    }
}

/// The groups of one correlation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    groups: HashMap<String, Group>,
    /// How many hits were forgotten because there were too many.
    pub forgotten: u64,
}

/// What is to be kept over a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State(pub(super) Vec<(String, Groups)>);

/// Stands between the values of a key: no log has it in an account's name.
const BETWEEN: char = '\u{1f}';

impl Groups {
    /// Adds a hit.
    pub fn add(&mut self, key: &[String], entry: Entry) -> &mut Group {
        let key = joined(key);
        if !self.groups.contains_key(&key) && self.groups.len() >= GROUPS {
            self.make_room();
        }
        let group = self.groups.entry(key).or_default();
        // Events come out of order when sources do: each goes where its time puts it.
        let place = group.entries.partition_point(|e| e.at <= entry.at);
        group.entries.insert(place, entry);
        if group.entries.len() > ENTRIES {
            group.entries.pop_front();
            self.forgotten += 1;
        }
        group
    }

    /// Forgets the tenth of the groups that were quiet longest: one pass now, none for a while.
    fn make_room(&mut self) {
        let mut last: Vec<Timestamp> =
            self.groups.values().filter_map(|g| g.entries.back().map(|e| e.at)).collect();
        last.sort_unstable();
        let Some(limit) = last.get(last.len() / 10).copied() else { return };
        let mut gone = 0_u64;
        self.groups.retain(|_, group| {
            let stays = group.entries.back().is_some_and(|e| e.at > limit);
            if !stays {
                gone += group.entries.len() as u64;
            }
            stays
        });
        self.forgotten += gone;
    }

    /// Takes out what a group had in spans that have passed.
    pub fn passed(&mut self, key: &[String], now: Timestamp, span: SignedDuration) -> Vec<Group> {
        self.groups.get_mut(&joined(key)).map(|group| group.passed(now, span)).unwrap_or_default()
    }

    /// The same of all groups, in the order of their keys.
    pub fn all_passed(&mut self, now: Timestamp, span: SignedDuration) -> Vec<(Vec<String>, Group)> {
        let mut all = Vec::new();
        for (key, group) in &mut self.groups {
            all.extend(group.passed(now, span).into_iter().map(|passed| (split(key), passed)));
        }
        self.groups.retain(|_, group| !group.entries.is_empty());
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Forgets the groups of which nothing was heard for a span.
    pub fn forget(&mut self, now: Timestamp, span: SignedDuration) {
        self.groups.retain(|_, group| group.entries.back().is_some_and(|e| now.duration_since(e.at) <= span));
    }
}

fn joined(key: &[String]) -> String {
    key.join(&BETWEEN.to_string())
}

fn split(key: &str) -> Vec<String> {
    key.split(BETWEEN).map(str::to_owned).collect()
}
