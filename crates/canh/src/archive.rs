//! Files to look through, wherever they lie: in folders, packed as gz or zst, many in a zip. One after the other and
//! never as a whole: an archive may hold more than the machine has memory.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

use domain::feed::Trouble;
use flate2::bufread::MultiGzDecoder;
use jiff::{Timestamp, civil, tz::TimeZone};
use watch::feeds::packed::{WITHIN, is_litter, zip};
use web::Words;

use crate::detect::files;

/// The longest window of zst that is unpacked, as a power of two: what `zstd --long` writes.
const WINDOW: u32 = 27;
/// By so many bytes a file is known.
const BEGINNING: u64 = 8;
/// How a file begins that is packed.
const GZ: &[u8] = &[0x1f, 0x8b];
const ZST: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

/// A file, unpacked while it is read.
pub struct Found<'f> {
    /// Its name; within a zip `logs.zip!/web/access.log`.
    pub name: String,
    /// When it was last changed, as far as that is told.
    pub changed: Option<Timestamp>,
    /// What is in it; how it begins, up to eight bytes, comes in one piece.
    pub bytes: Box<dyn BufRead + 'f>,
}

/// What is looked through, and how far.
pub struct Walk<'w> {
    /// In whose words it is said why something cannot be.
    pub words: Words,
    /// Which names are taken, in folders and zips.
    pub fits: &'w dyn Fn(&str) -> bool,
    /// The most bytes of one archive, unpacked.
    pub most: u64,
}

impl Walk<'_> {
    /// Gives every file under the paths to `each`, and whatever cannot be read to `failed`, with its name and why.
    ///
    /// # Errors
    /// Where a path is not there.
    pub fn each(
        &self,
        paths: &[PathBuf],
        each: &mut dyn FnMut(Found<'_>) -> anyhow::Result<()>,
        failed: &mut dyn FnMut(&str, &anyhow::Error),
    ) -> anyhow::Result<()> {
        for path in files(paths, self.fits)? {
            let name = path.display().to_string();
            if let Err(error) = self.one(&path, &name, each, failed) {
                failed(&name, &error);
            }
        }
        Ok(())
    }

    fn one(
        &self,
        path: &Path,
        name: &str,
        each: &mut dyn FnMut(Found<'_>) -> anyhow::Result<()>,
        failed: &mut dyn FnMut(&str, &anyhow::Error),
    ) -> anyhow::Result<()> {
        let file = File::open(path)?;
        let changed = file.metadata()?.modified().ok().and_then(|t| Timestamp::try_from(t).ok());
        let mut file = BufReader::new(file);
        let start = file.fill_buf()?;
        if !start.starts_with(ZIP) && !start.starts_with(EMPTY_ZIP) {
            let bytes = self.unpacked(file, self.most)?;
            return each(Found { name: name.to_owned(), changed, bytes });
        }
        let mut archive = zip(File::open(path)?).map_err(|trouble| self.trouble(trouble))?;
        let mut left = self.most;
        for n in 0..archive.len() {
            let Ok(entry) = archive.by_index(n) else {
                failed(&format!("{name}{WITHIN}#{}", n + 1), &self.trouble(Trouble::Broken));
                continue;
            };
            let own = entry.name().map_or_else(|_| format!("#{}", n + 1), |name| name.replace('\\', "/"));
            let last = own.rsplit('/').next().unwrap_or_default().to_lowercase();
            if entry.is_dir() || is_litter(&own) || !(self.fits)(&last) {
                continue;
            }
            // The first year there is means that none is told.
            let told = entry.last_modified().filter(|at| at.year() > 1980).and_then(|at| {
                let (month, day) = (i8::try_from(at.month()).ok()?, i8::try_from(at.day()).ok()?);
                let day = civil::Date::new(i16::try_from(at.year()).ok()?, month, day).ok()?;
                Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
            });
            let within = format!("{name}{WITHIN}{own}");
            let mut entry = BufReader::new(Counted { from: entry, left: &mut left });
            let done = match entry.fill_buf() {
                Ok(start) if start.starts_with(ZIP) => Err(anyhow::anyhow!(self.words.t("archive-within"))),
                Ok(_) => self
                    .unpacked(entry, self.most)
                    .map_err(Into::into)
                    .and_then(|bytes| each(Found { name: within.clone(), changed: told.or(changed), bytes })),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                failed(&within, &error);
            }
            if left == 0 {
                return Err(self.trouble(Trouble::TooLarge));
            }
        }
        Ok(())
    }

    /// The same bytes, or what was packed in them.
    fn unpacked<'f>(&self, file: impl BufRead + 'f, most: u64) -> std::io::Result<Box<dyn BufRead + 'f>> {
        let (start, file) = begun(file)?;
        let unpacked: Box<dyn Read + 'f> = if start.starts_with(GZ) {
            Box::new(MultiGzDecoder::new(file))
        } else if start.starts_with(ZST) {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(file)?;
            decoder.window_log_max(WINDOW)?;
            Box::new(decoder)
        } else {
            return Ok(Box::new(file));
        };
        let (_, file) = begun(BufReader::new(Counted { from: unpacked, left: most }))?;
        Ok(Box::new(file))
    }

    fn trouble(&self, trouble: Trouble) -> anyhow::Error {
        let key = if trouble == Trouble::TooLarge { "archive-large" } else { "archive-broken" };
        anyhow::anyhow!(self.words.t(key))
    }
}

/// How a file begins, and the whole of it. What is asked for may come in pieces, the beginning now comes in one.
fn begun<R: BufRead>(mut file: R) -> std::io::Result<(Vec<u8>, impl BufRead + use<R>)> {
    let mut start = Vec::new();
    file.by_ref().take(BEGINNING).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(file)))
}

/// Ends with an error after so many bytes: what is packed may be made of next to nothing.
struct Counted<R, L> {
    from: R,
    left: L,
}

impl<R: Read, L: std::borrow::BorrowMut<u64>> Read for Counted<R, L> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.from.read(buffer)?;
        let left = self.left.borrow_mut();
        *left = left.saturating_sub(n as u64);
        match *left {
            0 if n > 0 => Err(std::io::ErrorKind::FileTooLarge.into()),
            _ => Ok(n),
        }
    }
}
