//! The scoring of `../shared/letters/score`, by groups: a reading as a flat set of facts, held against the gold's.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// Facts right, given and wanted of one group.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub right: usize,
    pub given: usize,
    pub wanted: usize,
}

impl Tally {
    pub fn f1(self) -> f64 {
        if self.given == 0 && self.wanted == 0 {
            return 1.0;
        }
        let precision = if self.given == 0 { 0.0 } else { self.right as f64 / self.given as f64 };
        let recall = if self.wanted == 0 { 0.0 } else { self.right as f64 / self.wanted as f64 };
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }
}

/// Tallies by group over many letters.
#[derive(Debug, Default)]
pub struct Score(pub BTreeMap<&'static str, Tally>);

impl Score {
    pub fn add(&mut self, gold: &Value, reading: &Value) {
        let (want, got) = (facts(gold), facts(reading));
        for (group, _) in want.iter().chain(&got) {
            self.0.entry(group).or_default();
        }
        for (group, tally) in &mut self.0 {
            tally.wanted += want.iter().filter(|(g, _)| g == group).count();
            tally.given += got.iter().filter(|(g, _)| g == group).count();
            tally.right += want.intersection(&got).filter(|(g, _)| g == group).count();
        }
    }

    pub fn all(&self) -> Tally {
        self.0.values().fold(Tally::default(), |a, b| Tally {
            right: a.right + b.right,
            given: a.given + b.given,
            wanted: a.wanted + b.wanted,
        })
    }

    pub fn print(&self, title: &str) {
        println!("{title}");
        for (group, tally) in &self.0 {
            println!(
                "  {group:14} F1 {:.3}  ({} right, {} given, {} wanted)",
                tally.f1(),
                tally.right,
                tally.given,
                tally.wanted
            );
        }
        println!("  {:14} F1 {:.3}", "all", self.all().f1());
    }
}

type Fact = (&'static str, String);

fn facts(letter: &Value) -> BTreeSet<Fact> {
    let mut out = BTreeSet::new();
    for key in ["number", "symbol", "date", "place", "parent", "issuer", "subject"] {
        out.insert(("head", format!("{key}={:?}", norm(&letter[key]))));
    }
    for key in ["name", "title", "capacity"] {
        out.insert(("signer", format!("{key}={:?}", norm(&letter["signer"][key]))));
    }
    for (group, key) in [("to", "to"), ("copies", "copies")] {
        out.extend(list(&letter[key]).map(|item| (group, format!("{:?}", norm(item)))));
    }
    for basis in list(&letter["basis"]) {
        let fact = (norm(&basis["reference"]), basis["date"].as_str(), norm(&basis["issuer"]));
        out.insert(("basis", format!("{fact:?}")));
    }
    out.extend(list(&letter["occasions"]).map(|o| ("occasion", format!("{:?}", norm(o)))));
    if let Some(window) = letter["window"].as_object() {
        out.insert(("occasion", format!("{:?}", (window.get("from"), window.get("to")))));
    }
    for duty in list(&letter["duties"]) {
        let path = duty["path"].as_str().unwrap_or_default();
        out.extend(list(&duty["codes"]).map(|code| ("duty", format!("{path} {code}"))));
        if truthy(&duty["actor"]) {
            out.insert(("duty", format!("{path} actor {:?}", norm(&duty["actor"]))));
        }
    }
    for v in list(&letter["vulnerabilities"]) {
        out.extend(list(&v["cves"]).map(|cve| ("vulnerability", cve.to_string())));
        if truthy(&v["name"]) {
            out.insert(("vulnerability", format!("{:?}", norm(&v["name"]))));
        }
        if truthy(&v["vendor"]) {
            let mut severities: Vec<String> = list(&v["severities"]).map(ToString::to_string).collect();
            severities.sort();
            let fact = (norm(&v["vendor"]), v["from"].as_str(), v["to"].as_str(), severities);
            out.insert(("vulnerability", format!("{fact:?}")));
        }
    }
    if truthy(&letter["open_list"]) {
        out.insert(("vulnerability", "open list".to_owned()));
    }
    for contact in list(&letter["contacts"]) {
        for phone in list(&contact["phones"]) {
            let digits = phone.as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
            out.insert(("contact", digits));
        }
        out.extend(list(&contact["emails"]).map(|e| ("contact", format!("{:?}", norm(e)))));
        for key in ["unit", "name"] {
            if truthy(&contact[key]) {
                out.insert(("contact", format!("{:?}", norm(&contact[key]))));
            }
        }
    }
    for group in ["scope", "attachments", "deadlines", "indicators", "urgency", "secrecy"] {
        out.extend(list(&letter[group]).map(|item| {
            // serde_json keeps object keys sorted, as the script's `sort_keys` does.
            let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            (group, format!("{:?}", norm(&Value::String(text))))
        }));
    }
    out.extend(list(&letter["problems"]).map(|p| ("problem", p.to_string())));
    out
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

/// Composed, blanks evened out, without end marks, in lower case.
fn norm(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let composed: String = text.nfc().collect();
    let even = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(even.trim_end_matches(['.', ';', ',', ':']).to_lowercase())
}

#[test]
fn counts_as_the_script_does() {
    let gold =
        serde_json::json!({"number": "1", "to": ["A;", "B"], "duties": [{"path": "1", "codes": ["DUTY"]}]});
    let mut score = Score::default();
    score.add(&gold, &serde_json::json!({"number": "1", "to": ["a", "C"], "duties": []}));
    assert_eq!(score.0["head"], Tally { right: 7, given: 7, wanted: 7 });
    assert_eq!(score.0["to"], Tally { right: 1, given: 2, wanted: 2 });
    assert_eq!(score.0["duty"], Tally { right: 0, given: 0, wanted: 1 });
}
