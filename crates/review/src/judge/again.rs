//! What one more advisory changes of what others say: only Microsoft's lean on each other, for an update tells which others
//! it contains and which build it brings.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::inventory::Inventory;

use super::{
    Knowledge,
    knowledge::{Updates, of_branch},
};
use crate::advisory::{Advisory, Product, Statement};

/// What the advisories of changed flaws tell of updates that nobody else does, and whom else it may concern.
#[derive(Debug, Default)]
pub struct Fresh {
    of: HashMap<Product, Told>,
    /// By product and branch: the flaws whose fixes have no build of their own, and of which more is told now.
    leaning: HashMap<(Product, String), BTreeSet<String>>,
}

/// What is told of the updates of one product.
#[derive(Debug, Default)]
struct Told {
    /// Updates of which more is known than before.
    updates: HashSet<u32>,
    /// They, and whatever contains them.
    within: HashSet<u32>,
    /// Builds that came out on a day nobody told before.
    builds: Vec<String>,
}

impl Fresh {
    /// Of flaws of which something else is said than before, though nothing that was said of updates is said no more; all of
    /// the products their advisories speak of must be known.
    pub fn of<'a>(
        knowledge: &Knowledge,
        flaws: &BTreeSet<String>,
        about: impl Iterator<Item = &'a Advisory>,
    ) -> Self {
        let mut it = Self::default();
        for product in products(about) {
            let Some(updates) = knowledge.updates(product).filter(|_| !it.of.contains_key(product)) else {
                continue;
            };
            let others = knowledge.updates_but_for(product, flaws);
            let (touched, builds) = updates.beyond(&others);
            let mut within = touched.clone();
            within.extend(touched.iter().flat_map(|kb| updates.containing(*kb)));
            let builds = builds.into_iter().map(str::to_owned).collect();
            it.of.insert(product.clone(), Told { updates: touched, within, builds });
        }
        it
    }

    /// Flaws that are to be judged again on a host besides the changed ones; none: all of them, for the host lists one of the
    /// updates, or one that contains it.
    pub fn besides(&mut self, host: &Inventory, knowledge: &Knowledge) -> Option<BTreeSet<String>> {
        if self.of.values().any(|told| host.kbs.iter().any(|kb| told.within.contains(kb))) {
            return None;
        }
        let mut found = BTreeSet::new();
        let os = host.os.as_ref();
        let Some((os, product)) = os.and_then(|os| Some((os, Product::new(os.product.as_deref()?)))) else {
            return Some(found);
        };
        let branch = os.build.clone().unwrap_or_default();
        for product in BTreeSet::from([product.full(), product]) {
            let (Some(told), Some(updates)) = (self.of.get(&product), knowledge.updates(&product)) else {
                continue;
            };
            let key = (product, branch.clone());
            let flaws = self
                .leaning
                .entry(key)
                .or_insert_with_key(|(product, _)| told.leaning(knowledge, updates, product, &branch));
            found.extend(flaws.iter().cloned());
        }
        Some(found)
    }
}

/// Whether any of them speaks of Microsoft's products.
pub fn microsoft<'a>(mut advisories: impl Iterator<Item = &'a Advisory>) -> bool {
    advisories.any(|a| products(std::iter::once(a)).next().is_some())
}

fn products<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> impl Iterator<Item = &'a Product> {
    advisories.flat_map(|a| &a.statements).filter_map(|statement| match statement {
        Statement::Microsoft(it) => Some(&it.product),
        _ => None,
    })
}

impl Told {
    /// Flaws with a fix of the product that does not tell its build in the branch itself, where what is told says more of
    /// them: a build came out on a day, or one contains the fix. What tells no build says nothing of who lists it not.
    fn leaning(
        &self,
        knowledge: &Knowledge,
        updates: &Updates,
        product: &Product,
        branch: &str,
    ) -> BTreeSet<String> {
        let built = |kb: &u32| updates.containing(*kb).iter().any(|kb| updates.build(*kb, branch).is_some());
        let built: HashSet<u32> = self.updates.iter().copied().filter(built).collect();
        let dated = self.builds.iter().any(|build| of_branch(build, branch));
        if built.is_empty() && !dated {
            return BTreeSet::new();
        }
        let reached = |kb: Option<u32>| kb.is_some_and(|kb| !updates.containing(kb).is_disjoint(&built));
        let leans = |advisory: &&Advisory| {
            advisory.statements.iter().any(|statement| match statement {
                Statement::Microsoft(it) if it.product == *product => it.fixes.iter().any(|fix| {
                    let own = fix.build.as_deref().is_some_and(|b| of_branch(b, branch));
                    !own && (dated || reached(fix.kb))
                }),
                _ => false,
            })
        };
        knowledge.of_product(product).filter(leans).flat_map(Advisory::numbers).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::inventory::{Family, Os};

    use super::*;
    use crate::advisory;

    const PRODUCT: &str = "Windows 10 Version 22H2 for x64-based Systems";

    /// Which other flaws are to be judged again on a host that lists those updates, after those rows came.
    fn besides(rows: &[&str], kbs: &[u32]) -> Option<Vec<String>> {
        let old = [("CVE-1", "1", "", ""), ("CVE-2", "2", "10.0.19045.4000", ""), ("CVE-3", "3", "", "")];
        let old = old.map(|(flaw, kb, build, before)| format!("{flaw},{kb},{PRODUCT},{build},{before}\n"));
        let read = |rows: &str| {
            let text = format!("CVE,BulletinKB,AffectedProduct,FixedBuild,Supersedes\n{rows}");
            advisory::read("a.csv", text.as_bytes()).unwrap()
        };
        let new: String = rows.iter().map(|row| row.replace('*', PRODUCT) + "\n").collect();
        let (mut all, new) = (read(&old.concat()), read(&new));
        all.append(new.clone());
        let flaws = new.advisories.iter().flat_map(Advisory::numbers).collect();
        let os = Os {
            family: Family::Windows,
            product: Some(PRODUCT.into()),
            build: Some("10.0.19045".into()),
            ..Os::default()
        };
        let host = Inventory { os: Some(os), kbs: kbs.iter().copied().collect(), ..Inventory::default() };
        let knowledge = Knowledge::new(all);
        let found = Fresh::of(&knowledge, &flaws, new.advisories.iter()).besides(&host, &knowledge);
        found.map(|found| found.into_iter().filter(|flaw| !flaws.contains(flaw)).collect())
    }

    #[test]
    fn what_is_new_of_updates_concerns_whom_it_tells_more_of() {
        let none = Some(Vec::new());
        assert_eq!(
            besides(&["CVE-9,9,*,,1"], &[]),
            none,
            "nobody knows its build, and the host lists it not"
        );
        assert_eq!(besides(&["CVE-9,9,*,,1"], &[9]), None, "the host lists it");
        assert_eq!(besides(&["CVE-9,1,*,,"], &[1]), none, "all of it was known");
        assert_eq!(
            besides(&["CVE-9,1,*,,", "CVE-9,9,*,,1"], &[1]),
            none,
            "what it takes the place of is not it"
        );
        assert_eq!(
            besides(&["CVE-9,2,*,,1"], &[]),
            Some(vec!["CVE-1".into()]),
            "contained in one with a build"
        );
        assert_eq!(
            besides(&["CVE-9,9,*,,1", "CVE-8,2,*,,9"], &[]),
            Some(vec!["CVE-1".into()]),
            "through another"
        );
        assert_eq!(
            besides(&["CVE-9,3,*,10.0.19045.5000,"], &[]),
            Some(vec!["CVE-3".into()]),
            "its build is told"
        );
        assert_eq!(besides(&["CVE-9,3,*,10.0.22631.5000,"], &[]), none, "a build of another branch");
    }
}
