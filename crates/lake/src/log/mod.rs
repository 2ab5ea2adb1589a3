//! The log: batches of records, one frame each, in numbered segments.
//!
//! ```text
//! append ─ queue (bounded) ─ writer thread: many batches ─ one write ─ one fdatasync ─ answers
//! read(position) ─ the frames after it, as far as they are durable
//! ```
//!
//! An old segment is never appended to: opening begins a new one, whose head says where the one before ends. So what a
//! failed write left behind a segment's end is never read, whether it could be cut off or not.

mod disk;
mod frame;
mod health;
mod open;
mod read;
mod recent;
mod segment;
mod writer;

use std::{fmt, path::PathBuf, sync::Arc};

use domain::{
    id::{Id, Secrets, kind},
    time::Clock,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

pub use self::{
    disk::{Opener, Sink},
    health::{Health, State},
    read::{Damage, Page, verify},
};
use self::{health::Shared, writer::Writer};

/// The most bytes of one batch: a body of 16 MB, unpacked. Larger ones are split by whoever takes them in.
pub const BATCH_MAX: usize = 32 << 20;
/// Permits of the queue are of so many bytes, since a semaphore counts in 32 bits.
const UNIT: usize = 1024;

/// Where a batch lies. Grows with every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The segment.
    pub segment: u32,
    /// The byte in it.
    pub offset: u32,
}

impl Position {
    /// As one number, for records in SQL; order is kept.
    pub fn packed(self) -> i64 {
        (i64::from(self.segment & 0x7fff_ffff) << 32) | i64::from(self.offset)
    }
    /// From that number.
    pub fn unpacked(packed: i64) -> Self {
        let part = |n: i64| u32::try_from(n & 0xffff_ffff).unwrap_or_default();
        Self { segment: part(packed >> 32), offset: part(packed) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.segment, self.offset)
    }
}

/// One line as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The client's own name of it; a second one of that name is not kept.
    pub id: Option<String>,
    /// What the way in knows beside the line (host, time), as a small JSON object; may be empty.
    pub meta: String,
    /// The line.
    pub line: Vec<u8>,
}

/// Lines that came together and are acknowledged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// From which source.
    pub source: Id<kind::Source>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// When it came.
    pub at: Timestamp,
    /// What makes a re-send of it recognisable: [`batch_key`]; none of ways in that never send again.
    pub key: Option<[u8; 16]>,
    /// The lines.
    pub records: Vec<Record>,
}

/// The key of a batch: what came, byte by byte, and from whom.
pub fn batch_key(source: Id<kind::Source>, bytes: &[u8]) -> [u8; 16] {
    digest(&[source.uuid().as_bytes(), bytes])
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut sum = Sha256::new();
    parts.iter().for_each(|part| sum.update(part));
    sum.finalize().first_chunk::<16>().copied().unwrap_or_default()
}

/// What became of an appended batch; it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it lies; nothing where every record of it was there already.
    pub at: Option<Position>,
    /// The places of its records that were kept before under the same name.
    pub already: Vec<usize>,
    /// The whole batch was kept before and not acknowledged.
    pub resent: bool,
}

/// Why a batch was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The queue is full: the disk is slower than what comes.
    #[error("the queue is full")]
    Busy,
    /// The disk refused: it is full, or broken.
    #[error("the disk refuses: {0}")]
    Disk(String),
    /// The batch is larger than [`BATCH_MAX`].
    #[error("the batch has {0} bytes")]
    Large(usize),
    /// The log is closing.
    #[error("the log is closed")]
    Closed,
    /// A table of events cannot be made or read.
    #[error("the table of events: {0}")]
    Table(String),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Disk(error.to_string())
    }
}

/// Limits of a log.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A segment is ended when it has so many bytes.
    pub segment: u32,
    /// Bytes that may wait to be written.
    pub queue: usize,
    /// Bytes written together.
    pub group: usize,
    /// Names of records remembered.
    pub names: usize,
    /// A write that takes longer than this many milliseconds makes the log slow.
    pub slow_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        // 128 MB is read in a second after a crash; 64 MB of queue are four bodies of the largest kind; a group of 8 MB
        // is written in the time a disk takes to sync; half a million names take 40 MB.
        Self { segment: 128 << 20, queue: 64 << 20, group: 8 << 20, names: 500_000, slow_ms: 1_000 }
    }
}

/// What a log needs from the program.
#[derive(Clone)]
pub struct Tools {
    /// Its clock: how long the disk takes.
    pub clock: Arc<dyn Clock>,
    /// Salts of segments.
    pub secrets: Arc<dyn Secrets>,
}

type Answer = oneshot::Sender<Result<Kept, Error>>;

enum Ask {
    Keep(Batch, Answer, tokio::sync::OwnedSemaphorePermit),
    Acknowledged([u8; 16]),
}

/// The log. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    dir: Arc<PathBuf>,
    asks: mpsc::UnboundedSender<Ask>,
    room: Arc<Semaphore>,
    limits: Limits,
    shared: Arc<Shared>,
}

impl Log {
    /// Appends a batch; returns when it is on disk. Waits while the queue is full.
    pub async fn append(&self, batch: Batch) -> Result<Kept, Error> {
        let units = self.units(&batch)?;
        let room = self.room.clone().acquire_many_owned(units).await.map_err(|_| Error::Closed)?;
        self.ask(batch, room).await
    }

    /// As [`Log::append`], but refuses with [`Error::Busy`] while the queue is full.
    pub async fn try_append(&self, batch: Batch) -> Result<Kept, Error> {
        let units = self.units(&batch)?;
        let room = self.room.clone().try_acquire_many_owned(units).map_err(|_| {
            self.shared.refused();
            Error::Busy
        })?;
        self.ask(batch, room).await
    }

    fn units(&self, batch: &Batch) -> Result<u32, Error> {
        let bytes = frame::size(batch);
        if bytes > BATCH_MAX {
            return Err(Error::Large(bytes));
        }
        let most = self.limits.queue / UNIT;
        Ok(u32::try_from((bytes / UNIT + 1).min(most)).unwrap_or(u32::MAX))
    }

    async fn ask(&self, batch: Batch, room: tokio::sync::OwnedSemaphorePermit) -> Result<Kept, Error> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Keep(batch, answer, room)).map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }

    /// Says that whoever sent the batch of that key was told that it is kept: the same bytes again are new ones.
    pub fn acknowledged(&self, key: [u8; 16]) {
        // A closed log has forgotten all keys anyhow.
        let _ = self.asks.send(Ask::Acknowledged(key));
    }

    /// The batches from a position on, as far as they are durable, at least one if there is one, until they have
    /// `bytes`. Reads files: not for a thread that serves.
    pub fn read(&self, from: Position, bytes: usize) -> Result<Page, Error> {
        read::page(&self.dir, from, *self.shared.durable.borrow(), bytes)
    }

    /// Where what is durable ends: followers wait for it to move.
    pub fn durable(&self) -> watch::Receiver<Position> {
        self.shared.durable.subscribe()
    }

    /// How it is.
    pub fn health(&self) -> Health {
        let queued = (self.limits.queue / UNIT).saturating_sub(self.room.available_permits()) * UNIT;
        Health { queued, ..self.shared.health() }
    }

    /// Where its first segment begins.
    pub fn first(&self) -> Result<Position, Error> {
        let first = segment::list(&self.dir)?.first().copied().unwrap_or_default();
        Ok(Position { segment: first, offset: segment::HEAD })
    }

    /// Removes segments that end before a position, oldest first; returns how many. The last two stay.
    pub fn release(&self, before: Position) -> Result<usize, Error> {
        let all = segment::list(&self.dir)?;
        let kept = all.len().saturating_sub(2);
        let mut gone = 0;
        for number in all.into_iter().take(kept).filter(|n| *n < before.segment) {
            std::fs::remove_file(segment::path(&self.dir, number))?;
            gone += 1;
        }
        Ok(gone)
    }
}
