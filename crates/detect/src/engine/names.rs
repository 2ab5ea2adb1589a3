//! From a field's name in an event to the fields rules speak of.

use std::borrow::Cow;

use domain::event::{Column, Event};
use rustc_hash::FxHashMap;

use super::source::{Sources, When};

/// Names an event's field goes under: its own, what is left without a shipper's prefix, what a view calls it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Ids([u32; 2]);

/// No field.
pub const NO: u32 = u32::MAX;
impl Ids {
    /// The fields.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        self.0.into_iter().filter(|id| *id != NO)
    }
}

/// From one name to another.
type Renamed = FxHashMap<Box<str>, Box<str>>;

/// The fields rules speak of.
#[derive(Debug)]
pub struct Names {
    known: FxHashMap<Box<str>, u32>,
    prefixes: Vec<Box<str>>,
    rename: Renamed,
    views: Vec<(When, Renamed)>,
    columns: Vec<(Column, u32)>,
}

impl Names {
    /// No names yet.
    pub fn new(sources: &Sources) -> Names {
        let boxed = |(from, to): (&String, &String)| (from.as_str().into(), to.as_str().into());
        Names {
            known: FxHashMap::default(),
            prefixes: sources.prefixes.iter().map(|p| p.as_str().into()).collect(),
            rename: sources.rename.iter().map(boxed).collect(),
            views: sources
                .views
                .iter()
                .map(|view| (view.when.clone(), view.rename.iter().map(boxed).collect()))
                .collect(),
            columns: Vec::new(),
        }
    }

    /// The number of a field that rules speak of.
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(id) = self.known.get(name) {
            return *id;
        }
        let id = u32::try_from(self.known.len()).unwrap_or(NO);
        self.known.insert(name.into(), id);
        self.columns.extend(Column::ALL.into_iter().filter(|c| c.name() == name).map(|column| (column, id)));
        id
    }

    /// The number of a field, if any rule speaks of it.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.known.get(name).copied()
    }

    /// Columns that rules speak of by their common name.
    pub fn columns(&self) -> &[(Column, u32)] {
        &self.columns
    }

    /// The conditions of the views; the view of number *n* is the *n*th of these, 0 is none.
    pub fn views(&self) -> impl Iterator<Item = &When> {
        self.views.iter().map(|(when, _)| when)
    }

    /// Which of the rules' fields an event's field is, seen by a view.
    pub fn resolve(&self, name: &str, view: usize) -> Ids {
        let [own, other] = self.spellings(name, view).map(|n| n.and_then(|n| self.find(&n)).unwrap_or(NO));
        if own == other { Ids([own, NO]) } else { Ids([own, other]) }
    }

    /// The names an event's field goes under in rules: its own, and another.
    fn spellings<'n>(&'n self, name: &'n str, view: usize) -> [Option<Cow<'n, str>>; 2] {
        let mut bare = Cow::Borrowed(name);
        for prefix in &self.prefixes {
            if let Some(rest) = name.strip_prefix(&**prefix) {
                // `Event.UserData.EventXML.Param` is `Param`.
                let last = rest.rsplit('.').next().unwrap_or(rest);
                bare = Cow::Borrowed(if prefix.contains("UserData") { last } else { rest });
                break;
            }
        }
        if let Some(other) = self.rename.get(name) {
            bare = Cow::Borrowed(&**other);
        }
        // Defender's `Threat Name` is `ThreatName` to rules.
        if bare.contains(' ') {
            bare = Cow::Owned(bare.replace(' ', ""));
        }
        let Some((_, map)) = view.checked_sub(1).and_then(|n| self.views.get(n)) else {
            return [Some(Cow::Borrowed(name)), Some(bare).filter(|b| *b != name)];
        };
        // Where the view calls another field by this name, this is not what rules mean by it.
        let own = Some(Cow::Borrowed(name)).filter(|_| !map.values().any(|to| **to == *name));
        match map.get(&*bare) {
            Some(to) => [own, Some(Cow::Borrowed(&**to))],
            None => {
                let taken = map.values().any(|to| **to == *bare);
                [own, Some(bare).filter(|_| !taken)]
            }
        }
    }
}

/// The first value of a field under the name rules use, the plain way: for correlations and gates.
pub fn value<'e>(names: &Names, event: &'e Event, field: &str, view: usize) -> Option<&'e str> {
    let called = |name: &str| names.spellings(name, view).iter().flatten().any(|n| *n == field);
    let own = event.fields().find(|(name, _)| called(name)).map(|(_, v)| v.text);
    own.or_else(|| {
        let column = Column::ALL.into_iter().find(|c| c.name() == field)?;
        event.column(column).map(|v| v.text)
    })
}
