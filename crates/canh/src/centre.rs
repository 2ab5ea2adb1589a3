//! The wired centre: configuration, data folder, records, files, keys, and what only programs own.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use domain::{
    id::{Ids, Secrets},
    legal::Legal,
    time::Clock,
};
use paper::signature::Roots;
use sandbox::Worker;
use secrecy::ExposeSecret;
use store::{Db, audit::checkpoint::Signer, blobs::Blobs, sign_in::InstanceKey};
use watch::incoming::Records;

use crate::{
    config::Config,
    data::{BLOBS, Data, RECORDS},
    runtime::{Fresh, SystemRandom, Wall},
};

/// How many hostile files are opened at once: each may take a gigabyte.
const WORKERS: usize = 2;

/// Everything a command may need, opened.
pub struct Centre {
    /// The configuration.
    pub config: Config,
    /// The data folder.
    pub data: Data,
    /// The records.
    pub db: Db,
    /// The files.
    pub blobs: Blobs,
    /// The law by date.
    pub legal: Legal,
    /// Signs checkpoints.
    pub signer: Signer,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The ids.
    pub ids: Arc<dyn Ids>,
    /// The secrets.
    pub secrets: Arc<dyn Secrets>,
}

impl Centre {
    /// Opens the data folder, brings the records up to date and makes the keys that are missing.
    pub async fn open(config: Config, data: Data) -> anyhow::Result<Self> {
        data.make()?;
        let secrets: Arc<dyn Secrets> = Arc::new(SystemRandom);
        Ok(Self {
            db: records(&config, &data).await?,
            blobs: Blobs::open_dir(&data.path(BLOBS)).await.context("opening the files")?,
            legal: law(&config)?,
            signer: data.signer(&config.audit.name, &*secrets)?,
            clock: Arc::new(Wall),
            ids: Arc::new(Fresh::default()),
            secrets,
            config,
            data,
        })
    }

    /// What channels need besides their configuration.
    pub fn tools(&self) -> anyhow::Result<send::Tools> {
        tools(&self.config, &self.data, &self.db, self.secrets.clone(), self.clock.clone())
    }

    /// What reads feeds.
    pub fn feeds(&self) -> anyhow::Result<watch::feeds::Feeds> {
        let fetcher = send::Fetcher::new(&self.config.send.http, self.config.feeds.allow.iter().cloned());
        Ok(watch::feeds::Feeds {
            db: self.db.clone(),
            blobs: self.blobs.clone(),
            ids: self.ids.clone(),
            fetcher: fetcher.context("[send.http]")?,
        })
    }

    /// Where checkpoints are written.
    pub fn checkpoints(&self) -> PathBuf {
        self.data.path(&self.config.audit.checkpoints)
    }
}

/// What channels need besides their configuration.
pub fn tools(
    config: &Config,
    data: &Data,
    db: &Db,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<send::Tools> {
    let key = InstanceKey::new(data.instance_key(&*secrets)?);
    let kept = Records { db: db.clone(), key, secrets: secrets.clone(), clock: clock.clone() };
    let push_key = data.push_key(&*secrets)?;
    Ok(send::Tools { clock, secrets, kept: Arc::new(kept), push_key, public_url: config.public_url() })
}

/// Opens the records.
pub async fn records(config: &Config, data: &Data) -> anyhow::Result<Db> {
    match &config.database.url {
        Some(url) => {
            Db::open_postgres(url.expose_secret()).await.context("opening the records in PostgreSQL")
        }
        None => {
            let path = data.path(RECORDS);
            Db::open_sqlite(&path).await.with_context(|| format!("opening the records in {}", path.display()))
        }
    }
}

/// The shipped law, with the files of `[law] dir` in place of ours.
pub fn law(config: &Config) -> anyhow::Result<Legal> {
    let dir = config.law.dir.clone();
    Legal::from_files(|file| std::fs::read_to_string(dir.as_ref()?.join(file)).ok()).context("the legal pack")
}

/// The certificates of `[signatures] roots`, and the files there that hold none; nobody is trusted without.
pub fn roots(config: &Config, data: &Data) -> anyhow::Result<(Roots, Vec<String>)> {
    let Some(folder) = &config.signatures.roots else { return Ok((Roots::default(), Vec::new())) };
    let folder = data.path(folder);
    Roots::load(&folder).with_context(|| format!("[signatures] roots: reading {}", folder.display()))
}

/// This program once more, as the child that opens hostile files.
pub fn worker() -> anyhow::Result<Worker> {
    // The kernel's own name for the running file: still the same version after an upgrade replaced it on disk.
    let linux = PathBuf::from("/proc/self/exe");
    let program = if linux.exists() { linux } else { std::env::current_exe().context("finding myself")? };
    Ok(Worker::new(program, ["worker", "paper"], WORKERS))
}
