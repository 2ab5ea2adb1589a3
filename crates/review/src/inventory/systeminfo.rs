//! `systeminfo`: its labels are in the language of that Windows, so the reader goes by what the values look like and in
//! which order they come, which no language changes: name, system, version first; the updates as a list of `KB` numbers.

use domain::inventory::{Family, Inventory, Os, build_of_caption};

use super::{Notes, Why, kbs};

/// Labels that only this program writes, of any language: three `label: value` lines of which one is Windows' version.
pub fn read(text: &str, notes: &mut Notes) -> Option<Inventory> {
    let fields: Vec<(usize, &str, &str)> = text.lines().enumerate().filter_map(field).collect();
    let system = fields.iter().position(|(_, _, value)| value.contains("Windows"))?;
    // The version follows the name, with at most a line between.
    let version = fields.iter().skip(system + 1).take(2).find_map(|(_, _, v)| build_of_caption(v));
    let host = system.checked_sub(1).and_then(|at| fields.get(at)).map(|(_, _, value)| *value);
    // People cut the name off before they hand the report on; then what the file is called tells whose it is.
    let known = version.filter(|_| host.is_some() || fields.len() > 5);
    let Some((build, ubr)) = known else {
        if fields.len() > 5 {
            notes.add(None, "", Why::NoVersion);
        }
        return None;
    };
    let (_, _, name) = fields.get(system)?;
    let arch = fields.iter().skip(system).take(20).find_map(|(_, _, value)| arch(value));
    let name = name.trim_start_matches("Microsoft ").trim();
    let found = kbs(text);
    let mut core = None;
    if name.contains("Server") && fields.iter().any(|(_, _, value)| value.contains("Server Core")) {
        core = Some(true);
    }
    Some(Inventory {
        host: host.map(str::to_owned),
        os: Some(Os {
            family: Family::Windows,
            name: name.to_owned(),
            build: Some(build),
            ubr,
            arch,
            core,
            ..Os::default()
        }),
        addresses: addresses(text),
        // A line of the list without a number is one of the older `File 1`: not understood, but a list all the same.
        kbs_listed: !found.is_empty() || text.contains("[01]"),
        kbs: found,
        ..Inventory::default()
    })
}

fn field((at, line): (usize, &str)) -> Option<(usize, &str, &str)> {
    let (label, value) = line.split_once(':')?;
    let value = value.trim();
    (!label.starts_with(' ') && !value.is_empty()).then_some((at + 1, label, value))
}

fn arch(value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    // "x64-based PC", "PC chạy trên x64", "PC basé sur x64".
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    ["x64", "x86", "arm64", "itanium"].iter().find(|a| words.contains(a)).map(|a| match *a {
        "itanium" => "ia64".to_owned(),
        other => other.to_owned(),
    })
}

/// Numbered lines that are IPv4 or global IPv6 addresses.
fn addresses(text: &str) -> std::collections::BTreeSet<String> {
    let numbered = text.lines().filter_map(|l| l.trim().strip_prefix('[')?.split_once("]: "));
    let parsed = numbered.filter_map(|(_, value)| value.trim().parse::<std::net::IpAddr>().ok());
    parsed
        .filter(|ip| !ip.is_loopback() && !matches!(ip, std::net::IpAddr::V6(v) if v.segments()[0] == 0xfe80))
        .map(|ip| ip.to_string())
        .collect()
}
