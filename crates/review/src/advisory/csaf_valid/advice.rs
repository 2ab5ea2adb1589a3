//! What makes a document poorer without making it invalid (6.2, 6.3).

use std::collections::BTreeSet;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{
    Faults, cvss, flaws, texts,
    tree::{Tree, affected, fixed, of_states},
};
use crate::inventory::{list, text};

pub fn check(source: &str, value: &Value, faults: &mut Faults) {
    let tree = Tree::of(value);
    let document = value.get("document").unwrap_or(&Value::Null);
    unused(value, &tree, faults);
    for (at, flaw) in flaws(value) {
        one(&at, flaw, &tree, faults);
    }
    if document.pointer("/distribution/tlp/label").is_none() {
        faults.add("6.2.10", "/document/distribution/tlp/label");
    }
    let file = file_name(document.pointer("/tracking/id").and_then(Value::as_str).unwrap_or_default());
    let canonical = |item: &Value| {
        let url = text(item, "url").unwrap_or_default();
        text(item, "category") == Some("self")
            && url.starts_with("https://")
            && url.rsplit('/').next() == Some(file.as_str())
    };
    if !list(document, "references").iter().any(canonical) {
        faults.add("6.2.11", "/document/references");
    }
    if document.get("lang").is_none() {
        faults.add("6.2.12", "/document/lang");
    }
    if !source.is_empty() && serde_json::from_str::<Sorted>(source).is_ok_and(|sorted| !sorted.0) {
        faults.add("6.2.13", "");
    }
    products(&tree, faults);
}

/// `ID` in small letters, what is no letter, digit, plus or hyphen as one underscore, `.json`.
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for c in id.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '+' | '-' => name.push(c),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name + ".json"
}

fn unused(value: &Value, tree: &Tree<'_>, faults: &mut Faults) {
    if value.pointer("/document/category").and_then(Value::as_str) == Some("csaf_informational_advisory") {
        return;
    }
    let whole = value.get("product_tree").unwrap_or(&Value::Null);
    let mut used: BTreeSet<&str> = tree.groups.values().flatten().copied().collect();
    for relation in list(whole, "relationships") {
        let of = ["product_reference", "relates_to_product_reference"];
        used.extend(of.iter().filter_map(|key| text(relation, key)));
    }
    for (_, flaw) in flaws(value) {
        let status = flaw.get("product_status").and_then(Value::as_object);
        let states = status.into_iter().flat_map(|map| map.values()).filter_map(Value::as_array).flatten();
        used.extend(states.filter_map(Value::as_str));
        used.extend(list(flaw, "scores").iter().flat_map(|score| texts(score, "products")));
        let items = ["remediations", "threats", "flags"].into_iter().flat_map(|key| list(flaw, key));
        used.extend(items.flat_map(|item| texts(item, "product_ids")));
    }
    for (at, product, _) in &tree.products {
        if !used.contains(text(product, "product_id").unwrap_or_default()) {
            faults.add("6.2.1", at.as_str());
        }
    }
}

fn one(at: &str, flaw: &Value, tree: &Tree<'_>, faults: &mut Faults) {
    let affected = affected(flaw);
    let mended: BTreeSet<&str> =
        list(flaw, "remediations").iter().flat_map(|item| tree.meant(item)).collect();
    let open = of_states(flaw, &["under_investigation"]);
    if affected.union(&open).any(|id| !mended.contains(id)) {
        faults.add("6.2.2", at);
    }
    let scores = list(flaw, "scores");
    let scored: BTreeSet<&str> = scores.iter().flat_map(|score| texts(score, "products")).collect();
    if affected.iter().any(|id| !scored.contains(id)) {
        faults.add("6.2.3", at);
    }
    if list(flaw, "involvements").iter().any(|item| item.get("date").is_none()) {
        faults.add("6.2.7", at);
    }
    if list(flaw, "ids").iter().filter_map(|id| text(id, "text")).any(is_cve) {
        faults.add("6.2.17", at);
    }
    let fixed = fixed(flaw);
    let open =
        |score: &&Value| texts(score, "products").any(|id| fixed.contains(id)) && !cvss::is_nothing(score);
    if scores.iter().any(|score| open(&score)) {
        faults.add("6.2.19", at);
    }
    if scores.iter().any(|score| score.get("cvss_v2").is_some() && score.get("cvss_v3").is_none()) {
        faults.add("6.3.1", at);
    }
    if scores.iter().any(|s| s.pointer("/cvss_v3/version").and_then(Value::as_str) == Some("3.0")) {
        faults.add("6.3.2", at);
    }
    for (key, test) in [("cve", "6.3.3"), ("cwe", "6.3.4")] {
        if flaw.get(key).is_none() {
            faults.add(test, at);
        }
    }
}

fn is_cve(id: &str) -> bool {
    let digits = |part: &str, least: usize| part.len() >= least && part.bytes().all(|b| b.is_ascii_digit());
    let rest = id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(year, number)| year.len() == 4 && digits(year, 4) && digits(number, 4))
}

fn products(tree: &Tree<'_>, faults: &mut Faults) {
    for (at, product, above) in &tree.products {
        let helper = product.get("product_identification_helper");
        if helper.is_none() {
            faults.add("6.2.16", at.as_str());
        }
        for hash in helper.map_or(&[][..], |helper| list(helper, "hashes")) {
            let sums = list(hash, "file_hashes");
            for (weak, test) in [("md5", "6.2.8"), ("sha1", "6.2.9")] {
                if !sums.is_empty() && sums.iter().all(|sum| text(sum, "algorithm") == Some(weak)) {
                    faults.add(test, at.as_str());
                }
            }
            if sums.iter().any(|sum| text(sum, "value").is_some_and(|value| value.len() < 64)) {
                faults.add("6.3.5", at.as_str());
            }
        }
        if at.contains("/branches/") {
            let mut wanted = ["vendor", "product_name", "product_version"].into_iter().peekable();
            for category in above {
                wanted.next_if_eq(category);
            }
            if wanted.peek().is_some() {
                faults.add("6.3.9", at.as_str());
            }
        }
    }
    for (at, branch) in &tree.branches {
        let (category, name) = (text(branch, "category"), text(branch, "name").unwrap_or_default());
        if category == Some("product_version_range") {
            faults.add("6.3.10", at.as_str());
            if !is_vers(name) {
                faults.add("6.2.18", at.as_str());
            }
        }
        let v =
            name.strip_prefix(['v', 'V']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if category == Some("product_version") && v {
            faults.add("6.3.11", at.as_str());
        }
    }
}

/// `vers:maven/>=5.3.0|<5.3.18`.
fn is_vers(name: &str) -> bool {
    let parts = name.strip_prefix("vers:").and_then(|rest| rest.split_once('/'));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-+".contains(c);
    parts.is_some_and(|(kind, ranges)| {
        !kind.is_empty()
            && !kind.starts_with(|c: char| c.is_ascii_digit())
            && kind.chars().all(plain)
            && !ranges.is_empty()
    })
}

/// Whether the keys of every object stand in the order of the alphabet.
struct Sorted(bool);

impl<'de> Deserialize<'de> for Sorted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Sorted;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sorted, A::Error> {
        let (mut before, mut sorted) = (String::new(), true);
        while let Some(key) = map.next_key::<String>()? {
            sorted &= key >= before;
            sorted &= map.next_value::<Sorted>()?.0;
            before = key;
        }
        Ok(Sorted(sorted))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sorted, A::Error> {
        let mut sorted = true;
        while let Some(value) = list.next_element::<Sorted>()? {
            sorted &= value.0;
        }
        Ok(Sorted(sorted))
    }

    fn visit_unit<E>(self) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_str<E>(self, _: &str) -> Result<Sorted, E> {
        Ok(Sorted(true))
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Sorted, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Sorted(true))
    }
}
