//! CSV of WMI and CIM classes: `wmic … /format:csv`, `Get-CimInstance … | Export-Csv`, and the registry's list of
//! programs exported the same way. Columns are properties' names, which are not translated.

use std::collections::BTreeMap;

use domain::inventory::{Family, Inventory, Os, Package, build_of_caption};

use super::{ITEMS, Notes, Why, kbs};

/// Rows of a CSV text, whatever it separates by; `#TYPE` lines of PowerShell and empty ones left out.
#[must_use]
pub fn rows(text: &str) -> Vec<Vec<String>> {
    each_row(text).collect()
}

/// The same, one after the other: a table of half a million rows is never held as rows.
pub fn each_row(text: &str) -> impl Iterator<Item = Vec<String>> {
    let head = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    let count = |sign: char| head.matches(sign).count();
    let sign = ['\t', ';', ','].into_iter().max_by_key(|s| count(*s)).unwrap_or(',');
    let mut reader = csv_core::ReaderBuilder::new().delimiter(u8::try_from(sign).unwrap_or(b',')).build();
    let (mut field, mut buffer) = (Vec::new(), vec![0_u8; 64 << 10]);
    let mut input = text.as_bytes();
    std::iter::from_fn(move || {
        let mut row = Vec::new();
        loop {
            let (result, read, written) = reader.read_field(input, &mut buffer);
            input = input.get(read..).unwrap_or_default();
            field.extend_from_slice(buffer.get(..written).unwrap_or_default());
            match result {
                csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => {}
                csv_core::ReadFieldResult::Field { record_end } => {
                    row.push(String::from_utf8_lossy(&field).trim().to_owned());
                    field.clear();
                    if record_end {
                        let line = std::mem::take(&mut row);
                        let says = line.iter().any(|c| !c.is_empty())
                            && !line.first().is_some_and(|c| c.starts_with("#TYPE"));
                        if says {
                            return Some(line);
                        }
                    }
                }
                csv_core::ReadFieldResult::End => return None,
            }
        }
    })
}

/// One row, by its columns' names in small letters.
pub(super) struct Row<'a>(&'a BTreeMap<String, usize>, &'a [String]);

impl<'a> Row<'a> {
    pub fn get(&self, names: &[&str]) -> Option<&'a str> {
        let found = names.iter().filter_map(|n| self.1.get(*self.0.get(*n)?));
        found.map(String::as_str).find(|v| !v.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

pub(super) fn columns(head: &[String]) -> BTreeMap<String, usize> {
    head.iter().enumerate().map(|(i, name)| (name.to_lowercase(), i)).collect()
}

pub(super) fn row<'a>(columns: &'a BTreeMap<String, usize>, cells: &'a [String]) -> Row<'a> {
    Row(columns, cells)
}

const KNOWN: &[&str] =
    &["hotfixid", "buildnumber", "currentbuild", "currentbuildnumber", "displayname", "ubr"];
const HOST: &[&str] =
    &["node", "pscomputername", "csname", "systemname", "source", "computername", "__server"];

pub fn read(text: &str, notes: &mut Notes) -> Option<Vec<Inventory>> {
    let head_line = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("#TYPE"))?;
    let lower = head_line.to_lowercase();
    let programs = lower.contains("name") && lower.contains("version");
    let signs = head_line.matches([',', ';', '\t']).count();
    if signs == 0 || !(programs || KNOWN.iter().any(|k| lower.contains(k))) {
        return None;
    }
    let rows = rows(text);
    let columns = columns(rows.first()?);
    let is_known = KNOWN.iter().any(|k| columns.contains_key(*k))
        || columns.contains_key("name") && columns.contains_key("version");
    if !is_known {
        return None;
    }
    let mut hosts: BTreeMap<Option<String>, Inventory> = BTreeMap::new();
    for (at, cells) in rows.iter().enumerate().skip(1) {
        if at > ITEMS {
            notes.add(Some(at), "", Why::TooMany);
            break;
        }
        let row = Row(&columns, cells);
        let name = row.get(HOST).map(str::to_owned);
        let host =
            hosts.entry(name.clone()).or_insert_with(|| Inventory { host: name, ..Inventory::default() });
        if !one(&row, host) {
            notes.add(Some(at + 1), &cells.join(" · "), Why::Form);
        }
    }
    Some(hosts.into_values().collect())
}

fn one(row: &Row<'_>, host: &mut Inventory) -> bool {
    let os = host.os.get_or_insert_with(|| Os { family: Family::Windows, ..Os::default() });
    if row.has("hotfixid") {
        host.kbs_listed = true;
        let found = kbs(row.get(&["hotfixid"]).unwrap_or_default());
        let any = !found.is_empty();
        host.kbs.extend(found);
        return any;
    }
    if let Some(build) = row.get(&["currentbuildnumber", "currentbuild", "buildnumber"]) {
        let version = row.get(&["version"]).and_then(build_of_caption);
        let number = |name| row.get(&[name]).filter(|v| v.parse::<u32>().is_ok());
        let (major, minor) = match (number("currentmajorversionnumber"), number("currentminorversionnumber"))
        {
            (Some(major), Some(minor)) => (major, minor),
            _ => ("10", "0"),
        };
        os.build =
            version.map(|(b, _)| b).or_else(|| dotted(build, major, minor, row.get(&["currentversion"])));
        os.ubr = row.get(&["ubr"]).and_then(|v| v.parse().ok()).or(os.ubr);
        if let Some(name) = row.get(&["caption", "productname"]) {
            os.name = name.trim_start_matches("Microsoft ").to_owned();
        }
        os.version = row.get(&["displayversion", "releaseid"]).map(str::to_owned);
        os.edition = row.get(&["editionid"]).map(str::to_owned);
        os.arch = row.get(&["osarchitecture", "architecture"]).and_then(arch);
        os.core = row.get(&["installationtype"]).map(|t| t == "Server Core").or(os.core);
        return os.build.is_some();
    }
    let Some(name) = row.get(&["displayname", "name"]) else { return false };
    let Some(version) = row.get(&["displayversion", "version"]) else { return false };
    host.packages.push(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        epoch_known: true,
        vendor: row.get(&["publisher", "vendor"]).map(str::to_owned),
        path: row.get(&["installlocation"]).map(str::to_owned),
        ..Package::default()
    });
    true
}

/// `19045` alone belongs to Windows 10; older ones say `CurrentVersion` 6.x.
pub(super) fn dotted(build: &str, major: &str, minor: &str, current: Option<&str>) -> Option<String> {
    let number: u32 = build.trim().parse().ok()?;
    if number < 10240 {
        let current = current.filter(|c| c.starts_with("6."))?;
        return Some(format!("{current}.{number}"));
    }
    Some(format!("{major}.{minor}.{number}"))
}

/// "64-bit", "64 bit", "ARM 64-bit Processor", "AMD64".
pub(super) fn arch(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let known = [("arm", "arm64"), ("64", "x64"), ("32", "x86"), ("86", "x86")];
    known.iter().find(|(sign, _)| lower.contains(sign)).map(|(_, arch)| (*arch).to_owned())
}
