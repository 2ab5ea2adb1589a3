//! Files of inventory: what tools write of machines, one by one or many in a zip. Opened in a child process.

use std::io::{Cursor, Read};

use review::inventory::{Read as Said, Refused};
use zip::result::ZipError;

use crate::{error::PaperError, limits, work};

/// Bytes of one file, or of a zip with many (64 MB): a list of a large server has 2 MB, an SBOM of it 20.
pub const FILE: usize = 64 << 20;
/// Files in one zip: the machines of a large body, a few files each.
pub const ENTRIES: usize = 20_000;
/// Bytes of all files of a zip together, unpacked; counted while unpacking, whatever they declare.
pub const UNPACKED: u64 = 192 << 20;

/// One file, alone or out of a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is called, without folders.
    pub name: String,
    /// The folder it lay in: its host's name, where one file a host is not enough.
    pub folder: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Piece {
    /// What its host is called if it does not say: the folder's name, or else its own without its ending.
    #[must_use]
    pub fn hint(&self) -> &str {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        self.folder.as_deref().unwrap_or(stem)
    }
}

/// What a child may use for one file or zip: it holds it twice, packed and unpacked, and what was read of it.
fn within() -> sandbox::Limits {
    sandbox::Limits { output: 512 << 20, memory: 3 << 30, ..limits::recognise() }
}

async fn ask(worker: &sandbox::Worker, what: u8, bytes: &[u8]) -> Result<Vec<u8>, PaperError> {
    if bytes.len() > FILE {
        return Err(PaperError::TooLarge { limit: FILE as u64 });
    }
    let mut request = Vec::with_capacity(bytes.len().saturating_add(1));
    request.push(what);
    request.extend_from_slice(bytes);
    Ok(sandbox::run(worker, &within(), &request).await?)
}

/// The files of a zip; of anything else the file itself. A zip in a zip stays a file, and is then of no known kind.
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn unpack(worker: &sandbox::Worker, name: &str, bytes: Vec<u8>) -> Result<Vec<Piece>, PaperError> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Ok(vec![Piece { name: name.to_owned(), folder: None, bytes }]);
    }
    let packed = ask(worker, work::ARCHIVE, &bytes).await?;
    let broken = || PaperError::Failed { how: "the child's answer breaks off".into() };
    let mut rest = packed.as_slice();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let mut part = || -> Option<Vec<u8>> {
            let (len, more) = rest.split_first_chunk::<8>()?;
            let (part, more) = more.split_at_checked(usize::try_from(u64::from_be_bytes(*len)).ok()?)?;
            rest = more;
            Some(part.to_vec())
        };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let folder = part().map(text).ok_or_else(broken)?;
        let name = part().map(text).ok_or_else(broken)?;
        let bytes = part().ok_or_else(broken)?;
        all.push(Piece { name, folder: Some(folder).filter(|f| !f.is_empty()), bytes });
    }
    Ok(all)
}

/// Reads one file in a child process. `worker` starts a program that answers with [`crate::work`].
///
/// # Errors
/// [`PaperError`] if the child failed; what the file itself is refused for is in the answer.
pub async fn open(worker: &sandbox::Worker, piece: &Piece) -> Result<Result<Said, Refused>, PaperError> {
    let mut request = piece.name.replace(['\n', '\r'], " ").into_bytes();
    request.push(b'\n');
    request.extend_from_slice(&piece.bytes);
    let answer = ask(worker, work::INVENTORY, &request).await?;
    serde_json::from_slice(&answer).map_err(|error| PaperError::Failed { how: error.to_string() })
}

/// The reading itself: a line with the name, then the bytes.
pub(crate) fn read(request: &[u8]) -> Result<Said, Refused> {
    let end = request.iter().position(|b| *b == b'\n').unwrap_or(request.len());
    let (name, bytes) = request.split_at_checked(end).unwrap_or((request, &[]));
    review::inventory::read(&String::from_utf8_lossy(name), bytes.get(1..).unwrap_or_default())
}

/// The unpacking itself: folder, name and bytes of each file, each led by its length.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>, PaperError> {
    let failed = |error: ZipError| match error {
        ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword => PaperError::Encrypted,
        _ => PaperError::Damaged,
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    if archive.len() > ENTRIES {
        return Err(PaperError::too_much(ENTRIES as u64));
    }
    let (mut out, mut left) = (Vec::new(), UNPACKED);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(failed)?;
        let raw = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let path = entry.name().map_or(raw, |name| name.into_owned()).replace('\\', "/");
        let mut parts = path.rsplit('/').filter(|p| !p.is_empty());
        let (name, folder) =
            (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
        // What packers of other systems leave beside the files.
        if entry.is_dir() || name.is_empty() || name.starts_with("._") || path.starts_with("__MACOSX/") {
            continue;
        }
        let mut bytes = Vec::new();
        entry.take(left.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| PaperError::Damaged)?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| PaperError::too_much(UNPACKED))?;
        for part in [folder.as_bytes(), name.as_bytes(), &bytes] {
            out.extend((part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            out.write_all(bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn folders_name_hosts_and_litter_is_left_out() {
        let out =
            pack(&zipped(&[("all/web01/dpkg.txt", b"a"), ("__MACOSX/x", b"b"), ("../../etc/passwd", b"c")]))
                .unwrap();
        let text = String::from_utf8_lossy(&out).replace('\0', "");
        assert!(text.contains("web01") && text.contains("dpkg.txt") && !text.contains("MACOSX"));
        let piece = |folder: Option<&str>| Piece {
            name: "may01.txt".into(),
            folder: folder.map(Into::into),
            bytes: vec![],
        };
        assert_eq!((piece(Some("web01")).hint(), piece(None).hint()), ("web01", "may01"));
    }

    #[test]
    fn a_bomb_and_rubbish_are_refused() {
        let big = vec![0_u8; (UNPACKED as usize) / 2 + 1];
        let bomb = zipped(&[("a", &big), ("b", &big)]);
        assert!(bomb.len() < 1 << 20, "it is small before");
        assert!(matches!(pack(&bomb), Err(PaperError::TooMuch { .. })));
        assert_eq!(pack(b"PK\x03\x04 nothing"), Err(PaperError::Damaged));
    }

    /// Damaged zips, the same ones every time: refused, or unpacked as far as they are whole.
    #[test]
    fn damaged_zips_are_survived() {
        let whole =
            zipped(&[("all/web01/dpkg.txt", &b"Package: a\n".repeat(20)), ("b.json", b"{}"), ("c/d", b"")]);
        let mut dice = 0x2545_f491_u32;
        let mut below = |most: usize| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(dice >> 8).unwrap() % most
        };
        for _ in 0..600 {
            let mut bytes = whole.clone();
            for _ in 0..=below(6) {
                let place = below(bytes.len());
                match below(3) {
                    0 if place > 30 => bytes.truncate(place),
                    1 => bytes.insert(place, u8::try_from(below(256)).unwrap()),
                    _ => bytes[place] = u8::try_from(below(256)).unwrap(),
                }
            }
            if let Ok(out) = pack(&bytes) {
                assert!(out.len() < 1 << 20);
            }
            // What is in no zip is read as it is, or refused.
            let _ = read(&[b"x\n", bytes.as_slice()].concat());
        }
    }
}
