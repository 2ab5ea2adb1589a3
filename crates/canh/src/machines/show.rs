//! What was read and judged, for people and for spreadsheets.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use domain::inventory::Inventory;
use review::{
    inventory::Read,
    judge::{Because, Reason, State, Verdict},
};
use web::Words;

use super::{Flaw, Machine};

/// One file: its kind, its machines, what was not understood.
pub fn read(words: Words, path: &Path, read: &Read) {
    let kind =
        serde_json::to_value(read.kind).ok().and_then(|k| k.as_str().map(str::to_owned)).unwrap_or_default();
    let hosts = read.hosts.len().to_string();
    let file = path.display().to_string();
    println!(
        "{}",
        words.with_texts("review-command-kind", &[("file", &file), ("kind", &kind), ("hosts", &hosts)])
    );
    for host in &read.hosts {
        println!("  {}", head(words, host));
        let count = |n: usize| n.to_string();
        let numbers = [
            ("packages", count(host.packages.len())),
            ("kbs", count(host.kbs.len())),
            ("services", count(host.services.len())),
            ("reported", count(host.reported.len())),
        ];
        let numbers = numbers.each_ref().map(|(k, v)| (*k, v.as_str()));
        println!("    {}", words.with_texts("review-command-read", &numbers));
    }
    odd(words, path, read);
}

/// What was not understood goes beside the result, never into it.
pub fn odd(words: Words, path: &Path, read: &Read) {
    let count = read.odd.len() + read.odd_more;
    if count == 0 {
        return;
    }
    let file = path.display().to_string();
    eprintln!(
        "{}",
        words.with_texts("review-command-odd", &[("file", &file), ("count", &count.to_string())])
    );
    for odd in read.odd.iter().take(5) {
        eprintln!("  {}", web::hosts::odd(words, odd));
    }
}

fn head(words: Words, host: &Inventory) -> String {
    let name = host.host.clone().unwrap_or_else(|| words.t("review-nameless"));
    let os = host.os.as_ref();
    let build = os.and_then(|os| os.running().or_else(|| os.build.clone()).or_else(|| os.version.clone()));
    let os = format!("{} {}", os.map_or("", |os| os.name.as_str()), build.unwrap_or_default());
    words.with_texts("review-command-host", &[("host", &name), ("os", os.trim())])
}

/// Every machine with its flaws, then what to install where.
pub fn machines(words: Words, all: &[Machine], also_closed: bool, advisories: usize) {
    for machine in all {
        println!("{}", head(words, &machine.host));
        for d in &machine.host.disagreements {
            let said = [("what", &*d.what), ("kept", &*d.kept), ("other", &*d.other), ("report", &*d.report)];
            println!("  ! {}", words.with_texts("review-command-disagreement", &said));
        }
        for (kb, build) in &machine.not_running {
            let said = [("kb", kb.to_string()), ("build", build.clone())];
            let said = said.each_ref().map(|(k, v)| (*k, v.as_str()));
            println!("  ! {}", words.with_texts("review-command-not-running", &said));
        }
        for flaw in machine.flaws.iter().filter(|f| also_closed || f.state < State::Fixed) {
            let severity = flaw.severity.as_deref().unwrap_or("–");
            let exploited =
                if flaw.exploited { format!("  {}", words.t("review-exploited")) } else { String::new() };
            let fix =
                speaking(flaw).find_map(|v| v.fix.clone()).map(|f| format!("  → {f}")).unwrap_or_default();
            println!("  {}  {}  {severity}{exploited}{fix}", flaw.cve, state(words, flaw.state));
            for sentence in evidence(words, flaw) {
                println!("      {sentence}");
            }
        }
        match machine.flaws.is_empty() {
            true => println!("  {}\n", words.t("review-command-nothing")),
            false => println!("  {}\n", sum(words, machine)),
        }
    }
    let fixes = fixes(all);
    if !fixes.is_empty() {
        println!("{}", words.t("review-command-fixes"));
    }
    for (fix, (machines, closes)) in &fixes {
        let said =
            [("fix", fix.clone()), ("machines", machines.len().to_string()), ("closes", closes.to_string())];
        let said = said.each_ref().map(|(k, v)| (*k, v.as_str()));
        println!("  {}", words.with_texts("review-command-fix", &said));
    }
    let said = [("hosts", all.len().to_string()), ("advisories", advisories.to_string())];
    let said = said.each_ref().map(|(k, v)| (*k, v.as_str()));
    println!("{}", words.with_texts("review-command-totals", &said));
}

/// Verdicts that say what the flaw's state is.
fn speaking(flaw: &Flaw) -> impl Iterator<Item = &Verdict> {
    flaw.verdicts.iter().filter(|v| v.state == flaw.state)
}

fn evidence(words: Words, flaw: &Flaw) -> Vec<String> {
    let mut said = Vec::new();
    if flaw.verdicts.is_empty() {
        said.push(words.with_texts("review-because-no-advisory", &[("cve", &flaw.cve)]));
    }
    for verdict in speaking(flaw) {
        let by_name = verdict.weak && !verdict.because.iter().any(|b| b.reason == Reason::ScannerSays);
        let weak = if by_name { format!(" ({})", words.t("review-weak")) } else { String::new() };
        for because in &verdict.because {
            let line =
                format!("{}{weak} [{}: {}]", sentence(words, because), verdict.advisory, verdict.document);
            if !said.contains(&line) {
                said.push(line);
            }
        }
    }
    said
}

/// One link of the evidence in words.
fn sentence(words: Words, because: &Because) -> String {
    let open = because.reason == Reason::InRange && because.facts.get("fixed").is_some_and(String::is_empty);
    let name = if open { "in-range-open".to_owned() } else { because.reason.name() };
    let facts: Vec<(&str, &str)> = because.facts.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    words.with_texts(&format!("review-because-{name}"), &facts)
}

fn state(words: Words, state: State) -> String {
    words.t(match state {
        State::Affected => "review-state-affected",
        State::NotEffective => "review-state-not-effective",
        State::Unknown => "review-state-unknown",
        State::Fixed => "review-state-fixed",
        State::NotAffected => "review-state-not-affected",
    })
}

fn sum(words: Words, machine: &Machine) -> String {
    let count = |state| machine.flaws.iter().filter(|f| f.state == state).count().to_string();
    let said = [
        ("affected", count(State::Affected)),
        ("noteffective", count(State::NotEffective)),
        ("unknown", count(State::Unknown)),
        ("fixed", count(State::Fixed)),
        ("notaffected", count(State::NotAffected)),
    ];
    words.with_texts("review-command-sum", &said.each_ref().map(|(k, v)| (*k, v.as_str())))
}

/// What to install: on which machines, and how many flaws it closes.
fn fixes(all: &[Machine]) -> BTreeMap<String, (BTreeSet<usize>, usize)> {
    let mut found: BTreeMap<String, (BTreeSet<usize>, usize)> = BTreeMap::new();
    for (at, machine) in all.iter().enumerate() {
        for flaw in machine.flaws.iter().filter(|f| f.state == State::Affected) {
            if let Some(fix) = speaking(flaw).find_map(|v| v.fix.clone()) {
                let entry = found.entry(fix).or_default();
                entry.0.insert(at);
                entry.1 += 1;
            }
        }
    }
    found
}

/// A row for every flaw on every machine.
pub fn flaws(words: Words, all: &[Machine], also_closed: bool) {
    row(&["host", "cve", "state", "severity", "exploited", "epss", "fix", "evidence"]);
    for machine in all {
        let host = machine.host.host.clone().unwrap_or_default();
        for flaw in machine.flaws.iter().filter(|f| also_closed || f.state < State::Fixed) {
            row(&[
                &host,
                &flaw.cve,
                &state(words, flaw.state),
                flaw.severity.as_deref().unwrap_or_default(),
                if flaw.exploited { "1" } else { "0" },
                &flaw.likely.map(|l| l.to_string()).unwrap_or_default(),
                &speaking(flaw).find_map(|v| v.fix.clone()).unwrap_or_default(),
                &evidence(words, flaw).join("; "),
            ]);
        }
    }
}

/// A row for every package of every machine.
pub fn packages<'a>(hosts: impl Iterator<Item = &'a Inventory>) {
    row(&["host", "ecosystem", "name", "version", "purl", "path"]);
    for host in hosts {
        let name = host.host.as_deref().unwrap_or_default();
        for p in &host.packages {
            let of = |o: &'a Option<String>| o.as_deref().unwrap_or_default();
            row(&[name, of(&p.ecosystem), &p.name, &p.version, of(&p.purl), of(&p.path)]);
        }
    }
}

/// A cell that a spreadsheet would take for a formula is led by an apostrophe.
fn row(cells: &[&str]) {
    let cell = |c: &&str| {
        let lead = if c.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        format!("\"{lead}{}\"", c.replace('"', "\"\""))
    };
    println!("{}", cells.iter().map(cell).collect::<Vec<_>>().join(","));
}
