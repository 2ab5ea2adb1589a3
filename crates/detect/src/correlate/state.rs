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
    pub reference: u64,
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

    /// Whether it may be told: once within each span.
    pub fn may_tell(&mut self, now: Timestamp, seconds: i64) -> bool {
        let span = SignedDuration::from_secs(seconds);
        let may = self.told.is_none_or(|told| now.duration_since(told) >= span);
        if may {
            self.told = Some(now);
        }
        may
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
    /// Adds a hit and forgets what is older than the span.
    pub fn add(&mut self, key: &[String], entry: Entry, seconds: i64) -> &mut Group {
        let key = joined(key);
        if !self.groups.contains_key(&key) && self.groups.len() >= GROUPS {
            self.make_room();
        }
        let span = SignedDuration::from_secs(seconds);
        let group = self.groups.entry(key).or_default();
        // Events come out of order when sources do: each goes where its time puts it.
        let place = group.entries.partition_point(|e| e.at <= entry.at);
        group.entries.insert(place, entry);
        let newest = group.entries.back().map(|e| e.at).unwrap_or_default();
        while group.entries.front().is_some_and(|e| newest.duration_since(e.at) > span) {
            group.entries.pop_front();
        }
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

    /// Takes out the groups whose span has passed.
    pub fn expire(&mut self, now: Timestamp, seconds: i64) -> Vec<(Vec<String>, Group)> {
        let span = SignedDuration::from_secs(seconds);
        let passed = |group: &Group| group.entries.front().is_none_or(|e| now.duration_since(e.at) > span);
        let keys: Vec<String> =
            self.groups.iter().filter(|(_, g)| passed(g)).map(|(key, _)| key.clone()).collect();
        let taken =
            keys.into_iter().filter_map(|key| self.groups.remove(&key).map(|group| (split(&key), group)));
        let mut out: Vec<(Vec<String>, Group)> = taken.collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }
}

fn joined(key: &[String]) -> String {
    key.join(&BETWEEN.to_string())
}

fn split(key: &str) -> Vec<String> {
    key.split(BETWEEN).map(str::to_owned).collect()
}
