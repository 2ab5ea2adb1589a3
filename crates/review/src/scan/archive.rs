//! Archives of Java, one within the other: by the coordinates they carry, by their manifest, by their name, and by the
//! classes in them, so that a library is found where it was renamed or packed into another.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read},
};

use domain::inventory::Package;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::package;
use crate::inventory::{ITEMS, Notes, Why, by_file};

/// Deepest archive within an archive that is opened: an ear holds a war, the war jars, a jar seldom another.
const DEEPEST: usize = 5;
/// Most entries of one archive: the largest applications have some 60,000.
const ENTRIES: usize = 400_000;
/// Most bytes unpacked out of one file, all levels together, whatever it declares.
const UNPACKED: u64 = 512 << 20;
/// Largest `pom.properties` or manifest.
const TEXT: u64 = 1 << 20;
/// Largest archive within another.
const INNER: u64 = 256 << 20;

/// Libraries that letters and catalogues of exploited flaws name, by where their classes lie.
const ROOTS: &[(&str, &str)] = &[
    ("org/springframework/beans/", "org.springframework:spring-beans"),
    ("org/springframework/web/servlet/", "org.springframework:spring-webmvc"),
    ("org/springframework/web/reactive/", "org.springframework:spring-webflux"),
    ("org/apache/logging/log4j/core/", "org.apache.logging.log4j:log4j-core"),
    ("org/apache/log4j/", "log4j:log4j"),
    ("org/apache/struts2/", "org.apache.struts:struts2-core"),
    ("org/apache/commons/text/", "org.apache.commons:commons-text"),
    ("org/apache/commons/collections/", "commons-collections:commons-collections"),
    ("org/apache/commons/fileupload/", "commons-fileupload:commons-fileupload"),
    ("org/apache/shiro/", "org.apache.shiro:shiro-core"),
    ("com/alibaba/fastjson/", "com.alibaba:fastjson"),
    ("com/fasterxml/jackson/databind/", "com.fasterxml.jackson.core:jackson-databind"),
    ("com/thoughtworks/xstream/", "com.thoughtworks.xstream:xstream"),
    ("org/yaml/snakeyaml/", "org.yaml:snakeyaml"),
    ("org/apache/catalina/", "org.apache.tomcat.embed:tomcat-embed-core"),
];

/// Whether a file of that name (in small letters) is an archive of Java.
pub fn is(name: &str) -> bool {
    [".jar", ".war", ".ear", ".sar", ".rar.jar", ".jpi", ".hpi"].iter().any(|ending| name.ends_with(ending))
}

/// All archives of a machine.
pub struct Archives {
    found: Vec<One>,
    /// Most bytes unpacked out of one file.
    pub unpacked: u64,
    /// Whether one could not be read to its end.
    pub unread: bool,
}

impl Default for Archives {
    fn default() -> Self {
        Self { found: Vec::new(), unpacked: UNPACKED, unread: false }
    }
}

/// One archive.
struct One {
    path: String,
    packages: Vec<Package>,
    /// The classes below each root that is known: its library and their digest.
    roots: BTreeMap<&'static str, String>,
}

struct Budget {
    bytes: u64,
}

impl Archives {
    pub fn read(&mut self, path: &str, bytes: &[u8], notes: &mut Notes) {
        let mut budget = Budget { bytes: self.unpacked };
        self.one(path, bytes, 0, &mut budget, notes);
    }

    fn one(&mut self, path: &str, bytes: &[u8], depth: usize, budget: &mut Budget, notes: &mut Notes) {
        let hash = hex(&Sha256::digest(bytes));
        let mut it = One { path: path.to_owned(), packages: Vec::new(), roots: BTreeMap::new() };
        // What declares so many entries would be held in memory before one is read.
        let archive = match entries(bytes) > ENTRIES || self.found.len() >= ITEMS {
            true => None,
            false => ZipArchive::new(Cursor::new(bytes)).ok(),
        };
        let Some(mut archive) = archive else {
            notes.add(None, path, Why::Form);
            self.unread = true;
            it.packages.push(by_file(path, Some(hash)));
            self.found.push(it);
            return;
        };
        let names: Vec<(usize, String)> = (0..archive.len())
            .filter_map(|n| Some((n, archive.name_for_index(n)?.ok()?.into_owned())))
            .collect();
        let mut manifest = None;
        let mut classes: BTreeMap<&'static str, BTreeSet<(String, u32, u64)>> = BTreeMap::new();
        for (n, name) in &names {
            if name.ends_with(".class") {
                // Classes of a web application lie below `WEB-INF/classes/`, of Spring Boot's below `BOOT-INF/classes/`.
                let plain = name.split_once("-INF/classes/").map_or(name.as_str(), |(_, rest)| rest);
                let root = ROOTS.iter().find(|(root, _)| plain.starts_with(root));
                if let (Some((_, library)), Ok(entry)) = (root, archive.by_index_raw(*n)) {
                    classes.entry(library).or_default().insert((
                        plain.to_owned(),
                        entry.crc32(),
                        entry.size(),
                    ));
                }
            } else if name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties") {
                let text = take(&mut archive, *n, TEXT, budget);
                it.packages.extend(text.and_then(|t| coordinates(&t)));
            } else if name.eq_ignore_ascii_case("META-INF/MANIFEST.MF") {
                manifest = take(&mut archive, *n, TEXT, budget);
            }
        }
        if it.packages.is_empty() {
            it.packages.push(unnamed(path, manifest.as_deref()));
        }
        for package in &mut it.packages {
            package.path = Some(path.to_owned());
            package.hash = Some(hash.clone());
        }
        it.roots = classes.into_iter().map(|(library, classes)| (library, digest(&classes))).collect();
        self.found.push(it);
        for (n, name) in names.iter().filter(|(_, name)| is(&name.to_ascii_lowercase())) {
            let inner = format!("{path}!/{name}");
            if depth >= DEEPEST {
                notes.add(None, &inner, Why::TooMany);
                self.unread = true;
                continue;
            }
            match take(&mut archive, *n, INNER, budget) {
                Some(bytes) => self.one(&inner, &bytes, depth + 1, budget, notes),
                None => {
                    notes.add(None, &inner, Why::Form);
                    self.unread = true;
                }
            }
        }
    }

    /// What they are. A library whose classes lie in an archive that does not name it is known by the same classes in
    /// one that does, or else has no version.
    pub fn packages(self, theirs: &dyn Fn(&str) -> bool) -> Vec<Package> {
        let mut known: BTreeMap<(&str, &str), Package> = BTreeMap::new();
        for one in &self.found {
            for (library, digest) in &one.roots {
                if let Some(told) = one.packages.iter().find(|p| names(p, library) && !p.version.is_empty()) {
                    known
                        .entry((library, digest))
                        .or_insert_with(|| package("Maven", library, &told.version));
                }
            }
        }
        let mut all = Vec::new();
        for one in &self.found {
            if theirs(one.path.split('!').next().unwrap_or_default()) {
                continue;
            }
            all.extend(one.packages.iter().cloned());
            for (library, digest) in &one.roots {
                if one.packages.iter().any(|p| names(p, library)) {
                    continue;
                }
                let twin = known.get(&(*library, digest.as_str())).cloned();
                let it = twin.unwrap_or_else(|| package("Maven", library, ""));
                let root = ROOTS.iter().find(|(_, known)| known == library).map_or("", |(root, _)| root);
                let path = Some(format!("{}!/{root}", one.path));
                all.push(Package { path, hash: Some(digest.clone()), ..it });
            }
        }
        all
    }
}

/// Whether the package is that library: by its coordinates, or by its name alone.
fn names(package: &Package, library: &str) -> bool {
    package.name == library
        || package.ecosystem.is_none() && library.rsplit(':').next() == Some(package.name.as_str())
}

/// How many entries the bytes could list.
fn entries(bytes: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(ENTRIES + 1).count()
}

fn take(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    n: usize,
    most: u64,
    budget: &mut Budget,
) -> Option<Vec<u8>> {
    let most = most.min(budget.bytes);
    let entry = archive.by_index(n).ok()?;
    let mut bytes = Vec::new();
    entry.take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    let len = bytes.len() as u64;
    budget.bytes = budget.bytes.saturating_sub(len);
    (len <= most).then_some(bytes)
}

/// `groupId=…`, `artifactId=…`, `version=…`.
fn coordinates(bytes: &[u8]) -> Option<Package> {
    let text = String::from_utf8_lossy(bytes);
    let field = |name: &str| {
        let found =
            text.lines().find_map(|l| l.trim().strip_prefix(name)?.trim_start().strip_prefix(['=', ':']));
        found.map(str::trim).filter(|v| !v.is_empty())
    };
    let name = format!("{}:{}", field("groupId")?, field("artifactId")?);
    Some(package("Maven", &name, field("version")?))
}

/// An archive without coordinates: its file's name if that has a version, else what its manifest says.
fn unnamed(path: &str, manifest: Option<&[u8]>) -> Package {
    let mut it = by_file(path, None);
    let text = manifest
        .map(|m| String::from_utf8_lossy(m).replace("\r\n ", "").replace("\n ", ""))
        .unwrap_or_default();
    // Sections behind the first speak of single files.
    let main = text.split("\n\n").next().unwrap_or_default().split("\r\n\r\n").next().unwrap_or_default();
    let field = |name: &str| {
        let found = main.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
        found.map(|v| v.split(';').next().unwrap_or(v).trim()).filter(|v| !v.is_empty())
    };
    let version = field("Implementation-Version").or_else(|| field("Bundle-Version"));
    if it.version.is_empty() {
        let title = field("Implementation-Title").filter(|t| !t.contains(' '));
        if let (Some(title), Some(_)) = (title, version) {
            it.name = title.rsplit(['#', ':']).next().unwrap_or(title).to_owned();
        }
        version.unwrap_or_default().clone_into(&mut it.version);
    }
    it
}

/// A digest of classes by their names and sums: the same classes, however they are packed.
fn digest(classes: &BTreeSet<(String, u32, u64)>) -> String {
    let mut hash = Sha256::new();
    for (name, sum, size) in classes {
        hash.update(format!("{name} {sum:08x} {size}\n"));
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
