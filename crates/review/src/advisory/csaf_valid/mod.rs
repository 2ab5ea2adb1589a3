//! Whether a CSAF 2.0 document is valid: its form, the mandatory tests of section 6.1, and what sections 6.2 and 6.3 warn of
//! and advise.
//!
//! A pure engine asks nobody: of addresses (6.3.6, 6.3.7) those are told that cannot answer, of spelling (6.3.8) words that
//! miss one of the trade's by a letter. Names of weaknesses (6.1.11) are held against a table of the common ones, languages
//! (6.1.12) against ISO 639-1.

mod addresses;
mod advice;
mod cvss;
mod profile;
mod shape;
mod spelling;
mod tracking;
mod tree;
mod words;

use serde_json::Value;

/// Deepest nesting of branches that is followed.
const DEEPEST: usize = 100;
/// Most faults that are told; who has more is told enough.
const MOST: usize = 500;

/// How much a fault weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The document is not valid.
    Error,
    /// It is, but had better not be so.
    Warning,
    /// Good advice.
    Hint,
}

/// A test that a document fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The test's number: `6.1.1`; `schema` for its form.
    pub test: &'static str,
    /// Where: a JSON pointer.
    pub at: String,
}

impl Fault {
    /// What it means.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self.test {
            test if test.starts_with("6.2.") => Weight::Warning,
            test if test.starts_with("6.3.") => Weight::Hint,
            _ => Weight::Error,
        }
    }

    /// Whether the document then says two things of one product: no statement of it can be relied on. Products it does
    /// not have are passed over instead.
    #[must_use]
    pub fn spoils(&self) -> bool {
        matches!(self.test, "6.1.2" | "6.1.3" | "6.1.6")
    }
}

/// Every test that a document fails, in the order of their numbers. `text` is the document, `value` the same, read.
#[must_use]
pub fn validate(text: &str, value: &Value) -> Vec<Fault> {
    let mut faults = mandatory(value);
    advice::check(text, value, &mut faults);
    addresses::check(value, "", &mut faults);
    spelling::check(value, &mut faults);
    faults.sorted()
}

/// The mandatory tests, and what advice comes with them.
fn mandatory(value: &Value) -> Faults {
    let mut faults = Faults::default();
    shape::check(value, &mut faults);
    tree::check(value, &mut faults);
    cvss::check(value, &mut faults);
    tracking::check(value, &mut faults);
    words::check(value, &mut faults);
    profile::check(value, &mut faults);
    faults
}

/// The tests that make a document invalid.
#[must_use]
pub fn errors(value: &Value) -> Vec<Fault> {
    let mut all = mandatory(value).sorted();
    all.retain(|f| f.weight() == Weight::Error);
    all
}

fn number(test: &str) -> Vec<u32> {
    test.split('.').map(|n| n.parse().unwrap_or_default()).collect()
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, test: &'static str, at: impl Into<String>) {
        if self.0.len() < MOST {
            self.0.push(Fault { test, at: at.into() });
        }
    }

    fn sorted(mut self) -> Vec<Fault> {
        self.0.sort_by_key(|f| number(f.test));
        self.0
    }
}

/// Every vulnerability with where it stands.
fn flaws(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    let all = crate::inventory::list(value, "vulnerabilities").iter().enumerate();
    all.map(|(n, flaw)| (format!("/vulnerabilities/{n}"), flaw))
}

/// Texts of a list.
fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    crate::inventory::list(value, key).iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests;
