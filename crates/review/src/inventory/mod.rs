//! Inventories: what tools of every kind write of a host, read into one form, with a report of what was not understood.
//!
//! The kind is told by the content, never by the file's name. A line nobody understands is reported, never dropped in
//! silence; a file nobody understands is refused.

mod collected;
mod cyclonedx;
mod debian;
mod encoding;
mod hotfix;
mod json;
mod nmap;
mod osquery;
mod refused;
mod registry;
mod release;
mod rpm;
mod scanner;
mod spdx;
mod systeminfo;
mod table;

use std::collections::BTreeSet;

use domain::inventory::{Inventory, Package};
use serde::{Deserialize, Serialize};

use crate::purl::Purl;

pub(crate) use collected::by_file;
pub use encoding::decode;
pub(crate) use json::{list, text, walk};
pub use refused::{Looks, Place, Refused};
pub use release::ecosystem as release_ecosystem;
pub use table::each_row as each_csv_row;

/// Largest file that is read: an SBOM of a large server with every file in it stays far below.
pub const FILE: usize = 256 << 20;
/// Most hosts, packages or services taken from one file; a scan of a province's networks has fewer.
pub const ITEMS: usize = 1_000_000;
/// Most entries in the report of what was not understood; beyond, they are only counted.
pub const ODD: usize = 200;
/// Longest name, version or path that is kept whole.
pub const FIELD: usize = 1000;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `systeminfo`, in any language.
    SystemInfo,
    /// `Get-HotFix`, `wmic qfe`.
    HotFix,
    /// CSV of WMI/CIM classes.
    Wmi,
    /// Export or query of the registry.
    Registry,
    /// osquery, tables or result log.
    Osquery,
    /// `dpkg -l`.
    DpkgList,
    /// `/var/lib/dpkg/status`.
    DpkgStatus,
    /// `rpm -qa`.
    Rpm,
    /// `/etc/os-release`.
    OsRelease,
    /// CycloneDX, JSON.
    CycloneDx,
    /// SPDX 2, JSON.
    Spdx,
    /// Nmap, XML.
    Nmap,
    /// Nessus, CSV.
    Nessus,
    /// OpenVAS/Greenbone, CSV.
    OpenVas,
    /// This product's own form: what it writes itself, and what its collectors write.
    Canh,
}

/// A file read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// What it is.
    pub kind: Kind,
    /// What it says, by host.
    pub hosts: Vec<Inventory>,
    /// What in it was not understood.
    pub odd: Vec<Odd>,
    /// How many more of those there were.
    pub odd_more: usize,
}

/// Something that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odd {
    /// In which line or record, from 1; none if it is the whole file.
    pub at: Option<usize>,
    /// The beginning of it.
    pub text: String,
    /// Why.
    pub why: Why,
}

/// Why something was left out or is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Its form is not known.
    Form,
    /// It has no version, and cannot be judged.
    NoVersion,
    /// It has no name.
    NoName,
    /// Its package URL is none.
    Purl,
    /// More of its kind than are taken.
    TooMany,
    /// It says what a host has, but not which release of the system: its packages have no ecosystem.
    NoRelease,
    /// Characters that could not be decoded.
    Encoding,
    /// The file breaks off here.
    Cut,
}

/// Reads one file. `name` is what it is called in the report, and says nothing of its kind.
pub fn read(name: &str, bytes: &[u8]) -> Result<Read, Refused> {
    if bytes.len() > FILE {
        return Err(Refused::TooLarge(FILE >> 20));
    }
    let (text, whole) = decode(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Refused::Empty);
    }
    let mut notes = Notes::default();
    if !whole {
        let line = text.lines().zip(1..).find(|(line, _)| line.contains('\u{fffd}'));
        notes.add(line.map(|(_, at)| at), line.map_or("", |(line, _)| line), Why::Encoding);
    }
    let (kind, mut hosts) = match text.trim_start().chars().next() {
        Some('{' | '[') => json::read(text, &mut notes)?,
        Some('<') => (Kind::Nmap, nmap::read(text, &mut notes)?),
        _ if collected::is(text) => collected::read(text, &mut notes)?,
        _ => lines(text, &mut notes)?,
    };
    for host in &mut hosts {
        if host.reports.is_empty() {
            host.reports.push(name.to_owned());
        }
        settle(host, &mut notes);
    }
    Ok(Read { kind, hosts, odd: notes.odd, odd_more: notes.more })
}

/// Kinds made of lines, the surest sign first.
fn lines(text: &str, notes: &mut Notes) -> Result<(Kind, Vec<Inventory>), Refused> {
    if registry::is(text) {
        return Ok((Kind::Registry, vec![registry::read(text, notes)]));
    }
    if let Some(found) = scanner::read(text, notes) {
        return Ok(found);
    }
    if debian::is_list(text) {
        return Ok((Kind::DpkgList, vec![debian::list(text, notes)]));
    }
    if debian::is_status(text) {
        return Ok((Kind::DpkgStatus, vec![debian::status(text, notes)]));
    }
    if release::is(text) {
        return Ok((Kind::OsRelease, vec![release::read(text, notes)]));
    }
    if let Some(hosts) = table::read(text, notes) {
        return Ok((Kind::Wmi, hosts));
    }
    if let Some(host) = systeminfo::read(text, notes) {
        return Ok((Kind::SystemInfo, vec![host]));
    }
    if let Some(hosts) = hotfix::read(text, notes) {
        return Ok((Kind::HotFix, hosts));
    }
    if let Some(host) = rpm::read(text, notes) {
        return Ok((Kind::Rpm, vec![host]));
    }
    Err(Refused::Unknown(Looks::of(text)))
}

/// What every reader leaves to do: product names, ecosystems with their release, fields of bearable length.
fn settle(host: &mut Inventory, notes: &mut Notes) {
    if let Some(os) = &mut host.os
        && os.product.is_none()
    {
        os.product = domain::inventory::product_of(os);
    }
    let ecosystem = host.os.as_ref().and_then(release::ecosystem);
    for package in &mut host.packages {
        for field in [&mut package.name, &mut package.version] {
            if cut(field, FIELD) {
                notes.add(None, field, Why::Form);
            }
        }
        // `Debian` alone becomes `Debian:12` where the host's release is known.
        if let (Some(own), Some(full)) = (&package.ecosystem, &ecosystem)
            && !own.contains(':')
            && full.split(':').next() == Some(own)
        {
            package.ecosystem = Some(full.clone());
        }
    }
}

/// Cuts a text after so many bytes, or before the character that lies across; whether it was longer.
pub(crate) fn cut(text: &mut String, most: usize) -> bool {
    let longer = text.len() > most;
    if longer {
        text.truncate((0..=most).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0));
    }
    longer
}

/// An os-release file.
pub(crate) fn release(text: &str, notes: &mut Notes) -> Inventory {
    release::read(text, notes)
}

/// dpkg's status file.
pub(crate) fn dpkg(text: &str, notes: &mut Notes) -> Inventory {
    debian::status(text, notes)
}

/// Gives packages without a release the host's: for whoever has merged a host's reports.
pub fn place(host: &mut Inventory) {
    let Some(os) = &host.os else { return };
    let Some(full) = release::ecosystem(os) else { return };
    let base = full.split(':').next().unwrap_or(&full).to_owned();
    let is_rpm = crate::version::Scheme::of_ecosystem(&base) == Some(crate::version::Scheme::Rpm);
    for package in &mut host.packages {
        match package.ecosystem.as_deref() {
            Some(own) if own == base => package.ecosystem = Some(full.clone()),
            // Lists of dpkg and rpm do not say whose they are.
            Some(UNNAMED_DPKG) if !is_rpm => package.ecosystem = Some(full.clone()),
            Some(UNNAMED_RPM) if is_rpm => package.ecosystem = Some(full.clone()),
            _ => {}
        }
    }
}

/// Packages of a `dpkg` whose distribution no report has told yet.
pub(crate) const UNNAMED_DPKG: &str = "dpkg";
/// Packages of an `rpm` whose distribution no report has told yet.
pub(crate) const UNNAMED_RPM: &str = "rpm";

/// What was not understood, bounded.
#[derive(Default)]
pub(crate) struct Notes {
    odd: Vec<Odd>,
    more: usize,
}

impl Notes {
    pub fn add(&mut self, at: Option<usize>, text: &str, why: Why) {
        if self.odd.len() >= ODD {
            self.more += 1;
            return;
        }
        let text = text.trim().chars().filter(|c| !c.is_control()).take(120).collect();
        self.odd.push(Odd { at, text, why });
    }

    /// What was not understood, and how much more there was.
    pub fn into_parts(self) -> (Vec<Odd>, usize) {
        (self.odd, self.more)
    }
}

/// A package by its URL, with what else is known of it.
pub(crate) fn by_purl(purl: &str, at: usize, notes: &mut Notes) -> Option<Package> {
    let Ok(it) = Purl::parse(purl) else {
        notes.add(Some(at), purl, Why::Purl);
        return None;
    };
    let (ecosystem, name) = match it.package() {
        Some((ecosystem, name)) => (Some(with_release(ecosystem, it.qualifier("distro"))), name),
        None => (None, it.name().to_owned()),
    };
    let (mut version, is_rpm) = (it.version().unwrap_or_default().to_owned(), it.kind() == "rpm");
    if let (true, Some(epoch)) = (is_rpm, it.qualifier("epoch")) {
        version = format!("{epoch}:{version}");
    }
    let upstream = it.qualifier("upstream").map(|u| u.split_once('@').unwrap_or((u, "")));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(Package {
        ecosystem,
        name,
        version,
        epoch_known: !is_rpm || it.qualifier("epoch").is_some(),
        // Tools that name a source RPM write its file's name, which is no package's.
        source: upstream.and_then(|(name, _)| some(name)).filter(|name| !name.ends_with(".rpm")),
        source_version: upstream.and_then(|(_, version)| some(version)),
        arch: it.qualifier("arch").map(str::to_owned),
        purl: Some(it.to_string()),
        ..Package::default()
    })
}

/// `distro=debian-12` names the release.
fn with_release(ecosystem: &str, distro: Option<&str>) -> String {
    let release = distro.and_then(|d| d.rsplit_once('-')).map(|(_, release)| release);
    match release {
        Some(release) if release.starts_with(|c: char| c.is_ascii_digit()) => {
            release::named(ecosystem, release)
        }
        _ => ecosystem.to_owned(),
    }
}

/// Numbers of updates in a text: `KB5031356`, in any writing.
pub(crate) fn kbs(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let lower = text.to_ascii_uppercase();
    for (at, _) in lower.match_indices("KB") {
        let before = at.checked_sub(1).and_then(|i| lower.as_bytes().get(i));
        let rest = lower.get(at + 2..).unwrap_or_default();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if (5..=8).contains(&digits) && !before.is_some_and(u8::is_ascii_alphanumeric) {
            found.extend(rest.get(..digits).and_then(|d| d.parse::<u32>().ok()));
        }
    }
    found
}

#[cfg(test)]
mod tests;
