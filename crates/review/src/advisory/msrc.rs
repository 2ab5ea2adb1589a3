//! Microsoft's monthly documents (CVRF 1.1, XML).

use std::collections::{BTreeMap, HashMap};

use quick_xml::{Reader, events::Event};

use super::{Advisory, Feed, Fix, MicrosoftStatement, Product, Source, Statement, Status, grade};
use crate::inventory::{Looks, Refused};

/// Longest text that is kept of one element.
const TEXT: usize = 4096;

pub fn read(source: &str, feed: &mut Feed) -> Result<(), Refused> {
    let mut reader = Reader::from_str(source);
    let mut it = Document::default();
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let name = tag.local_name().as_ref().to_owned();
                let attribute =
                    |wanted: &str| tag.try_get_attribute(wanted).ok().flatten().map(|a| a.value.into_owned());
                it.open(&name, attribute("ProductID"), attribute("Type"));
                path.push(name);
                text.clear();
            }
            Ok(Event::Text(piece)) if text.len() < TEXT => text.push_str(&piece),
            Ok(Event::GeneralRef(reference)) if text.len() < TEXT => {
                text.push_str(match &*reference {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    _ => " ",
                });
            }
            Ok(Event::End(_)) => {
                let name = path.pop().unwrap_or_default();
                it.close(&name, path.last().map_or("", String::as_str), text.trim(), feed);
                text.clear();
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) if it.seen => {
                feed.not_understood(0, &error.to_string());
                break;
            }
            Err(_) => return Err(Refused::Broken(None)),
        }
    }
    if it.seen { Ok(()) } else { Err(Refused::Unknown(Looks::Other)) }
}

#[derive(Default)]
struct Document {
    seen: bool,
    /// The product being named, and all that were.
    naming: Option<String>,
    products: HashMap<String, Product>,
    flaw: Flaw,
    kind: String,
    fix: Fix,
    subtype: String,
    of: Vec<String>,
}

#[derive(Default)]
struct Flaw {
    cve: String,
    title: String,
    severity: Option<String>,
    score: Option<f64>,
    published: Option<String>,
    affected: Vec<String>,
    fixes: Vec<(Vec<String>, Fix)>,
}

impl Document {
    fn open(&mut self, name: &str, product: Option<String>, kind: Option<String>) {
        match name {
            "cvrfdoc" => self.seen = true,
            "FullProductName" => self.naming = product,
            "Vulnerability" => self.flaw = Flaw::default(),
            "Remediation" | "Threat" | "Status" | "ScoreSet" => {
                self.kind = kind.unwrap_or_default();
                (self.fix, self.subtype, self.of) = (Fix::default(), String::new(), Vec::new());
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, within: &str, text: &str, feed: &mut Feed) {
        match (name, within) {
            ("FullProductName", _) => {
                if let Some(id) = self.naming.take() {
                    self.products.insert(id, Product::new(text));
                }
            }
            ("CVE", _) => text.clone_into(&mut self.flaw.cve),
            ("Title", "Vulnerability") => self.flaw.title = text.chars().take(300).collect(),
            ("ProductID", _) => self.of.push(text.to_owned()),
            ("Status", _) if self.kind == "Known Affected" => self.flaw.affected.append(&mut self.of),
            ("Description", "Threat") if self.kind == "Severity" => {
                // The worst of those it gives, product by product.
                let found = grade(text);
                if rank(found.as_deref()) > rank(self.flaw.severity.as_deref()) {
                    self.flaw.severity = found;
                }
            }
            ("BaseScore", _) => {
                let score: Option<f64> = text.parse().ok();
                self.flaw.score = self.flaw.score.max_by(score);
            }
            ("Description", "Remediation") => self.fix.kb = text.parse().ok().filter(|kb| *kb > 99_999),
            ("Supercedence", _) => {
                let numbers = text.split(|c: char| !c.is_ascii_digit());
                self.fix.supersedes =
                    numbers.filter_map(|n| n.parse().ok()).filter(|kb| *kb > 99_999).collect();
            }
            ("FixedBuild", _) => {
                self.fix.build = text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.to_owned());
            }
            ("SubType", _) => text.clone_into(&mut self.subtype),
            ("Remediation", _) => self.remedy(),
            ("Date", "Revision") => {
                let date = Some(text.to_owned());
                if self.flaw.published.is_none() || date < self.flaw.published {
                    self.flaw.published = date;
                }
            }
            ("Vulnerability", _) => {
                let flaw = std::mem::take(&mut self.flaw);
                if flaw.cve.is_empty() {
                    feed.not_understood(0, &flaw.title);
                } else {
                    feed.advisories.push(self.advisory(flaw));
                }
            }
            _ => {}
        }
    }

    fn remedy(&mut self) {
        if self.kind != "Vendor Fix" || self.fix.kb.is_none() && self.fix.build.is_none() {
            return;
        }
        let mut fix = std::mem::take(&mut self.fix);
        let alone = ["Security Only", "IE Cumulative", "Servicing"];
        fix.cumulative = !alone.iter().any(|kind| self.subtype.starts_with(kind));
        self.flaw.fixes.push((std::mem::take(&mut self.of), fix));
    }

    fn advisory(&self, flaw: Flaw) -> Advisory {
        let mut by_product: BTreeMap<&Product, Vec<Fix>> = BTreeMap::new();
        for id in &flaw.affected {
            if let Some(product) = self.products.get(id) {
                by_product.entry(product).or_default();
            }
        }
        for (ids, fix) in &flaw.fixes {
            for product in ids.iter().filter_map(|id| self.products.get(id)) {
                let fixes = by_product.entry(product).or_default();
                if !fixes.contains(fix) {
                    fixes.push(fix.clone());
                }
            }
        }
        let statements = by_product.into_iter().map(|(product, fixes)| {
            let product = product.clone();
            Statement::Microsoft(MicrosoftStatement { product, fixes, status: Status::Affected })
        });
        Advisory {
            id: flaw.cve,
            title: flaw.title,
            source: Source::Msrc,
            published: flaw.published,
            severity: flaw.severity,
            score: flaw.score,
            statements: statements.collect(),
            ..Advisory::default()
        }
    }
}

fn rank(grade: Option<&str>) -> usize {
    ["low", "medium", "high", "critical"].iter().position(|g| Some(*g) == grade).map_or(0, |at| at + 1)
}

trait Worst {
    fn max_by(self, other: Self) -> Self;
}

impl Worst for Option<f64> {
    fn max_by(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}
