//! Tables of scanners: Nessus and OpenVAS/Greenbone, CSV.

use std::collections::BTreeMap;

use domain::inventory::{Inventory, Reported};

use super::{ITEMS, Kind, Notes, Why, table};

pub fn read(text: &str, notes: &mut Notes) -> Option<(Kind, Vec<Inventory>)> {
    let head = text.lines().find(|l| !l.trim().is_empty())?.to_lowercase();
    let kind = match () {
        () if head.contains("plugin id") && head.contains("host") => Kind::Nessus,
        // Tenable's centre calls the columns otherwise.
        () if head.contains("plugin name") && head.contains("ip address") => Kind::Nessus,
        () if head.contains("nvt name") || head.contains("nvt oid") => Kind::OpenVas,
        () => return None,
    };
    let scanner = if kind == Kind::Nessus { "nessus" } else { "openvas" };
    let rows = table::rows(text);
    let columns = table::columns(rows.first()?);
    let mut hosts: BTreeMap<String, Inventory> = BTreeMap::new();
    for (at, cells) in rows.iter().enumerate().skip(1) {
        if at > ITEMS {
            notes.add(Some(at), "", Why::TooMany);
            break;
        }
        let row = table::row(&columns, cells);
        let owned = |names: &[&str]| row.get(names).map(str::to_owned);
        let address = row.get(&["ip", "ip address", "host"]);
        let name = row.get(&["hostname", "dns name", "netbios name"]).or(address);
        let (Some(name), Some(title)) = (name, row.get(&["nvt name", "name", "plugin name"])) else {
            notes.add(Some(at + 1), &cells.join(" · "), Why::Form);
            continue;
        };
        let host = hosts
            .entry(name.to_owned())
            .or_insert_with(|| Inventory { host: Some(name.to_owned()), ..Inventory::default() });
        host.addresses.extend(address.filter(|a| a.parse::<std::net::IpAddr>().is_ok()).map(str::to_owned));
        let found = Reported {
            scanner: scanner.into(),
            check: owned(&["plugin id", "plugin", "nvt oid"]),
            title: title.to_owned(),
            severity: owned(&["risk", "severity"]),
            cves: cves(row.get(&["cve", "cves"]).unwrap_or_default()),
            port: row.get(&["port"]).and_then(|p| p.parse().ok()).filter(|p| *p != 0),
            detail: None,
        };
        // Nessus repeats a finding for each of its CVEs.
        let twin =
            host.reported.iter_mut().rev().take(64).find(|r| r.check == found.check && r.port == found.port);
        match twin {
            Some(twin) => {
                for cve in found.cves {
                    if !twin.cves.contains(&cve) {
                        twin.cves.push(cve);
                    }
                }
            }
            None => host.reported.push(found),
        }
    }
    Some((kind, hosts.into_values().collect()))
}

/// `CVE-2022-22965` and others in a text, each once.
pub(crate) fn cves(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let mut found: Vec<String> = Vec::new();
    for (at, _) in upper.match_indices("CVE-") {
        let rest = upper.get(at..).unwrap_or_default();
        let end = rest
            .char_indices()
            .skip(4)
            .find(|(_, c)| !c.is_ascii_digit() && *c != '-')
            .map_or(rest.len(), |(i, _)| i);
        let cve = rest.get(..end).unwrap_or_default().trim_end_matches('-');
        let parts: Vec<&str> = cve.split('-').collect();
        let fits = matches!(parts.as_slice(), [_, year, number] if year.len() == 4 && number.len() >= 4 && number.len() <= 19);
        if fits && !found.iter().any(|f| f == cve) {
            found.push(cve.to_owned());
        }
    }
    found
}
