//! Feeds of knowledge: asked every few hours, one after the other; read file by file; only what is different is written,
//! and then the warnings are looked up again.
//!
//! A zip or a tar counts as a folder, a gz or a zst as its file. A feed that cannot be read, or a file of it that is broken,
//! leaves standing what was known, and is said on the page of feeds.

pub mod packed;
mod reading;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    actor::{Actor, Scope},
    feed::{Place, Trouble},
    id::{Id, Ids, kind},
    job::Outcome,
};
use jiff::{SignedDuration, Timestamp};
use review::signed::Keys;
use send::{Fetched, Fetcher};
use store::{
    Db, StoreError,
    advisories::{self, Feed, FileRead, Taken},
    blobs::Blobs,
    warnings,
};

use self::reading::Waiting;

/// The kind of job; one for all feeds.
pub const KIND: &str = advisories::JOB;
/// How often a feed is asked: issuers publish daily, an emergency is told by letter and by hand.
pub const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Deepest folder that is looked into.
const DEEPEST: usize = 16;
/// Most files of one feed: the whole of CVE has about 300,000.
const FILES_MAX: usize = 1_000_000;
/// Most bytes of a signature: real ones have some hundred.
const SIGNATURE_MAX: usize = 64 << 10;

/// What reading feeds needs.
#[derive(Clone)]
pub struct Feeds {
    /// The records.
    pub db: Db,
    /// The files.
    pub blobs: Blobs,
    /// The ids.
    pub ids: Arc<dyn Ids>,
    /// Fetches.
    pub fetcher: Fetcher,
}

/// What came of reading one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// What is different now.
    pub taken: Taken,
    /// What is wrong, and with which file.
    pub trouble: Option<(Trouble, String)>,
}

impl Feeds {
    /// Reads the one feed that was asked the longest ago, if it is due; then asks again, at once while another is.
    pub async fn run(&self, now: Timestamp) -> anyhow::Result<Outcome> {
        let next =
            |f: &Feed| f.tried_at.map_or(Timestamp::MIN, |t| t.checked_add(EVERY).unwrap_or(Timestamp::MAX));
        let mut all = advisories::feeds(&mut self.db.read().await?, &Scope::system()).await?;
        all.retain(|f| f.kind != Place::Own);
        all.sort_by_key(next);
        let Some(first) = all.first() else { return Ok(Outcome::Again(after(now, EVERY))) };
        if next(first) > now {
            return Ok(Outcome::Again(next(first).min(after(now, EVERY))));
        }
        self.read(first, now).await?;
        let due = all.get(1).map_or(after(now, EVERY), next);
        Ok(Outcome::Again(due.clamp(now, after(now, EVERY))))
    }

    /// Reads one feed now.
    pub async fn read(&self, feed: &Feed, now: Timestamp) -> anyhow::Result<Came> {
        let came = match feed.kind {
            Place::Url => self.web(feed, now).await?,
            Place::File | Place::Directory => self.disk(feed, now).await?,
            Place::Own => Came { taken: Taken::default(), trouble: None },
        };
        if came.taken.any() {
            let mut tx = self.db.begin_quiet(now).await?;
            for id in warnings::expand_all(&mut tx).await? {
                tx.changed(store::Topic::Advisory, format!("warning:{id}"), None);
            }
            tx.commit().await?;
        }
        Ok(came)
    }

    async fn web(&self, feed: &Feed, now: Timestamp) -> anyhow::Result<Came> {
        let (body, etag) =
            match self.fetcher.get(&feed.place, feed.etag.as_deref(), review::inventory::FILE).await {
                Fetched::New { body, etag } => (body, etag),
                Fetched::Same => {
                    let done: Result<(), StoreError> =
                        store::write!(self.db, Actor::System, now, tx => advisories::same(tx, feed.id).await);
                    done?;
                    return Ok(Came { taken: Taken::default(), trouble: None });
                }
                Fetched::TooLarge => return self.wrong(feed, now, Trouble::TooLarge, &feed.place).await,
                Fetched::Status(status) => {
                    return self.wrong(feed, now, Trouble::Refused, &format!("HTTP {status}")).await;
                }
                Fetched::Failed(why) => return self.wrong(feed, now, Trouble::Unreachable, &why).await,
            };
        // Kept as it came, so that it can be packed for networks without internet.
        let kept = self.blobs.put(self.ids.next(), body.as_slice(), review::inventory::FILE as u64).await?;
        drop(body);
        let mut files = BTreeMap::from([(feed.place.clone(), self.blobs.path(&kept.sha256))]);
        if feed.key.is_some() {
            let place = format!("{}.asc", feed.place);
            if let Fetched::New { body, .. } = self.fetcher.get(&place, None, SIGNATURE_MAX).await {
                let kept = self.blobs.put(self.ids.next(), body.as_slice(), SIGNATURE_MAX as u64).await?;
                files.insert(place, self.blobs.path(&kept.sha256));
            }
        }
        let (taken, wrong) = self.all(feed, &files, now).await?;
        match wrong {
            Some((why, name)) if !taken.any() => self.wrong(feed, now, why, &name).await,
            wrong => self.settle(feed, etag.as_deref(), wrong, taken, now).await,
        }
    }

    async fn disk(&self, feed: &Feed, now: Timestamp) -> anyhow::Result<Came> {
        let root = PathBuf::from(&feed.place);
        let listed = tokio::task::spawn_blocking({
            let root = root.clone();
            move || below(&root)
        });
        let files = match listed.await? {
            Ok(files) => files,
            Err(error) => return self.wrong(feed, now, Trouble::Unreachable, &error.to_string()).await,
        };
        if files.is_empty() {
            return self.wrong(feed, now, Trouble::Empty, &feed.place).await;
        }
        let (taken, wrong) = self.all(feed, &files, now).await?;
        self.settle(feed, None, wrong, taken, now).await
    }

    /// Reads the files of a feed by their names, and lets go what is there no longer.
    async fn all(
        &self,
        feed: &Feed,
        files: &BTreeMap<String, PathBuf>,
        now: Timestamp,
    ) -> anyhow::Result<(Taken, Option<(Trouble, String)>)> {
        let known = advisories::known_files(&mut self.db.read().await?, feed.id).await?;
        let known: Arc<BTreeMap<String, String>> = Arc::new(known.into_iter().collect());
        let keys = feed.key.as_deref().and_then(|key| Keys::parse(key.as_bytes()));
        if feed.key.is_some() && keys.is_none() {
            // They were taken back, or are no longer understood.
            return Ok((Taken::default(), Some((Trouble::Unsigned, feed.place.clone()))));
        }
        let keys = keys.map(|keys| (keys, now));
        // One thread reads while the other writes.
        let (sender, mut batches) = tokio::sync::mpsc::channel(1);
        let reading = tokio::task::spawn_blocking({
            let (files, known) = (files.clone(), Arc::clone(&known));
            move || reading::all(&files, &known, keys, &mut |batch| sender.blocking_send(batch).is_ok())
        });
        let mut taken = Taken::default();
        while let Some(batch) = batches.recv().await {
            taken = taken.and(self.write(feed.id, &batch, now).await?);
        }
        let read = reading.await?;
        let gone = known.keys().filter(|name| !read.seen.contains(*name));
        let gone: Vec<Waiting> =
            gone.map(|name| Waiting { name: name.clone(), sha256: String::new(), read: None }).collect();
        taken = taken.and(self.write(feed.id, &gone, now).await?);
        Ok((taken, read.wrong))
    }

    async fn write(
        &self,
        feed: Id<kind::Feed>,
        waiting: &[Waiting],
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        if waiting.is_empty() {
            return Ok(Taken::default());
        }
        let files: Vec<FileRead<'_>> = waiting
            .iter()
            .map(|w| FileRead { name: &w.name, sha256: &w.sha256, read: w.read.as_ref() })
            .collect();
        store::write!(self.db, Actor::System, now, tx => advisories::take(tx, feed, &files).await)
    }

    async fn settle(
        &self,
        feed: &Feed,
        etag: Option<&str>,
        trouble: Option<(Trouble, String)>,
        taken: Taken,
        now: Timestamp,
    ) -> anyhow::Result<Came> {
        let new = taken.any();
        let done: Result<(), StoreError> = store::write!(self.db, Actor::System, now, tx => {
            advisories::settle(tx, feed.id, etag, trouble.as_ref(), new).await
        });
        done?;
        Ok(Came { taken, trouble })
    }

    async fn wrong(&self, feed: &Feed, now: Timestamp, why: Trouble, place: &str) -> anyhow::Result<Came> {
        let place: String = place.chars().filter(|c| !c.is_control()).take(300).collect();
        let done: Result<(), StoreError> = store::write!(self.db, Actor::System, now, tx => advisories::wrong(tx, feed.id, why, &place).await);
        done?;
        Ok(Came { taken: Taken::default(), trouble: Some((why, place)) })
    }

    /// The files of a feed as they are: name and bytes, one after the other; of the web the copy that was kept.
    pub async fn files(&self, feed: &Feed) -> anyhow::Result<Vec<(String, PathBuf)>> {
        match feed.kind {
            Place::Own => Ok(Vec::new()),
            Place::File | Place::Directory => {
                let root = PathBuf::from(&feed.place);
                let files = tokio::task::spawn_blocking(move || below(&root)).await??;
                Ok(files.into_iter().collect())
            }
            Place::Url => {
                let known = advisories::known_files(&mut self.db.read().await?, feed.id).await?;
                // Of an archive the archive, not the files in it.
                let whole = known.into_iter().filter(|(name, _)| !name.contains(packed::WITHIN));
                Ok(whole.map(|(_, sha)| (format!("{sha}.feed"), self.blobs.path(&sha))).collect())
            }
        }
    }
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// The files below a folder by their names in it; a file is itself. Links are not followed; hidden files are no feed's.
fn below(root: &Path) -> std::io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let kind = std::fs::metadata(root)?.file_type();
    if kind.is_file() {
        let name = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        found.insert(name, root.to_owned());
        return Ok(found);
    }
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if kind.is_file() {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                found.insert(name, path);
            }
            if found.len() > FILES_MAX {
                return Err(std::io::Error::other("too many files"));
            }
        }
    }
    Ok(found)
}
