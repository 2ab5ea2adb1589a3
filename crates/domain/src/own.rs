//! Warnings that an agency writes itself: numbers of flaws, products with their versions, weaknesses, how grave, what is to
//! be done and by when. What is written here is judged like what any issuer writes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    flaw::Grade,
    warning::{FLAWS_MAX, TITLE_MAX},
    weakness::Weakness,
};

/// At most so many products: a form of more is a feed's work.
pub const PRODUCTS_MAX: usize = 50;
/// At most so many characters of a product's name, its vendor, a version.
pub const NAME_MAX: usize = 200;
/// At most so many characters of what is said, and of what is to be done.
pub const WORDS_MAX: usize = 4_000;
/// At most so many characters of what is to be done: it stands in lists.
pub const FIX_MAX: usize = 300;
/// Why it was changed or taken back, likewise.
pub const WHY_MAX: usize = 500;

/// Ecosystems whose order of versions is known, and that a person may name; without one a product is known by its name.
pub const ECOSYSTEMS: [&str; 12] = [
    "Debian",
    "Ubuntu",
    "Red Hat",
    "AlmaLinux",
    "Rocky Linux",
    "Alpine",
    "Maven",
    "npm",
    "PyPI",
    "Packagist",
    "NuGet",
    "Go",
];

/// What an agency writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// What it is called.
    pub title: String,
    /// What it is about.
    #[serde(default)]
    pub text: String,
    /// CVE numbers, in capitals.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Products that have it.
    #[serde(default)]
    pub products: Vec<Product>,
    /// Weaknesses to be closed.
    #[serde(default)]
    pub weaknesses: Vec<Weakness>,
    /// How grave.
    pub severity: Grade,
    /// What is to be done.
    #[serde(default)]
    pub fix: String,
    /// By which day; by the days of the pack if none is given.
    #[serde(default)]
    pub due: Option<Date>,
}

/// A product and the versions of it that are affected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// One of [`ECOSYSTEMS`]; none for a program known by its name.
    pub ecosystem: Option<String>,
    /// Who makes it.
    pub vendor: String,
    /// What it is called.
    pub name: String,
    /// From this version on; from the first if none is given.
    pub from: Option<String>,
    /// Mended in this version.
    pub fixed: Option<String>,
    /// Up to and with this version, where no mended one is known.
    pub last: Option<String>,
}

impl Own {
    /// The numbers under which its flaws are kept: those it names, or its own `number`; and its weaknesses.
    #[must_use]
    pub fn flaws(&self, number: &str) -> Vec<String> {
        let mut flaws = self.numbers.clone();
        if flaws.is_empty() && !self.products.is_empty() {
            flaws.push(number.to_owned());
        }
        flaws.extend(self.weaknesses.iter().map(|w| w.number()));
        flaws
    }

    /// Whether it says anything of flaws, and not of weaknesses only.
    #[must_use]
    pub fn names_flaws(&self) -> bool {
        !(self.numbers.is_empty() && self.products.is_empty())
    }

    /// What is wrong with it, as a code: `own-title`, `own-text`, `own-nothing`, `own-many`, `own-product`, `own-versions`,
    /// `own-fix`, `own-ecosystem`.
    #[must_use]
    pub fn wrong(&self) -> Option<&'static str> {
        let title = self.title.trim();
        if title.is_empty() || !fits(title, TITLE_MAX) {
            return Some("own-title");
        }
        if self.text.chars().count() > WORDS_MAX {
            return Some("own-text");
        }
        if !fits(&self.fix, FIX_MAX) {
            return Some("own-fix");
        }
        if !self.names_flaws() && self.weaknesses.is_empty() {
            return Some("own-nothing");
        }
        if self.numbers.len() > FLAWS_MAX || self.products.len() > PRODUCTS_MAX {
            return Some("own-many");
        }
        self.products.iter().find_map(Product::wrong)
    }
}

impl Product {
    fn wrong(&self) -> Option<&'static str> {
        if self.name.trim().is_empty() || !fits(&self.name, NAME_MAX) || !fits(&self.vendor, NAME_MAX) {
            return Some("own-product");
        }
        if self.ecosystem.as_deref().is_some_and(|e| !ECOSYSTEMS.contains(&base(e)) || !fits(e, NAME_MAX)) {
            return Some("own-ecosystem");
        }
        let versions = [&self.from, &self.fixed, &self.last];
        let odd = |v: &String| v.trim().is_empty() || !fits(v, NAME_MAX) || v.contains(char::is_whitespace);
        let wrong = versions.into_iter().flatten().any(odd) || self.fixed.is_some() && self.last.is_some();
        wrong.then_some("own-versions")
    }
}

/// `Debian` of `Debian:12`.
fn base(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

fn fits(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Own {
        Own {
            title: "Lỗ hổng phần mềm một cửa".into(),
            text: String::new(),
            numbers: vec![],
            products: vec![Product {
                name: "Mot Cua".into(),
                fixed: Some("4.2".into()),
                ..Product::default()
            }],
            weaknesses: vec![Weakness::RemoteDesktop],
            severity: Grade::High,
            fix: "Nâng cấp lên 4.2".into(),
            due: None,
        }
    }

    #[test]
    fn what_names_no_flaw_is_kept_under_its_own_number() {
        assert_eq!(own().flaws("CB-2026-0001"), ["CB-2026-0001", "WEAK-REMOTE-DESKTOP"]);
        let named = Own { numbers: vec!["CVE-2024-30080".into()], ..own() };
        assert_eq!(named.flaws("CB-2026-0001"), ["CVE-2024-30080", "WEAK-REMOTE-DESKTOP"]);
        let weak = Own { products: vec![], ..own() };
        assert_eq!(weak.flaws("CB-2026-0001"), ["WEAK-REMOTE-DESKTOP"]);
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        assert_eq!(own().wrong(), None);
        assert_eq!(Own { title: " ".into(), ..own() }.wrong(), Some("own-title"));
        assert_eq!(Own { products: vec![], weaknesses: vec![], ..own() }.wrong(), Some("own-nothing"));
        let both = Product {
            fixed: Some("2".into()),
            last: Some("1".into()),
            name: "x".into(),
            ..Product::default()
        };
        assert_eq!(Own { products: vec![both], ..own() }.wrong(), Some("own-versions"), "one end is enough");
        let far = Product { ecosystem: Some("Homebrew".into()), name: "x".into(), ..Product::default() };
        assert_eq!(Own { products: vec![far], ..own() }.wrong(), Some("own-ecosystem"));
        let blank = Product { name: " ".into(), ..Product::default() };
        assert_eq!(Own { products: vec![blank; 1], ..own() }.wrong(), Some("own-product"));
    }
}
