//! All literals of one field of one group, looked for at once: whole texts by a table, those at an edge by a tree, the
//! rest by an automaton.

use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use rustc_hash::FxHashMap;

use super::atom::Place;
use super::edge::Edge;

/// Down to here the automaton's states are tables: most of a text is spent near its root.
const DENSE: usize = 3;

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
    present: Vec<u32>,
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

    /// The field being there points to an atom.
    pub fn presence(&mut self, atom: u32) {
        self.present.push(atom);
    }

    /// Makes them ready.
    ///
    /// # Errors
    /// Where there are more literals than an automaton can hold.
    pub fn build(self) -> Result<Automaton, aho_corasick::BuildError> {
        let within = sorted(self.within);
        let search = if within.is_empty() {
            None
        } else {
            let mut builder = NFA::builder();
            builder.match_kind(MatchKind::Standard).prefilter(false).dense_depth(DENSE);
            Some(builder.build(within.iter().map(|(text, _)| text.as_bytes()))?)
        };
        let (start, end) = (sorted(self.start), sorted(self.end));
        Ok(Automaton {
            search,
            within: Entries::new(within.iter().map(|(_, list)| list)),
            start_tree: Edge::new(numbered(&start), false),
            start: Entries::new(start.iter().map(|(_, list)| list)),
            end_tree: Edge::new(numbered(&end), true),
            end: Entries::new(end.iter().map(|(_, list)| list)),
            longest: self.whole.keys().map(String::len).max(),
            whole: self.whole.into_iter().map(|(text, atoms)| (text.into(), atoms.into())).collect(),
            present: self.present.into(),
        })
    }
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

/// All literals of one field of one group.
#[derive(Debug)]
pub struct Automaton {
    search: Option<NFA>,
    within: Entries,
    start_tree: Edge,
    start: Entries,
    end_tree: Edge,
    end: Entries,
    whole: FxHashMap<Box<str>, Box<[u32]>>,
    longest: Option<usize>,
    present: Box<[u32]>,
}

impl Automaton {
    /// The atoms that the field being there points to.
    pub fn present(&self) -> &[u32] {
        &self.present
    }

    /// Whether there is anything to look for in the text.
    pub fn looks(&self) -> bool {
        self.search.is_some()
            || self.longest.is_some()
            || !self.start_tree.is_empty()
            || !self.end_tree.is_empty()
    }

    /// Goes over a folded text; `found(atom, only hinted)`.
    pub fn scan(&self, text: &str, mut found: impl FnMut(u32, bool)) {
        if self.longest.is_some_and(|longest| text.len() <= longest)
            && let Some(atoms) = self.whole.get(text)
        {
            atoms.iter().for_each(|atom| found(*atom, false));
        }
        if !self.start_tree.is_empty() {
            self.start_tree.walk(text.bytes(), |literal| {
                self.start.get(literal as usize).iter().for_each(|e| found(e.atom, e.hint));
            });
        }
        if !self.end_tree.is_empty() {
            self.end_tree.walk(text.bytes().rev(), |literal| {
                self.end.get(literal as usize).iter().for_each(|e| found(e.atom, e.hint));
            });
        }
        if let Some(search) = &self.search {
            self.search(search, text, found);
        }
    }

    fn search(&self, search: &NFA, text: &str, mut found: impl FnMut(u32, bool)) {
        let Ok(mut state) = search.start_state(Anchored::No) else { return };
        for byte in text.bytes() {
            state = search.next_state(Anchored::No, state, byte);
            if search.is_special(state) && search.is_match(state) {
                for n in 0..search.match_len(state) {
                    let literal = search.match_pattern(state, n).as_usize();
                    self.within.get(literal).iter().for_each(|e| found(e.atom, e.hint));
                }
            }
        }
    }
}
