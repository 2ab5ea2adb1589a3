//! rpm's database: headers of packages, held in one of three forms of file.

mod bdb;
mod ndb;
mod sqlite;

use domain::inventory::Package;

use super::{
    bytes::{be32, part},
    owned::{Owned, is_distribution},
    package,
};
use crate::inventory::{ITEMS, Notes, UNNAMED_RPM, Why};

/// Most fields of one header, and most files of one package.
const FIELDS: usize = 10_000;
const FILES: usize = 200_000;
/// Largest header; the kernel's has some 2 MB.
const HEADER: usize = 64 << 20;

const NAME: usize = 1000;
const VERSION: usize = 1001;
const RELEASE: usize = 1002;
const EPOCH: usize = 1003;
const VENDOR: usize = 1011;
const ARCH: usize = 1022;
const SOURCE: usize = 1044;
const DIR_INDEXES: usize = 1116;
const BASE_NAMES: usize = 1117;
const DIR_NAMES: usize = 1118;

/// The packages of a database; none if it is of no form that is known, or broken so that packages would be missing.
pub fn read(bytes: &[u8], notes: &mut Notes, owned: &mut Owned) -> Option<Vec<Package>> {
    let mut found = Vec::new();
    let mut each = |blob: &[u8]| {
        let header = Header::of(blob);
        match header.as_ref().and_then(|h| h.package()) {
            // Keys of signers are held among the packages.
            Some(it) if it.name == "gpg-pubkey" => {}
            Some(it) if found.len() < ITEMS => found.push(it),
            Some(it) => notes.add(None, &it.name, Why::TooMany),
            None => notes.add(None, "rpm", Why::Form),
        }
        if let Some(header) = header {
            header.files(owned);
        }
    };
    if sqlite::is(bytes) {
        sqlite::blobs(bytes, "Packages", &mut each)?;
    } else if ndb::is(bytes) {
        ndb::blobs(bytes, &mut each)?;
    } else {
        bdb::blobs(bytes, &mut each)?;
    }
    Some(found)
}

/// A header: how many fields, how many bytes of values, the fields (tag, type, offset, count), the values.
struct Header<'a> {
    index: &'a [u8],
    values: &'a [u8],
}

impl<'a> Header<'a> {
    fn of(blob: &'a [u8]) -> Option<Self> {
        let (fields, len) = (be32(blob, 0)?, be32(blob, 4)?);
        if fields == 0 || fields > FIELDS || len > HEADER {
            return None;
        }
        let index = part(blob, 8, fields.checked_mul(16)?)?;
        let values = part(blob, 8 + index.len(), len)?;
        Some(Self { index, values })
    }

    /// Where a field's values begin, and how many there are.
    fn field(&self, tag: usize) -> Option<(usize, usize)> {
        let entry = self.index.chunks_exact(16).find(|entry| be32(entry, 0) == Some(tag))?;
        Some((be32(entry, 8)?, be32(entry, 12)?))
    }

    fn text(&self, tag: usize) -> Option<String> {
        let (at, _) = self.field(tag)?;
        self.texts(at, 1).next().filter(|t| !t.is_empty() && t != "(none)")
    }

    fn texts(&self, at: usize, count: usize) -> impl Iterator<Item = String> + 'a {
        let rest = self.values.get(at..).unwrap_or_default();
        rest.split(|b| *b == 0).take(count).map(|t| String::from_utf8_lossy(t).into_owned())
    }

    fn package(&self) -> Option<Package> {
        let epoch = self.field(EPOCH).and_then(|(at, _)| be32(self.values, at)).unwrap_or(0);
        let version = format!("{epoch}:{}-{}", self.text(VERSION)?, self.text(RELEASE)?);
        // `bash-5.1.8-9.el9.src.rpm`: the name is what stands before the last two hyphens.
        let source = self.text(SOURCE).and_then(|s| {
            let (rest, _) = s.rsplit_once('-')?;
            Some(rest.rsplit_once('-')?.0.to_owned())
        });
        let name = self.text(NAME)?;
        Some(Package {
            source: source.filter(|s| *s != name),
            arch: self.text(ARCH),
            vendor: self.text(VENDOR),
            ..package(UNNAMED_RPM, &name, &version)
        })
    }

    /// The files a distribution's package brought.
    fn files(&self, owned: &mut Owned) {
        if !self.text(VENDOR).is_some_and(|vendor| is_distribution(&vendor.to_lowercase())) {
            return;
        }
        let (Some((dirs, dirs_n)), Some((names, names_n)), Some((indexes, _))) =
            (self.field(DIR_NAMES), self.field(BASE_NAMES), self.field(DIR_INDEXES))
        else {
            return;
        };
        let dirs: Vec<String> = self.texts(dirs, dirs_n.min(FILES)).collect();
        for (n, name) in self.texts(names, names_n.min(FILES)).enumerate() {
            let dir = n.checked_mul(4).and_then(|n| be32(self.values, indexes.checked_add(n)?));
            if let Some(dir) = dir.and_then(|dir| dirs.get(dir)) {
                owned.add(format!("{dir}{name}"));
            }
        }
    }
}
