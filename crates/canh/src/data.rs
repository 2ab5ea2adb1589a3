//! The data folder: what lies where, and the keys made on the first start.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use domain::id::Secrets;
use store::audit::checkpoint::Signer;
use web::Words;

/// The records, while they are in SQLite.
pub const RECORDS: &str = "canh.sqlite";
/// The files.
pub const BLOBS: &str = "blobs";
/// Seals second factors and makes one-time links.
pub const INSTANCE_KEY: &str = "instance.key";
/// The key towards push services.
pub const PUSH_KEY: &str = "push.key";
/// Signs checkpoints.
pub const AUDIT_KEY: &str = "audit.key";
/// The configuration.
pub const CONFIG: &str = "canh.toml";
const LOCK: &str = ".lock";

/// A data folder.
#[derive(Debug, Clone)]
pub struct Data {
    dir: PathBuf,
}

impl Data {
    /// The folder at that path; it need not be there.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Something in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    /// Makes the folder, for its owner alone.
    pub fn make(&self) -> anyhow::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .with_context(|| format!("making the data folder {}", self.dir.display()))
    }

    /// Fails unless records were kept here before: whoever mistypes the folder must not be shown an empty one.
    /// `elsewhere`: the records are in PostgreSQL.
    pub fn must_exist(&self, words: Words, elsewhere: bool) -> anyhow::Result<()> {
        let refuse = |id| Err(anyhow!(words.with_texts(id, &[("dir", &self.dir.display().to_string())])));
        if !self.dir.is_dir() {
            return refuse("command-data-none");
        }
        if !elsewhere && !self.path(RECORDS).is_file() {
            return refuse("command-data-empty");
        }
        Ok(())
    }

    /// Keeps other servers out for as long as the file is held.
    pub fn lock(&self, words: Words) -> anyhow::Result<File> {
        let path = self.path(LOCK);
        let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                let dir = self.dir.display().to_string();
                Err(anyhow!(words.with_texts("command-data-served", &[("dir", &dir)])))
            }
            Err(fs::TryLockError::Error(error)) => Err(error).context("locking the data folder"),
        }
    }

    /// The instance key; made if there is none yet.
    pub fn instance_key(&self, secrets: &dyn Secrets) -> anyhow::Result<[u8; 32]> {
        let text = self.secret(INSTANCE_KEY, || Ok(hex::encode(secrets.bytes())))?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .with_context(|| format!("{} is not a key", self.path(INSTANCE_KEY).display()))?;
        Ok(key)
    }

    /// The key by which push services know this installation; made if there is none yet.
    pub fn push_key(&self, secrets: &dyn Secrets) -> anyhow::Result<send::PushKey> {
        let text = self.secret(PUSH_KEY, || Ok(hex::encode(secrets.bytes())))?;
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .with_context(|| format!("{} is not a key", self.path(PUSH_KEY).display()))?;
        Ok(send::PushKey::from_bytes(&key)?)
    }

    /// The key that signs checkpoints; made under `name` if there is none yet.
    pub fn signer(&self, name: &str, secrets: &dyn Secrets) -> anyhow::Result<Signer> {
        let text = self.secret(AUDIT_KEY, || Ok(Signer::from_seed(name, &secrets.bytes())?.secret()))?;
        Signer::parse(&text).with_context(|| format!("{} is not a key", self.path(AUDIT_KEY).display()))
    }

    /// The content of a file that only its owner reads; made if it is not there.
    fn secret(&self, name: &str, make: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<String> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        }
        let text = make()?;
        // Whole or not at all: half a key would lock everybody out.
        let part = self.path(format!("{name}.part"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&part, &path).with_context(|| format!("writing {}", path.display()))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::runtime::SystemRandom;

    #[test]
    fn keys_are_made_once_and_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (data, vi) = (Data::at(&dir.path().join("data")), Words::of(web::Lang::Vi));
        assert!(data.must_exist(vi, true).is_err());
        data.make().unwrap();
        assert!(data.must_exist(vi, true).is_ok() && data.must_exist(vi, false).is_err());
        let (key, signer) =
            (data.instance_key(&SystemRandom).unwrap(), data.signer("x/audit", &SystemRandom).unwrap());
        assert_eq!(data.instance_key(&SystemRandom).unwrap(), key);
        assert_eq!(data.signer("other/name", &SystemRandom).unwrap().verifier_key(), signer.verifier_key());
        for name in [INSTANCE_KEY, AUDIT_KEY] {
            assert_eq!(fs::metadata(data.path(name)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let held = data.lock(vi).unwrap();
        assert!(data.lock(vi).is_err());
        drop(held);
        assert!(data.lock(vi).is_ok());
    }
}
