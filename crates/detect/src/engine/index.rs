//! All literals of one field, looked for at once: whole texts by a table, those at an edge by a tree, the rest by some of
//! their bytes.

use rustc_hash::FxHashMap;

use super::atom::Place;
use super::edge::Edge;
use super::grams::Grams;
use super::lists::Lists;

/// An atom a literal points to, and whether that decides it or its check has to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Found(u32);

impl Found {
    /// The upper bit of an atom's number is free for the hint; [`super::build`] counts atoms.
    const HINT: u32 = 1 << 31;

    pub fn new(atom: u32, hint: bool) -> Found {
        Found(if hint { atom | Found::HINT } else { atom })
    }
    pub fn atom(self) -> u32 {
        self.0 & !Found::HINT
    }
    /// Only pointed to: its check decides.
    pub fn is_hint(self) -> bool {
        self.0 & Found::HINT != 0
    }
}

/// The literals while they are gathered.
#[derive(Default)]
pub struct Gather {
    within: FxHashMap<String, Vec<Found>>,
    start: FxHashMap<String, Vec<Found>>,
    end: FxHashMap<String, Vec<Found>>,
    whole: FxHashMap<String, Vec<Found>>,
}

impl Gather {
    /// A literal points to an atom.
    pub fn literal(&mut self, text: String, place: Place, atom: u32) {
        let table = match place {
            Place::Within | Place::Hint => &mut self.within,
            Place::Start => &mut self.start,
            Place::End => &mut self.end,
        };
        table.entry(text).or_default().push(Found::new(atom, place == Place::Hint));
    }

    /// A whole text points to an atom; where it only hints, the atom's check decides.
    pub fn whole(&mut self, text: String, atom: u32, hint: bool) {
        self.whole.entry(text).or_default().push(Found::new(atom, hint));
    }

    /// Makes them ready.
    pub fn build(self) -> Index {
        let within = sorted(self.within);
        let (start, end) = (sorted(self.start), sorted(self.end));
        Index {
            grams: Grams::new(numbered(&within)),
            within: Lists::new(within.into_iter().map(|(_, list)| list)),
            start_tree: Edge::new(numbered(&start), false),
            start: Lists::new(start.into_iter().map(|(_, list)| list)),
            end_tree: Edge::new(numbered(&end), true),
            end: Lists::new(end.into_iter().map(|(_, list)| list)),
            lengths: self.whole.keys().fold(0, |all, text| all | length(text)),
            whole: self.whole.into_iter().map(|(text, atoms)| (text.into(), atoms.into())).collect(),
        }
    }
}

/// The bit of a text's length; the longest share one.
fn length(text: &str) -> u64 {
    1 << text.len().min(63)
}

/// The same rules give the same automaton, whatever the order of a hash table.
fn sorted(table: FxHashMap<String, Vec<Found>>) -> Vec<(String, Vec<Found>)> {
    let mut all: Vec<(String, Vec<Found>)> = table.into_iter().collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn numbered(all: &[(String, Vec<Found>)]) -> impl Iterator<Item = (&str, u32)> {
    all.iter().enumerate().map(|(n, (text, _))| (text.as_str(), u32::try_from(n).unwrap_or(u32::MAX)))
}

/// All literals of one field.
#[derive(Debug)]
pub struct Index {
    grams: Grams,
    within: Lists<Found>,
    start_tree: Edge,
    start: Lists<Found>,
    end_tree: Edge,
    end: Lists<Found>,
    whole: FxHashMap<Box<str>, Box<[Found]>>,
    lengths: u64,
}

impl Index {
    /// What stands in a folded text; one may be told several times.
    pub fn scan(&self, text: &str, found: &mut Vec<Found>) {
        if self.lengths & length(text) != 0
            && let Some(atoms) = self.whole.get(text)
        {
            found.extend_from_slice(atoms);
        }
        let mut tell = |entries: &Lists<Found>, literal: u32| {
            found.extend_from_slice(entries.get(literal));
        };
        self.start_tree.walk(text.bytes(), |literal| tell(&self.start, literal));
        self.end_tree.walk(text.bytes().rev(), |literal| tell(&self.end, literal));
        self.grams.find(text, |literal| tell(&self.within, literal));
    }
}
