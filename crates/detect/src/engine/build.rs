//! Rules to a matcher.

use rustc_hash::{FxHashMap, FxHashSet};

use super::atom::{Check, Place, Pointer, prepare};
use super::grams::Grams;
use super::index::{Gather, Index};
use super::lists::Lists;
use super::names::Names;
use super::source::{Sources, When};
use super::tree::{Tree, necessary};
use super::{Atom, Group, Keywords, Matcher};
use crate::rule::{Expr, Item, Rule, Test};

/// More literals in one field than can be numbered.
#[derive(Debug, thiserror::Error)]
#[error("too many rules: {0} atoms")]
pub struct TooLarge(usize);

/// A bit of an atom's number says whether it is only hinted at.
const MOST: usize = 1 << 31;

struct Builder {
    names: Names,
    atoms: Vec<Atom>,
    cost: FxHashMap<u32, f64>,
    /// Atoms by field and test.
    known: FxHashMap<String, u32>,
    gathers: FxHashMap<Option<u32>, Gather>,
    /// Fields the group at hand speaks of.
    fields: FxHashSet<Option<u32>>,
    /// Atoms that a field's being there points to.
    presence: FxHashSet<u32>,
    /// Of each atom of keywords what points to it, and of the group at hand all of it.
    words: FxHashMap<u32, Vec<String>>,
    own_words: FxHashSet<String>,
}

impl Matcher {
    /// Makes rules ready.
    ///
    /// # Errors
    /// Where they are too many.
    pub fn new(rules: Vec<Rule>, sources: &Sources) -> Result<Matcher, TooLarge> {
        let by_gates = by_gates(&rules, sources);
        let mut builder = Builder::new(sources);
        let gate_names = gate_names(by_gates.iter().map(|(gates, _)| gates), sources);
        // First of all, so that they have the first numbers.
        for name in &gate_names {
            builder.names.intern(name);
        }
        let gates = u32::try_from(gate_names.len()).unwrap_or(u32::MAX);
        let gate_columns = builder.names.columns().iter().copied().filter(|(_, id)| *id < gates).collect();
        let mut tree = Tree::default();
        let mut roots = vec![super::Ref::Or(0, 0); rules.len()];
        let mut group_of = vec![u32::MAX; rules.len()];
        let mut forward: Vec<Vec<u32>> = Vec::new();
        let mut present: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut groups = Vec::new();
        for (gates, own) in by_gates {
            let mut group = Group { gates, fields: Vec::new(), keywords: Keywords::None, always: Vec::new() };
            for number in own {
                let Some(rule) = rules.get(number) else { continue };
                let expr = rule.condition.map(&mut |item| match rule.items.get(item) {
                    Some(item) => builder.item(item),
                    None => Expr::default(),
                });
                if let (Some(root), Some(own)) = (roots.get_mut(number), group_of.get_mut(number)) {
                    *root = tree.add(&expr, &|atom| builder.toil(atom));
                    *own = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                }
                let id = u32::try_from(number).unwrap_or(u32::MAX);
                forward.resize(builder.atoms.len(), Vec::new());
                let Some((atoms, _)) = necessary(&expr, &builder.cost) else {
                    group.always.push(id);
                    continue;
                };
                for atom in atoms.into_iter().collect::<FxHashSet<u32>>() {
                    let field = builder.atoms.get(atom as usize).and_then(|a| a.field);
                    match (builder.presence.contains(&atom), field) {
                        (false, _) => forward.get_mut(atom as usize).into_iter().for_each(|own| own.push(id)),
                        (true, Some(field)) => present.entry(field).or_default().push(id),
                        // Some field is always there.
                        (true, None) => group.always.push(id),
                    }
                }
            }
            group.keywords = builder.keywords();
            group.fields = builder.fields.drain().flatten().collect();
            groups.push(group);
        }
        if builder.atoms.len() >= MOST {
            return Err(TooLarge(builder.atoms.len()));
        }
        let (indexes, keywords) = builder.indexes();
        forward.resize(builder.atoms.len(), Vec::new());
        let grouped = |rule: u32| Some((rule, *group_of.get(rule as usize)?));
        let forward = Lists::new(forward.into_iter().map(|rules| rules.into_iter().filter_map(grouped)));
        Ok(Matcher {
            rules,
            group_of,
            names: builder.names,
            gates,
            gate_columns,
            groups,
            indexes,
            keywords,
            atoms: builder.atoms,
            forward,
            present: present.into_iter().map(|(field, rules)| (field, rules.into())).collect(),
            tree,
            roots,
        })
    }
}

/// Rules of one logsource together, in the order they come.
fn by_gates(rules: &[Rule], sources: &Sources) -> Vec<(Vec<When>, Vec<usize>)> {
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut out: Vec<(Vec<When>, Vec<usize>)> = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let source = format!("{:?} {:?}", rule.source, rule.gates);
        let place = *places.entry(source).or_insert_with(|| {
            out.push((sources.gates(rule), Vec::new()));
            out.len() - 1
        });
        if let Some((_, own)) = out.get_mut(place) {
            own.push(number);
        }
    }
    out
}

fn gate_names<'a>(gates: impl Iterator<Item = &'a Vec<When>>, sources: &'a Sources) -> Vec<String> {
    let all = gates.flatten().chain(sources.views.iter().map(|view| &view.when));
    let names: FxHashSet<&str> = all.flat_map(|when| when.keys().map(String::as_str)).collect();
    let mut names: Vec<String> =
        names.into_iter().filter(|n| !n.starts_with('@')).map(str::to_owned).collect();
    names.sort();
    names
}

impl Builder {
    fn new(sources: &Sources) -> Builder {
        Builder {
            names: Names::new(sources),
            atoms: Vec::new(),
            cost: FxHashMap::default(),
            known: FxHashMap::default(),
            gathers: FxHashMap::default(),
            fields: FxHashSet::default(),
            presence: FxHashSet::default(),
            words: FxHashMap::default(),
            own_words: FxHashSet::default(),
        }
    }

    /// What it costs to ask an atom: of most nothing is known after the scan, and then they do not hold.
    fn toil(&self, atom: u32) -> u32 {
        match self.atoms.get(atom as usize) {
            Some(Atom { unpointed: false, .. }) => 1,
            Some(Atom { check: Check::Regex(_), .. }) => 1000,
            _ => 10,
        }
    }

    fn indexes(&mut self) -> (Vec<Option<Index>>, Option<Index>) {
        let keywords = self.gathers.remove(&None).map(Gather::build);
        let mut out = Vec::new();
        for (field, gather) in self.gathers.drain() {
            let Some(field) = field else { continue };
            out.resize_with(out.len().max(field as usize + 1), || None);
            if let Some(slot) = out.get_mut(field as usize) {
                *slot = Some(gather.build());
            }
        }
        (out, keywords)
    }

    /// What was gathered of the group's keywords.
    fn keywords(&mut self) -> Keywords {
        let mut words: Vec<String> = self.own_words.drain().collect();
        words.sort_unstable();
        match words.first() {
            None => Keywords::None,
            Some(first) if first.is_empty() => Keywords::Empty,
            Some(_) => Keywords::Some(Box::new(Grams::new(words.iter().map(|word| (word.as_str(), 0))))),
        }
    }

    fn item(&mut self, item: &Item) -> Expr {
        let field = item.field.as_deref().map(|name| self.names.intern(name));
        let values: Vec<Expr> = item
            .values
            .iter()
            .map(|tests| Expr::Or(tests.iter().map(|test| self.atom(field, test)).collect()))
            .collect();
        let met = if item.all { Expr::And(values) } else { Expr::Or(values) };
        if item.not { Expr::Not(Box::new(met)) } else { met }
    }

    fn atom(&mut self, field: Option<u32>, test: &Test) -> Expr {
        if *test == Test::Exists(false) {
            return Expr::Not(Box::new(self.atom(field, &Test::Exists(true))));
        }
        self.fields.insert(field);
        if let Test::Field { other, .. } = test {
            let other = self.names.intern(other);
            self.fields.insert(Some(other));
        }
        let key = format!("{field:?} {test:?}");
        if let Some(atom) = self.known.get(&key) {
            self.own_words.extend(self.words.get(atom).into_iter().flatten().cloned());
            return Expr::Item(*atom as usize);
        }
        let names = &mut self.names;
        let (pointer, check) = prepare(test, &mut |name| names.intern(name));
        let number = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        let gather = self.gathers.entry(field).or_default();
        if field.is_none() {
            let words = match &pointer {
                Pointer::Whole(text) => vec![text.clone()],
                Pointer::Literals(all, _) => all.clone(),
                Pointer::Presence | Pointer::None => Vec::new(),
            };
            self.own_words.extend(words.iter().cloned());
            self.words.insert(number, words);
        }
        let unpointed = matches!(pointer, Pointer::None | Pointer::Presence);
        // How often an atom is expected to be pointed to: a whole text or a long literal seldom, a field always.
        let expected = match pointer {
            Pointer::Whole(text) => {
                let cost = 1.0 / (4.0 + rarity(text.chars().count()));
                gather.whole(text, number, !matches!(check, Check::Literal));
                Some(cost)
            }
            Pointer::Literals(all, place) => {
                let cost = all.iter().map(|l| 1.0 / (1.0 + rarity(l.chars().count()))).sum::<f64>();
                for literal in all {
                    gather.literal(literal, place, number);
                }
                // At an end a literal is seldomer than within.
                Some(if place == Place::Within || place == Place::Hint { cost } else { cost / 2.0 })
            }
            Pointer::Presence => {
                self.presence.insert(number);
                Some(1.0)
            }
            Pointer::None => None,
        };
        if let Some(cost) = expected {
            self.cost.insert(number, cost);
        }
        self.atoms.push(Atom { field, check, unpointed });
        self.known.insert(key, number);
        Expr::Item(number as usize)
    }
}

fn rarity(letters: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of letters")]
    let n = letters.min(64) as f64;
    n * n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_test_of_one_field_is_one_atom() {
        let file = crate::rule::read::file(
            "title: a\nlogsource: {product: windows}\ndetection:\n  a: {Image: x}\n  b: {Image: X, Image2: x}\n  condition: a or b\n",
        );
        let Some(crate::rule::read::Document::Rule(rule)) = file.documents.into_iter().next() else {
            panic!()
        };
        let matcher = Matcher::new(vec![rule], &Sources::builtin()).unwrap();
        assert!(matches!(matcher.atoms[0].check, Check::Literal));
        assert_eq!(matcher.size().1, 3);
    }
}
