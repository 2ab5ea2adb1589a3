//! What one more advisory changes of what others say: only Microsoft's lean on each other, for an update tells which others
//! it contains and which build it brings.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::inventory::Inventory;

use super::{Knowledge, knowledge::of_branch};
use crate::advisory::{Advisory, Product, Statement};

/// Updates that new advisories name, and whom else they may concern.
#[derive(Debug, Default)]
pub struct Fresh {
    products: BTreeSet<Product>,
    /// They, and whatever contains them.
    updates: HashSet<u32>,
    /// By product and branch: the flaws whose fixes have no build of their own.
    leaning: HashMap<(Product, String), BTreeSet<String>>,
}

impl Fresh {
    /// Of advisories that were not there before; all of the products they speak of must be known.
    pub fn of<'a>(knowledge: &Knowledge, advisories: impl Iterator<Item = &'a Advisory>) -> Self {
        let (mut it, mut named) = (Self::default(), BTreeSet::new());
        for statement in advisories.flat_map(|a| &a.statements) {
            let Statement::Microsoft(statement) = statement else { continue };
            it.products.insert(statement.product.clone());
            named.extend(statement.fixes.iter().filter_map(|fix| Some((&statement.product, fix.kb?))));
        }
        for (product, kb) in named {
            it.updates.insert(kb);
            it.updates.extend(knowledge.updates(product).into_iter().flat_map(|u| u.containing(kb)));
        }
        it
    }

    /// Whether any speaks of Microsoft's products at all.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.products.is_empty()
    }

    /// Flaws that are to be judged again on a host besides those the advisories are about; none: all of them, for the host
    /// lists one of the updates, or one that contains it.
    pub fn besides(&mut self, host: &Inventory, knowledge: &Knowledge) -> Option<BTreeSet<String>> {
        if host.kbs.iter().any(|kb| self.updates.contains(kb)) {
            return None;
        }
        let mut found = BTreeSet::new();
        let os = host.os.as_ref();
        let Some((os, product)) = os.and_then(|os| Some((os, Product::new(os.product.as_deref()?)))) else {
            return Some(found);
        };
        let branch = os.build.clone().unwrap_or_default();
        for product in BTreeSet::from([product.full(), product]) {
            if self.products.contains(&product) {
                let key = (product, branch.clone());
                if !self.leaning.contains_key(&key) {
                    let flaws = leaning(knowledge, &key.0, &branch);
                    self.leaning.insert(key.clone(), flaws);
                }
                found.extend(self.leaning.get(&key).into_iter().flatten().cloned());
            }
        }
        Some(found)
    }
}

/// Flaws with a fix of the product that does not tell its build in the branch itself.
fn leaning(knowledge: &Knowledge, product: &Product, branch: &str) -> BTreeSet<String> {
    let leans = |advisory: &&Advisory| {
        advisory.statements.iter().any(|statement| match statement {
            Statement::Microsoft(it) if it.product == *product => {
                it.fixes.iter().any(|fix| !fix.build.as_deref().is_some_and(|b| of_branch(b, branch)))
            }
            _ => false,
        })
    };
    knowledge.of_product(product).filter(leans).flat_map(Advisory::numbers).collect()
}
