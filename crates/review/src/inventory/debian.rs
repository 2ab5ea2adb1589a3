//! `dpkg -l` and dpkg's own status file.

use domain::inventory::{Family, Inventory, Os, Package};

use super::{ITEMS, Notes, UNNAMED_DPKG, Why};

pub fn is_list(text: &str) -> bool {
    text.lines().take(40).any(|l| l.starts_with("||/") || l.starts_with("+++-")) || {
        let packages = text.lines().filter(|l| row(l).is_some()).take(3).count();
        packages > 0 && packages == text.lines().filter(|l| !l.trim().is_empty()).take(3).count()
    }
}

pub fn is_status(text: &str) -> bool {
    text.trim_start().starts_with("Package:") && text.contains("\nVersion:")
}

/// `ii  bash  5.2.15-2+b2  amd64  GNU Bourne Again SHell`.
pub fn list(text: &str, notes: &mut Notes) -> Inventory {
    let mut packages = Vec::new();
    let mut in_table = !text.contains("+++-");
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("+++-") {
            in_table = true;
            continue;
        }
        if !in_table || line.trim().is_empty() {
            continue;
        }
        let Some((state, name, version, arch)) = row(line) else {
            notes.add(Some(at + 1), line, Why::Form);
            continue;
        };
        if packages.len() >= ITEMS {
            notes.add(Some(at + 1), line, Why::TooMany);
            break;
        }
        // `rc`: removed, only its configuration is left.
        if state.chars().nth(1) != Some('i') {
            continue;
        }
        packages.push(package(name, version, arch));
    }
    host(packages)
}

fn row(line: &str) -> Option<(&str, &str, &str, Option<&str>)> {
    let mut words = line.split_whitespace();
    let state = words.next()?;
    let mut letters = state.chars();
    let wanted = letters.next().is_some_and(|c| "uihrp".contains(c));
    let is_state = wanted && letters.next().is_some_and(|c| "ncHUFWti".contains(c)) && state.len() <= 3;
    let (name, version) = (words.next()?, words.next()?);
    (is_state && version.contains(|c: char| c.is_ascii_digit())).then(|| (state, name, version, words.next()))
}

pub fn status(text: &str, notes: &mut Notes) -> Inventory {
    let mut packages = Vec::new();
    let mut at = 0;
    for block in text.split("\n\n") {
        let first = at + 1;
        at += block.lines().count() + 1;
        // Continued lines begin with a space, and no field that is read has any.
        let field = |name: &str| {
            let found = block.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            found.map(str::trim).filter(|v| !v.is_empty())
        };
        let Some(name) = field("Package") else {
            if !block.trim().is_empty() {
                notes.add(Some(first), block.lines().next().unwrap_or_default(), Why::NoName);
            }
            continue;
        };
        if !field("Status").is_none_or(|s| s.ends_with(" installed")) {
            continue;
        }
        let Some(version) = field("Version") else {
            notes.add(Some(first), name, Why::NoVersion);
            continue;
        };
        if packages.len() >= ITEMS {
            notes.add(Some(first), name, Why::TooMany);
            break;
        }
        let mut it = package(name, version, field("Architecture"));
        // `Source: gcc-12 (12.2.0-14)`.
        if let Some(source) = field("Source") {
            let (name, version) = source.split_once(" (").unwrap_or((source, ""));
            it.source = Some(name.trim().to_owned());
            let version = version.trim_end_matches(')').trim();
            it.source_version = (!version.is_empty()).then(|| version.to_owned());
        }
        packages.push(it);
    }
    host(packages)
}

pub(super) fn package(name: &str, version: &str, arch: Option<&str>) -> Package {
    let name = name.split(':').next().unwrap_or(name);
    Package {
        ecosystem: Some(UNNAMED_DPKG.into()),
        name: name.to_owned(),
        version: version.to_owned(),
        epoch_known: true,
        arch: arch.map(str::to_owned),
        ..Package::default()
    }
}

fn host(packages: Vec<Package>) -> Inventory {
    let os = Os { family: Family::Linux, ..Os::default() };
    Inventory { os: Some(os), packages, ..Inventory::default() }
}
