//! What one thread needs to look at events: grown once, then used again and again.

use domain::event::Event;

use super::known::Known;
use super::memo::Memo;
use crate::rule::pattern::fold;

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
    folded: Folded,
    pub memo: Memo,
    pub candidates: Vec<u32>,
    pub hits: Vec<u32>,
}

impl Work {
    pub fn begin(&mut self, atoms: usize, rules: usize) {
        self.marks.resize(atoms, 0);
        self.rules.resize(rules, 0);
        self.turn += 1;
        if self.turn >= u32::MAX >> 2 {
            self.marks.fill(0);
            self.rules.fill(0);
            self.turn = 1;
        }
        self.fields.clear();
        self.folded.done = false;
        self.candidates.clear();
        self.hits.clear();
    }

    /// The values of all fields in lower case, back to back.
    pub fn folded(&mut self, event: &Event) -> &str {
        self.folded.all(event);
        &self.folded.text
    }

    /// The value of one field in lower case.
    pub fn folded_value(&mut self, event: &Event, number: u32) -> &str {
        self.folded.all(event);
        self.folded.one(event, number)
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

/// The values of an event's fields in lower case.
#[derive(Debug, Default)]
struct Folded {
    /// Of the event at hand.
    done: bool,
    text: String,
    /// Where each value ends; empty where they lie as in the event.
    ends: Vec<usize>,
}

impl Folded {
    fn all(&mut self, event: &Event) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        self.text.clear();
        self.ends.clear();
        if event.values().is_ascii() {
            self.text.push_str(event.values());
            self.text.make_ascii_lowercase();
            return;
        }
        for (_, value) in event.fields() {
            let from = self.text.len();
            if value.text.is_ascii() {
                self.text.push_str(value.text);
                self.text.get_mut(from..).into_iter().for_each(str::make_ascii_lowercase);
            } else {
                self.text.extend(value.text.chars().map(fold));
            }
            self.ends.push(self.text.len());
        }
    }

    fn one(&self, event: &Event, number: u32) -> &str {
        let end = |number: u32| self.ends.get(number as usize).copied();
        let span = match end(number) {
            Some(to) => number.checked_sub(1).and_then(end).unwrap_or(0)..to,
            None => event.span(number),
        };
        self.text.get(span).unwrap_or_default()
    }
}
