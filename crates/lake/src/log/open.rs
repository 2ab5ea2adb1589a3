//! Opening: what a crash tore is cut, what was kept lately is remembered, a new segment begins.

use std::{fs, path::Path, sync::Arc};

use tokio::sync::{Semaphore, mpsc};

use super::{
    Error, Health, Limits, Log, Position, Shared, Tools, UNIT, Writer,
    disk::{self, Opener},
    read,
    recent::Recent,
    segment,
};

/// So many segments from the end are read for what was kept lately.
const LOOK_BACK: usize = 2;

impl Log {
    /// Opens the log of a folder, which is made if it is not there. One process at a time: the caller holds the lock.
    pub fn open(dir: &Path, limits: Limits, tools: Tools) -> Result<Log, Error> {
        Self::open_after(dir, limits, tools, Position::default())
    }

    /// As [`Log::open`], every new place after one somebody remembers: where records or the table were put back without
    /// this folder, or with an older one, what comes now is not to be taken for what was read before.
    pub fn open_after(dir: &Path, limits: Limits, tools: Tools, after: Position) -> Result<Log, Error> {
        Self::opened(dir, limits, tools, disk::real(), after)
    }

    /// As [`Log::open`], writing to what `opener` makes of a path: for tests of a full or slow disk.
    pub fn open_on(dir: &Path, limits: Limits, tools: Tools, opener: Opener) -> Result<Log, Error> {
        Self::opened(dir, limits, tools, opener, Position::default())
    }

    fn opened(
        dir: &Path,
        limits: Limits,
        tools: Tools,
        opener: Opener,
        after: Position,
    ) -> Result<Log, Error> {
        fs::create_dir_all(dir)?;
        let mut recent = Recent::new(limits.names);
        let mut health = Health::default();
        // A head that is torn has no frames behind it: it is synced before any.
        let mut all = segment::list(dir)?;
        while let Some(last) = all.last().copied() {
            if segment::head(dir, last)?.is_some()
                || fs::metadata(segment::path(dir, last))?.len() > u64::from(segment::HEAD)
            {
                break;
            }
            fs::remove_file(segment::path(dir, last))?;
            all.pop();
        }
        let mut before = segment::HEAD;
        for number in all.iter().rev().take(LOOK_BACK).rev().copied() {
            let (end, damaged, rest) = read::recover(dir, number, &all, &mut |batch| {
                recent.add(&batch);
            })?;
            health.damaged += damaged;
            if all.last() == Some(&number) {
                before = end;
                health.torn = rest;
                if rest > 0 {
                    tracing::warn!(segment = number, bytes = rest, "a torn end of the log was cut");
                    let file = fs::OpenOptions::new().write(true).open(segment::path(dir, number))?;
                    file.set_len(u64::from(end))?;
                    file.sync_all()?;
                }
            }
        }
        if health.damaged > 0 {
            tracing::error!(places = health.damaged, "the log is damaged: run `canh lake verify`");
        }
        let last = all.last().copied().unwrap_or_default();
        if after.segment > last {
            tracing::warn!(
                %after, last,
                "the log of events ends before what was read of it: its folder was emptied or put back; it goes on after that"
            );
        }
        let next = last.max(after.segment).saturating_add(1);
        let shared = Arc::new(Shared::new(Position { segment: next, offset: 0 }, health));
        let (asks, asked) = mpsc::unbounded_channel();
        let mut writer =
            Writer::new(dir.to_owned(), limits, tools, opener, recent, shared.clone(), (next, before));
        writer.begin()?;
        std::thread::Builder::new().name("canh-log".into()).spawn(move || writer.run(asked))?;
        let room = Arc::new(Semaphore::new(limits.queue / UNIT));
        Ok(Log { dir: Arc::new(dir.to_owned()), asks, room, limits, shared })
    }
}
