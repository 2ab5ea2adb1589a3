//! One file of events: its name, how it is written, what is known of it once it is open.
//!
//! ```text
//! <first place in the log>-<place after the last>.<generation>.<begin of its SHA-256>.parquet
//! ```
//! A file stands for a stretch of the log. It comes into being whole, by a rename; one that stands for the same stretch,
//! or a longer one, with a higher generation, takes its place. So there is no list of files that could be wrong.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use arrow_array::RecordBatch;
use domain::id::{Id, kind};
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    },
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        metadata::{KeyValue, RowGroupMetaData, SortingColumn},
        properties::{EnabledStatistics, WriterProperties},
        reader::ChunkReader,
        statistics::Statistics,
    },
    schema::types::ColumnPath,
};
use sha2::{Digest, Sha256};

use super::{
    grams::{self, Grams},
    oldest::Oldest,
    pread::Pread,
    rows::{self, SCHEMA, name, table},
};
use crate::{Error, Position};

/// Most rows of a row group: what is read at once of one body.
const GROUP_ROWS: usize = 64 * 1024;
/// Most bytes of a row group, packed: long lines make it shorter.
const GROUP_BYTES: usize = 64 << 20;
/// So many are added before the bytes are looked at.
const PIECE: usize = 8 * 1024;
/// How hard zstd tries: the third level packs at the speed lines come in, the ninth is for files made in peace.
const QUICK: i32 = 3;
const PEACE: i32 = 9;
/// Share of values a bloom filter takes for one of its own. One row group in a hundred read in vain costs less than
/// filters twice the size.
const BLOOM: f64 = 0.01;
/// Columns looked for by whole values.
const BLOOMS: [&str; 9] = [
    "host.name",
    "user.name",
    "user.target.name",
    "source.ip",
    "destination.ip",
    "dns.question.name",
    "file.hash",
    "process.executable",
    "event.code",
];
/// What is not finished begins with this.
const WRITING: &str = ".writing-";

/// What a file's name says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The first place of the stretch of the log it stands for.
    pub from: Position,
    /// The place after it.
    pub to: Position,
    /// Of two for one stretch the higher counts.
    pub generation: u32,
    /// The begin of its sum.
    pub sum: String,
}

impl Name {
    fn text(&self) -> String {
        let (from, to) = (self.from.packed(), self.to.packed());
        format!("{from:016x}-{to:016x}.{:04x}.{}.parquet", self.generation, self.sum)
    }
    fn read(text: &str) -> Option<Self> {
        let (stretch, rest) = text.strip_suffix(".parquet")?.split_once('.')?;
        let (generation, sum) = rest.split_once('.')?;
        let (from, to) = stretch.split_once('-')?;
        let place = |hex: &str| i64::from_str_radix(hex, 16).ok().map(Position::unpacked);
        Some(Self {
            from: place(from)?,
            to: place(to)?,
            generation: u32::from_str_radix(generation, 16).ok()?,
            sum: sum.to_owned(),
        })
    }
    /// Whether this file takes the other's place.
    pub fn replaces(&self, other: &Self) -> bool {
        self.from <= other.from && other.to <= self.to && self.generation > other.generation
    }
    /// Where it lies.
    pub fn path(&self, dir: &Path) -> PathBuf {
        dir.join(self.text())
    }
}

/// What is called before each step that a crash could come between: tests die there.
pub type Steps = std::sync::Arc<dyn Fn(&'static str) + Send + Sync>;

/// Finished files and leftovers of a folder.
pub fn list(dir: &Path) -> Result<(Vec<Name>, Vec<PathBuf>), Error> {
    let (mut names, mut rests) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let text = entry.file_name().to_string_lossy().into_owned();
        match Name::read(&text) {
            Some(name) => names.push(name),
            None if text.starts_with(WRITING) => rests.push(entry.path()),
            None => {}
        }
    }
    names.sort();
    Ok((names, rests))
}

/// A file being written.
pub struct Writing<'a> {
    dir: &'a Path,
    path: PathBuf,
    steps: &'a Steps,
    name: Name,
    writer: ArrowWriter<Summed<BufWriter<File>>>,
    /// Of each row group written, and of the one in the making.
    grams: Vec<Vec<u8>>,
    making: Grams,
}

impl<'a> Writing<'a> {
    /// Begins one of at most `rows` events a body; `name.sum` comes at the end.
    pub fn begin(dir: &'a Path, name: Name, rows: u64, peace: bool, steps: &'a Steps) -> Result<Self, Error> {
        steps("begin");
        let path = dir.join(format!("{WRITING}{}", name.text()));
        let out = Summed { sum: Sha256::new(), out: BufWriter::with_capacity(1 << 20, File::create(&path)?) };
        let writer =
            ArrowWriter::try_new(out, SCHEMA.clone(), Some(properties(peace, rows)?)).map_err(table)?;
        Ok(Self { dir, path, steps, name, writer, grams: Vec::new(), making: Grams::default() })
    }

    /// Adds events of one body, in their order.
    pub fn rows(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        (self.steps)("rows");
        let mut from = 0;
        while from < batch.num_rows() {
            let room = GROUP_ROWS.saturating_sub(self.writer.in_progress_rows()).clamp(1, PIECE);
            let piece = batch.slice(from, room.min(batch.num_rows() - from));
            self.writer.write(&piece).map_err(table)?;
            self.making.add(&piece)?;
            from += piece.num_rows();
            if self.writer.in_progress_rows() >= GROUP_ROWS || self.writer.in_progress_size() >= GROUP_BYTES {
                self.end_of_group()?;
            }
        }
        Ok(())
    }

    /// What comes now begins a row group: another body's, since none holds events of two.
    pub fn end_of_group(&mut self) -> Result<(), Error> {
        if self.writer.in_progress_rows() > 0 {
            self.writer.flush().map_err(table)?;
            self.grams.push(std::mem::take(&mut self.making).finish());
        }
        Ok(())
    }

    /// Ends it: from now on it is there.
    pub fn finish(mut self) -> Result<Name, Error> {
        (self.steps)("foot");
        let mut places = Vec::new();
        for bits in &self.grams {
            places.push((self.writer.bytes_written() as u64, u32::try_from(bits.len()).unwrap_or(0)));
            self.writer.write_all(bits)?;
        }
        self.writer.append_key_value_metadata(grams::told(&places));
        self.writer.finish().map_err(table)?;
        let out = self.writer.inner_mut();
        out.out.flush()?;
        out.out.get_ref().sync_all()?;
        self.name.sum = short(&out.sum.clone().finalize());
        (self.steps)("rename");
        fs::rename(&self.path, self.name.path(self.dir))?;
        (self.steps)("folder");
        File::open(self.dir)?.sync_all()?;
        (self.steps)("done");
        Ok(self.name)
    }
}

/// How a file of at most `rows` events a body is written; `peace` where there is time to.
pub fn properties(peace: bool, rows: u64) -> Result<WriterProperties, Error> {
    let level = ZstdLevel::try_new(if peace { PEACE } else { QUICK }).map_err(table)?;
    let column = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let mut made = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        // Whoever writes says where a row group ends.
        .set_max_row_group_row_count(None)
        // Nobody reads what is told of pages; of small row groups, which is what comes in makes, it was half the file.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_bloom_filter_fpp(BLOOM)
        // They are made for so many values and folded to what came.
        .set_bloom_filter_max_ndv(rows.clamp(1, GROUP_ROWS as u64))
        .set_column_dictionary_enabled(column(name::RAW), false)
        .set_created_by("canh".to_owned())
        .set_sorting_columns(Some(vec![SortingColumn {
            column_idx: i32::try_from(rows::at(name::TIME)).unwrap_or_default(),
            descending: false,
            nulls_first: false,
        }]))
        .set_key_value_metadata(Some(vec![KeyValue::new("canh.format".to_owned(), "1".to_owned())]));
    for number in [name::TIME, name::CAME, name::POSITION, name::LINE] {
        made = made
            .set_column_dictionary_enabled(column(number), false)
            .set_column_encoding(column(number), Encoding::DELTA_BINARY_PACKED);
    }
    for name in BLOOMS {
        made = made.set_column_bloom_filter_enabled(column(name), true);
    }
    Ok(made.build())
}

struct Summed<W> {
    sum: Sha256,
    out: W,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.sum.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn short(sum: &[u8]) -> String {
    sum.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a file's bytes still are what its name says.
pub fn whole(dir: &Path, name: &Name) -> Result<bool, Error> {
    let mut sum = Sha256::new();
    let mut file = File::open(name.path(dir))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(short(&sum.finalize()) == name.sum);
        }
        sum.update(buffer.get(..n).unwrap_or_default());
    }
}

/// An open file.
#[derive(Debug)]
pub struct DataFile {
    /// What its name says.
    pub name: Name,
    /// Bytes on disk.
    pub size: u64,
    /// Bytes unpacked.
    pub bytes: u64,
    /// Its row groups, each of one body.
    pub groups: Vec<Group>,
    pub(crate) meta: ArrowReaderMetadata,
    pub(crate) file: Pread,
    /// Where the pieces of text of each row group are told.
    grams: Vec<grams::Place>,
    /// What was found of its sources; it never changes.
    pub(super) oldest: OnceLock<Oldest>,
}

/// A row group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Whose.
    pub body: Id<kind::Body>,
    /// Its number in the file.
    pub number: usize,
    /// How many events.
    pub rows: u64,
    /// When the first and the last of them happened, in microseconds.
    pub times: (i64, i64),
    /// When the first and the last of them came.
    pub came: (i64, i64),
    /// The first and the last place in the log.
    pub places: (i64, i64),
}

impl DataFile {
    /// Opens a file. It stays readable when its name goes: searches under way end in peace.
    pub fn open(dir: &Path, name: Name) -> Result<Self, Error> {
        let file = Pread::open(&name.path(dir))?;
        let meta = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(table)?;
        if meta.schema().fields() != SCHEMA.fields() {
            return Err(Error::Table(format!("{}: other columns", name.text())));
        }
        let groups: Result<Vec<Group>, Error> =
            meta.metadata().row_groups().iter().enumerate().map(|(n, g)| group(n, g)).collect();
        let groups = groups?;
        let bytes = meta.metadata().row_groups().iter().map(|g| g.total_byte_size().unsigned_abs()).sum();
        let grams = grams::places(meta.metadata().file_metadata().key_value_metadata(), &groups, file.len);
        Ok(Self { size: file.len, bytes, groups, meta, file, grams, name, oldest: OnceLock::new() })
    }
    /// Which pieces of text a row group's lines and fields hold; nothing where it is not told or cannot be read.
    pub(crate) fn grams(&self, group: usize) -> Option<Vec<u8>> {
        let (at, bytes) = self.grams.get(group)?;
        self.file.get_bytes(*at, *bytes as usize).ok().map(Into::into)
    }
    /// How many events it has.
    pub fn rows(&self) -> u64 {
        self.groups.iter().map(|g| g.rows).sum()
    }
    /// What each column takes: its name, bytes packed with its bloom filters, bytes unpacked.
    pub fn columns(&self) -> BTreeMap<String, (u64, u64)> {
        let mut all: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for column in self.meta.metadata().row_groups().iter().flat_map(|group| group.columns()) {
            let costs = all.entry(column.column_path().string()).or_default();
            let bloom = u64::try_from(column.bloom_filter_length().unwrap_or(0)).unwrap_or(0);
            costs.0 += column.compressed_size().unsigned_abs() + bloom;
            costs.1 += column.uncompressed_size().unsigned_abs();
        }
        all
    }
    /// The bodies it has events of.
    pub fn bodies(&self) -> BTreeMap<Id<kind::Body>, Vec<usize>> {
        let mut all: BTreeMap<Id<kind::Body>, Vec<usize>> = BTreeMap::new();
        self.groups.iter().for_each(|g| all.entry(g.body).or_default().push(g.number));
        all
    }
}

/// What the statistics of a row group say. One that may hold two bodies' events is refused: nothing of it is read.
fn group(number: usize, group: &RowGroupMetaData) -> Result<Group, Error> {
    let statistics = |name: &str| group.columns().get(rows::at(name)).and_then(|c| c.statistics());
    let bounds = |name: &str| match statistics(name) {
        Some(Statistics::Int64(s)) => s.min_opt().copied().zip(s.max_opt().copied()),
        _ => None,
    };
    let body = match statistics(name::BODY) {
        Some(Statistics::ByteArray(s)) if s.min_is_exact() && s.max_is_exact() => {
            let (min, max) = (s.min_opt().map(|b| b.data()), s.max_opt().map(|b| b.data()));
            min.filter(|_| min == max).and_then(|b| std::str::from_utf8(b).ok()?.parse().ok())
        }
        _ => None,
    };
    let strange = || Error::Table(format!("row group {number}: whose events it has is not clear"));
    Ok(Group {
        body: body.ok_or_else(strange)?,
        number,
        rows: group.num_rows().unsigned_abs(),
        times: bounds(name::TIME).ok_or_else(strange)?,
        came: bounds(name::CAME).ok_or_else(strange)?,
        places: bounds(name::POSITION).ok_or_else(strange)?,
    })
}
