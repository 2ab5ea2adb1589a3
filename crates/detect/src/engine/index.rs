//! All literals of one field, looked for at once: whole texts by a table, those at an edge by a tree, the rest by some of
//! their bytes.

use rustc_hash::FxHashMap;

use super::atom::Place;
use super::edge::Edge;
use super::grams::Grams;

/// What a found literal points to.
#[derive(Clone, Copy, Debug)]
struct Entry {
    atom: u32,
    hint: bool,
}

/// What many literals point to.
#[derive(Debug, Default)]
struct Entries {
    spans: Box<[(u32, u32)]>,
    all: Box<[Entry]>,
}

impl Entries {
    fn new<'e>(lists: impl Iterator<Item = &'e Vec<Entry>>) -> Entries {
        let (mut all, mut spans) = (Vec::new(), Vec::new());
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        for list in lists {
            let first = all.len();
            all.extend(list.iter().copied());
            spans.push((place(first), place(all.len())));
        }
        Entries { spans: spans.into(), all: all.into() }
    }

    fn get(&self, literal: usize) -> &[Entry] {
        let (from, to) = self.spans.get(literal).copied().unwrap_or_default();
        self.all.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// The literals while they are gathered.
#[derive(Default)]
pub struct Gather {
    within: FxHashMap<String, Vec<Entry>>,
    start: FxHashMap<String, Vec<Entry>>,
    end: FxHashMap<String, Vec<Entry>>,
    whole: FxHashMap<String, Vec<u32>>,
}

impl Gather {
    /// A literal points to an atom.
    pub fn literal(&mut self, text: String, place: Place, atom: u32) {
        let table = match place {
            Place::Within | Place::Hint => &mut self.within,
            Place::Start => &mut self.start,
            Place::End => &mut self.end,
        };
        table.entry(text).or_default().push(Entry { atom, hint: place == Place::Hint });
    }

    /// A whole text points to an atom; the atom's check decides where it has one.
    pub fn whole(&mut self, text: String, atom: u32) {
        self.whole.entry(text).or_default().push(atom);
    }

    /// Makes them ready.
    pub fn build(self) -> Index {
        let within = sorted(self.within);
        let (start, end) = (sorted(self.start), sorted(self.end));
        Index {
            grams: Grams::new(numbered(&within)),
            within: Entries::new(within.iter().map(|(_, list)| list)),
            start_tree: Edge::new(numbered(&start), false),
            start: Entries::new(start.iter().map(|(_, list)| list)),
            end_tree: Edge::new(numbered(&end), true),
            end: Entries::new(end.iter().map(|(_, list)| list)),
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
fn sorted(table: FxHashMap<String, Vec<Entry>>) -> Vec<(String, Vec<Entry>)> {
    let mut all: Vec<(String, Vec<Entry>)> = table.into_iter().collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn numbered(all: &[(String, Vec<Entry>)]) -> impl Iterator<Item = (&str, u32)> {
    all.iter().enumerate().map(|(n, (text, _))| (text.as_str(), u32::try_from(n).unwrap_or(u32::MAX)))
}

/// All literals of one field.
#[derive(Debug)]
pub struct Index {
    grams: Grams,
    within: Entries,
    start_tree: Edge,
    start: Entries,
    end_tree: Edge,
    end: Entries,
    whole: FxHashMap<Box<str>, Box<[u32]>>,
    lengths: u64,
}

impl Index {
    /// Goes over a folded text; `found(atom, only hinted)`.
    pub fn scan(&self, text: &str, mut found: impl FnMut(u32, bool)) {
        if self.lengths & length(text) != 0
            && let Some(atoms) = self.whole.get(text)
        {
            atoms.iter().for_each(|atom| found(*atom, false));
        }
        let mut tell = |entries: &Entries, literal: u32| {
            entries.get(literal as usize).iter().for_each(|entry| found(entry.atom, entry.hint));
        };
        self.start_tree.walk(text.bytes(), |literal| tell(&self.start, literal));
        self.end_tree.walk(text.bytes().rev(), |literal| tell(&self.end, literal));
        self.grams.find(text, |literal| tell(&self.within, literal));
    }
}
