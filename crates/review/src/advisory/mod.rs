//! Advisories: what issuers of every kind say of flaws, read into one form.

mod csaf;
pub mod csaf_valid;
mod cve;
mod msrc;
mod osv;
mod own;
mod product;
mod signals;
mod table;

use domain::weakness::Weakness;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    inventory::{self, Refused},
    version::Scheme,
};

pub use own::own;
pub use product::Product;
pub use signals::{Exploited, Signals};

/// What one issuer says of one flaw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Advisory {
    /// The issuer's own number: `CVE-2024-30080`, `GHSA-…`, `DSA-5600-1`.
    pub id: String,
    /// Other numbers of the same flaw, CVE numbers above all.
    pub aliases: Vec<String>,
    /// What it is called.
    pub title: String,
    /// Which form it came in.
    pub source: Source,
    /// The file it stood in.
    pub document: String,
    /// When it was published, as written.
    pub published: Option<String>,
    /// Taken back by its issuer.
    pub withdrawn: bool,
    /// `critical`, `high`, `medium`, `low`, as the issuer grades it, in small letters.
    pub severity: Option<String>,
    /// CVSS base score.
    pub score: Option<f64>,
    /// What is to be done, in words, where no statement names a version or an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What it says of which product.
    pub statements: Vec<Statement>,
}

impl Advisory {
    /// Whether this is about a flaw of that number.
    #[must_use]
    pub fn is(&self, number: &str) -> bool {
        std::iter::once(&self.id).chain(&self.aliases).any(|id| id.eq_ignore_ascii_case(number))
    }

    /// The CVE numbers among its numbers.
    pub fn cves(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(&self.aliases).map(String::as_str).filter(|id| id.starts_with("CVE-"))
    }

    /// The numbers under which its flaws are kept: its CVE numbers, or its own.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let cves: Vec<String> = self.cves().map(str::to_uppercase).collect();
        if cves.is_empty() { vec![self.id.clone()] } else { cves }
    }
}

/// Forms of advisories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// OSV.
    #[default]
    Osv,
    /// CVE record, version 5.
    CveRecord,
    /// CSAF 2.0.
    Csaf,
    /// Microsoft's CVRF.
    Msrc,
    /// A table of Microsoft's updates.
    MicrosoftTable,
    /// An agency's own, or a rule of ours.
    Own,
}

/// What an advisory says of one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    /// Of a package of an ecosystem.
    Package(PackageStatement),
    /// Of a product of Microsoft's, with the updates that mend it.
    Microsoft(MicrosoftStatement),
    /// Of a product known by vendor and name only: weak.
    Named(NamedStatement),
    /// Of any machine: that it has a weakness if the rule of that kind finds it.
    Weakness(Weakness),
}

/// Of a package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageStatement {
    /// OSV ecosystem, with its release if it has any.
    pub ecosystem: String,
    /// The package's name in it.
    pub name: String,
    /// Ranges of versions that are affected.
    pub ranges: Vec<Range>,
    /// Single versions that are.
    pub versions: Vec<String>,
    /// What the issuer says outright, where it does.
    pub status: Status,
}

/// What an issuer says outright of the versions named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// They are affected.
    #[default]
    Affected,
    /// They are not (VEX).
    NotAffected,
    /// It does not know yet.
    Investigating,
}

/// Events along the order of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The order; none where nobody knows which it is.
    pub scheme: Option<Scheme>,
    /// What happens at which version.
    pub events: Vec<Event>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// From here on affected; `0` is from the first.
    Introduced(String),
    /// From here on not.
    Fixed(String),
    /// After this not.
    LastAffected(String),
}

/// Of a product of Microsoft's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MicrosoftStatement {
    /// The product, by its exact name.
    pub product: Product,
    /// Each of them mends it.
    pub fixes: Vec<Fix>,
    /// What the issuer says outright.
    pub status: Status,
}

/// One update that mends a product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fix {
    /// Its number (KB).
    pub kb: Option<u32>,
    /// The build that is running once it is effective.
    pub build: Option<String>,
    /// Updates that it takes the place of.
    pub supersedes: Vec<u32>,
    /// Whether every later update contains it.
    pub cumulative: bool,
}

/// Of a product known by name only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedStatement {
    /// Who makes it.
    pub vendor: String,
    /// What it is called.
    pub product: String,
    /// Ranges of versions that are affected.
    pub ranges: Vec<Range>,
    /// Single versions that are.
    pub versions: Vec<String>,
    /// What the issuer says outright.
    pub status: Status,
}

/// What a file of advisories turned out to hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    /// The advisories.
    pub advisories: Vec<Advisory>,
    /// What is exploited, and how likely.
    pub signals: Signals,
    /// What was not understood: the number of the record, and its beginning.
    pub odd: Vec<(usize, String)>,
    /// How many more of those.
    pub odd_more: usize,
}

impl Feed {
    /// Adds another file's.
    pub fn append(&mut self, mut other: Self) {
        self.advisories.append(&mut other.advisories);
        self.signals.append(other.signals);
        self.odd.append(&mut other.odd);
        self.odd_more += other.odd_more;
    }

    fn not_understood(&mut self, at: usize, what: &str) {
        if self.odd.len() >= inventory::ODD {
            self.odd_more += 1;
            return;
        }
        self.odd.push((at, what.chars().filter(|c| !c.is_control()).take(120).collect()));
    }
}

/// Reads one file of any form; `name` is what it is called in the evidence.
pub fn read(name: &str, bytes: &[u8]) -> Result<Feed, Refused> {
    if bytes.len() > inventory::FILE {
        return Err(Refused::TooLarge(inventory::FILE >> 20));
    }
    let (text, _) = inventory::decode(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut feed = Feed::default();
    match text.chars().next() {
        None => return Err(Refused::Empty),
        Some('<') => msrc::read(text, &mut feed)?,
        Some('{' | '[') => json(text, &mut feed)?,
        Some(_) if signals::is_epss(text) => signals::epss(text, &mut feed),
        Some(_) => table::read(text, &mut feed)?,
    }
    for advisory in &mut feed.advisories {
        name.clone_into(&mut advisory.document);
    }
    Ok(feed)
}

/// One record, a list of records, lines of records, or a catalogue.
fn json(text: &str, feed: &mut Feed) -> Result<(), Refused> {
    if text.contains("\"catalogVersion\"") && text.contains("\"vulnerabilities\"") {
        return signals::kev(text, feed);
    }
    if text.starts_with('[') {
        return inventory::walk(text, &|_| true, &mut |_, at, value| record(&value, at, feed));
    }
    let mut any = false;
    for (at, value) in serde_json::Deserializer::from_str(text).into_iter::<Value>().enumerate() {
        match value {
            Ok(value) => {
                any = true;
                record(&value, at + 1, feed);
            }
            Err(error) if any => {
                feed.not_understood(at + 1, &error.to_string());
                break;
            }
            Err(error) => return Err(Refused::json(&error)),
        }
    }
    Ok(())
}

fn record(value: &Value, at: usize, feed: &mut Feed) {
    let is = |key: &str| value.get(key).is_some();
    if value.pointer("/document/csaf_version").is_some() {
        document(value, at, feed);
    } else if is("cveMetadata") || is("containers") {
        feed.advisories.extend(cve::read(value));
    } else if is("affected") && is("id") || is("withdrawn") && is("id") {
        feed.advisories.extend(osv::read(value));
    } else {
        feed.not_understood(at, &value.to_string());
    }
}

/// A CSAF document. One that is not valid is said to be so; where it contradicts itself nothing of it is taken. Faults that
/// touch no statement (a revision left out) do not cost what it knows.
fn document(value: &Value, at: usize, feed: &mut Feed) {
    let faults = csaf_valid::errors(value);
    if !faults.is_empty() {
        let told: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.test, fault.at)).collect();
        feed.not_understood(at, &format!("CSAF 2.0: {}", told.join(", ")));
    }
    if !faults.iter().any(csaf_valid::Fault::spoils) {
        feed.advisories.extend(csaf::read(value));
    }
}

/// Grades in one writing.
pub(crate) fn grade(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "" | "none" | "unknown" => None,
        "important" => Some("high".into()),
        "moderate" => Some("medium".into()),
        _ => Some(lower),
    }
}

/// The grade of a CVSS 3 score.
#[must_use]
pub fn grade_of(score: f64) -> Option<String> {
    let name = match score {
        s if s >= 9.0 => "critical",
        s if s >= 7.0 => "high",
        s if s >= 4.0 => "medium",
        s if s > 0.0 => "low",
        _ => return None,
    };
    Some(name.into())
}

#[cfg(test)]
mod tests;
