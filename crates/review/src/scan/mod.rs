//! What lies on a disk: package databases, archives of Java, libraries of Python, Node and PHP, programs written in Go,
//! put together into one report of a machine.
//!
//! Whoever walks the disk asks [`wanted`] of each path and hands the bytes to [`Scan::file`]; nothing is opened here. What
//! a distribution's own package brought is left to the distribution's feed: it mends old versions without renaming them.

mod apk;
mod archive;
mod bytes;
mod go;
mod libraries;
mod owned;
mod rpmdb;

use std::collections::BTreeMap;

use domain::inventory::{Family, Inventory, Os, Package};

use crate::inventory::{self, FIELD, ITEMS, Kind, Notes, Read, Why};

/// Largest file that is read into memory; what is larger is said, and not read.
pub const FILE: u64 = 256 << 20;

/// What a file is, by where it lies and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// `/etc/os-release`.
    Release,
    /// `/etc/hostname`.
    Name,
    /// `/etc/machine-id`.
    MachineId,
    /// dpkg's status file, whole or of one package.
    Dpkg,
    /// Which files a package of dpkg's brought.
    DpkgFiles,
    /// apk's database.
    Apk,
    /// rpm's database, in one of its three forms.
    Rpm,
    /// What of it is not written into it yet.
    RpmLog,
    /// An archive of Java.
    Archive,
    /// A package of Python's.
    Python,
    /// A package of Node's, installed.
    Node,
    /// What an application of Node's asks for.
    NodeLock,
    /// What composer installed.
    Composer,
    /// What an application of PHP's asks for.
    ComposerLock,
    /// A program that may be written in Go: only its first bytes tell.
    Program,
}

/// What a file may be, by its path from the scanned root (`/usr/share/java/a.jar`) and whether it may be run; none if it
/// need not be read.
#[must_use]
pub fn wanted(path: &str, runs: bool) -> Option<What> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let ends = |ending: &str| path.ends_with(ending);
    match path {
        "/etc/os-release" | "/usr/lib/os-release" => return Some(What::Release),
        "/etc/hostname" => return Some(What::Name),
        "/etc/machine-id" => return Some(What::MachineId),
        "/var/lib/dpkg/status" => return Some(What::Dpkg),
        "/lib/apk/db/installed" | "/usr/lib/apk/db/installed" => return Some(What::Apk),
        _ => {}
    }
    if path.starts_with("/var/lib/dpkg/status.d/") && !ends(".md5sums") {
        return Some(What::Dpkg);
    }
    if path.starts_with("/var/lib/dpkg/info/") {
        return ends(".list").then_some(What::DpkgFiles);
    }
    let of_rpm = ["/var/lib/rpm/", "/usr/lib/sysimage/rpm/", "/usr/share/rpm/"];
    if of_rpm.iter().any(|folder| path.starts_with(folder)) {
        return match name {
            "rpmdb.sqlite" | "Packages.db" | "Packages" => Some(What::Rpm),
            "rpmdb.sqlite-wal" => Some(What::RpmLog),
            _ => None,
        };
    }
    if archive::is(&lower) {
        return Some(What::Archive);
    }
    if ends(".dist-info/METADATA") || ends(".egg-info/PKG-INFO") || lower.ends_with(".egg-info") {
        return Some(What::Python);
    }
    match name {
        "package.json" if path.contains("/node_modules/") => Some(What::Node),
        "package-lock.json" | "npm-shrinkwrap.json" => Some(What::NodeLock),
        "installed.json" if ends("/vendor/composer/installed.json") => Some(What::Composer),
        "composer.lock" => Some(What::ComposerLock),
        _ => (runs || lower.ends_with(".exe")).then_some(What::Program),
    }
}

/// Whether a file that begins so is a program: of Linux, of Windows, of a Mac.
#[must_use]
pub fn is_program(start: &[u8]) -> bool {
    const HEADS: [&[u8]; 5] =
        [b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe"];
    HEADS.iter().any(|head| start.starts_with(head))
}

/// A machine being put together.
#[derive(Default)]
pub struct Scan {
    host: Inventory,
    notes: Notes,
    /// What lies in archives of Java, until all of them are known.
    archives: archive::Archives,
    owned: owned::Owned,
    /// Packages by the file that told of them.
    libraries: BTreeMap<String, Vec<Package>>,
    unread: bool,
}

impl Scan {
    /// A machine of which nothing is known yet; `taken` is when it is looked at.
    #[must_use]
    pub fn new(taken: &str) -> Self {
        let host = Inventory { taken: Some(taken.to_owned()), ..Inventory::default() };
        Self { host, ..Self::default() }
    }

    /// A file that [`wanted`] named, with its bytes.
    pub fn file(&mut self, path: &str, what: What, bytes: &[u8]) {
        match what {
            What::Release => self.release(bytes),
            What::Name => self.host.host = first_word(bytes),
            What::MachineId => self.host.uuid = first_word(bytes),
            What::Dpkg => self.dpkg(bytes),
            What::DpkgFiles => self.owned.dpkg_list(path, &String::from_utf8_lossy(bytes)),
            What::Apk => {
                let (text, _) = inventory::decode(bytes);
                let found = apk::read(&text, &mut self.notes, &mut self.owned);
                self.system(found);
            }
            What::Rpm => {
                let found = rpmdb::read(bytes, &mut self.notes, &mut self.owned);
                self.unread |= found.is_none();
                match found {
                    Some(found) => self.system(found),
                    None => self.notes.add(None, path, Why::Form),
                }
            }
            // rpm writes it in when it ends; while it runs the database lags behind.
            What::RpmLog if bytes.is_empty() => {}
            What::RpmLog => self.notes.add(None, path, Why::Form),
            What::Archive => self.archives.read(path, bytes, &mut self.notes),
            What::Program => self.library(path, go::read(bytes)),
            What::Node => self.library(path, libraries::node(bytes)),
            What::Python | What::NodeLock | What::Composer | What::ComposerLock => {
                let found = match what {
                    What::Python => libraries::python(path, bytes, &mut self.notes),
                    What::NodeLock => libraries::node_lock(path, bytes, &mut self.notes),
                    _ => libraries::composer(path, bytes, &mut self.notes),
                };
                self.library(path, found);
            }
        }
    }

    /// A file that [`wanted`] named and that was not read: too large, not allowed, gone. Then nobody may conclude that
    /// something is not there.
    pub fn unread(&mut self, path: &str, what: What) {
        if what != What::Program {
            self.unread = true;
        }
        self.notes.add(None, path, Why::TooMany);
    }

    /// The report: what was found, and what was not understood.
    #[must_use]
    pub fn finish(mut self, name: &str) -> Read {
        self.owned.settle();
        let theirs = |path: &str| self.owned.by_distribution(path);
        let archives = std::mem::take(&mut self.archives);
        self.host.jars_listed = !self.unread && !archives.unread;
        let mut found = archives.packages(&theirs);
        for (_, more) in self.libraries.into_iter().filter(|(path, _)| !theirs(path)) {
            found.extend(more);
        }
        let room = ITEMS.saturating_sub(self.host.packages.len());
        if found.len() > room {
            self.notes.add(None, name, Why::TooMany);
            found.truncate(room);
        }
        self.host.packages.append(&mut found);
        for package in &mut self.host.packages {
            for field in [&mut package.name, &mut package.version] {
                inventory::cut(field, FIELD);
            }
            if let Some(path) = &mut package.path {
                inventory::cut(path, FIELD);
            }
        }
        self.host.reports = vec![name.to_owned()];
        inventory::place(&mut self.host);
        let (odd, odd_more) = self.notes.into_parts();
        Read { kind: Kind::Canh, hosts: vec![self.host], odd, odd_more }
    }

    fn release(&mut self, bytes: &[u8]) {
        let (text, _) = inventory::decode(bytes);
        let found = inventory::release(&text, &mut self.notes);
        // `/etc` speaks before `/usr/lib`, which is walked later.
        if self.host.os.as_ref().is_none_or(|os| os.edition.is_none()) {
            self.host.os = found.os;
        }
    }

    fn dpkg(&mut self, bytes: &[u8]) {
        let (text, _) = inventory::decode(bytes);
        self.owned.dpkg_status(&text);
        let found = inventory::dpkg(&text, &mut self.notes);
        self.system(found.packages);
    }

    /// Packages of the system's own.
    fn system(&mut self, found: Vec<Package>) {
        self.host.packages.extend(found);
        self.host.os.get_or_insert_with(|| Os { family: Family::Linux, ..Os::default() });
    }

    fn library(&mut self, path: &str, mut found: Vec<Package>) {
        for package in &mut found {
            package.path.get_or_insert_with(|| path.to_owned());
        }
        if !found.is_empty() {
            self.libraries.entry(path.to_owned()).or_default().extend(found);
        }
    }
}

fn first_word(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(256)).unwrap_or_default()).into_owned();
    text.split_whitespace().next().filter(|w| !w.starts_with('#')).map(str::to_owned)
}

/// A library by its ecosystem, name and version.
fn package(ecosystem: &str, name: &str, version: &str) -> Package {
    Package {
        ecosystem: Some(ecosystem.to_owned()),
        name: name.to_owned(),
        version: version.to_owned(),
        epoch_known: true,
        ..Package::default()
    }
}

#[cfg(test)]
mod tests;
