//! Conditions of all rules in one place, and what each cannot do without.

use rustc_hash::FxHashMap;

use crate::rule::Expr;

/// A node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ref {
    /// All of these children.
    And(u32, u32),
    /// Any of these children.
    Or(u32, u32),
    /// Not this child.
    Not(u32),
    /// This atom.
    Atom(u32),
}

/// The children of all nodes.
#[derive(Debug, Default)]
pub struct Tree(Vec<Ref>);

impl Tree {
    /// Children.
    pub fn children(&self, from: u32, to: u32) -> &[Ref] {
        self.0.get(from as usize..to as usize).unwrap_or_default()
    }

    /// How many nodes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds an expression over atoms; of several children those that cost least to ask come first.
    pub fn add(&mut self, expr: &Expr, toil: &impl Fn(u32) -> u32) -> Ref {
        self.weighed(expr, toil).1
    }

    fn weighed(&mut self, expr: &Expr, toil: &impl Fn(u32) -> u32) -> (u32, Ref) {
        match expr {
            Expr::Item(atom) => {
                let atom = u32::try_from(*atom).unwrap_or(u32::MAX);
                (toil(atom), Ref::Atom(atom))
            }
            Expr::And(all) | Expr::Or(all) if all.len() == 1 => {
                all.first().map_or((0, Ref::Or(0, 0)), |e| self.weighed(e, toil))
            }
            Expr::And(all) => {
                let (sum, from, to) = self.list(all, toil);
                (sum, Ref::And(from, to))
            }
            Expr::Or(any) => {
                let (sum, from, to) = self.list(any, toil);
                (sum, Ref::Or(from, to))
            }
            Expr::Not(inner) => {
                let (sum, from, _) = self.list(std::slice::from_ref(inner), toil);
                (sum, Ref::Not(from))
            }
        }
    }

    fn list(&mut self, all: &[Expr], toil: &impl Fn(u32) -> u32) -> (u32, u32, u32) {
        let mut own: Vec<(u32, Ref)> = all.iter().map(|e| self.weighed(e, toil)).collect();
        own.sort_by_key(|(toil, _)| *toil);
        let sum = own.iter().fold(1_u32, |sum, (toil, _)| sum.saturating_add(*toil));
        let own = own.into_iter().map(|(_, child)| child);
        let from = self.0.len();
        self.0.extend(own);
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (sum, place(from), place(self.0.len()))
    }
}

/// What an expression cannot do without: one of these atoms; and how often that is expected. Nothing where it may hold
/// though none of its atoms does.
pub fn necessary(expr: &Expr, cost: &FxHashMap<u32, f64>) -> Option<(Vec<u32>, f64)> {
    match expr {
        Expr::Item(atom) => {
            let atom = u32::try_from(*atom).ok()?;
            cost.get(&atom).map(|c| (vec![atom], *c))
        }
        Expr::And(all) => {
            let each = all.iter().filter_map(|e| necessary(e, cost));
            each.min_by(|a, b| a.1.total_cmp(&b.1))
        }
        Expr::Or(any) => {
            let mut out = (Vec::new(), 0.0);
            for e in any {
                let (atoms, cost) = necessary(e, cost)?;
                out.0.extend(atoms);
                out.1 += cost;
            }
            Some(out)
        }
        Expr::Not(inner) => match &**inner {
            Expr::Not(inner) => necessary(inner, cost),
            // Not all of them: any is not; not any: none is.
            Expr::And(all) => necessary(&Expr::Or(all.iter().map(negated).collect()), cost),
            Expr::Or(any) => necessary(&Expr::And(any.iter().map(negated).collect()), cost),
            Expr::Item(_) => None,
        },
    }
}

fn negated(expr: &Expr) -> Expr {
    Expr::Not(Box::new(expr.clone()))
}
