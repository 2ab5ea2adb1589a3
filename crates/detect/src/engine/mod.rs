//! The whole rule set at once.
//!
//! An event's kind (channel, event id, what the normaliser says of it) and the names of its fields choose a plan: which
//! groups of rules are asked, and of which fields. Each field's text is folded once; one index per field points to atoms.
//! A rule is only looked at when one of the atoms it cannot do without was pointed to; what the index cannot decide is
//! found out then.

mod atom;
pub mod build;
mod edge;
mod glob;
mod grams;
mod index;
mod known;
mod lists;
mod literal;
mod memo;
pub mod names;
mod scratch;
pub mod source;
mod tree;

use domain::event::{Column, Event, Kind};
use rustc_hash::FxHashMap;

use atom::Check;
pub use atom::{compare, relates, time};
use grams::Grams;
use index::{Found, Index};
use known::Plan;
use lists::Lists;
use names::Names;
pub use scratch::Scratch;
use scratch::{Mark, Work};
use source::When;
use tree::{Ref, Tree};

use crate::rule::Rule;

/// Rules of one logsource.
#[derive(Debug)]
struct Group {
    gates: Vec<When>,
    /// The rules' fields it speaks of.
    fields: Vec<u32>,
    keywords: Keywords,
    /// Rules that may hold though nothing points to them.
    always: Vec<u32>,
}

/// The keywords of a group: sought in all of an event at once before its fields are gone over one by one.
#[derive(Debug)]
enum Keywords {
    None,
    /// They cannot do without one of these.
    Some(Box<Grams>),
    /// One of them may be nothing at all.
    Empty,
}

impl Keywords {
    fn may_stand_in(&self, folded: &str) -> bool {
        match self {
            Keywords::None => false,
            Keywords::Some(grams) => {
                let mut found = false;
                grams.find(folded, |_| found = true);
                found
            }
            Keywords::Empty => true,
        }
    }
}

#[derive(Debug)]
struct Atom {
    /// The rules' field; none of keywords.
    field: Option<u32>,
    check: Check,
    /// Whether it may hold though no literal points to it.
    unpointed: bool,
}

/// A rule set made ready.
#[derive(Debug)]
pub struct Matcher {
    rules: Vec<Rule>,
    /// For each rule its group.
    group_of: Vec<u32>,
    names: Names,
    /// How many names the gates ask for; they have the first numbers.
    gates: u32,
    gate_columns: Vec<(Column, u32)>,
    groups: Vec<Group>,
    /// By the rules' field; the last is that of keywords.
    indexes: Vec<Option<Index>>,
    keywords: Option<Index>,
    atoms: Vec<Atom>,
    /// For each atom, the rules it puts forward and their groups.
    forward: Lists<(u32, u32)>,
    /// For each of the rules' fields, the rules put forward by its being there.
    present: FxHashMap<u32, Box<[u32]>>,
    tree: Tree,
    roots: Vec<Ref>,
}

/// The number keywords go by among fields.
const KEYWORDS: u32 = u32::MAX - 1;

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
        let Scratch { known, work } = scratch;
        work.begin(self.atoms.len(), self.rules.len());
        let plan = known.plan(self, event);
        if plan.active.contains(&true) {
            self.run(plan, event, work);
        }
        &work.hits
    }

    /// How an event's fields are seen.
    pub fn view(&self, event: &Event) -> usize {
        self.view_of(event, &self.gate_values(event))
    }

    fn view_of(&self, event: &Event, values: &[&str]) -> usize {
        let holds = |when: &When| source::holds(when, |name| self.gate(event, values, name));
        self.names.views().position(holds).map_or(0, |n| n + 1)
    }

    /// A field's value, under the name rules use.
    pub fn value<'e>(&self, event: &'e Event, field: &str) -> Option<&'e str> {
        names::value(&self.names, event, field, self.view(event))
    }

    /// What the fields that gates ask for hold, by their numbers.
    fn gate_values<'e>(&self, event: &'e Event) -> Vec<&'e str> {
        let mut out = vec![None; self.gates as usize];
        let mut first = |id: u32, text: &'e str| {
            if let Some(slot) = out.get_mut(id as usize) {
                slot.get_or_insert(text);
            }
        };
        for (name, value) in event.fields() {
            self.names.resolve(name, 0).iter().for_each(|id| first(id, value.text));
        }
        for (column, id) in &self.gate_columns {
            event.column(*column).into_iter().for_each(|value| first(*id, value.text));
        }
        out.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn gate<'e>(&self, event: &Event, values: &[&'e str], name: &str) -> &'e str {
        match name {
            "@product" => event.product(),
            "@dataset" => event.dataset(),
            name => self.names.find(name).and_then(|id| values.get(id as usize)).copied().unwrap_or_default(),
        }
    }

    /// Whether a field says what kind of event it is.
    fn is_gate(&self, id: u32) -> bool {
        id < self.gates
    }

    /// Columns that say what kind of event it is.
    fn gate_columns(&self) -> &[(Column, u32)] {
        &self.gate_columns
    }

    /// What to do with events such as this; nothing of it may depend on more than the event's kind and field names.
    fn plan(&self, event: &Event) -> Plan {
        let values = self.gate_values(event);
        let fits = |group: &Group| {
            group.gates.iter().any(|when| source::holds(when, |name| self.gate(event, &values, name)))
        };
        let active: Box<[bool]> = self.groups.iter().map(fits).collect();
        let own = || self.groups.iter().zip(&active).filter(|(_, active)| **active).map(|(group, _)| group);
        let asked: rustc_hash::FxHashSet<u32> =
            own().flat_map(|group| group.fields.iter().copied()).collect();
        let view = self.view_of(event, &values);
        let mut fields = Vec::new();
        for (number, (name, _)) in event.fields().enumerate() {
            let ids = self.names.resolve(name, view);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            fields.extend(ids.iter().filter(|id| asked.contains(id)).map(|id| (id, number)));
        }
        let mut rules: Vec<u32> = own().flat_map(|group| group.always.iter().copied()).collect();
        for (id, _) in &fields {
            let present = self.present.get(id).into_iter().flatten();
            rules.extend(present.filter(|rule| self.is_active(&active, **rule)));
        }
        rules.sort_unstable();
        rules.dedup();
        let keywords = self.groups.iter().zip(&active).enumerate();
        let keywords = keywords
            .filter(|(_, (group, active))| **active && !matches!(group.keywords, Keywords::None))
            .map(|(number, _)| u32::try_from(number).unwrap_or(u32::MAX))
            .collect();
        Plan { fields: fields.into(), rules: rules.into(), keywords, active }
    }

    fn is_active(&self, active: &[bool], rule: u32) -> bool {
        let group = self.group_of.get(rule as usize).copied().unwrap_or(u32::MAX);
        active.get(group as usize).copied().unwrap_or(false)
    }

    fn run(&self, plan: &Plan, event: &Event, work: &mut Work) {
        work.fields.extend_from_slice(&plan.fields);
        plan.rules.iter().for_each(|rule| work.put_forward(*rule));
        // Which field holds a column is the event's own matter.
        for (column, id) in self.names.columns() {
            if let Some(number) = event.column_field(*column)
                && !work.fields.contains(&(*id, number))
            {
                work.fields.push((*id, number));
                let present = self.present.get(id).into_iter().flatten();
                present.filter(|r| self.is_active(&plan.active, **r)).for_each(|r| work.put_forward(*r));
            }
        }
        for at in 0..work.fields.len() {
            let Some((id, number)) = work.fields.get(at).copied() else { break };
            if let Some(Some(index)) = self.indexes.get(id as usize) {
                self.scan((id, index), plan, event, number, work);
            }
        }
        let mut asked = plan.keywords.iter().filter_map(|group| self.groups.get(*group as usize));
        if asked.any(|group| group.keywords.may_stand_in(work.folded(event)))
            && let Some(keywords) = &self.keywords
        {
            for number in 0..event.fields().len() {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                self.scan((KEYWORDS, keywords), plan, event, number, work);
            }
        }
        for at in 0..work.candidates.len() {
            let Some(rule) = work.candidates.get(at).copied() else { break };
            if let Some(root) = self.roots.get(rule as usize)
                && self.holds(*root, event, work)
            {
                work.hits.push(rule);
            }
        }
    }

    /// Marks what an index finds in a field's text, and puts forward the rules that wait for it. `id`: the rules' field.
    fn scan(&self, (id, index): (u32, &Index), plan: &Plan, event: &Event, number: u32, work: &mut Work) {
        let Some(value) = event.value(number) else { return };
        if value.kind == Kind::Null {
            return;
        }
        // Taken out while it is read, so that marks can be set.
        let mut memo = std::mem::take(&mut work.memo);
        let search = |found: &mut Vec<Found>| index.scan(work.folded_value(event, number), found);
        let found = memo.find(id, value.text, search);
        for found in found {
            let atom = found.atom();
            // Once pointed to, an atom is decided or its check goes over all values: the first time is enough.
            if work.mark(atom) == Mark::Unknown {
                work.set(atom, if found.is_hint() { Mark::Hinted } else { Mark::True });
                for (rule, group) in self.forward.get(atom) {
                    if plan.active.get(*group as usize).copied().unwrap_or(false) {
                        work.put_forward(*rule);
                    }
                }
            }
        }
        work.memo = memo;
    }

    fn holds(&self, node: Ref, event: &Event, work: &mut Work) -> bool {
        match node {
            Ref::And(from, to) => self.tree.children(from, to).iter().all(|n| self.holds(*n, event, work)),
            Ref::Or(from, to) => self.tree.children(from, to).iter().any(|n| self.holds(*n, event, work)),
            Ref::Not(child) => {
                !self.tree.children(child, child + 1).iter().any(|n| self.holds(*n, event, work))
            }
            Ref::Atom(atom) => match work.mark(atom) {
                Mark::True => true,
                Mark::False => false,
                Mark::Unknown if !self.atoms.get(atom as usize).is_some_and(|a| a.unpointed) => false,
                Mark::Unknown | Mark::Hinted => {
                    let truth = self.find_out(atom, event, work);
                    work.set(atom, if truth { Mark::True } else { Mark::False });
                    truth
                }
            },
        }
    }

    /// Goes over all values of an atom's field.
    fn find_out(&self, atom: u32, event: &Event, work: &mut Work) -> bool {
        let Some(atom) = self.atoms.get(atom as usize) else { return false };
        let Some(field) = atom.field else {
            return (0..event.fields().len())
                .any(|n| passes(&atom.check, event, u32::try_from(n).unwrap_or(u32::MAX), work));
        };
        if let Check::Field(other, how, cased) = &atom.check {
            let texts = |id: u32| {
                let own = work.fields.iter().filter(move |(i, _)| *i == id);
                own.filter_map(|(_, n)| event.value(*n)).filter(|v| v.kind != Kind::Null)
            };
            return texts(field).any(|a| texts(*other).any(|b| relates(a.text, b.text, *how, *cased)));
        }
        if matches!(atom.check, Check::Null) {
            let mut own = work.fields.iter().filter(|(id, _)| *id == field);
            return own.all(|(_, n)| event.value(*n).is_none_or(|v| v.kind == Kind::Null));
        }
        (0..work.fields.len()).any(|at| {
            let own = work.fields.get(at).copied().filter(|(id, _)| *id == field);
            own.is_some_and(|(_, n)| passes(&atom.check, event, n, work))
        })
    }
}

fn passes(check: &Check, event: &Event, number: u32, work: &mut Work) -> bool {
    let Some(value) = event.value(number) else { return false };
    atom::passes(
        check,
        value,
        || matches!(check, Check::Folded(glob) if glob.matches(work.folded_value(event, number))),
    )
}
