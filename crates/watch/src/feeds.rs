//! Feeds of knowledge: asked every few hours, one after the other; read file by file; only what is different is written,
//! and then the warnings are looked up again.
//!
//! A zip counts as a folder, a gz as its file. A feed that cannot be read, or a file of it that is broken, leaves standing what was known, and is said on the page of
//! feeds.

mod packed;

use std::{
    collections::{BTreeMap, BTreeSet},
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
use review::{advisory, inventory::Refused};
use send::{Fetched, Fetcher};
use sha2::{Digest, Sha256};
use store::{
    Db, StoreError,
    advisories::{self, Feed, FileRead, Taken},
    blobs::Blobs,
    warnings,
};

/// The kind of job; one for all feeds.
pub const KIND: &str = advisories::JOB;
/// How often a feed is asked: issuers publish daily, an emergency is told by letter and by hand.
pub const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Deepest folder that is looked into.
const DEEPEST: usize = 16;
/// Most files of one feed: the whole of CVE has about 300,000.
const FILES_MAX: usize = 1_000_000;
/// So many advisories, or bytes of files, are written in one transaction: others write in between.
const PER_WRITE: usize = 2_000;
const BYTES_PER_WRITE: usize = 32 << 20;

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

/// A file read but not yet written.
struct Waiting {
    name: String,
    sha256: String,
    read: Option<advisory::Feed>,
}

/// Files of one feed on their way into the records.
struct Batch {
    feed: Id<kind::Feed>,
    now: Timestamp,
    /// Digests of the files that were read before.
    known: BTreeMap<String, String>,
    /// Files that are there.
    seen: BTreeSet<String>,
    waiting: Vec<Waiting>,
    many: usize,
    weight: usize,
    taken: Taken,
    /// The first that is wrong, and with which file.
    wrong: Option<(Trouble, String)>,
}

impl Batch {
    fn of(feed: Id<kind::Feed>, now: Timestamp, known: BTreeMap<String, String>) -> Self {
        Self {
            feed,
            now,
            known,
            seen: BTreeSet::new(),
            waiting: Vec::new(),
            many: 0,
            weight: 0,
            taken: Taken::default(),
            wrong: None,
        }
    }

    fn trouble(&mut self, why: Trouble, name: &str) {
        self.wrong.get_or_insert((why, name.to_owned()));
    }

    /// What an archive held before is still there.
    fn keep(&mut self, archive: &str) {
        let within = format!("{archive}{}", packed::WITHIN);
        let held: Vec<String> = self.known.keys().filter(|name| name.starts_with(&within)).cloned().collect();
        self.seen.extend(held);
    }
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
        let files = BTreeMap::from([(feed.place.clone(), self.blobs.path(&kept.sha256))]);
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
        let known = known.into_iter().collect();
        let mut batch = Batch::of(feed.id, now, known);
        for (name, path) in files {
            batch.seen.insert(name.clone());
            let kind = tokio::task::spawn_blocking({
                let path = path.clone();
                move || packed::kind(&path)
            });
            match kind.await? {
                Ok(Some(kind)) => self.packed(&mut batch, name, path, kind).await?,
                Ok(None) => {
                    let got = bytes(path).await;
                    self.one(&mut batch, name, got).await?;
                }
                Err(_) => batch.trouble(Trouble::Unreachable, name),
            }
        }
        let gone = batch.known.keys().filter(|name| !batch.seen.contains(*name));
        let gone = gone.map(|name| Waiting { name: name.clone(), sha256: String::new(), read: None });
        batch.waiting.extend(gone);
        self.flush(&mut batch).await?;
        Ok((batch.taken, batch.wrong))
    }

    /// The files of an archive, unless it is the one that was read before. It is noted itself, too, once all of it was
    /// read.
    async fn packed(
        &self,
        batch: &mut Batch,
        name: &str,
        path: &Path,
        kind: packed::Packed,
    ) -> anyhow::Result<()> {
        let own = path.to_owned();
        let Ok(sha256) = tokio::task::spawn_blocking(move || packed::digest(&own)).await? else {
            batch.trouble(Trouble::Unreachable, name);
            batch.keep(name);
            return Ok(());
        };
        if batch.known.get(name) == Some(&sha256) {
            batch.keep(name);
            return Ok(());
        }
        let (sender, mut files) = tokio::sync::mpsc::channel(2);
        let own = path.to_owned();
        let unpacking = tokio::task::spawn_blocking(move || {
            packed::each(&own, kind, &mut |file, got| sender.blocking_send((file, got)).is_ok())
        });
        let before = batch.wrong.is_some();
        while let Some((file, got)) = files.recv().await {
            let file = format!("{name}{}{file}", packed::WITHIN);
            batch.seen.insert(file.clone());
            self.one(batch, &file, got).await?;
        }
        match unpacking.await? {
            // Half an archive tells nothing of what is gone.
            Err(why) => {
                batch.trouble(why, name);
                batch.keep(name);
            }
            Ok(()) if batch.wrong.is_some() && !before => {}
            Ok(()) => {
                let read = Some(advisory::Feed::default());
                batch.waiting.push(Waiting { name: name.to_owned(), sha256, read });
            }
        }
        Ok(())
    }

    /// One file, unless it is as it was.
    async fn one(&self, batch: &mut Batch, name: &str, got: Result<Vec<u8>, Trouble>) -> anyhow::Result<()> {
        let bytes = match got {
            Ok(bytes) => bytes,
            Err(why) => {
                batch.trouble(why, name);
                return Ok(());
            }
        };
        let sha256 = hex::encode(Sha256::digest(&bytes));
        if batch.known.get(name) == Some(&sha256) {
            return Ok(());
        }
        batch.weight += bytes.len();
        match parse(name.to_owned(), bytes).await? {
            Ok(read) => {
                batch.many += read.advisories.len() + 1;
                batch.waiting.push(Waiting { name: name.to_owned(), sha256, read: Some(read) });
            }
            Err(why) => batch.trouble(trouble(&why), name),
        }
        if batch.many >= PER_WRITE || batch.weight >= BYTES_PER_WRITE {
            self.flush(batch).await?;
        }
        Ok(())
    }

    async fn flush(&self, batch: &mut Batch) -> anyhow::Result<()> {
        let taken = self.write(batch.feed, &batch.waiting, batch.now).await?;
        batch.taken = std::mem::take(&mut batch.taken).and(taken);
        batch.waiting.clear();
        (batch.many, batch.weight) = (0, 0);
        Ok(())
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

fn trouble(why: &Refused) -> Trouble {
    match why {
        Refused::Empty => Trouble::Empty,
        Refused::TooLarge(_) => Trouble::TooLarge,
        Refused::Unknown => Trouble::Unknown,
        Refused::Broken(_) => Trouble::Broken,
    }
}

/// Reads a file's bytes in a task of its own: the whole of a feed is minutes of work for a core.
async fn parse(name: String, bytes: Vec<u8>) -> anyhow::Result<Result<advisory::Feed, Refused>> {
    Ok(tokio::task::spawn_blocking(move || advisory::read(&name, &bytes)).await?)
}

async fn bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    let length = tokio::fs::metadata(path).await.map_err(|_| Trouble::Unreachable)?.len();
    if length > review::inventory::FILE as u64 {
        return Err(Trouble::TooLarge);
    }
    tokio::fs::read(path).await.map_err(|_| Trouble::Unreachable)
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
