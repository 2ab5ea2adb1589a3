//! The watched folder. A file that looks the same at two looks is taken in, then moved: to `done`, or to `refused` if
//! it could not be read or is marked secret. The move is a rename, after the commit: killed between the two, the next
//! look finds the file's key in the records and only moves it.

use std::{
    collections::BTreeMap,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use domain::{
    actor::Scope,
    id::{Id, kind},
    intake::{Inlet, ItemState},
};
use jiff::Timestamp;
use serde_json::json;
use store::intake;
use tokio::io::AsyncReadExt;

use super::{
    Inbox,
    open::{Came, Coming},
};

/// Where files go that were taken in.
const DONE: &str = "done";
/// Where files go that were not.
const REFUSED: &str = "refused";
/// Files of one round; the rest comes with the next.
const ROUND: usize = 500;
/// A file without a byte may still be written to; after so many seconds nobody will.
const EMPTY_SECONDS: i64 = 600;
/// What copying programs call a file that is not whole yet.
const UNFINISHED: [&str; 5] = [".part", ".partial", ".tmp", ".crdownload", ".filepart"];

/// What tells one state of a file from another: device, node, length, time of the last writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    device: u64,
    node: u64,
    len: u64,
    seconds: i64,
    nanos: i64,
}

impl Look {
    fn of(meta: &std::fs::Metadata) -> Self {
        Self {
            device: meta.dev(),
            node: meta.ino(),
            len: meta.len(),
            seconds: meta.mtime(),
            nanos: meta.mtime_nsec(),
        }
    }

    /// Says where the file lay, and nothing of what it holds.
    fn key(self) -> String {
        let Self { device, node, len, seconds, nanos } = self;
        format!("folder:{device}:{node}:{len}:{seconds}.{nanos:09}")
    }
}

/// The watched folder, with what was seen at the last look.
pub struct Folder {
    path: PathBuf,
    seen: BTreeMap<PathBuf, Look>,
}

impl Folder {
    /// The folder at that path.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: BTreeMap::new() }
    }

    /// One look: takes in every file that has not changed since the last one. Returns how many.
    ///
    /// # Errors
    /// When folder or records fail; what was taken before stays taken.
    pub async fn round(&mut self, inbox: &Inbox, now: Timestamp) -> anyhow::Result<u32> {
        let body = inbox.body().await?;
        for folder in [DONE, REFUSED] {
            let folder = self.path.join(folder);
            tokio::fs::create_dir_all(&folder)
                .await
                .with_context(|| format!("making {}", folder.display()))?;
        }
        let looks = self.looks().await?;
        let mut taken = 0;
        for (path, look) in
            looks.iter().filter(|(path, look)| self.seen.get(*path) == Some(*look)).take(ROUND)
        {
            if look.len == 0 && now.as_second().saturating_sub(look.seconds) < EMPTY_SECONDS {
                continue;
            }
            let Some(state) = take(inbox, body, path, *look, now).await? else { continue };
            let to = match state.1 {
                ItemState::Trouble | ItemState::Secret => REFUSED,
                _ => DONE,
            };
            let to = self.path.join(to).join(moved_name(path, state.0));
            // Left where it is, it would only be found known again at every look.
            if let Err(error) = tokio::fs::rename(path, &to).await {
                tracing::warn!(%error, "a file that was taken in could not be moved");
            }
            taken += 1;
        }
        self.seen = looks;
        Ok(taken)
    }

    /// The files that lie there: no folders, no links, nothing hidden or unfinished.
    async fn looks(&self) -> anyhow::Result<BTreeMap<PathBuf, Look>> {
        let mut looks = BTreeMap::new();
        let mut entries = tokio::fs::read_dir(&self.path)
            .await
            .with_context(|| format!("looking into {}", self.path.display()))?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let lower = name.to_lowercase();
            if name.starts_with(['.', '~']) || UNFINISHED.iter().any(|end| lower.ends_with(end)) {
                continue;
            }
            // Of the entry itself, not of what a link points to; a file gone meanwhile is none.
            if let Ok(meta) = entry.metadata().await
                && meta.is_file()
            {
                looks.insert(entry.path(), Look::of(&meta));
            }
        }
        Ok(looks)
    }
}

/// Takes one file in. `None`: it changed or went meanwhile.
async fn take(
    inbox: &Inbox,
    body: Id<kind::Body>,
    path: &Path,
    look: Look,
    now: Timestamp,
) -> anyhow::Result<Option<(Id<kind::InboxItem>, ItemState)>> {
    let key = look.key();
    if let Some(known) = state(inbox, &key).await? {
        return Ok(Some(known));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = match read(path, look).await {
        Ok(None) => return Ok(None),
        Ok(Some(bytes)) => bytes,
        Err(error) => {
            tracing::warn!(%error, "a file could not be opened");
            Err("file")
        }
    };
    let coming = Coming {
        inlet: Inlet::Folder,
        body,
        key: key.clone(),
        origin: json!({ "file": name }),
        mark: None,
        files: vec![Came { name: Some(name), bytes, inline: false }],
    };
    inbox.take_in(coming, now).await?;
    state(inbox, &key).await
}

async fn state(inbox: &Inbox, key: &str) -> anyhow::Result<Option<(Id<kind::InboxItem>, ItemState)>> {
    let mut sql = inbox.db.read().await?;
    let Some(id) = intake::known(&mut sql, key).await? else { return Ok(None) };
    let item = intake::get(&mut sql, &Scope::system(), id).await?;
    Ok(Some((id, item.state)))
}

/// The bytes, if it is still the file that was looked at. Links are not followed: whoever may write here may not make
/// Canh read what they cannot.
async fn read(path: &Path, look: Look) -> std::io::Result<Option<Result<Vec<u8>, &'static str>>> {
    let mut options = std::fs::OpenOptions::new();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    let file = match tokio::fs::OpenOptions::from(options).open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let meta = file.metadata().await?;
    if !meta.is_file() || Look::of(&meta) != look {
        return Ok(None);
    }
    let limit = paper::limits::FILE;
    if look.len > limit as u64 {
        return Ok(Some(Err("too-large")));
    }
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    // Written to while it was read: at the next look.
    Ok((bytes.len() as u64 == look.len).then_some(Ok(bytes)))
}

/// Its name with the end of the item's id before the extension: no other file has it, so that nothing is overwritten.
fn moved_name(path: &Path, id: Id<kind::InboxItem>) -> PathBuf {
    let id = id.to_string();
    let short: String = id.chars().skip(id.len().saturating_sub(8)).collect();
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    // A name may have 255 bytes.
    let stem: String = stem.chars().take(60).collect();
    match path.extension() {
        Some(end) if end.len() <= 16 => format!("{stem}.{short}.{}", end.to_string_lossy()).into(),
        _ => format!("{stem}.{short}").into(),
    }
}
