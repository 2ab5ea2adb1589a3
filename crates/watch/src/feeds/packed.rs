//! Feeds that come packed: the files of a zip, the one file of a gz. Never held as a whole: unpacked file by file.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
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

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packed {
    /// Many files.
    Zip,
    /// One.
    Gz,
}

/// Whether a file is packed, by its first bytes.
pub fn kind(path: &Path) -> std::io::Result<Option<Packed>> {
    let mut start = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(match start.as_slice() {
        [b'P', b'K', 3, 4] => Some(Packed::Zip),
        [0x1f, 0x8b, ..] => Some(Packed::Gz),
        _ => None,
    })
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
pub fn each(
    path: &Path,
    packed: Packed,
    each: &mut dyn FnMut(String, Result<Vec<u8>, Trouble>) -> bool,
) -> Result<(), Trouble> {
    let file = File::open(path).map_err(|_| Trouble::Unreachable)?;
    match packed {
        Packed::Gz => {
            let stem = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let got = bounded(MultiGzDecoder::new(BufReader::new(file)), FILE as u64);
            each(stem, got);
            Ok(())
        }
        Packed::Zip => members(file, each),
    }
}

fn members(
    mut file: File,
    each: &mut dyn FnMut(String, Result<Vec<u8>, Trouble>) -> bool,
) -> Result<(), Trouble> {
    if declared(&mut file).map_err(|_| Trouble::Broken)? > ENTRIES {
        return Err(Trouble::TooLarge);
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| Trouble::Broken)?;
    let mut left = UNPACKED;
    for n in 0..archive.len() {
        let Ok(entry) = archive.by_index(n) else {
            if !each(format!("#{}", n + 1), Err(Trouble::Broken)) {
                return Ok(());
            }
            continue;
        };
        let name = entry.name().map_or_else(|_| format!("#{}", n + 1), |name| name.replace('\\', "/"));
        let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        if entry.is_dir() || hidden {
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
mod tests {
    use std::io::Write;

    use super::*;

    /// Names within an archive, each with how many bytes came.
    type Found = Vec<(String, Result<usize, Trouble>)>;

    fn all(path: &Path) -> Result<Found, Trouble> {
        let mut found = Found::new();
        let packed = kind(path).unwrap().unwrap();
        each(path, packed, &mut |name, got| {
            found.push((name, got.map(|bytes| bytes.len())));
            true
        })?;
        Ok(found)
    }

    #[test]
    fn a_table_of_contents_of_many_files_is_told_by_its_own_record() {
        let archive = |count: u64, size: u64| {
            let mut file = tempfile::tempfile().unwrap();
            // What the files themselves take says nothing of how many they are.
            file.set_len(200 << 20).unwrap();
            file.seek(SeekFrom::End(0)).unwrap();
            let mut end = [b"PK\x06\x06".as_slice(), &[0; 28]].concat();
            end.extend([count, size, 0].iter().flat_map(|n| n.to_le_bytes()));
            end.extend([b"PK\x05\x06".as_slice(), &[0; 4], &[0xff; 12], &[0; 2]].concat());
            file.write_all(&end).unwrap();
            declared(&mut file).unwrap()
        };
        assert_eq!(archive(250_000, 24 << 20), (24 << 20) / 47);
        assert_eq!(
            archive(5_000_000, 24 << 20),
            5_000_000,
            "so many that reading their names would take the memory"
        );
        assert!(archive(1, u64::MAX) > ENTRIES);
    }

    #[test]
    fn files_of_a_zip_and_the_file_of_a_gz_come_one_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("all.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in
            [("a/1.json", "{}"), ("__MACOSX/1.json", "x"), ("a/.hidden", "x"), ("2.json", "[1]")]
        {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        assert_eq!(all(&path).unwrap(), [("a/1.json".into(), Ok(2)), ("2.json".into(), Ok(3))]);
        let path = dir.path().join("epss.csv.gz");
        let mut gz = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        gz.write_all(b"cve,epss").unwrap();
        gz.finish().unwrap();
        assert_eq!(all(&path).unwrap(), [("epss.csv".into(), Ok(8))]);
        let plain = dir.path().join("plain.json");
        std::fs::write(&plain, "{}").unwrap();
        assert_eq!(kind(&plain).unwrap(), None);
    }

    #[test]
    fn what_is_broken_or_swells_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("b.zip");
        std::fs::write(&broken, b"PK\x03\x04 nothing").unwrap();
        assert_eq!(all(&broken), Err(Trouble::Broken));
        assert_eq!(bounded(std::io::repeat(0), 1_000), Err(Trouble::TooLarge));
        let short = dir.path().join("short.gz");
        std::fs::write(&short, [0x1f, 0x8b, 8, 0, 0]).unwrap();
        assert_eq!(all(&short).unwrap(), [("short".into(), Err(Trouble::Broken))]);
    }

    /// Damaged archives, the same ones every time: said to be broken or read as far as they go, never more than they hold.
    #[test]
    fn damaged_archives_are_survived() {
        let dir = tempfile::tempdir().unwrap();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["a/1.json", "b/2.json", "3.json"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(&b"{\"id\":\"A\"}".repeat(40)).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&zip).unwrap();
        let gz = gz.finish().unwrap();
        let (path, mut dice) = (dir.path().join("x"), 0x9e37_79b9_u32);
        let mut below = |most: usize| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(dice >> 8).unwrap() % most
        };
        for case in 0..600 {
            let mut bytes = if case % 2 == 0 { zip.clone() } else { gz.clone() };
            for _ in 0..=below(6) {
                // Its first bytes say what it is.
                let place = 4 + below(bytes.len() - 4);
                match below(3) {
                    0 if place > 30 => bytes.truncate(place),
                    1 => bytes.insert(place, u8::try_from(below(256)).unwrap()),
                    _ => {
                        if let Some(byte) = bytes.get_mut(place) {
                            *byte = u8::try_from(below(256)).unwrap();
                        }
                    }
                }
            }
            std::fs::write(&path, &bytes).unwrap();
            let got = kind(&path).unwrap().map(|packed| {
                let mut most = 0;
                let end = each(&path, packed, &mut |_, got| {
                    most += got.map_or(0, |bytes| bytes.len());
                    true
                });
                (end, most)
            });
            assert!(got.is_none_or(|(_, most)| most < 1 << 20), "case {case}");
        }
    }
}
