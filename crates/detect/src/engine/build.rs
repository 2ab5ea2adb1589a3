//! Rules to a matcher.

use rustc_hash::{FxHashMap, FxHashSet};

use super::atom::{Place, Pointer, prepare};
use super::automaton::Gather;
use super::names::Names;
use super::source::{Sources, When};
use super::tree::{Tree, necessary};
use super::{Atom, Group, Matcher};
use crate::rule::{Expr, Item, Rule, Test};

/// The rules need more memory than an automaton can address.
#[derive(Debug, thiserror::Error)]
#[error("too many literals for one automaton: {0}")]
pub struct TooLarge(#[from] aho_corasick::BuildError);

struct Builder {
    names: Names,
    atoms: Vec<Atom>,
    cost: FxHashMap<u32, f64>,
    /// Atoms of the group at hand, by field and test.
    known: FxHashMap<String, u32>,
    fields: FxHashMap<Option<u32>, Gather>,
}

impl Matcher {
    /// Makes rules ready.
    ///
    /// # Errors
    /// Where they are too many.
    pub fn new(rules: Vec<Rule>, sources: &Sources) -> Result<Matcher, TooLarge> {
        let mut by_gates: FxHashMap<String, (Vec<When>, Vec<usize>)> = FxHashMap::default();
        let mut order = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let gates = sources.gates(rule);
            let key = format!("{gates:?}");
            let (_, own) = by_gates.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                (gates, Vec::new())
            });
            own.push(number);
        }
        let mut builder = Builder {
            names: Names::new(sources),
            atoms: Vec::new(),
            cost: FxHashMap::default(),
            known: FxHashMap::default(),
            fields: FxHashMap::default(),
        };
        let gate_names = gate_names(by_gates.values().map(|(gates, _)| gates), sources);
        // First of all, so that they have the first numbers.
        for name in &gate_names {
            builder.names.intern(name);
        }
        let mut tree = Tree::default();
        let mut roots = vec![super::Ref::Or(0, 0); rules.len()];
        let mut forward: Vec<Vec<u32>> = Vec::new();
        let mut groups = Vec::new();
        for key in &order {
            let Some((gates, own)) = by_gates.remove(key) else { continue };
            let mut group = Group { gates, fields: FxHashMap::default(), keywords: None, always: Vec::new() };
            for number in own {
                let Some(rule) = rules.get(number) else { continue };
                let expr = rule.condition.map(&mut |item| match rule.items.get(item) {
                    Some(item) => builder.item(item),
                    None => Expr::default(),
                });
                if let Some(slot) = roots.get_mut(number) {
                    *slot = tree.add(&expr);
                }
                let id = u32::try_from(number).unwrap_or(u32::MAX);
                match necessary(&expr, &builder.cost) {
                    None => group.always.push(id),
                    Some((atoms, _)) => {
                        forward.resize(builder.atoms.len(), Vec::new());
                        let unique: FxHashSet<u32> = atoms.into_iter().collect();
                        for atom in unique {
                            if let Some(own) = forward.get_mut(atom as usize) {
                                own.push(id);
                            }
                        }
                    }
                }
            }
            builder.known.clear();
            for (field, gather) in std::mem::take(&mut builder.fields) {
                let automaton = gather.build()?;
                match field {
                    Some(field) => drop(group.fields.insert(field, automaton)),
                    None => group.keywords = Some(automaton),
                }
            }
            groups.push(group);
        }
        forward.resize(builder.atoms.len(), Vec::new());
        Ok(Matcher {
            rules,
            names: builder.names,
            gate_names,
            groups,
            atoms: builder.atoms,
            forward: forward.into_iter().map(Into::into).collect(),
            tree,
            roots,
        })
    }
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
        let key = format!("{field:?} {test:?}");
        if let Some(atom) = self.known.get(&key) {
            return Expr::Item(*atom as usize);
        }
        let names = &mut self.names;
        let (pointer, check) = prepare(test, &mut |name| names.intern(name));
        let number = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        let gather = self.fields.entry(field).or_default();
        let unpointed = matches!(pointer, Pointer::None);
        // How often an atom is expected to be pointed to: a whole text or a long literal seldom, a field always.
        let expected = match pointer {
            Pointer::Whole(text) => {
                let cost = 1.0 / (4.0 + rarity(text.chars().count()));
                gather.whole(text, number);
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
                gather.presence(number);
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
    use super::super::Check;
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
