//! Feeds that come packed: the files of a zip or a tar, the one file of a gz or a zst, which may be a tar. Never held as a
//! whole: unpacked file by file.

mod tar;

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom, Take},
    path::Path,
};

use domain::feed::Trouble;
use flate2::bufread::MultiGzDecoder;
use review::inventory::FILE;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

/// What stands between an archive's name and that of a file in it.
pub const WITHIN: &str = "!/";
/// Most files of one archive: the whole of CVE has about 300,000.
const ENTRIES: usize = 1_000_000;
/// Most bytes of an archive, unpacked: the whole of CVE has about 2 GB.
const UNPACKED: u64 = 16 << 30;
/// Most memory that a zst may ask for, in bits of a length: as much as its own program gives unless told otherwise.
const WINDOW: u32 = 27;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packed {
    /// Many files.
    Zip,
    /// One, squeezed.
    One(Squeezed),
    /// Many, and squeezed together or not.
    Tar(Option<Squeezed>),
}

/// How bytes are squeezed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Squeezed {
    /// As gzip does.
    Gz,
    /// As Zstandard does.
    Zst,
}

/// Takes a file of an archive by its name there, or hears why it cannot be unpacked; says whether it wants more.
type Each<'a> = &'a mut dyn FnMut(String, Result<Vec<u8>, Trouble>) -> bool;

/// Whether a file is packed, by its first bytes and, if it is squeezed, by those that are in it.
pub fn kind(path: &Path) -> std::io::Result<Option<Packed>> {
    let start = start(File::open(path)?)?;
    let squeezed = match start.as_slice() {
        [b'P', b'K', 3, 4, ..] => return Ok(Some(Packed::Zip)),
        [0x1f, 0x8b, ..] => Squeezed::Gz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Squeezed::Zst,
        _ => return Ok(tar::is_head(&start).then_some(Packed::Tar(None))),
    };
    // What cannot be unpacked is told by whoever unpacks it.
    let within = unsqueezed(path, Some(squeezed)).and_then(self::start).unwrap_or_default();
    Ok(Some(if tar::is_head(&within) { Packed::Tar(Some(squeezed)) } else { Packed::One(squeezed) }))
}

fn start(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    from.take(tar::BLOCK as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// A file's bytes as they are within, up to as many as are read of one archive, and one more.
fn unsqueezed(path: &Path, squeezed: Option<Squeezed>) -> std::io::Result<Take<Box<dyn Read>>> {
    let file = BufReader::new(File::open(path)?);
    let from: Box<dyn Read> = match squeezed {
        None => Box::new(file),
        Some(Squeezed::Gz) => Box::new(MultiGzDecoder::new(file)),
        Some(Squeezed::Zst) => {
            let mut from = zstd::Decoder::with_buffer(file)?;
            from.window_log_max(WINDOW)?;
            Box::new(from)
        }
    };
    Ok(from.take(UNPACKED + 1))
}

/// A file's digest, read piece by piece.
pub fn digest(path: &Path) -> std::io::Result<String> {
    let (mut hash, mut file, mut piece) = (Sha256::new(), File::open(path)?, vec![0; 64 << 10]);
    loop {
        let n = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..n).filter(|b| !b.is_empty()) else { break };
        hash.update(bytes);
    }
    Ok(hex::encode(hash.finalize()))
}

/// Gives every file to `each`, with its name within; a file that cannot be unpacked comes with why not. Ends when `each`
/// does not want more.
///
/// # Errors
/// If the archive itself is broken, or larger than is read; what came before stands.
pub fn each(path: &Path, packed: Packed, each: Each<'_>) -> Result<(), Trouble> {
    let squeezed = |squeezed| unsqueezed(path, squeezed).map_err(|_| Trouble::Unreachable);
    match packed {
        Packed::One(how) => {
            let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let got = bounded(squeezed(Some(how))?, FILE as u64);
            each(stem, got);
            Ok(())
        }
        Packed::Tar(how) => {
            let mut from = squeezed(how)?;
            let end = tar::members(&mut from, each);
            if from.limit() == 0 { Err(Trouble::TooLarge) } else { end }
        }
        Packed::Zip => members(File::open(path).map_err(|_| Trouble::Unreachable)?, each),
    }
}

/// A zip whose table of contents is short enough to be read.
///
/// # Errors
/// If it is broken or has too many files.
pub fn zip(mut file: File) -> Result<ZipArchive<BufReader<File>>, Trouble> {
    if declared(&mut file).map_err(|_| Trouble::Broken)? > ENTRIES {
        return Err(Trouble::TooLarge);
    }
    ZipArchive::new(BufReader::new(file)).map_err(|_| Trouble::Broken)
}

/// Whether a name within an archive is of something packers leave beside the files.
pub fn is_litter(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

fn members(file: File, each: Each<'_>) -> Result<(), Trouble> {
    let mut archive = zip(file)?;
    let mut left = UNPACKED;
    for n in 0..archive.len() {
        let Ok(entry) = archive.by_index(n) else {
            if !each(format!("#{}", n + 1), Err(Trouble::Broken)) {
                return Ok(());
            }
            continue;
        };
        let name = entry.name().map_or_else(|_| format!("#{}", n + 1), |name| name.replace('\\', "/"));
        if entry.is_dir() || is_litter(&name) {
            continue;
        }
        let got = bounded(entry, (FILE as u64).min(left));
        left = left.saturating_sub(got.as_ref().map_or(0, |bytes| bytes.len() as u64));
        if left == 0 {
            return Err(Trouble::TooLarge);
        }
        if !each(name, got) {
            return Ok(());
        }
    }
    Ok(())
}

fn bounded(from: impl Read, most: u64) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| Trouble::Broken)?;
    if bytes.len() as u64 > most { Err(Trouble::TooLarge) } else { Ok(bytes) }
}

/// How many files the archive's own table of contents lists, and could list by its size: each takes 46 bytes and a name.
fn declared(file: &mut File) -> std::io::Result<usize> {
    const END: &[u8] = b"PK\x05\x06";
    // Of more than 65,535 files, or 4 GB, another record before it tells.
    const END_64: &[u8] = b"PK\x06\x06";
    let len = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(len.saturating_sub(66_000)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    let find = |mark: &[u8]| tail.windows(mark.len()).rposition(|window| window == mark);
    let number = |at: usize, bytes: usize| {
        let field = tail.get(at..at + bytes).unwrap_or_default();
        field.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let end = find(END).map_or((0, 0), |at| (number(at + 10, 2), number(at + 12, 4)));
    let (count, size) = match (end, find(END_64)) {
        ((0xffff, _) | (_, 0xffff_ffff), Some(at)) => (number(at + 32, 8), number(at + 40, 8)),
        ((_, 0xffff_ffff), None) => (0, len),
        _ => end,
    };
    Ok(usize::try_from(count.max(size / 47)).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests;
