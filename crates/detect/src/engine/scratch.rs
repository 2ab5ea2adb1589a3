//! What one thread needs to look at events: grown once, then used again and again.

use rustc_hash::FxHashMap;

use super::names::{Ids, Learnt};

/// What is known of an atom for the event at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Nothing pointed to it.
    Unknown,
    /// Something points to it.
    Hinted,
    /// It holds.
    True,
    /// It does not.
    False,
}

/// The groups an event belongs to, and how its fields are seen.
#[derive(Clone, Debug, Default)]
pub struct Belongs {
    /// The groups.
    pub groups: Box<[u32]>,
    /// The view.
    pub view: usize,
}

/// The most kinds of events remembered: channels by event ids are some thousand.
const KINDS: usize = 1 << 14;

/// One thread's workspace.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) learnt: Learnt,
    pub(super) kinds: FxHashMap<Box<str>, Belongs>,
    pub(super) key: String,
    /// Marks of atoms and rules: the event's turn times four, plus the mark.
    marks: Vec<u32>,
    rules: Vec<u32>,
    turn: u32,
    /// `(rules' field, event's field)`.
    pub(super) fields: Vec<(u32, u32)>,
    pub(super) ids: Vec<Ids>,
    /// Folded texts of the event's fields, back to back, and where each lies.
    pub(super) folded: String,
    pub(super) spans: Vec<Option<(u32, u32)>>,
    pub(super) candidates: Vec<u32>,
    pub(super) hits: Vec<u32>,
}

impl Scratch {
    pub(super) fn begin(&mut self, atoms: usize, rules: usize, fields: usize) {
        self.marks.resize(atoms, 0);
        self.rules.resize(rules, 0);
        self.turn += 1;
        if self.turn >= u32::MAX >> 2 {
            self.marks.fill(0);
            self.rules.fill(0);
            self.turn = 1;
        }
        self.fields.clear();
        self.ids.clear();
        self.folded.clear();
        self.spans.clear();
        self.spans.resize(fields, None);
        self.hits.clear();
        if self.kinds.len() > KINDS {
            self.kinds.clear();
        }
    }

    pub(super) fn mark(&self, atom: u32) -> Mark {
        let mark = self.marks.get(atom as usize).copied().unwrap_or(0);
        if mark >> 2 != self.turn {
            return Mark::Unknown;
        }
        match mark & 3 {
            1 => Mark::Hinted,
            2 => Mark::True,
            3 => Mark::False,
            _ => Mark::Unknown,
        }
    }

    /// Sets a mark; whether nothing was known before.
    pub(super) fn set(&mut self, atom: u32, mark: Mark) -> bool {
        let Some(slot) = self.marks.get_mut(atom as usize) else { return false };
        let fresh = *slot >> 2 != self.turn;
        *slot = self.turn << 2
            | match mark {
                Mark::Unknown => 0,
                Mark::Hinted => 1,
                Mark::True => 2,
                Mark::False => 3,
            };
        fresh
    }

    /// Puts a rule forward, once an event.
    pub(super) fn put_forward(&mut self, rule: u32) {
        if let Some(slot) = self.rules.get_mut(rule as usize)
            && *slot != self.turn
        {
            *slot = self.turn;
            self.candidates.push(rule);
        }
    }
}
