//! The whole rule set at once.
//!
//! An event's kind (channel, event id, what the normaliser says of it) chooses groups of rules. Each field's text is
//! folded once; one automaton per group and field points to atoms. A rule is only looked at when one of the atoms it
//! cannot do without was pointed to; what the automaton cannot decide is found out then.

mod atom;
mod automaton;
pub mod build;
mod edge;
mod glob;
mod literal;
pub mod names;
mod scratch;
pub mod source;
mod tree;

use domain::event::Event;
use rustc_hash::FxHashMap;

use atom::Check;
pub use atom::{compare, relates, time};
use automaton::Automaton;
use names::Names;
pub use scratch::Scratch;
use scratch::{Belongs, Mark};
use source::When;
use tree::{Ref, Tree};

use crate::rule::{Rule, pattern::fold};

/// Rules of one logsource.
#[derive(Debug)]
struct Group {
    gates: Vec<When>,
    /// Automata by the rules' field; the last is that of keywords.
    fields: FxHashMap<u32, Automaton>,
    keywords: Option<Automaton>,
    /// Rules that may hold though nothing points to them.
    always: Vec<u32>,
}

#[derive(Debug)]
struct Atom {
    /// The rules' field; none of keywords.
    field: Option<u32>,
    check: Check,
    /// Whether it may hold though nothing points to it.
    unpointed: bool,
}

/// A rule set made ready.
#[derive(Debug)]
pub struct Matcher {
    rules: Vec<Rule>,
    names: Names,
    /// Names the gates ask for.
    gate_names: Vec<String>,
    groups: Vec<Group>,
    atoms: Vec<Atom>,
    /// For each atom, the rules it puts forward.
    forward: Vec<Box<[u32]>>,
    tree: Tree,
    roots: Vec<Ref>,
}

impl Matcher {
    /// The rules, in the order they were given.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The names of fields.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// How many groups, atoms and nodes there are.
    pub fn size(&self) -> (usize, usize, usize) {
        (self.groups.len(), self.atoms.len(), self.tree.len())
    }

    /// The numbers of the rules an event meets, in no order.
    pub fn matches<'s>(&self, event: &Event, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.begin(self.atoms.len(), self.rules.len(), event.fields().len());
        let belongs = self.belongs(event, scratch);
        if !belongs.groups.is_empty() {
            self.gather(event, belongs.view, scratch);
            for group in &belongs.groups {
                if let Some(group) = self.groups.get(*group as usize) {
                    self.group(group, event, scratch);
                }
            }
        }
        // Given back for the next event of the kind.
        if let Some(slot) = scratch.kinds.get_mut(scratch.key.as_str()) {
            *slot = belongs;
        }
        &scratch.hits
    }

    /// How an event's fields are seen.
    pub fn view(&self, event: &Event) -> usize {
        let value = |when: &When| source::holds(when, |name| self.gate(event, name).to_owned());
        self.names.views().position(value).map_or(0, |n| n + 1)
    }

    /// A field's value, under the name rules use.
    pub fn value<'e>(&self, event: &'e Event, field: &str) -> Option<&'e str> {
        names::value(&self.names, event, field, self.view(event))
    }

    fn gate<'e>(&self, event: &'e Event, name: &str) -> &'e str {
        match name {
            "@product" => event.product(),
            "@dataset" => event.dataset(),
            name => names::value(&self.names, event, name, 0).unwrap_or_default(),
        }
    }

    /// The groups of an event's kind, remembered.
    fn belongs(&self, event: &Event, scratch: &mut Scratch) -> Belongs {
        scratch.key.clear();
        scratch.key.push_str(event.product());
        scratch.key.push('\0');
        scratch.key.push_str(event.dataset());
        for (name, value) in event.fields() {
            let ids = scratch.learnt.resolve(&self.names, name, 0);
            for id in ids.iter().filter(|id| (*id as usize) < self.gate_names.len()) {
                // The fields gates ask for have the first numbers; in their order, so that equal kinds have one key.
                scratch.key.push('\0');
                scratch.key.push(char::from(u8::try_from(id).unwrap_or(u8::MAX)));
                scratch.key.push_str(value.text);
            }
        }
        if let Some(known) = scratch.kinds.get_mut(scratch.key.as_str()) {
            return std::mem::take(known);
        }
        let fits = |group: &Group| {
            group.gates.iter().any(|when| source::holds(when, |name| self.gate(event, name).to_owned()))
        };
        let groups = self.groups.iter().enumerate().filter(|(_, group)| fits(group));
        let groups = groups.filter_map(|(n, _)| u32::try_from(n).ok()).collect();
        let belongs = Belongs { groups, view: self.view(event) };
        scratch.kinds.insert(scratch.key.as_str().into(), Belongs::default());
        belongs
    }

    /// Which of the event's fields rules speak of.
    fn gather(&self, event: &Event, view: usize, scratch: &mut Scratch) {
        for (number, (name, _)) in event.fields().enumerate() {
            for id in scratch.learnt.resolve(&self.names, name, view).iter() {
                scratch.fields.push((id, u32::try_from(number).unwrap_or(u32::MAX)));
            }
        }
        for (column, id) in self.names.columns() {
            if let Some(number) = event.column_field(*column)
                && !scratch.fields.contains(&(*id, number))
            {
                scratch.fields.push((*id, number));
            }
        }
    }

    fn group(&self, group: &Group, event: &Event, scratch: &mut Scratch) {
        scratch.candidates.clear();
        for at in 0..scratch.fields.len() {
            let Some((id, number)) = scratch.fields.get(at).copied() else { break };
            if let Some(automaton) = group.fields.get(&id) {
                self.scan(automaton, event, number, scratch);
            }
        }
        if let Some(keywords) = &group.keywords {
            for number in 0..event.fields().len() {
                self.scan(keywords, event, u32::try_from(number).unwrap_or(u32::MAX), scratch);
            }
        }
        group.always.iter().for_each(|rule| scratch.put_forward(*rule));
        let mut candidates = std::mem::take(&mut scratch.candidates);
        for rule in &candidates {
            if let Some(root) = self.roots.get(*rule as usize)
                && self.holds(*root, event, scratch)
            {
                scratch.hits.push(*rule);
            }
        }
        candidates.clear();
        scratch.candidates = candidates;
    }

    fn scan(&self, automaton: &Automaton, event: &Event, number: u32, scratch: &mut Scratch) {
        for atom in automaton.present() {
            if scratch.set(*atom, Mark::Hinted) {
                self.forward(*atom, scratch);
            }
        }
        let Some(value) = event.value(number) else { return };
        if value.kind == domain::event::Kind::Null || !automaton.looks() {
            return;
        }
        let (from, to) = fold_once(scratch, value.text, number);
        // Taken out while it is read, so that marks can be set.
        let folded = std::mem::take(&mut scratch.folded);
        let text = folded.get(from as usize..to as usize).unwrap_or_default();
        // Once pointed to, an atom is decided or its check goes over all values: the first time is enough.
        automaton.scan(text, |atom, hinted| {
            if scratch.mark(atom) == Mark::Unknown {
                let literal = |atom: &Atom| matches!(atom.check, Check::Literal);
                let decided = !hinted && self.atoms.get(atom as usize).is_some_and(literal);
                scratch.set(atom, if decided { Mark::True } else { Mark::Hinted });
                self.forward(atom, scratch);
            }
        });
        scratch.folded = folded;
    }

    fn forward(&self, atom: u32, scratch: &mut Scratch) {
        for rule in self.forward.get(atom as usize).map(AsRef::as_ref).unwrap_or_default() {
            scratch.put_forward(*rule);
        }
    }

    fn holds(&self, node: Ref, event: &Event, scratch: &mut Scratch) -> bool {
        match node {
            Ref::And(from, to) => self.tree.children(from, to).iter().all(|n| self.holds(*n, event, scratch)),
            Ref::Or(from, to) => self.tree.children(from, to).iter().any(|n| self.holds(*n, event, scratch)),
            Ref::Not(child) => {
                !self.tree.children(child, child + 1).iter().any(|n| self.holds(*n, event, scratch))
            }
            Ref::Atom(atom) => match scratch.mark(atom) {
                Mark::True => true,
                Mark::False => false,
                Mark::Unknown if !self.atoms.get(atom as usize).is_some_and(|a| a.unpointed) => false,
                Mark::Unknown | Mark::Hinted => {
                    let truth = self.find_out(atom, event, scratch);
                    scratch.set(atom, if truth { Mark::True } else { Mark::False });
                    truth
                }
            },
        }
    }

    /// Goes over all values of an atom's field.
    fn find_out(&self, atom: u32, event: &Event, scratch: &mut Scratch) -> bool {
        let Some(atom) = self.atoms.get(atom as usize) else { return false };
        let Some(field) = atom.field else {
            return (0..event.fields().len())
                .any(|n| passes(&atom.check, event, u32::try_from(n).unwrap_or(u32::MAX), scratch));
        };
        if let Check::Field(other, how, cased) = &atom.check {
            let texts = |id: u32| {
                let own = scratch.fields.iter().filter(move |(i, _)| *i == id);
                own.filter_map(|(_, n)| event.value(*n)).filter(|v| v.kind != domain::event::Kind::Null)
            };
            return texts(field).any(|a| texts(*other).any(|b| relates(a.text, b.text, *how, *cased)));
        }
        if matches!(atom.check, Check::Null) {
            let mut own = scratch.fields.iter().filter(|(id, _)| *id == field);
            return own.all(|(_, n)| event.value(*n).is_none_or(|v| v.kind == domain::event::Kind::Null));
        }
        (0..scratch.fields.len()).any(|at| {
            let own = scratch.fields.get(at).copied().filter(|(id, _)| *id == field);
            own.is_some_and(|(_, n)| passes(&atom.check, event, n, scratch))
        })
    }
}

fn passes(check: &Check, event: &Event, number: u32, scratch: &mut Scratch) -> bool {
    let Some(value) = event.value(number) else { return false };
    atom::passes(check, value, || {
        let (from, to) = fold_once(scratch, value.text, number);
        let text = scratch.folded.get(from as usize..to as usize).unwrap_or_default();
        matches!(check, Check::Folded(glob) if glob.matches(text))
    })
}

/// Where the folded text of an event's field lies; folded at most once an event.
fn fold_once(scratch: &mut Scratch, text: &str, number: u32) -> (u32, u32) {
    if let Some(Some(span)) = scratch.spans.get(number as usize) {
        return *span;
    }
    let from = scratch.folded.len();
    if text.is_ascii() {
        scratch.folded.push_str(text);
        if let Some(own) = scratch.folded.get_mut(from..) {
            own.make_ascii_lowercase();
        }
    } else {
        scratch.folded.extend(text.chars().map(fold));
    }
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let span = (place(from), place(scratch.folded.len()));
    if let Some(slot) = scratch.spans.get_mut(number as usize) {
        *slot = Some(span);
    }
    span
}
