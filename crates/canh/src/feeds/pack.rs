//! Packing: `NAME.tar.zst` with `manifest.json`, `manifest.note` (the manifest's digest, signed), and the files.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use domain::{actor::Scope, feed::Place};
use sha2::{Digest, Sha256};
use store::advisories;
use web::Words;

use super::{FORMAT, MANIFEST, Manifest, NOTE, Packed};
use crate::centre::Centre;

/// Compression that keeps up with a disk.
const LEVEL: i32 = 6;

/// Writes the bundle; whole, or not at all.
pub async fn pack(centre: &Centre, words: Words, file: &Path) -> anyhow::Result<ExitCode> {
    let shown = file.display().to_string();
    ensure!(!file.exists(), words.with_texts("backup-command-there", &[("file", &shown)]));
    let reader = centre.feeds()?;
    let mut all: Vec<(String, Vec<(String, PathBuf)>)> = Vec::new();
    for feed in advisories::feeds(&mut centre.db.read().await?, &Scope::system()).await? {
        if feed.kind == Place::Own || feed.read_at.is_none() {
            continue;
        }
        all.push((feed.name.clone(), reader.files(&feed).await?));
    }
    ensure!(!all.is_empty(), words.t("feeds-command-nothing"));
    let name = file.file_name().context("a bundle needs a file name")?.to_string_lossy().into_owned();
    let part = file.with_file_name(format!(".{name}.part"));
    let (signer, at, into) = (centre.signer.clone(), centre.clock.now().to_string(), part.clone());
    let written =
        tokio::task::spawn_blocking(move || write(&into, at, &all, |text| Ok(signer.sign_text(text)?)))
            .await?;
    let files = match written {
        Ok(files) => files,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, file)?;
    println!("{}", words.with("feeds-command-packed", [("file", shown.into()), ("files", files.into())]));
    println!("{}", words.with_texts("feeds-command-key", &[("key", &centre.signer.verifier_key())]));
    Ok(ExitCode::SUCCESS)
}

fn write(
    part: &Path,
    made_at: String,
    all: &[(String, Vec<(String, PathBuf)>)],
    sign: impl Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<u64> {
    let mut feeds = Vec::new();
    for (name, files) in all {
        let mut digests = BTreeMap::new();
        for (path, from) in files {
            let mut hash = Sha256::new();
            let mut file = File::open(from).with_context(|| from.display().to_string())?;
            std::io::copy(&mut file, &mut Hashing(&mut hash))?;
            digests.insert(path.clone(), hex::encode(hash.finalize()));
        }
        feeds.push(Packed { name: name.clone(), files: digests });
    }
    let manifest = serde_json::to_vec_pretty(&Manifest { format: FORMAT.into(), made_at, feeds })?;
    let note = sign(&format!("{FORMAT}\n{}\n", hex::encode(Sha256::digest(&manifest))))?;
    let mut tar = tar::Builder::new(zstd::Encoder::new(File::create(part)?, LEVEL)?);
    append(&mut tar, MANIFEST, manifest.len() as u64, manifest.as_slice())?;
    append(&mut tar, NOTE, note.len() as u64, note.as_bytes())?;
    let mut n = 0;
    for (at, (_, files)) in all.iter().enumerate() {
        for (path, from) in files {
            let file = File::open(from).with_context(|| from.display().to_string())?;
            let len = file.metadata()?.len();
            append(&mut tar, &format!("{at}/{path}"), len, file.take(len))?;
            n += 1;
        }
    }
    let mut out = tar.into_inner()?.finish()?;
    out.flush()?;
    out.sync_all()?;
    Ok(n)
}

struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn append(tar: &mut tar::Builder<impl Write>, path: &str, len: u64, from: impl Read) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(len);
    header.set_mode(0o644);
    header.set_entry_type(tar::EntryType::Regular);
    tar.append_data(&mut header, path, from).with_context(|| format!("packing {path}"))
}
