//! CSAF 2.0: the product tree flattened, and what each flaw's status says of its products.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Advisory, Event, Fix, MicrosoftStatement, NamedStatement, PackageStatement, Product, Range, Source,
    Statement, Status, grade,
};
use crate::{
    inventory::{list, text},
    purl::Purl,
    version::Scheme,
};

/// Deepest nesting of branches that is followed; the deepest in use is five.
const DEEPEST: usize = 24;

pub fn read(value: &Value) -> Vec<Advisory> {
    let Some(document) = value.get("document") else { return Vec::new() };
    let tree = value.get("product_tree").map(Tree::of).unwrap_or_default();
    let tracking = document.get("tracking").unwrap_or(&Value::Null);
    let own = text(tracking, "id").unwrap_or_default();
    let severity = document.pointer("/aggregate_severity/text").and_then(Value::as_str).and_then(grade);
    let flaws = list(value, "vulnerabilities").iter().enumerate().map(|(at, flaw)| {
        let cvss = list(flaw, "scores").iter().find_map(|s| s.get("cvss_v3"));
        let cve = text(flaw, "cve").map(str::to_owned);
        Advisory {
            id: cve.clone().unwrap_or_else(|| format!("{own}#{}", at + 1)),
            aliases: cve.map(|_| own.to_owned()).filter(|o| !o.is_empty()).into_iter().collect(),
            title: text(flaw, "title").or_else(|| text(document, "title")).unwrap_or_default().to_owned(),
            source: Source::Csaf,
            published: text(tracking, "initial_release_date").map(str::to_owned),
            withdrawn: text(tracking, "status") == Some("draft"),
            severity: cvss.and_then(|c| text(c, "baseSeverity")).and_then(grade).or_else(|| severity.clone()),
            score: cvss.and_then(|c| c.get("baseScore")).and_then(Value::as_f64),
            statements: statements(flaw, &tree),
            ..Advisory::default()
        }
    });
    flaws.collect()
}

/// A product of the tree, with what the branches above it say.
#[derive(Clone, Debug, Default)]
struct Leaf {
    vendor: Option<String>,
    product: Option<String>,
    name: String,
    version: Option<String>,
    range: Option<String>,
    purl: Option<Purl>,
}

#[derive(Default)]
struct Tree(BTreeMap<String, Leaf>);

impl Tree {
    fn of(value: &Value) -> Self {
        let mut tree = Self::default();
        tree.branches(value, &Leaf::default(), 0);
        for product in list(value, "full_product_names") {
            tree.product(product, &Leaf::default());
        }
        // `A as a component of B` is what A is.
        for relation in list(value, "relationships") {
            let part = text(relation, "product_reference").and_then(|id| tree.0.get(id)).cloned();
            if let (Some(part), Some(whole)) = (part, relation.get("full_product_name")) {
                tree.product(whole, &part);
            }
        }
        tree
    }

    fn branches(&mut self, value: &Value, above: &Leaf, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for branch in list(value, "branches") {
            let mut leaf = above.clone();
            let name = text(branch, "name").map(str::to_owned);
            match text(branch, "category") {
                Some("vendor") => leaf.vendor = name,
                Some("product_name") => leaf.product = name,
                Some("product_version") => leaf.version = name,
                Some("product_version_range") => leaf.range = name,
                _ => {}
            }
            if let Some(product) = branch.get("product") {
                self.product(product, &leaf);
            }
            self.branches(branch, &leaf, depth + 1);
        }
    }

    fn product(&mut self, value: &Value, above: &Leaf) {
        let Some(id) = text(value, "product_id") else { return };
        let purl = value.pointer("/product_identification_helper/purl").and_then(Value::as_str);
        let mut leaf = above.clone();
        text(value, "name").unwrap_or_default().clone_into(&mut leaf.name);
        leaf.purl = purl.and_then(|p| Purl::parse(p).ok()).or(leaf.purl);
        self.0.insert(id.to_owned(), leaf);
    }
}

fn statements(flaw: &Value, tree: &Tree) -> Vec<Statement> {
    let status = flaw.get("product_status").unwrap_or(&Value::Null);
    let ids = |keys: &[&str]| -> BTreeSet<String> {
        let all = keys.iter().flat_map(|key| list(status, key));
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut out = Vec::new();
    let mends = remedies(flaw);
    for (keys, fixed) in [
        (&["known_affected", "first_affected", "last_affected"][..], false),
        (&["fixed", "first_fixed"][..], true),
    ] {
        for (id, leaf) in ids(keys).iter().filter_map(|id| Some((id, tree.0.get(id)?))) {
            push(&mut out, leaf, fixed, mends.get(id).copied(), Status::Affected);
        }
    }
    for (key, said) in
        [("known_not_affected", Status::NotAffected), ("under_investigation", Status::Investigating)]
    {
        for leaf in ids(&[key]).iter().filter_map(|id| tree.0.get(id)) {
            push(&mut out, leaf, false, None, said);
        }
    }
    out
}

/// Microsoft's updates by the product they are for.
fn remedies(flaw: &Value) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for remedy in list(flaw, "remediations").iter().filter(|r| text(r, "category") == Some("vendor_fix")) {
        let kb = [text(remedy, "url"), text(remedy, "details")]
            .into_iter()
            .flatten()
            .find_map(|t| crate::inventory::kbs(t).first().copied());
        for id in list(remedy, "product_ids").iter().filter_map(Value::as_str) {
            if let Some(kb) = kb {
                found.insert(id.to_owned(), kb);
            }
        }
    }
    found
}

fn push(out: &mut Vec<Statement>, leaf: &Leaf, fixed: bool, kb: Option<u32>, status: Status) {
    if leaf.vendor.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("microsoft")) {
        let name = leaf.product.as_deref().unwrap_or(&leaf.name);
        let below = leaf.range.as_deref().and_then(|r| r.trim().strip_prefix('<')).map(str::trim);
        let build = if fixed { leaf.version.as_deref() } else { below };
        let build = build.filter(|b| b.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned);
        let product = Product::new(name);
        let fix = Fix { kb, build, cumulative: true, ..Fix::default() };
        let fixes = if fix.kb.is_none() && fix.build.is_none() { Vec::new() } else { vec![fix] };
        out.push(Statement::Microsoft(MicrosoftStatement { product, fixes, status }));
        return;
    }
    let version = leaf.purl.as_ref().and_then(full_version).or_else(|| leaf.version.clone());
    let package = leaf.purl.as_ref().and_then(Purl::package);
    let scheme =
        package.as_ref().map_or(Some(Scheme::Generic), |(ecosystem, _)| Scheme::of_ecosystem(ecosystem));
    let (mut ranges, mut versions) = (Vec::new(), Vec::new());
    match (fixed, &leaf.range, version) {
        (true, _, Some(version)) => {
            let events = vec![Event::Introduced("0".into()), Event::Fixed(version)];
            ranges.push(Range { scheme, events });
        }
        // A fixed product without a version says nothing of any other.
        (true, _, None) => return,
        (false, Some(range), _) => ranges.extend(vers(range, scheme)),
        (false, None, Some(version)) => versions.push(version),
        (false, None, None) => {
            ranges.push(Range { scheme, events: vec![Event::Introduced("0".into())] });
        }
    }
    out.push(match package {
        Some((ecosystem, name)) => {
            let ecosystem = ecosystem.to_owned();
            Statement::Package(PackageStatement { ecosystem, name, ranges, versions, status })
        }
        None => Statement::Named(NamedStatement {
            vendor: leaf.vendor.clone().unwrap_or_default(),
            product: leaf.product.clone().unwrap_or_else(|| leaf.name.clone()),
            ranges,
            versions,
            status,
        }),
    });
}

fn full_version(purl: &Purl) -> Option<String> {
    let version = purl.version()?;
    Some(match purl.qualifier("epoch") {
        Some(epoch) if purl.kind() == "rpm" => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    })
}

/// `<1.2`, `>=1.0|<1.2`, `vers:maven/>=5.3.0|<5.3.18`.
fn vers(text: &str, scheme: Option<Scheme>) -> Option<Range> {
    let text = text.strip_prefix("vers:").and_then(|v| v.split_once('/')).map_or(text, |(_, v)| v);
    let mut events = Vec::new();
    for part in text.split(['|', ',']).map(str::trim).filter(|p| !p.is_empty()) {
        let (sign, version) =
            part.split_at(part.find(|c: char| !matches!(c, '<' | '>' | '=')).unwrap_or(part.len()));
        let version = version.trim().to_owned();
        events.push(match sign {
            "<" => Event::Fixed(version),
            "<=" => Event::LastAffected(version),
            ">" | ">=" => Event::Introduced(version),
            _ => return None,
        });
    }
    if !events.iter().any(|e| matches!(e, Event::Introduced(_))) {
        events.insert(0, Event::Introduced("0".into()));
    }
    (events.len() > 1).then_some(Range { scheme, events })
}
