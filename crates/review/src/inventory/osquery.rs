//! osquery: tables of one host as `{"table": [rows]}`, or lines of its result log, which name table and host.

use std::collections::BTreeMap;

use domain::inventory::{Family, Inventory, Os, Package, Service};
use serde_json::Value;

use super::{Notes, Refused, UNNAMED_DPKG, UNNAMED_RPM, Why, json, kbs, table};
use json::{list, text};

pub fn read(source: &str, notes: &mut Notes) -> Result<Vec<Inventory>, Refused> {
    let mut hosts: BTreeMap<Option<String>, Inventory> = BTreeMap::new();
    if source.contains("\"hostIdentifier\"") {
        log(source, &mut hosts, notes)?;
        return Ok(hosts.into_values().collect());
    }
    let mut it = Inventory::default();
    let mut any = false;
    json::walk(source, &|_| true, &mut |name, at, value| {
        let name = if name.is_empty() { guess(&value) } else { name };
        match row(name, &value, &mut it) {
            Some(()) => any = true,
            None => notes.add(Some(at), &format!("{name}: {value}"), Why::Form),
        }
    })?;
    Ok(if any { vec![it] } else { Vec::new() })
}

/// `{"name": "pack_inventory_programs", "hostIdentifier": "M1", "columns": {…}, "action": "added"}` or a `snapshot`.
fn log(
    source: &str,
    hosts: &mut BTreeMap<Option<String>, Inventory>,
    notes: &mut Notes,
) -> Result<(), Refused> {
    for (at, line) in source.lines().enumerate() {
        let line = line.trim().trim_matches(',');
        if matches!(line, "" | "[" | "]") {
            continue;
        }
        let Ok(entry) = serde_json::from_str::<Value>(line) else {
            notes.add(Some(at + 1), line, Why::Form);
            continue;
        };
        let name = text(&entry, "hostIdentifier").map(str::to_owned);
        let host =
            hosts.entry(name.clone()).or_insert_with(|| Inventory { host: name, ..Inventory::default() });
        if let Some(taken) = text(&entry, "calendarTime") {
            host.taken = Some(taken.to_owned());
        }
        let table = text(&entry, "name").unwrap_or_default();
        let removed = text(&entry, "action") == Some("removed");
        let rows = list(&entry, "snapshot").iter().chain(entry.get("columns"));
        for columns in rows.filter(|_| !removed) {
            let known =
                TABLES.iter().find(|t| table.ends_with(**t)).copied().unwrap_or_else(|| guess(columns));
            if row(known, columns, host).is_none() {
                notes.add(Some(at + 1), line, Why::Form);
            }
        }
    }
    Ok(())
}

const TABLES: &[&str] = &[
    "os_version",
    "patches",
    "programs",
    "deb_packages",
    "rpm_packages",
    "python_packages",
    "npm_packages",
    "system_info",
    "listening_ports",
    "registry",
    "kernel_info",
];

/// Rows that came without their table's name.
fn guess(row: &Value) -> &'static str {
    let has = |key: &str| row.get(key).is_some();
    match () {
        () if has("hotfix_id") => "patches",
        () if has("identifying_number") || has("install_location") => "programs",
        () if has("release") && has("epoch") => "rpm_packages",
        () if has("source") && has("revision") => "deb_packages",
        () if has("platform_like") || has("codename") => "os_version",
        () if has("hostname") => "system_info",
        () if has("port") && has("protocol") => "listening_ports",
        () if has("key") && has("data") => "registry",
        () => "",
    }
}

fn row(table: &str, row: &Value, it: &mut Inventory) -> Option<()> {
    let get = |key: &str| text(row, key);
    let owned = |key: &str| text(row, key).map(str::to_owned);
    let some_package = |ecosystem: Option<&str>| {
        Some(Package {
            ecosystem: ecosystem.map(str::to_owned),
            name: owned("name")?,
            version: owned("version")?,
            epoch_known: true,
            arch: owned("arch"),
            vendor: owned("publisher"),
            path: owned("install_location").or_else(|| owned("path")),
            ..Package::default()
        })
    };
    match table {
        "patches" => {
            it.kbs_listed = true;
            it.kbs.extend(kbs(get("hotfix_id")?));
        }
        "programs" => it.packages.push(some_package(None)?),
        "python_packages" => it.packages.push(some_package(Some("PyPI"))?),
        "npm_packages" => it.packages.push(some_package(Some("npm"))?),
        "deb_packages" => {
            let mut package = some_package(Some(UNNAMED_DPKG))?;
            let source = owned("source").map(|s| s.split(" (").next().unwrap_or_default().to_owned());
            package.source = source.filter(|s| !s.is_empty());
            it.packages.push(package);
        }
        "rpm_packages" => {
            let mut package = some_package(Some(UNNAMED_RPM))?;
            let epoch = get("epoch").filter(|e| e.parse::<u32>().is_ok()).unwrap_or("0");
            package.version = format!("{epoch}:{}-{}", get("version")?, get("release")?);
            it.packages.push(package);
        }
        "os_version" => os(row, it),
        "system_info" => {
            it.host = owned("computer_name").or_else(|| owned("hostname")).or_else(|| it.host.take());
        }
        "kernel_info" => {
            // Of Windows, the kernel's version is the running build.
            let built = get("version").and_then(domain::inventory::build_of_caption);
            if let (Some(os), Some((build, ubr @ Some(_)))) = (&mut it.os, built)
                && os.family == Family::Windows
            {
                (os.build, os.ubr) = (Some(build), ubr);
            }
        }
        "listening_ports" => it.services.push(Service {
            port: get("port")
                .and_then(|p| p.parse().ok())
                .or_else(|| row.get("port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok()))?,
            protocol: match get("protocol") {
                Some("17" | "udp") => "udp".into(),
                _ => "tcp".into(),
            },
            address: owned("address"),
            ..Service::default()
        }),
        "registry" => {
            let path = owned("path").or_else(|| owned("key"))?.to_lowercase();
            let name = owned("name").unwrap_or_default();
            if path.contains(r"\windows nt\currentversion") && name == "UBR" {
                let os = it.os.get_or_insert_with(|| Os { family: Family::Windows, ..Os::default() });
                os.ubr = get("data").and_then(|d| d.parse().ok());
            }
        }
        _ => return None,
    }
    Some(())
}

fn os(row: &Value, it: &mut Inventory) {
    let get = |key: &str| text(row, key);
    let windows = get("platform") == Some("windows");
    let built = get("version").and_then(domain::inventory::build_of_caption).filter(|_| windows);
    let ubr = it.os.as_ref().and_then(|os| os.ubr);
    it.os = Some(Os {
        family: if windows { Family::Windows } else { Family::Linux },
        name: get("name").unwrap_or_default().trim_start_matches("Microsoft ").to_owned(),
        edition: (!windows).then(|| get("platform").unwrap_or_default().to_owned()),
        version: match (windows, get("major")) {
            (true, _) => None,
            (false, Some(major)) if major != "0" => {
                Some(get("minor").filter(|m| *m != "0").map_or(major.to_owned(), |m| format!("{major}.{m}")))
            }
            _ => get("version").map(str::to_owned),
        },
        build: built.as_ref().map(|(b, _)| b.clone()),
        ubr: get("revision").and_then(|r| r.parse().ok()).or(built.and_then(|(_, u)| u)).or(ubr),
        arch: get("arch").and_then(table::arch),
        ..Os::default()
    });
}
