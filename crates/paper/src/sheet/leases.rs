//! Lease files of DHCP servers as tables: ISC `dhcpd.leases` and dnsmasq's. Anything else is a table already.

use super::{Budget, Row, Sheet, tidy};
use crate::error::PaperError;
use crate::plain;
use std::collections::HashMap;

/// The head of the table; `domain` knows these names.
const HEAD: [&str; 5] = ["IPAddress", "ClientId", "HostName", "AddressState", "LeaseExpiryTime"];

/// The leases in a lease file; `None` if it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Sheet>, PaperError> {
    let Ok((text, _)) = plain::decode(bytes) else { return Ok(None) };
    let leases = if is_isc(&text) { isc(&text) } else { dnsmasq(&text) };
    if leases.is_empty() {
        return Ok(None);
    }
    let mut budget = Budget::default();
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(budget.row(1, HEAD.map(str::to_owned).to_vec())?);
    for (line, cells) in leases {
        rows.extend(budget.row(line, cells.map(|cell| tidy(&cell)).to_vec())?);
    }
    Ok(Some(Sheet { name: None, rows }))
}

fn is_isc(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("lease ") && line.trim_end().ends_with('{'))
}

type Lease = (u32, [String; 5]);

/// The file is a journal: of each address the last entry holds.
fn isc(text: &str) -> Vec<Lease> {
    let mut leases: Vec<Lease> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut open: Option<Lease> = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if let Some(ip) = line.strip_prefix("lease ").and_then(|rest| rest.strip_suffix('{')) {
            open = Some((
                number,
                [ip.trim().to_owned(), String::new(), String::new(), String::new(), String::new()],
            ));
            continue;
        }
        let Some((_, [ip, mac, name, state, ends])) = open.as_mut() else { continue };
        if line == "}" {
            match places.get(ip.as_str()) {
                Some(place) => {
                    if let (Some(old), Some(new)) = (leases.get_mut(*place), open.take()) {
                        *old = new;
                    }
                }
                None => {
                    places.insert(ip.clone(), leases.len());
                    leases.extend(open.take());
                }
            }
            continue;
        }
        let said = line.trim_end_matches(';');
        if let Some(address) = said.strip_prefix("hardware ethernet ") {
            *mac = address.trim().to_owned();
        } else if let Some(given) = said.strip_prefix("client-hostname ") {
            *name = given.trim().trim_matches('"').to_owned();
        } else if let Some(word) = said.strip_prefix("binding state ") {
            *state = word.trim().to_owned();
        } else if let Some(when) = said.strip_prefix("ends ") {
            // `ends 5 2026/11/20 08:00:00`: day of the week, then the day; or `never`, or `epoch 1795…; # …`.
            let when = when.strip_prefix("epoch ").map_or_else(
                || when.split_once(' ').map_or("", |(_, day)| day),
                |epoch| epoch.split([';', ' ']).next().unwrap_or(""),
            );
            *ends = when.trim().to_owned();
        }
    }
    leases
}

/// Every line: seconds since 1970, card, address, name or `*`, client id.
fn dnsmasq(text: &str) -> Vec<Lease> {
    let mut leases = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let parts: Vec<&str> = line.split_whitespace().collect();
        match parts.as_slice() {
            // The server's own identity, and addresses of IPv6 behind it, which name the same machines again.
            ["duid", ..] => break,
            [] => {}
            [ends, mac, ip, name, ..] if ends.parse::<u64>().is_ok() && mac.matches(':').count() == 5 => {
                let name = if *name == "*" { "" } else { name };
                let ends = if *ends == "0" { "" } else { ends };
                leases.push((number, [ip, mac, name, "active", ends].map(|s: &str| s.to_owned())));
            }
            _ => return Vec::new(),
        }
    }
    leases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        read(text.as_bytes())
            .unwrap()
            .map(|s| s.rows.into_iter().map(|r| r.cells).collect())
            .unwrap_or_default()
    }

    #[test]
    fn of_a_journal_the_last_entry_of_an_address_holds() {
        let rows = cells(
            "# The format of this file is documented\nserver-duid \"x\";\n\
             lease 10.1.1.5 {\n  starts 5 2026/11/20 08:00:00;\n  ends 6 2026/11/21 08:00:00;\n  binding state active;\n  \
             next binding state free;\n  hardware ethernet 00:1b:44:11:3a:b7;\n  client-hostname \"PC-05\";\n}\n\
             lease 10.1.1.6 {\n  ends never;\n  binding state active;\n  hardware ethernet 00:1b:44:11:3a:b8;\n}\n\
             lease 10.1.1.5 {\n  ends 6 2026/11/21 09:00:00;\n  binding state free;\n  hardware ethernet 00:1b:44:11:3a:b7;\n}\n",
        );
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1], ["10.1.1.5", "00:1b:44:11:3a:b7", "", "free", "2026/11/21 09:00:00"]);
        assert_eq!(rows[2], ["10.1.1.6", "00:1b:44:11:3a:b8", "", "active"]);
    }

    #[test]
    fn a_line_of_dnsmasq_is_a_lease_and_other_tables_are_left_alone() {
        let rows = cells(
            "1795190400 00:1b:44:11:3a:b7 10.1.1.5 PC-05 01:00:1b:44:11:3a:b7\n0 00:1b:44:11:3a:b8 10.1.1.6 * *\nduid 00:01\n",
        );
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1], ["10.1.1.5", "00:1b:44:11:3a:b7", "PC-05", "active", "1795190400"]);
        for other in
            ["IPAddress,ClientId\n10.1.1.1,00-1b-44-11-3a-b7\n", "", "lease this is prose", "lease x {\n"]
        {
            assert!(cells(other).is_empty(), "{other}");
        }
    }
}
