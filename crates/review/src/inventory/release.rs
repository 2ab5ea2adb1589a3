//! `/etc/os-release`, and the OSV ecosystem a release of a distribution is.

use domain::inventory::{Family, Inventory, Os};

use super::{Notes, Why};

pub fn is(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|l| l.starts_with(key));
    has("ID=") && (has("NAME=") || has("VERSION_ID="))
}

pub fn read(text: &str, notes: &mut Notes) -> Inventory {
    let mut os = Os { family: Family::Linux, ..Os::default() };
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            notes.add(Some(at + 1), line, Why::Form);
            continue;
        };
        let value = value.trim_matches(['"', '\'']).to_owned();
        match key {
            "ID" => os.edition = Some(value.to_lowercase()),
            "VERSION_ID" => os.version = Some(value),
            "PRETTY_NAME" => os.name = value,
            "NAME" if os.name.is_empty() => os.name = value,
            _ => {}
        }
    }
    Inventory { os: Some(os), ..Inventory::default() }
}

/// Distributions by their id in os-release, and what OSV calls them.
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("debian", "Debian"),
    ("ubuntu", "Ubuntu"),
    ("alpine", "Alpine"),
    ("almalinux", "AlmaLinux"),
    ("rocky", "Rocky Linux"),
    ("rhel", "Red Hat"),
    ("centos", "Red Hat"),
    ("ol", "Oracle"),
    ("fedora", "Fedora"),
    ("opensuse-leap", "openSUSE"),
    ("sles", "SUSE"),
    ("openeuler", "openEuler"),
    ("amzn", "Amazon"),
    ("mageia", "Mageia"),
    ("wolfi", "Wolfi"),
    ("chainguard", "Chainguard"),
];

/// `Debian:12`, `Alpine:v3.19`, `AlmaLinux:9`; none for systems that are no distribution we know.
#[must_use]
pub fn ecosystem(os: &Os) -> Option<String> {
    let id = os.edition.as_deref()?;
    let (_, name) = ECOSYSTEMS.iter().find(|(known, _)| *known == id)?;
    Some(match os.version.as_deref() {
        Some(version) if !version.is_empty() => named(name, version),
        _ => (*name).to_owned(),
    })
}

/// An ecosystem with its release, as OSV writes it.
#[must_use]
pub fn named(ecosystem: &str, version: &str) -> String {
    let major = version.split('.').next().unwrap_or(version);
    let two = version.split('.').take(2).collect::<Vec<_>>().join(".");
    match ecosystem {
        "Debian" | "AlmaLinux" | "Rocky Linux" | "Oracle" | "Red Hat" => format!("{ecosystem}:{major}"),
        "Alpine" => format!("Alpine:v{two}"),
        "Wolfi" | "Chainguard" => ecosystem.to_owned(),
        _ => format!("{ecosystem}:{version}"),
    }
}
