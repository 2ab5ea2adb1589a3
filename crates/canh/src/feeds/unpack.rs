//! Unpacking: nothing is believed before the manifest's signature holds, nothing kept whose digest is another.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    path::{Component, Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use domain::{
    actor::Scope,
    feed::{Place, Signed},
    text::fold,
};
use sha2::{Digest, Sha256};
use store::{advisories, audit::checkpoint::Keys};
use web::Words;

use super::{FOLDER, FORMAT, MANIFEST, Manifest, NOTE, add, read};
use crate::centre::Centre;

/// A manifest with 300,000 files has about 40 MB; a note some hundred bytes.
const MANIFEST_MAX: u64 = 256 << 20;
const NOTE_MAX: u64 = 64 << 10;

/// Checks, puts in place, reads.
pub async fn unpack(centre: &Centre, words: Words, file: &Path, keys: &[String]) -> anyhow::Result<ExitCode> {
    let own = centre.signer.verifier_key();
    let keys = Keys::parse(keys.iter().chain([&own])).context("--key")?;
    let folder = centre.data.path(FOLDER);
    let folder = if folder.is_absolute() { folder } else { std::env::current_dir()?.join(folder) };
    let part = folder.join(".unpacking");
    let (from, into) = (file.to_owned(), part.clone());
    let done = tokio::task::spawn_blocking(move || {
        if into.exists() {
            fs::remove_dir_all(&into)?;
        }
        fs::create_dir_all(&into)?;
        check(&from, &into, &keys)
    });
    let (signer, manifest) = match done.await? {
        Ok(done) => done,
        Err(error) => {
            let _ = fs::remove_dir_all(&part);
            return Err(error.context(words.t("feeds-command-refused")));
        }
    };
    println!("{}", words.with_texts("feeds-command-signed", &[("name", &signer), ("at", &manifest.made_at)]));
    let known = advisories::feeds(&mut centre.db.read().await?, &Scope::system()).await?;
    let mut places = Vec::new();
    for (at, feed) in manifest.feeds.iter().enumerate() {
        let place = folder.join(slug(&feed.name, at));
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(part.join(at.to_string()))?;
        fs::rename(part.join(at.to_string()), &place)?;
        let place = place.to_str().context("the data folder's name is no text")?.to_owned();
        if !known.iter().any(|f| f.place == place) {
            add(centre, words, (feed.name.clone(), Place::Directory, &place, Signed::Good), None).await?;
        }
        places.push(place);
    }
    fs::remove_dir_all(&part)?;
    let mut feeds = advisories::feeds(&mut centre.db.read().await?, &Scope::system()).await?;
    feeds.retain(|f| places.contains(&f.place));
    read(centre, words, &feeds).await
}

/// A folder's name of a feed's name: the same name gives the same folder, so that the next bundle takes its place.
fn slug(name: &str, at: usize) -> String {
    let plain: String =
        fold(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { format!("feed-{at}") } else { plain.to_owned() }
}

fn check(from: &Path, into: &Path, keys: &Keys) -> anyhow::Result<(String, Manifest)> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(File::open(from)?)?);
    let mut entries = tar.entries()?;
    let mut text = |name: &str, limit: u64| -> anyhow::Result<Vec<u8>> {
        let mut entry = entries.next().context("the bundle ends too early")??;
        ensure!(
            entry.path()?.to_str() == Some(name) && entry.size() <= limit,
            "not a bundle: {name} is missing"
        );
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let (manifest, note) = (text(MANIFEST, MANIFEST_MAX)?, text(NOTE, NOTE_MAX)?);
    let (signer, signed) = keys.open_text(std::str::from_utf8(&note)?)?;
    ensure!(
        signed == format!("{FORMAT}\n{}\n", hex::encode(Sha256::digest(&manifest))),
        "the manifest was changed"
    );
    let manifest: Manifest = serde_json::from_slice(&manifest)?;
    let mut missing: BTreeMap<String, &String> = BTreeMap::new();
    for (at, feed) in manifest.feeds.iter().enumerate() {
        missing.extend(feed.files.iter().map(|(path, digest)| (format!("{at}/{path}"), digest)));
    }
    for entry in entries {
        let mut entry = entry?;
        let path = entry.path()?.to_str().context("a path is no text")?.to_owned();
        let Some(promised) = missing.remove(&path) else { bail!("{path} is not in the manifest") };
        ensure!(entry.header().entry_type().is_file(), "{path} is no file");
        let to = into.join(inside(&path)?);
        fs::create_dir_all(to.parent().context("no folder")?)?;
        let mut hash = Sha256::new();
        let mut out = File::create(&to)?;
        let mut piece = vec![0; 64 << 10];
        loop {
            let n = entry.read(&mut piece)?;
            let Some(bytes) = piece.get(..n).filter(|b| !b.is_empty()) else { break };
            hash.update(bytes);
            out.write_all(bytes)?;
        }
        out.sync_all()?;
        ensure!(hex::encode(hash.finalize()) == *promised, "{path} was changed");
    }
    if let Some(path) = missing.keys().next() {
        bail!("{path} is missing");
    }
    Ok((signer, manifest))
}

/// A path that stays within its folder.
fn inside(path: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(path);
    ensure!(
        path.components().all(|c| matches!(c, Component::Normal(_))),
        "{} leads elsewhere",
        path.display()
    );
    Ok(path)
}
