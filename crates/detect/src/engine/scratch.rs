//! What one thread needs to look at events: grown once, then used again and again.

use super::known::Known;
use super::memo::Memo;

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

/// One thread's workspace, of one matcher.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) known: Known,
    pub(super) work: Work,
}

/// What is noted while one event is looked at.
#[derive(Debug, Default)]
pub struct Work {
    /// Marks of atoms and rules: the event's turn times four, plus the mark.
    marks: Vec<u32>,
    rules: Vec<u32>,
    turn: u32,
    /// `(rules' field, event's field)`.
    pub fields: Vec<(u32, u32)>,
    /// Folded texts of the event's fields, back to back, and where each lies.
    pub folded: String,
    pub spans: Vec<Option<(u32, u32)>>,
    pub memo: Memo,
    pub candidates: Vec<u32>,
    pub hits: Vec<u32>,
}

impl Work {
    pub fn begin(&mut self, atoms: usize, rules: usize, fields: usize) {
        self.marks.resize(atoms, 0);
        self.rules.resize(rules, 0);
        self.turn += 1;
        if self.turn >= u32::MAX >> 2 {
            self.marks.fill(0);
            self.rules.fill(0);
            self.turn = 1;
        }
        self.fields.clear();
        self.folded.clear();
        self.spans.clear();
        self.spans.resize(fields, None);
        self.candidates.clear();
        self.hits.clear();
    }

    pub fn mark(&self, atom: u32) -> Mark {
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

    /// Sets a mark.
    pub fn set(&mut self, atom: u32, mark: Mark) {
        if let Some(slot) = self.marks.get_mut(atom as usize) {
            *slot = self.turn << 2
                | match mark {
                    Mark::Unknown => 0,
                    Mark::Hinted => 1,
                    Mark::True => 2,
                    Mark::False => 3,
                };
        }
    }

    /// Puts a rule forward, once an event.
    pub fn put_forward(&mut self, rule: u32) {
        if let Some(slot) = self.rules.get_mut(rule as usize)
            && *slot != self.turn
        {
            *slot = self.turn;
            self.candidates.push(rule);
        }
    }
}
