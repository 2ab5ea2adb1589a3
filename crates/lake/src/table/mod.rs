//! The table of events: what was kept, as columns, to be searched.
//!
//! ```text
//! feed (in the log's order) ─ hot: columns in memory, one body each ─ convert ─ a file ─ compact ─ fewer files ─ expire
//!                              └────────────── search: both, of the bodies one may see ──────────────┘
//! ```
//!
//! What is in memory only is still in the log: [`Lake::kept`] says from where on the log is needed. Whoever feeds begins
//! there after a start, and what is fed twice is taken once, since everything has its place in the log.

mod compact;
pub(crate) mod file;
pub(crate) mod grams;
mod hot;
mod merge;
mod oldest;
mod pread;
pub(crate) mod rows;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use domain::id::{Id, kind};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

pub use self::{
    compact::{Done, Keep},
    file::{DataFile, Group, Name},
    hot::Feed,
    rows::About,
};
use self::{
    file::{Steps, Writing},
    hot::Hot,
};
use crate::{Error, Position};

/// How much stays in memory and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes in memory that make a file due. Twice as much is the most there is: while one half is being written.
    pub hot: usize,
    /// Age of the oldest event in memory that makes a file due.
    pub age: SignedDuration,
    /// A file is not merged into one with more bytes than this, unpacked: of larger ones there are few as it is.
    pub merged: u64,
    /// So many files beside each other are made one.
    pub fan: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        // 96 MB are written in a second or two; of five minutes much log has to be read again after a crash, of less the
        // files become many; 512 MB are what merging may take of the memory; eight at a time, so that an event is
        // written again a handful of times in all.
        Self { hot: 96 << 20, age: SignedDuration::from_mins(5), merged: 512 << 20, fan: 8 }
    }
}

/// What there is now: files, what is being written, what came last. Cheap to clone; what it shows never changes.
#[derive(Clone, Default)]
pub struct View {
    /// Files, in the order of the log.
    pub files: Vec<Arc<DataFile>>,
    /// What is being written to a file.
    pub(crate) frozen: Option<Arc<Hot>>,
    /// What came last.
    pub(crate) hot: Arc<Hot>,
}

/// A line that is in the table, with whose it is and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The batch's place in the log.
    pub position: Position,
    /// The line of the batch.
    pub line: u32,
    /// Whose.
    pub body: Id<kind::Body>,
    /// As it came.
    pub raw: String,
}

impl View {
    /// What each column takes over all files, the most first: its name, bytes packed with its bloom filters, bytes
    /// unpacked. What is left of the files' sizes are their feet.
    pub fn columns(&self) -> Vec<(String, u64, u64)> {
        let mut all: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (name, (packed, whole)) in self.files.iter().flat_map(|file| file.columns()) {
            let of = all.entry(name).or_default();
            *of = (of.0 + packed, of.1 + whole);
        }
        let mut all: Vec<_> = all.into_iter().map(|(name, (packed, whole))| (name, packed, whole)).collect();
        all.sort_by_key(|(_, packed, _)| std::cmp::Reverse(*packed));
        all
    }

    /// Every line there is, in the order of the log: for whoever counts a small table, not for searches.
    pub fn lines(&self) -> Result<Vec<Line>, Error> {
        let mut batches = Vec::new();
        for file in &self.files {
            for group in &file.groups {
                batches.extend(merge::read(file, vec![group.number])?.collect::<Result<Vec<_>, _>>()?);
            }
        }
        let hot = self.frozen.iter().chain([&self.hot]);
        batches.extend(hot.flat_map(|h| h.bodies.values().flat_map(|pieces| pieces.iter().cloned())));
        let mut all = Vec::new();
        for batch in &batches {
            let (bodies, raws) =
                (rows::texts(batch, rows::name::BODY)?, rows::texts(batch, rows::name::RAW)?);
            let places = rows::places(batch)?.values().iter().zip(rows::lines(batch)?.values());
            for ((place, line), (body, raw)) in places.zip(bodies.iter().zip(raws)) {
                all.push(Line {
                    position: Position::unpacked(*place),
                    line: u32::try_from(*line).unwrap_or_default(),
                    body: body.and_then(|b| b.parse().ok()).ok_or_else(|| rows::table("whose is it?"))?,
                    raw: raw.unwrap_or_default().to_owned(),
                });
            }
        }
        all.sort();
        Ok(all)
    }
}

/// The table. Cheap to clone.
#[derive(Clone)]
pub struct Lake(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    bounds: Bounds,
    steps: Steps,
    view: RwLock<View>,
    /// Told when memory is full.
    full: Notify,
    /// Who writes what came: one at a time.
    writing: Mutex<()>,
    /// Who makes files of files: one at a time, and nobody who writes what came waits for it.
    tidying: Mutex<()>,
}

/// How the table is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Size {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Events in them.
    pub events: u64,
    /// Events in memory only.
    pub hot_events: u64,
    /// The bytes these take.
    pub hot_bytes: usize,
    /// When the oldest event in files happened, in microseconds.
    pub oldest: Option<i64>,
}

impl Lake {
    /// Opens the table of a folder, which is made if it is not there. One process at a time.
    pub fn open(dir: &Path, bounds: Bounds) -> Result<Self, Error> {
        Self::open_with(dir, bounds, Arc::new(|_| {}))
    }

    /// As [`Lake::open`]; `steps` is called wherever a crash could come between: for tests that die there.
    pub fn open_with(dir: &Path, bounds: Bounds, steps: Steps) -> Result<Self, Error> {
        fs::create_dir_all(dir)?;
        let (names, rests) = file::list(dir)?;
        for rest in rests {
            fs::remove_file(rest)?;
        }
        let (gone, here): (Vec<_>, Vec<_>) =
            names.iter().cloned().partition(|name| names.iter().any(|other| other.replaces(name)));
        for name in &gone {
            fs::remove_file(name.path(dir))?;
        }
        for pair in here.windows(2) {
            if let [one, two] = pair
                && one.to > two.from
            {
                return Err(Error::Table(format!("two files stand for the same events: {one:?}, {two:?}")));
            }
        }
        let files: Result<Vec<_>, _> =
            here.into_iter().map(|n| DataFile::open(dir, n).map(Arc::new)).collect();
        let files = files?;
        let kept = files.last().map_or_else(Position::default, |f| f.name.to);
        let view = View { files, frozen: None, hot: Arc::new(Hot::from(kept)) };
        Ok(Self(Arc::new(Inner {
            dir: dir.to_owned(),
            bounds,
            steps,
            view: RwLock::new(view),
            full: Notify::new(),
            writing: Mutex::new(()),
            tidying: Mutex::new(()),
        })))
    }

    /// What there is now.
    pub fn view(&self) -> View {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Up to where the log's events are in files: what lies before is no longer needed there.
    pub fn kept(&self) -> Position {
        let view = self.view();
        view.frozen.as_ref().map_or(view.hot.from, |f| f.from)
    }

    /// Up to where the log's events were fed.
    pub fn fed(&self) -> Position {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner).hot.to
    }

    /// How it is.
    pub fn size(&self) -> Size {
        let view = self.view();
        let hot = || view.frozen.iter().chain([&view.hot]);
        Size {
            files: view.files.len(),
            bytes: view.files.iter().map(|f| f.size).sum(),
            events: view.files.iter().map(|f| f.rows()).sum(),
            hot_events: hot().map(|h| h.events).sum(),
            hot_bytes: hot().map(|h| h.bytes).sum(),
            oldest: view.files.iter().flat_map(|f| &f.groups).map(|g| g.times.0).min(),
        }
    }

    /// Takes in what was fed; from now on it is found. Waits while a file is being written and memory is full.
    pub fn take(&self, feed: Feed) -> Result<(), Error> {
        let mut feed = Some(feed);
        loop {
            {
                let mut view = self.0.view.write().unwrap_or_else(PoisonError::into_inner);
                if view.hot.bytes < self.0.bounds.hot || view.frozen.is_none() {
                    if let Some(feed) = feed.take() {
                        Arc::make_mut(&mut view.hot).take(feed)?;
                    }
                    if view.hot.bytes >= self.0.bounds.hot {
                        self.0.full.notify_one();
                    }
                    return Ok(());
                }
            }
            // Until the file is written: it holds this lock.
            drop(self.writing());
            // Writing it failed before: it is tried again here, so that memory stays bounded.
            self.write()?;
        }
    }

    /// Waits until memory is full: a file is due at once, so that writing one and taking in the next go on together.
    pub async fn full(&self) {
        self.0.full.notified().await;
    }

    /// Whether a file is due.
    pub fn due(&self, now: Timestamp) -> bool {
        let view = self.view();
        let old = view.hot.since.is_some_and(|since| now.duration_since(since) >= self.0.bounds.age);
        view.frozen.is_some() || view.hot.bytes >= self.0.bounds.hot || old
    }

    /// Writes what is in memory to a file. Not for a thread that serves.
    pub fn convert(&self) -> Result<(), Error> {
        let one = self.writing();
        {
            let mut view = self.0.view.write().unwrap_or_else(PoisonError::into_inner);
            if view.frozen.is_none() {
                if view.hot.events == 0 {
                    return Ok(());
                }
                let next = Arc::new(Hot::from(view.hot.to));
                view.frozen = Some(std::mem::replace(&mut view.hot, next));
            }
        }
        drop(one);
        self.write()
    }

    fn write(&self) -> Result<(), Error> {
        let _one = self.writing();
        let Some(frozen) = self.view().frozen else { return Ok(()) };
        let name = Name { from: frozen.from, to: frozen.to, generation: 0, sum: String::new() };
        let mut writing = Writing::begin(&self.0.dir, name, frozen.most(), false, &self.0.steps)?;
        for body in frozen.bodies.keys() {
            if let Some(rows) = frozen.of(body)? {
                writing.rows(&rows::sorted(&rows)?)?;
                writing.end_of_group()?;
            }
        }
        let file = Arc::new(DataFile::open(&self.0.dir, writing.finish()?)?);
        let mut view = self.0.view.write().unwrap_or_else(PoisonError::into_inner);
        view.files.push(file);
        view.frozen = None;
        Ok(())
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.0.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tidying(&self) -> MutexGuard<'_, ()> {
        self.0.tidying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bodies it has events of.
    pub fn bodies(&self) -> BTreeSet<Id<kind::Body>> {
        let view = self.view();
        let mut all: BTreeSet<_> = view.files.iter().flat_map(|f| f.groups.iter().map(|g| g.body)).collect();
        all.extend(view.frozen.iter().chain([&view.hot]).flat_map(|h| h.bodies.keys().copied()));
        all
    }
}

/// What `canh lake verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Files read.
    pub files: usize,
    /// Events in those that are whole.
    pub events: u64,
    /// What is wrong, file by file.
    pub wrong: Vec<String>,
    /// Where events are missing between two files: none were kept there, or a file is gone.
    pub gaps: Vec<(Position, Position)>,
}

/// What the files of a table hold, for looking beside the program that keeps it: nothing is changed, and what that
/// program has in memory only is not in it.
pub fn peek(dir: &Path) -> Result<View, Error> {
    let (names, _) = file::list(dir)?;
    let here = names.iter().filter(|name| !names.iter().any(|other| other.replaces(name)));
    let files: Result<Vec<_>, _> = here.map(|n| DataFile::open(dir, n.clone()).map(Arc::new)).collect();
    let files = files?;
    let kept = files.last().map_or_else(Position::default, |f| f.name.to);
    Ok(View { files, frozen: None, hot: Arc::new(Hot::from(kept)) })
}

/// Reads every file of a folder and holds it against the sum in its name. What a crash left behind is no fault.
pub fn check(dir: &Path) -> Result<Checked, Error> {
    let mut found = Checked::default();
    if !dir.exists() {
        return Ok(found);
    }
    let (names, _) = file::list(dir)?;
    let here: Vec<_> = names.iter().filter(|n| !names.iter().any(|o| o.replaces(n))).cloned().collect();
    for pair in here.windows(2) {
        if let [one, two] = pair
            && one.to != two.from
        {
            found.gaps.push((one.to, two.from));
        }
    }
    for name in here {
        found.files += 1;
        let path = name.path(dir).display().to_string();
        match file::whole(dir, &name) {
            Ok(true) => match DataFile::open(dir, name) {
                Ok(open) => found.events += open.rows(),
                Err(error) => found.wrong.push(format!("{path}: {error}")),
            },
            Ok(false) => found.wrong.push(format!("{path}: its bytes are not those that were written")),
            Err(error) => found.wrong.push(format!("{path}: {error}")),
        }
    }
    Ok(found)
}
