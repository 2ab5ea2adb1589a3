//! One file that holds everything: records, files, keys, configuration, and the digest of each.
//!
//! `NAME.tar.zst`: `canh.sqlite`, the keys, `canh.toml`, `blobs/…`, and last `manifest.json`. It holds secrets.

mod restore;
mod write;

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::data::{AUDIT_KEY, BLOBS, CONFIG, INSTANCE_KEY, PUSH_KEY, RECORDS};

pub use self::{restore::restore, write::write};

const FORMAT: &str = "canh-backup/1";
const MANIFEST: &str = "manifest.json";

/// What the last file of a backup says of all others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    /// The version that wrote it.
    version: String,
    /// When, RFC 3339.
    made_at: String,
    /// Entries of the audit log.
    audit_size: u64,
    /// Its root, hex.
    audit_root: String,
    /// By path.
    files: BTreeMap<String, Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digest {
    len: u64,
    sha256: String,
}

/// Whether a backup may hold a file of that path: only these names, so that no archive writes elsewhere.
fn is_ours(path: &str) -> bool {
    let hex = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let blob = || {
        let (first, rest) = path.strip_prefix(BLOBS)?.strip_prefix('/')?.split_once('/')?;
        Some(hex(first, 2) && hex(rest, 62))
    };
    [RECORDS, INSTANCE_KEY, AUDIT_KEY, PUSH_KEY, CONFIG].contains(&path) || blob().unwrap_or(false)
}

/// The digest that a blob's path promises.
fn promised(path: &str) -> Option<String> {
    path.strip_prefix(BLOBS).map(|rest| rest.replace('/', ""))
}

/// Counts and digests what is read through it.
struct Digesting<R> {
    inner: R,
    hash: sha2::Sha256,
    len: u64,
}

impl<R> Digesting<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: sha2::Digest::new(), len: 0 }
    }
    fn end(self) -> Digest {
        Digest { len: self.len, sha256: hex::encode(sha2::Digest::finalize(self.hash)) }
    }
}

impl<R: std::io::Read> std::io::Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        sha2::Digest::update(&mut self.hash, buffer.get(..n).unwrap_or_default());
        self.len += n as u64;
        Ok(n)
    }
}

/// Reads a backup from end to end and compares every digest with the manifest. With `into`, the files are put there.
fn read(file: &Path, into: Option<&Path>) -> anyhow::Result<Manifest> {
    use anyhow::{Context, bail, ensure};
    use std::io::Read;
    let opened = std::fs::File::open(file).with_context(|| format!("opening {}", file.display()))?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(opened).context("not a backup")?);
    let (mut found, mut manifest) = (BTreeMap::new(), None);
    for entry in archive.entries().context("not a backup")? {
        let mut entry = entry.context("the backup is damaged")?;
        let path = String::from_utf8(entry.path_bytes().into_owned()).context("a name that is no text")?;
        ensure!(manifest.is_none(), "something follows the manifest: {path}");
        if path == MANIFEST {
            let mut text = String::new();
            // A digest a line: a hundred megabytes would be a million files.
            entry.by_ref().take(100 << 20).read_to_string(&mut text).context("the backup is damaged")?;
            manifest = Some(serde_json::from_str::<Manifest>(&text).context("the manifest cannot be read")?);
            continue;
        }
        ensure!(
            is_ours(&path) && entry.header().entry_type().is_file(),
            "{path} does not belong in a backup"
        );
        let mut reading = Digesting::new(&mut entry);
        match into {
            None => std::io::copy(&mut reading, &mut std::io::sink()).context("the backup is damaged")?,
            Some(dir) => restore::put(&dir.join(&path), &mut reading)?,
        };
        let digest = reading.end();
        if promised(&path).is_some_and(|p| p != digest.sha256) {
            bail!("{path} is damaged");
        }
        ensure!(found.insert(path.clone(), digest).is_none(), "{path} is there twice");
    }
    // The archive ends before the file does: only its last bytes say whether all before them, the manifest too, is as it was.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).context("the backup is damaged")?;
    let manifest = manifest.context("the backup is not whole: its end is missing")?;
    ensure!(manifest.format == FORMAT, "a backup of another kind: {}", manifest.format);
    for (path, digest) in &manifest.files {
        match found.remove(path) {
            None => bail!("{path} is missing"),
            Some(is) if is != *digest => bail!("{path} is damaged"),
            Some(_) => {}
        }
    }
    if let Some(path) = found.keys().next() {
        bail!("{path} is not in the manifest");
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_one_bit_may_be_different() {
        let manifest = Manifest {
            format: FORMAT.into(),
            version: "0.1.0".into(),
            made_at: "2026-11-22T00:00:00Z".into(),
            audit_size: 7,
            audit_root: "ab".into(),
            files: BTreeMap::new(),
        };
        let text = serde_json::to_vec(&manifest).unwrap();
        let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
        packed.include_checksum(true).unwrap();
        let mut tar = tar::Builder::new(packed);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, MANIFEST, &text[..]).unwrap();
        let whole = tar.into_inner().unwrap().finish().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b.tar.zst");
        let plain = zstd::decode_all(&whole[..]).unwrap();
        let reads = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            read(&file, None).is_ok()
        };
        assert!(reads(&whole));
        for (at, bit) in (0..whole.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut other = whole.clone();
            other[at] ^= 1 << bit;
            // Some bits mean nothing to whoever unpacks.
            let same = zstd::decode_all(&other[..]).is_ok_and(|unpacked| unpacked == plain);
            assert_eq!(reads(&other), same, "byte {at}, bit {bit} of {}", whole.len());
        }
    }

    #[test]
    fn only_our_own_names_are_taken_from_an_archive() {
        let blob = format!("blobs/ab/{}", "c".repeat(62));
        for good in ["canh.sqlite", "instance.key", &blob] {
            assert!(is_ours(good), "{good}");
        }
        let upper = format!("blobs/AB/{}", "c".repeat(62));
        for bad in ["../canh.sqlite", "/etc/passwd", "blobs/../x", "blobs/ab", "canh.sqlite-wal", "", &upper]
        {
            assert!(!is_ours(bad), "{bad}");
        }
        assert_eq!(promised(&blob).unwrap(), format!("ab{}", "c".repeat(62)));
    }
}
