//! The registry: an export (`.reg`) or what `reg query` prints, of the list of programs and of Windows' own version,
//! where the running build's revision (UBR) stands.

use domain::inventory::{Family, Inventory, Os, Package};

use super::{ITEMS, Notes, Why, table};

pub fn is(text: &str) -> bool {
    let start = text.trim_start();
    start.starts_with("Windows Registry Editor")
        || start.starts_with("REGEDIT4")
        || start.starts_with("HKEY_")
        || start.starts_with("[HKEY_")
}

pub fn read(text: &str, notes: &mut Notes) -> Inventory {
    let mut it =
        Inventory { os: Some(Os { family: Family::Windows, ..Os::default() }), ..Inventory::default() };
    let mut key = Key::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let name = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')).unwrap_or(line);
        if name.starts_with("HKEY_") {
            key.close(&mut it, notes);
            key = Key { at: at + 1, name: name.to_owned(), values: Vec::new() };
        } else if let Some(value) = value(line) {
            key.values.push(value);
        }
    }
    key.close(&mut it, notes);
    it
}

#[derive(Default)]
struct Key {
    at: usize,
    name: String,
    values: Vec<(String, String)>,
}

impl Key {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    fn close(&self, it: &mut Inventory, notes: &mut Notes) {
        let lower = self.name.to_lowercase();
        if lower.contains(r"\uninstall\") {
            self.program(it, notes);
        } else if lower.ends_with(r"\windows nt\currentversion") {
            self.version(it);
        } else if lower.ends_with(r"\computername\computername")
            || lower.ends_with(r"\computername\activecomputername")
        {
            it.host = self.get("ComputerName").map(str::to_owned);
        } else if lower.ends_with(r"\session manager\environment") {
            let arch = self.get("PROCESSOR_ARCHITECTURE").and_then(table::arch);
            if let Some(os) = &mut it.os {
                os.arch = arch;
            }
        }
    }

    fn program(&self, it: &mut Inventory, notes: &mut Notes) {
        // Entries without a name belong to others: updates and parts.
        let Some(name) = self.get("DisplayName") else { return };
        let Some(version) = self.get("DisplayVersion") else {
            it.kbs.extend(super::kbs(name));
            return notes.add(Some(self.at), name, Why::NoVersion);
        };
        if it.packages.len() >= ITEMS {
            return notes.add(Some(self.at), name, Why::TooMany);
        }
        it.packages.push(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            epoch_known: true,
            vendor: self.get("Publisher").map(str::to_owned),
            path: self.get("InstallLocation").map(str::to_owned),
            ..Package::default()
        });
    }

    fn version(&self, it: &mut Inventory) {
        let Some(os) = &mut it.os else { return };
        let (major, minor) = (self.get("CurrentMajorVersionNumber"), self.get("CurrentMinorVersionNumber"));
        let build = self.get("CurrentBuildNumber").or_else(|| self.get("CurrentBuild"));
        os.build = build.and_then(|b| {
            table::dotted(b, major.unwrap_or("10"), minor.unwrap_or("0"), self.get("CurrentVersion"))
        });
        os.ubr = self.get("UBR").and_then(|v| v.parse().ok());
        // Windows 11 still calls itself 10 here; its build tells.
        let eleven =
            os.build.as_deref().and_then(|b| b.rsplit('.').next()?.parse::<u32>().ok()) >= Some(22000);
        os.name = self.get("ProductName").unwrap_or("Windows").to_owned();
        if eleven && !os.name.contains("Server") {
            os.name = os.name.replace("Windows 10", "Windows 11");
        }
        os.version = self.get("DisplayVersion").or_else(|| self.get("ReleaseId")).map(str::to_owned);
        os.edition = self.get("EditionID").map(str::to_owned);
        os.core = self.get("InstallationType").map(|t| t == "Server Core");
        if os.arch.is_none() {
            os.arch = self.get("BuildLabEx").and_then(|l| l.split('.').find_map(lab_arch));
        }
    }
}

/// `19041.1.amd64fre.vb_release.191206-1406`.
fn lab_arch(part: &str) -> Option<String> {
    let known = [("amd64", "x64"), ("x86", "x86"), ("arm64", "arm64")];
    known.iter().find(|(sign, _)| part.starts_with(sign)).map(|(_, arch)| (*arch).to_owned())
}

/// `"Name"="text"`, `"Name"=dword:0000001f`, or `    Name    REG_SZ    text`.
fn value(line: &str) -> Option<(String, String)> {
    if let Some(rest) = line.strip_prefix('"') {
        let (name, value) = rest.split_once("\"=")?;
        let value = match value.strip_prefix("dword:") {
            Some(hex) => u32::from_str_radix(hex.trim(), 16).ok()?.to_string(),
            None => value.strip_prefix('"')?.strip_suffix('"')?.replace("\\\"", "\"").replace(r"\\", r"\"),
        };
        return Some((name.to_owned(), value));
    }
    let at = line.find("REG_")?;
    let name = line.get(..at)?.trim();
    let (kind, value) = line.get(at..)?.split_once(char::is_whitespace)?;
    let value = value.trim();
    let value = match (kind, value.strip_prefix("0x")) {
        ("REG_DWORD", Some(hex)) => u32::from_str_radix(hex, 16).ok()?.to_string(),
        _ => value.to_owned(),
    };
    Some((name.to_owned(), value))
}
