//! `Get-HotFix` and `wmic qfe`, as tables or lists: every line with a `KB` number, by host where the table says which.

use std::collections::BTreeMap;

use domain::inventory::{Family, Inventory, Os};

use super::{Notes, Why, kbs};

pub fn read(text: &str, notes: &mut Notes) -> Option<Vec<Inventory>> {
    let all = kbs(text);
    let head = text.lines().find(|l| !l.trim().is_empty())?;
    // The words of a head are not translated: they are names of properties.
    let named = ["HotFixID", "InstalledOn", "FixComments"].iter().any(|w| text.contains(w));
    if all.is_empty() && !named {
        return None;
    }
    let numbered = text.lines().filter(|l| !kbs(l).is_empty()).count();
    let filled = text.lines().filter(|l| !l.trim().is_empty()).count();
    if !named && numbered * 2 < filled {
        return None;
    }
    let mut hosts: BTreeMap<Option<String>, Inventory> = BTreeMap::new();
    let by_source = head.trim_start().starts_with("Source") && !head.contains(':');
    let mut source = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some((label, value)) = line.split_once(':') {
            match label.trim() {
                "Source" | "PSComputerName" | "CSName" | "__SERVER" => source = some(value),
                _ => {}
            }
        }
        let found = kbs(line);
        if found.is_empty() {
            let rule = line.chars().all(|c| matches!(c, '-' | ' ' | '='));
            let known = line == head.trim() || line.contains(':') || rule;
            if !known {
                notes.add(Some(at + 1), line, Why::Form);
            }
            continue;
        }
        if by_source {
            source = line.split_whitespace().next().and_then(some);
        }
        let host = hosts.entry(source.clone()).or_insert_with(|| empty(source.clone()));
        host.kbs.extend(found);
    }
    if hosts.is_empty() {
        hosts.insert(None, empty(None));
    }
    Some(hosts.into_values().collect())
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn empty(host: Option<String>) -> Inventory {
    let os = Os { family: Family::Windows, ..Os::default() };
    Inventory { host, os: Some(os), kbs_listed: true, ..Inventory::default() }
}
