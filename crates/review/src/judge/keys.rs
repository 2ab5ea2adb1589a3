//! Under which words an advisory and a host find each other, where neither all advisories nor all hosts are at hand: a
//! store keeps these words beside both, and whoever judges a host fetches the advisories that share one with it.
//!
//! An advisory that shares no word with a host says nothing of anything the host has, and brings no update of its
//! product.

use std::collections::BTreeSet;

use domain::inventory::Inventory;

use super::{
    knowledge::{Updates, base},
    named,
    package::{archive, artifact},
};
use crate::advisory::{Advisory, Product, Source, Statement};

/// Goes up whenever [`of_host`] makes other words of the same inventory, so that a store makes them anew.
pub const VERSION: i64 = 1;

/// The word of a flaw's number.
#[must_use]
pub fn of_number(number: &str) -> String {
    format!("c:{}", number.trim().to_uppercase())
}

/// The word of a vendor.
#[must_use]
pub fn of_vendor(name: &str) -> Option<String> {
    let words = domain::text::fold(name);
    let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let kept: Vec<&str> =
        words.iter().copied().filter(|w| !matches!(*w, "corporation" | "corp" | "inc" | "ltd")).collect();
    (!kept.is_empty()).then(|| format!("v:{}", kept.join(" ")))
}

/// The words of an advisory: its numbers, its vendors, and what its statements speak of.
#[must_use]
pub fn of_advisory(advisory: &Advisory) -> BTreeSet<String> {
    let numbers = std::iter::once(&advisory.id).chain(&advisory.aliases);
    let mut words: BTreeSet<String> = numbers.map(|n| of_number(n)).collect();
    if matches!(advisory.source, Source::Msrc | Source::MicrosoftTable) {
        words.extend(of_vendor("Microsoft"));
    }
    for statement in &advisory.statements {
        match statement {
            Statement::Microsoft(it) => {
                words.insert(format!("m:{}", it.product));
            }
            Statement::Package(it) => {
                words.insert(format!("p:{}/{}", base(&it.ecosystem), it.name));
                if base(&it.ecosystem) == "Maven" {
                    words.insert(format!("j:{}", artifact(&it.name)));
                }
            }
            Statement::Named(it) => {
                words.extend(of_vendor(&it.vendor));
                words.extend(named::key(&it.product).map(|key| format!("n:{key}")));
            }
            Statement::Weakness(_) => {}
        }
    }
    words
}

/// The words of those of Microsoft's products of whose updates an advisory told something that it tells no more.
#[must_use]
pub fn of_untold(before: &Advisory, after: Option<&Advisory>) -> BTreeSet<String> {
    let products: BTreeSet<&Product> = before.statements.iter().filter_map(product).collect();
    let told = |of: &Product| Updates::told(of, std::iter::once(before));
    let still = |of: &Product| Updates::told(of, after.into_iter());
    let less = |of: &&Product| {
        let (before, after) = (told(of), still(of));
        let (updates, builds) = before.beyond(&after);
        !updates.is_empty() || !builds.is_empty()
    };
    products.into_iter().filter(less).map(|product| format!("m:{product}")).collect()
}

fn product(statement: &Statement) -> Option<&Product> {
    match statement {
        Statement::Microsoft(it) => Some(&it.product),
        _ => None,
    }
}

/// The words of the product of Microsoft's that a host runs.
#[must_use]
pub fn of_system(host: &Inventory) -> BTreeSet<String> {
    let product = host.os.as_ref().and_then(|os| os.product.as_deref()).map(Product::new);
    product.iter().flat_map(|product| [format!("m:{}", product.full()), format!("m:{product}")]).collect()
}

/// The words of a host.
#[must_use]
pub fn of_host(host: &Inventory) -> BTreeSet<String> {
    let mut words = of_system(host);
    for package in &host.packages {
        words.extend(archive(package).map(|name| format!("j:{name}")));
        match package.ecosystem.as_deref() {
            None => words.extend(named::key(&package.name).map(|key| format!("n:{key}"))),
            Some(ecosystem) => {
                let names = [Some(&package.name), package.source.as_ref()];
                let of = |name: &String| format!("p:{}/{name}", base(ecosystem));
                words.extend(names.into_iter().flatten().map(of));
            }
        }
    }
    words.extend(host.reported.iter().flat_map(|r| &r.cves).map(|cve| of_number(cve)));
    words
}

#[cfg(test)]
mod tests {
    use domain::inventory::Package;

    use super::*;
    use crate::{advisory, judge::Knowledge};

    #[test]
    fn what_concerns_a_host_shares_a_word_with_it() {
        let text = r#"{"id":"GHSA-1","aliases":["CVE-2022-22965"],"affected":[{"package":{"ecosystem":"Maven",
            "name":"org.springframework:spring-beans"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},
            {"fixed":"5.2.20.RELEASE"}]}]}]}"#;
        let feed = advisory::read("a.json", text.as_bytes()).unwrap();
        let advisory = feed.advisories[0].clone();
        let package = Package {
            ecosystem: Some("Maven".into()),
            name: "org.springframework:spring-beans".into(),
            version: "5.2.1".into(),
            ..Package::default()
        };
        let host = Inventory { packages: vec![package], ..Inventory::default() };
        let knowledge = Knowledge::new(feed);
        assert_eq!(knowledge.concerning(&host).len(), 1);
        assert!(!of_advisory(&advisory).is_disjoint(&of_host(&host)));
        assert!(of_advisory(&advisory).contains(&of_number("cve-2022-22965")));
        assert!(of_advisory(&advisory).is_disjoint(&of_host(&Inventory::default())));
    }

    #[test]
    fn what_is_told_no_more_of_updates_is_seen() {
        let told = |rows: &str| {
            let text =
                format!("CVE,BulletinKB,AffectedProduct,DatePosted,Title,FixedBuild,Supersedes\n{rows}");
            advisory::read("a.csv", text.as_bytes()).unwrap().advisories.remove(0)
        };
        let before = told(
            "CVE-1,5,Windows 10 for x64-based Systems,20240101,a,,4\nCVE-1,6,Windows 7,20240101,a,6.1.7601.1,",
        );
        let untold = |rows: &str| of_untold(&before, Some(&told(rows))).into_iter().collect::<Vec<_>>();
        let more = "CVE-1,5,Windows 10 for x64-based Systems,20240101,b,10.0.10240.9,4;3\n\
                    CVE-1,6,Windows 7,20240101,b,6.1.7601.1,\nCVE-1,7,Windows 8,20240101,b,,";
        assert!(untold(more).is_empty(), "only more is told");
        let less =
            "CVE-1,5,Windows 10 for x64-based Systems,20240101,a,,\nCVE-1,6,Windows 7,20240101,a,6.1.7601.1,";
        assert_eq!(untold(less), [format!("m:{}", Product::new("Windows 10 for x64-based Systems"))]);
        let other = "CVE-1,5,Windows 10 for x64-based Systems,20240101,a,,4\nCVE-1,6,Windows 7,20240101,a,6.1.7601.2,";
        assert_eq!(untold(other), [format!("m:{}", Product::new("Windows 7"))]);
        assert_eq!(of_untold(&before, None).len(), 2);
    }

    #[test]
    fn a_vendor_is_one_however_it_is_written() {
        assert_eq!(of_vendor("Microsoft Corporation"), of_vendor("microsoft"));
        assert_eq!(of_vendor("Fortinet, Inc."), of_vendor("FORTINET"));
        assert_eq!(of_vendor(" ,"), None);
    }
}
