//! What tells one machine from another.

use std::{collections::BTreeSet, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{inventory::Inventory, right::names};

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// What it calls itself.
    Name,
    /// A network address.
    Address,
    /// The number its firmware gives it (SMBIOS UUID), or its machine id.
    Uuid,
    /// The maker's serial number.
    Serial,
}
names!(KeyKind { Name = "name", Address = "address", Uuid = "uuid", Serial = "serial" } "kind of key");

/// Something a host is known by, in one writing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// What it is.
    pub kind: KeyKind,
    /// The value.
    pub value: String,
}

/// At most so many characters of one key (a DNS name has at most 253).
const KEY_MAX: usize = 255;
/// At most so many addresses of one host tell it: a router with more is told by its name.
const ADDRESSES_MAX: usize = 64;

impl Key {
    /// A name or an address, whichever it is; `None` for what is neither.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.').to_lowercase();
        if text.is_empty()
            || text.chars().count() > KEY_MAX
            || text.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return None;
        }
        let kind = if text.parse::<IpAddr>().is_ok() { KeyKind::Address } else { KeyKind::Name };
        Some(Self { kind, value: text })
    }

    /// What it is looked up by: a name without its domain, anything else as it is.
    #[must_use]
    pub fn look(&self) -> &str {
        match self.kind {
            KeyKind::Name => self.value.split('.').next().unwrap_or(&self.value),
            _ => &self.value,
        }
    }

    /// Whether both may name the same machine: names with different domains do not.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let domain = |k: &Self| k.value.split_once('.').map(|(_, d)| d.to_owned());
        self.kind == other.kind
            && self.look() == other.look()
            && (self.kind != KeyKind::Name
                || matches!((domain(self), domain(other)), (None, _) | (_, None))
                || domain(self) == domain(other))
    }
}

/// What makers and hypervisors write where a number was never set.
const PLACEHOLDERS: &[&str] = &[
    "none",
    "n/a",
    "na",
    "default string",
    "to be filled by o.e.m.",
    "system serial number",
    "not specified",
    "not applicable",
    "unknown",
    "123456789",
    "0123456789",
    "1234567890",
    "oem",
    "invalid",
    "03000200-0400-0500-0006-000700080009",
    "serial number",
    "chassis serial number",
    "not available",
];

/// A number that tells a machine, or nothing if its maker left it blank.
fn number(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let kinds: BTreeSet<char> = text.chars().filter(|c| *c != '-').collect();
    let empty = text.chars().count() < 4 || kinds.len() < 2 || PLACEHOLDERS.contains(&text.as_str());
    (!empty && text.chars().count() <= KEY_MAX).then_some(text)
}

/// Addresses that many machines have: this machine itself, links without a network, bridges of containers.
fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            !(a.is_loopback()
                || a.is_link_local()
                || a.is_unspecified()
                || a.is_multicast()
                || a.is_broadcast())
                && !(first == 172 && second == 17)
        }
        IpAddr::V6(a) => {
            !(a.is_loopback()
                || a.is_unspecified()
                || a.is_multicast()
                || a.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80))
        }
    }
}

/// Names that say nothing: what an installer or a live system gives everybody.
const NAMELESS: &[&str] = &["localhost", "localhost.localdomain", "unknown", "(none)", "-"];

/// Everything a report tells its host by.
#[must_use]
pub fn keys(report: &Inventory) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    let name = report.host.as_deref().and_then(Key::named);
    found.extend(name.filter(|k| !NAMELESS.contains(&k.value.as_str()) && is_of_its_own(k)));
    for (kind, text) in [(KeyKind::Uuid, &report.uuid), (KeyKind::Serial, &report.serial)] {
        found.extend(text.as_deref().and_then(number).map(|value| Key { kind, value }));
    }
    let addresses = report.addresses.iter().filter_map(|a| a.trim().parse::<IpAddr>().ok());
    let own = addresses.filter(|a| is_own(*a)).take(ADDRESSES_MAX);
    found.extend(own.map(|a| Key { kind: KeyKind::Address, value: a.to_string() }));
    found
}

/// A name always; an address only if it is one machine's.
fn is_of_its_own(key: &Key) -> bool {
    key.kind != KeyKind::Address || key.value.parse().is_ok_and(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_has_tells_nobody() {
        let report = Inventory {
            host: Some("localhost".into()),
            addresses: ["127.0.0.1", "fe80::1", "172.17.0.1", "10.1.2.3", "::1"].map(str::to_owned).into(),
            uuid: Some("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF".into()),
            serial: Some("To be filled by O.E.M.".into()),
            ..Inventory::default()
        };
        assert_eq!(keys(&report).into_iter().collect::<Vec<_>>(), [Key::named("10.1.2.3").unwrap()]);
    }

    #[test]
    fn names_with_different_domains_are_not_the_same() {
        let k = |t| Key::named(t).unwrap();
        assert!(
            k("WEB01").same(&k("web01.xa.example")) && k("web01.xa.example.").same(&k("web01.xa.example"))
        );
        assert!(!k("web01.a.example").same(&k("web01.b.example")) && !k("10.0.0.1").same(&k("10.0.0.2")));
        assert_eq!((k("10.0.0.1").look(), k("web.a").look()), ("10.0.0.1", "web"));
        assert_eq!(Key::named("máy của tôi"), None);
    }
}
