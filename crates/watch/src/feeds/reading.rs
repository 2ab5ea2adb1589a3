//! Reading a feed's files, one after the other, in a thread that may wait: what is as it was is passed over, the rest is
//! given on in pieces that are written as one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::{Path, PathBuf},
};

use domain::feed::Trouble;
use jiff::Timestamp;
use review::{
    advisory,
    inventory::{FILE, Refused},
    signed::Keys,
};
use sha2::{Digest, Sha256};

use super::packed;

/// So many advisories, or bytes of files, are written in one transaction: others write in between, and two such pieces wait
/// while a third is read.
const PER_WRITE: usize = 2_000;
const BYTES_PER_WRITE: usize = 16 << 20;

/// Signatures and digests that lie beside files.
const BESIDE: &[&str] = &[".asc", ".sig", ".sha256", ".sha512"];

/// A file read but not yet written.
pub(super) struct Waiting {
    pub name: String,
    pub sha256: String,
    /// What it says; nothing for a file that is gone.
    pub read: Option<advisory::Feed>,
}

/// What was found beside what was given on.
#[derive(Default)]
pub(super) struct Read {
    /// Files that are there.
    pub seen: BTreeSet<String>,
    /// The first that is wrong, and with which file.
    pub wrong: Option<(Trouble, String)>,
}

/// Whoever takes what was read; `false` wants no more.
type Take<'a> = &'a mut dyn FnMut(Vec<Waiting>) -> bool;

struct Reading<'a> {
    files: &'a BTreeMap<String, PathBuf>,
    /// Digests of the files that were read before.
    known: &'a BTreeMap<String, String>,
    /// Who must have signed a file, and when it is.
    keys: Option<(Keys, Timestamp)>,
    found: Read,
    waiting: Vec<Waiting>,
    many: usize,
    weight: usize,
}

/// Reads files by their names, those of archives as if they were a folder's.
pub(super) fn all(
    files: &BTreeMap<String, PathBuf>,
    known: &BTreeMap<String, String>,
    keys: Option<(Keys, Timestamp)>,
    take: Take<'_>,
) -> Read {
    let found = Read::default();
    let mut it = Reading { files, known, keys, found, waiting: Vec::new(), many: 0, weight: 0 };
    for (name, path) in files.iter().filter(|(name, _)| !beside(name)) {
        it.found.seen.insert(name.clone());
        let wanted = match packed::kind(path) {
            Ok(Some(kind)) => it.packed(name, path, kind, take),
            Ok(None) => {
                let got = bytes(path).and_then(|bytes| {
                    it.signed(name, || Ok(&bytes[..]))?;
                    Ok(bytes)
                });
                it.one(name, got, take)
            }
            Err(_) => it.one(name, Err(Trouble::Unreachable), take),
        };
        if !wanted {
            return it.found;
        }
    }
    it.give(take);
    it.found
}

impl Reading<'_> {
    fn wrong(&mut self, why: Trouble, name: &str) {
        self.found.wrong.get_or_insert((why, name.to_owned()));
    }

    /// What an archive held before is still there.
    fn keep(&mut self, archive: &str) {
        let within = format!("{archive}{}", packed::WITHIN);
        let held = self.known.keys().filter(|name| name.starts_with(&within));
        self.found.seen.extend(held.cloned());
    }

    fn give(&mut self, take: Take<'_>) -> bool {
        (self.many, self.weight) = (0, 0);
        let waiting = std::mem::take(&mut self.waiting);
        waiting.is_empty() || take(waiting)
    }

    /// Whether one of the keys signed what `open` gives, if there are any.
    fn signed<R: std::io::Read>(
        &self,
        name: &str,
        open: impl Fn() -> std::io::Result<R>,
    ) -> Result<(), Trouble> {
        let Some((keys, now)) = &self.keys else { return Ok(()) };
        let beside = [".asc", ".sig"].iter().filter_map(|end| self.files.get(&format!("{name}{end}")));
        for signature in beside.filter_map(|path| bytes(path).ok()) {
            let good = open().and_then(|document| keys.signed_as_read(document, &signature, *now));
            if good.map_err(|_| Trouble::Unreachable)? {
                return Ok(());
            }
        }
        Err(Trouble::Unsigned)
    }

    /// The files of an archive, unless it is the one that was read before. It is noted itself, too, once all of it was
    /// read.
    fn packed(&mut self, name: &str, path: &Path, kind: packed::Packed, take: Take<'_>) -> bool {
        let Ok(sha256) = packed::digest(path) else {
            self.wrong(Trouble::Unreachable, name);
            self.keep(name);
            return true;
        };
        if self.known.get(name) == Some(&sha256) {
            self.keep(name);
            return true;
        }
        // Who signed an archive signed what is in it.
        if let Err(why) = self.signed(name, || File::open(path)) {
            self.wrong(why, name);
            self.keep(name);
            return true;
        }
        let (mut wanted, mut whole) = (true, true);
        let end = packed::each(path, kind, &mut |file, got| {
            if beside(&file) {
                return true;
            }
            let file = format!("{name}{}{file}", packed::WITHIN);
            self.found.seen.insert(file.clone());
            let before = self.found.wrong.take();
            wanted = self.one(&file, got, take);
            whole &= self.found.wrong.is_none();
            self.found.wrong = before.or(self.found.wrong.take());
            wanted
        });
        match end {
            // Half an archive tells nothing of what is gone.
            Err(why) => {
                self.wrong(why, name);
                self.keep(name);
            }
            Ok(()) if whole && wanted => {
                let read = Some(advisory::Feed::default());
                self.waiting.push(Waiting { name: name.to_owned(), sha256, read });
            }
            Ok(()) => {}
        }
        wanted
    }

    /// One file, unless it is as it was; whether more is wanted.
    fn one(&mut self, name: &str, got: Result<Vec<u8>, Trouble>, take: Take<'_>) -> bool {
        let bytes = match got {
            Ok(bytes) => bytes,
            Err(why) => {
                self.wrong(why, name);
                return true;
            }
        };
        let sha256 = hex::encode(Sha256::digest(&bytes));
        if self.known.get(name) == Some(&sha256) {
            return true;
        }
        self.weight += bytes.len();
        let read = advisory::read(name, &bytes);
        drop(bytes);
        match read {
            Ok(read) => {
                self.many += read.advisories.len() + 1;
                self.waiting.push(Waiting { name: name.to_owned(), sha256, read: Some(read) });
            }
            Err(why) => self.wrong(trouble(&why), name),
        }
        if self.many >= PER_WRITE || self.weight >= BYTES_PER_WRITE { self.give(take) } else { true }
    }
}

fn beside(name: &str) -> bool {
    BESIDE.iter().any(|end| name.ends_with(end))
}

fn trouble(why: &Refused) -> Trouble {
    match why {
        Refused::Empty => Trouble::Empty,
        Refused::TooLarge(_) => Trouble::TooLarge,
        Refused::Unknown(_) => Trouble::Unknown,
        Refused::Broken(_) | Refused::Locked | Refused::TooMuch | Refused::TooHard => Trouble::Broken,
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    let length = std::fs::metadata(path).map_err(|_| Trouble::Unreachable)?.len();
    if length > FILE as u64 {
        return Err(Trouble::TooLarge);
    }
    std::fs::read(path).map_err(|_| Trouble::Unreachable)
}
