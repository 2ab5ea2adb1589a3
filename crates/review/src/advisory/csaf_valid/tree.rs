//! Products, groups and what is said of them (6.1.1–6.1.7, 6.1.13, 6.1.23–6.1.25, 6.1.29, 6.1.31–6.1.33, and the advice
//! about them).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{DEEPEST, Faults, flaws, texts};
use crate::{
    inventory::{list, text},
    purl::Purl,
};

const AFFECTED: &[&str] = &["first_affected", "known_affected", "last_affected"];
const FIXED: &[&str] = &["first_fixed", "fixed"];
/// Groups of states of which a product may be in one only.
const STATES: &[&[&str]] = &[AFFECTED, &["known_not_affected"], FIXED, &["under_investigation"]];
const ALL_STATES: &[&str] = &[
    "first_affected",
    "first_fixed",
    "fixed",
    "known_affected",
    "known_not_affected",
    "last_affected",
    "recommended",
    "under_investigation",
];
/// Words of a range where a single version should stand; `after-eight` may be a version's name.
const RANGE: &[&str] = &["after", "all", "before", "earlier", "later", "prior", "versions"];

/// What of the document's products is needed again and again.
pub struct Tree<'a> {
    /// Every definition of a product, with where it stands and the branches above it.
    pub products: Vec<(String, &'a Value, Vec<&'a str>)>,
    /// Every branch.
    pub branches: Vec<(String, &'a Value)>,
    /// Products of each group.
    pub groups: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Tree<'a> {
    pub fn of(value: &'a Value) -> Self {
        let tree = value.get("product_tree").unwrap_or(&Value::Null);
        let mut it = Self { products: Vec::new(), branches: Vec::new(), groups: BTreeMap::new() };
        it.branches(tree, "/product_tree", &[], 0);
        for (n, product) in list(tree, "full_product_names").iter().enumerate() {
            it.products.push((format!("/product_tree/full_product_names/{n}"), product, Vec::new()));
        }
        for (n, relation) in list(tree, "relationships").iter().enumerate() {
            if let Some(product) = relation.get("full_product_name") {
                let at = format!("/product_tree/relationships/{n}/full_product_name");
                it.products.push((at, product, Vec::new()));
            }
        }
        for group in list(tree, "product_groups") {
            let id = text(group, "group_id").unwrap_or_default();
            it.groups.entry(id).or_default().extend(texts(group, "product_ids"));
        }
        it
    }

    fn branches(&mut self, value: &'a Value, at: &str, above: &[&'a str], depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for (n, branch) in list(value, "branches").iter().enumerate() {
            let at = format!("{at}/branches/{n}");
            let way: Vec<&str> = above.iter().copied().chain(text(branch, "category")).collect();
            if let Some(product) = branch.get("product") {
                self.products.push((format!("{at}/product"), product, way.clone()));
            }
            self.branches.push((at.clone(), branch));
            self.branches(branch, &at, &way, depth + 1);
        }
    }

    /// The products an item names, itself or by groups.
    pub fn meant(&self, item: &'a Value) -> BTreeSet<&'a str> {
        let groups = texts(item, "group_ids").filter_map(|id| self.groups.get(id));
        groups.flatten().copied().chain(texts(item, "product_ids")).collect()
    }
}

/// The products of these states.
pub fn of_states<'a>(flaw: &'a Value, states: &[&str]) -> BTreeSet<&'a str> {
    let status = flaw.get("product_status").unwrap_or(&Value::Null);
    states.iter().flat_map(|state| texts(status, state)).collect()
}

pub fn affected(flaw: &Value) -> BTreeSet<&str> {
    of_states(flaw, AFFECTED)
}

pub fn fixed(flaw: &Value) -> BTreeSet<&str> {
    of_states(flaw, FIXED)
}

pub fn check(value: &Value, faults: &mut Faults) {
    let tree = Tree::of(value);
    ids(value, &tree, faults);
    circles(value, faults);
    for (at, branch) in &tree.branches {
        let name = text(branch, "name").unwrap_or_default().to_lowercase();
        if text(branch, "category") == Some("product_version") && is_range(&name) {
            faults.add("6.1.31", at.as_str());
        }
    }
    for (at, product, _) in &tree.products {
        let helper = product.get("product_identification_helper").unwrap_or(&Value::Null);
        if text(helper, "purl").is_some_and(|purl| Purl::parse_strictly(purl).is_err()) {
            faults.add("6.1.13", at.as_str());
        }
        for hash in list(helper, "hashes") {
            let mut known = BTreeSet::new();
            if list(hash, "file_hashes").iter().any(|sum| !known.insert(text(sum, "algorithm"))) {
                faults.add("6.1.25", at.as_str());
            }
        }
    }
    let mut cves = BTreeSet::new();
    for (at, flaw) in flaws(value) {
        if text(flaw, "cve").is_some_and(|cve| !cves.insert(cve)) {
            faults.add("6.1.23", at.as_str());
        }
        one(&at, flaw, &tree, faults);
    }
}

fn is_range(name: &str) -> bool {
    name.contains(['<', '>']) || name.split_whitespace().any(|word| RANGE.contains(&word))
}

/// References to products and groups, and their definitions.
fn ids(value: &Value, tree: &Tree<'_>, faults: &mut Faults) {
    let mut defined = BTreeSet::new();
    for (at, product, _) in &tree.products {
        if !defined.insert(text(product, "product_id").unwrap_or_default()) {
            faults.add("6.1.2", at.as_str());
        }
    }
    let whole = value.get("product_tree").unwrap_or(&Value::Null);
    let mut groups = BTreeSet::new();
    for (n, group) in list(whole, "product_groups").iter().enumerate() {
        let at = format!("/product_tree/product_groups/{n}");
        if !groups.insert(text(group, "group_id").unwrap_or_default()) {
            faults.add("6.1.5", at.as_str());
        }
        if texts(group, "product_ids").any(|id| !defined.contains(id)) {
            faults.add("6.1.1", at);
        }
    }
    for (n, relation) in list(whole, "relationships").iter().enumerate() {
        for key in ["product_reference", "relates_to_product_reference"] {
            if text(relation, key).is_some_and(|id| !defined.contains(id)) {
                faults.add("6.1.1", format!("/product_tree/relationships/{n}/{key}"));
            }
        }
    }
    for (at, flaw) in flaws(value) {
        let status = of_states(flaw, ALL_STATES);
        let scores = list(flaw, "scores").iter().flat_map(|score| texts(score, "products"));
        let items = ["remediations", "threats", "flags"].into_iter().flat_map(|key| list(flaw, key));
        let named = items.clone().flat_map(|item| texts(item, "product_ids"));
        if status.into_iter().chain(scores).chain(named).any(|id| !defined.contains(id)) {
            faults.add("6.1.1", at.as_str());
        }
        if items.flat_map(|item| texts(item, "group_ids")).any(|id| !groups.contains(id)) {
            faults.add("6.1.4", at);
        }
    }
}

/// A product made of products may not be made of itself.
fn circles(value: &Value, faults: &mut Faults) {
    let whole = value.get("product_tree").unwrap_or(&Value::Null);
    let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for relation in list(whole, "relationships") {
        let own = relation.get("full_product_name").and_then(|p| text(p, "product_id")).unwrap_or_default();
        let of = ["product_reference", "relates_to_product_reference"];
        parts.entry(own).or_default().extend(of.iter().filter_map(|key| text(relation, key)));
    }
    // What is made of nothing that is made of something is taken away until nothing or a circle is left.
    loop {
        let solid: Vec<&str> = parts
            .iter()
            .filter(|(_, of)| !of.iter().any(|part| parts.contains_key(part)))
            .map(|(own, _)| *own)
            .collect();
        if solid.is_empty() {
            break;
        }
        parts.retain(|own, _| !solid.contains(own));
    }
    if !parts.is_empty() {
        faults.add("6.1.3", "/product_tree/relationships");
    }
}

fn one(at: &str, flaw: &Value, tree: &Tree<'_>, faults: &mut Faults) {
    let mut states = BTreeSet::new();
    for group in STATES {
        let own = of_states(flaw, group);
        if own.iter().any(|id| states.contains(id)) {
            faults.add("6.1.6", at);
        }
        states.extend(own);
    }
    let mut scored = BTreeSet::new();
    for score in list(flaw, "scores") {
        for key in ["cvss_v2", "cvss_v3"] {
            let Some(cvss) = score.get(key) else { continue };
            let version = text(cvss, "version").unwrap_or("2.0");
            let own: BTreeSet<&str> = texts(score, "products").collect();
            if own.into_iter().any(|id| !scored.insert((id, version))) {
                faults.add("6.1.7", at);
            }
        }
    }
    let mut parties = BTreeSet::new();
    for item in list(flaw, "involvements") {
        if !parties.insert((text(item, "party"), text(item, "date"))) {
            faults.add("6.1.24", at);
        }
    }
    for (key, test) in [("remediations", "6.1.29"), ("flags", "6.1.32")] {
        let bare = |item: &&Value| item.get("group_ids").is_none() && item.get("product_ids").is_none();
        if list(flaw, key).iter().any(|item| bare(&item)) {
            faults.add(test, at);
        }
    }
    let mut flagged = BTreeSet::new();
    for flag in list(flaw, "flags") {
        if tree.meant(flag).into_iter().any(|id| !flagged.insert(id)) {
            faults.add("6.1.33", at);
        }
    }
}
