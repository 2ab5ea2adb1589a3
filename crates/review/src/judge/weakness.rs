//! Weaknesses: what the rules of the pack make of open ports, of what scanners report, of the system and its protection.
//!
//! Only what a scanner reached over the network is exposed: a port the machine itself says it listens at may lie behind a
//! firewall, and is *unknown*. What nobody looked for is unknown too.

use domain::{
    inventory::{Family, Inventory, Ports, Reported, Service},
    text::fold,
    weakness::{Rule, Weakness, Weaknesses},
};
use jiff::civil::Date;

use super::{Because, Finding, Reason, State};
use crate::advisory::{Advisory, Source, Statement};

/// The rules as advisories, one a kind, so that weaknesses are judged and kept like everything else.
pub(super) fn advisories(rules: &Weaknesses) -> impl Iterator<Item = Advisory> {
    rules.rules.iter().map(|rule| Advisory {
        id: rule.kind.number(),
        source: Source::Own,
        severity: Some(rule.severity.name().to_owned()),
        // Whoever shows it says it in the reader's language.
        fix: Some(rule.kind.number()),
        statements: vec![Statement::Weakness(rule.kind)],
        ..Advisory::default()
    })
}

pub(super) fn judge(host: &Inventory, kind: Weakness, rules: &Weaknesses, on: Date) -> Finding {
    let Some(rule) = rules.rule(kind) else {
        return Finding::elsewhere(State::Unknown, Because::new(Reason::NothingSaid, []));
    };
    let looked = match kind {
        Weakness::AntiMalware => protection(host),
        Weakness::Unsupported => support(host, rules, on),
        Weakness::Certificate => certificate(host, on),
        Weakness::DefaultPassword => None,
        _ => exposed(host, rule),
    };
    let said = said(host, rule);
    match (looked, said) {
        (Some(found), _) if found.state == State::Affected => found,
        (_, Some(said)) => said,
        (Some(found), None) => found,
        // Only a scanner that looks for such things, and found none, tells that there is none.
        (None, None) => match thorough(host) {
            Some(scanner) => clear(Reason::ScannerSilent, [("scanner", scanner)]),
            None => unknown(Reason::NotScanned, []),
        },
    }
}

fn found<const N: usize>(reason: Reason, facts: [(&str, &str); N]) -> Finding {
    Finding::new(State::Affected, Because::new(reason, facts))
}

fn clear<const N: usize>(reason: Reason, facts: [(&str, &str); N]) -> Finding {
    Finding::new(State::NotAffected, Because::new(reason, facts))
}

fn unknown<const N: usize>(reason: Reason, facts: [(&str, &str); N]) -> Finding {
    Finding::new(State::Unknown, Because::new(reason, facts))
}

/// A scanner that checks for weaknesses, and not only for open ports.
fn thorough(host: &Inventory) -> Option<&str> {
    host.reported.iter().map(|r| r.scanner.as_str()).find(|s| matches!(*s, "nessus" | "openvas"))
}

/// What a scanner reported by a title, or a script of Nmap's by its name.
fn said(host: &Inventory, rule: &Rule) -> Option<Finding> {
    let titled = |r: &Reported| {
        let title = fold(&r.title);
        r.scanner != "nmap" && rule.titles.iter().any(|t| has(&title, t))
    };
    let scripted = |r: &Reported| {
        let check = r.check.as_deref().unwrap_or_default();
        r.scanner == "nmap"
            && rule.scripts.iter().any(|s| check == s || s.starts_with('-') && check.ends_with(s))
    };
    let it = host.reported.iter().find(|r| titled(r) || scripted(r))?;
    Some(found(Reason::ScannerSays, [("scanner", &it.scanner), ("title", &it.title)]))
}

/// Whole words: `ilo` is not in `pilot`.
fn has(text: &str, words: &str) -> bool {
    let words = fold(words);
    let border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(&words).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + words.len()..).and_then(|t| t.chars().next());
        (border(before) || !words.starts_with(char::is_alphanumeric))
            && (border(after) || !words.ends_with(char::is_alphanumeric))
    })
}

fn exposed(host: &Inventory, rule: &Rule) -> Option<Finding> {
    let is = |s: &Service| {
        let name = s.name.as_deref().map(str::to_lowercase);
        // What answers is believed before the number of its port.
        let named = name.as_deref().is_some_and(|n| rule.services.iter().any(|x| x == n));
        let silent = name.as_deref().is_none_or(|n| n.is_empty() || n == "unknown" || n == "tcpwrapped");
        let product =
            fold(&format!("{} {}", s.product.as_deref().unwrap_or_default(), name.unwrap_or_default()));
        named
            || s.protocol != "udp" && rule.ports.contains(&s.port) && silent
            || rule.words.iter().any(|w| has(&product, w))
    };
    let inside = |s: &&Service| s.address.as_deref().is_some_and(|a| !a.is_empty());
    let own = |s: &&Service| s.address.as_deref().is_some_and(|a| a.starts_with("127.") || a == "::1");
    if let Some(s) = host.services.iter().filter(|s| !inside(s)).find(|s| is(s)) {
        let product = s.product.as_deref().or(s.name.as_deref()).unwrap_or("–");
        return Some(found(Reason::Reachable, [("port", &s.port.to_string()), ("product", product)]));
    }
    // A title of a page, or a finding about one of the ports, says that it was reached.
    let page = |r: &&Reported| {
        let detail = fold(r.detail.as_deref().unwrap_or_default());
        r.check.as_deref() == Some("http-title") && rule.words.iter().any(|w| has(&detail, w))
    };
    let at_port = |r: &&Reported| r.scanner != "nmap" && r.port.is_some_and(|p| rule.ports.contains(&p));
    if let Some(r) = host.reported.iter().find(|r| page(r) || at_port(r)) {
        let port = r.port.map(|p| p.to_string()).unwrap_or_default();
        let what = r.detail.as_deref().unwrap_or(&r.title).lines().next().unwrap_or_default();
        return Some(found(Reason::Reachable, [("port", &port), ("product", what)]));
    }
    if let Some(s) = host.services.iter().filter(|s| inside(s) && !own(s)).find(|s| is(s)) {
        let facts = [("port", s.port.to_string()), ("address", s.address.clone().unwrap_or_default())];
        return Some(unknown(Reason::Listens, facts.each_ref().map(|(k, v)| (*k, v.as_str()))));
    }
    let n = host.services.len().to_string();
    // Where a scan says what it tried, it tells of nothing else.
    if !host.scanned.is_empty() {
        let tried = rule.ports.iter().all(|p| Ports::hold(&host.scanned, *p));
        return tried.then(|| clear(Reason::NotReachable, [("n", &n)]));
    }
    let scanned = host.services.iter().any(|s| !inside(&s));
    match (scanned, host.services.is_empty()) {
        (true, _) => Some(clear(Reason::NotReachable, [("n", &n)])),
        // It listens at nothing of the kind: nobody can reach it.
        (false, false) => Some(clear(Reason::NotListening, [("n", &n)])),
        (false, true) => None,
    }
}

fn protection(host: &Inventory) -> Option<Finding> {
    let all = &host.protection;
    if let Some(p) = all.iter().find(|p| p.on == Some(true) && p.current != Some(false)) {
        return Some(clear(Reason::Protected, [("product", &p.name)]));
    }
    if let Some(p) = all.iter().find(|p| p.on == Some(true)) {
        let day = p.definitions.as_deref().unwrap_or("–");
        return Some(found(Reason::ProtectionOld, [("product", &p.name), ("day", day)]));
    }
    let names: Vec<&str> = all.iter().filter(|p| p.on == Some(false)).map(|p| p.name.as_str()).collect();
    if !names.is_empty() && names.len() == all.len() {
        return Some(found(Reason::ProtectionOff, [("product", &names.join(", "))]));
    }
    Some(unknown(Reason::ProtectionUnknown, []))
}

fn support(host: &Inventory, rules: &Weaknesses, on: Date) -> Option<Finding> {
    let os = host.os.as_ref()?;
    let edition = format!("{} {}", os.edition.as_deref().unwrap_or_default(), os.name);
    let mut names: Vec<String> = Vec::new();
    if os.family == Family::Windows {
        names.extend(os.product.clone());
        names.push(os.name.trim_start_matches("Microsoft ").to_owned());
    } else if let (Some(id), Some(version)) = (&os.edition, &os.version) {
        names.push(format!("{id} {version}"));
    }
    let Some((name, end)) = names.iter().find_map(|n| Some((n, rules.end(n, &edition)?))) else {
        let name = names.first().map_or(os.name.as_str(), String::as_str);
        return Some(unknown(Reason::SupportUnknown, [("system", name)]));
    };
    let day = end.ends.strftime("%d/%m/%Y").to_string();
    let facts = [("system", name.as_str()), ("day", day.as_str())];
    Some(if end.ends < on { found(Reason::SupportEnded, facts) } else { clear(Reason::Supported, facts) })
}

fn certificate(host: &Inventory, on: Date) -> Option<Finding> {
    let dates = host.reported.iter().filter(|r| r.check.as_deref() == Some("ssl-cert")).filter_map(|r| {
        let (_, rest) = r.detail.as_deref()?.split_once("Not valid after:")?;
        let day: Date = rest.trim().get(..10)?.parse().ok()?;
        Some((day, r.port.map(|p| p.to_string()).unwrap_or_default()))
    });
    let (day, port) = dates.min()?;
    let told = day.strftime("%d/%m/%Y").to_string();
    let facts = [("port", port.as_str()), ("day", told.as_str())];
    // A good one at one port says nothing of scanners' findings at others; these are asked besides.
    Some(if day < on {
        found(Reason::CertificateEnded, facts)
    } else {
        clear(Reason::CertificateGood, facts)
    })
}

#[cfg(test)]
mod tests;
