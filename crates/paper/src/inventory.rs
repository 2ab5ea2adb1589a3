//! Files of inventory: what tools write of machines, one by one or many in a zip. Opened in a child process.

use std::io::{Cursor, Read};

use review::inventory::{Looks, Read as Said, Refused};
use zip::result::ZipError;

use crate::{
    error::PaperError,
    kind::{FileKind, sniff},
    limits, work,
};

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
    /// The folders it lay in, parted by `/`; the last is its host's name, where one file a host is not enough.
    pub folder: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Why it cannot be read, if that is known already: it does not come out of its zip, or is a zip that is not unpacked.
    pub refused: Option<Refused>,
}

impl Piece {
    /// What its host is called if it does not say: the folder's name, or else its own without its ending.
    #[must_use]
    pub fn hint(&self) -> &str {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        self.folder.as_deref().map_or(stem, |folder| folder.rsplit('/').next().unwrap_or(folder))
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

/// The files of a zip; of anything else the file itself. A zip in a zip stays a file, and is then of no known kind. What is
/// not unpacked is one file that says why.
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn unpack(worker: &sandbox::Worker, name: &str, bytes: Vec<u8>) -> Result<Vec<Piece>, PaperError> {
    let whole = |bytes, refused| Ok(vec![Piece { name: name.to_owned(), folder: None, bytes, refused }]);
    if !bytes.starts_with(b"PK\x03\x04") {
        return whole(bytes, None);
    }
    let packed = match ask(worker, work::ARCHIVE, &bytes).await {
        Ok(packed) => packed,
        Err(error) => return whole(bytes, Some(refused(error)?)),
    };
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
        let damaged = !part().ok_or_else(broken)?.is_empty();
        all.push(Piece {
            name,
            folder: Some(folder).filter(|f| !f.is_empty()),
            bytes: part().ok_or_else(broken)?,
            refused: damaged.then_some(Refused::Broken(None)),
        });
    }
    Ok(all)
}

/// Reads one file in a child process. `worker` starts a program that answers with [`crate::work`].
///
/// # Errors
/// [`PaperError::Failed`] if there was no child; what the file itself is refused for is in the answer.
pub async fn open(worker: &sandbox::Worker, piece: &Piece) -> Result<Result<Said, Refused>, PaperError> {
    if let Some(why) = &piece.refused {
        return Ok(Err(why.clone()));
    }
    let mut request = piece.name.replace(['\n', '\r'], " ").into_bytes();
    request.push(b'\n');
    request.extend_from_slice(&piece.bytes);
    let answer = match ask(worker, work::INVENTORY, &request).await {
        Ok(answer) => answer,
        // One file that kills its child is refused; the others of the zip are read.
        Err(error) => return Ok(Err(refused(error)?)),
    };
    serde_json::from_slice(&answer).map_err(|error| PaperError::Failed { how: error.to_string() })
}

/// What a file is refused for; no child at all is our trouble, not the file's.
fn refused(error: PaperError) -> Result<Refused, PaperError> {
    Ok(match error {
        PaperError::Failed { .. } => return Err(error),
        PaperError::TooLarge { .. } => Refused::TooLarge(FILE >> 20),
        PaperError::TooMuch { .. } => Refused::TooMuch,
        PaperError::Encrypted => Refused::Locked,
        PaperError::Unsupported { .. } => Refused::Unknown(Looks::Paper),
        PaperError::TooSlow | PaperError::TooHungry => Refused::TooHard,
        _ => Refused::Broken(None),
    })
}

/// What a file of no known kind is instead.
#[must_use]
pub fn looks(bytes: &[u8]) -> Looks {
    use FileKind as Kind;
    match sniff(bytes) {
        Kind::Png | Kind::Jpeg | Kind::Gif | Kind::Webp | Kind::Tiff | Kind::Bmp | Kind::Heic => {
            Looks::Picture
        }
        Kind::Mp4 | Kind::Media => Looks::Picture,
        Kind::Pdf | Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Odt | Kind::Ods | Kind::Doc | Kind::Xls => {
            Looks::Paper
        }
        Kind::Ppt | Kind::OfficeEncrypted | Kind::OfficeMacros | Kind::Rtf | Kind::Msg => Looks::Paper,
        Kind::Zip | Kind::Archive => Looks::Archive,
        Kind::Html => Looks::Page,
        Kind::Script | Kind::Executable => Looks::Program,
        _ => Looks::Other,
    }
}

/// The reading itself: a line with the name, then the bytes.
pub(crate) fn read(request: &[u8]) -> Result<Said, Refused> {
    let end = request.iter().position(|b| *b == b'\n').unwrap_or(request.len());
    let (name, bytes) = request.split_at_checked(end).unwrap_or((request, &[]));
    let bytes = bytes.get(1..).unwrap_or_default();
    review::inventory::read(&String::from_utf8_lossy(name), bytes).map_err(|why| match why {
        Refused::Unknown(Looks::Other) => Refused::Unknown(looks(bytes)),
        why => why,
    })
}

/// The unpacking itself: folder, name, a mark if it does not come out whole, and bytes of each file, each led by its length.
pub(crate) fn pack(bytes: &[u8]) -> Result<Vec<u8>, PaperError> {
    let failed = |error: ZipError| match error {
        ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword => PaperError::Encrypted,
        _ => PaperError::Damaged,
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    if archive.len() > ENTRIES {
        return Err(PaperError::too_much(ENTRIES as u64));
    }
    // Papers of an office are zips, too.
    if ["[Content_Types].xml", "mimetype"].iter().any(|name| archive.index_for_name(name).is_some()) {
        return Err(PaperError::Unsupported { kind: sniff(bytes) });
    }
    let (mut out, mut left) = (Vec::new(), UNPACKED);
    for index in 0..archive.len() {
        let path = match archive.name_for_index(index) {
            Some(Ok(name)) => name.replace('\\', "/"),
            _ => format!("#{}", index + 1),
        };
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let (name, folders) = parts.split_last().map_or(("", &[][..]), |(name, folders)| (*name, folders));
        let folder = folders.join("/");
        // What packers of other systems leave beside the files.
        if path.ends_with('/') || name.is_empty() || name.starts_with("._") || path.starts_with("__MACOSX/") {
            continue;
        }
        let mut bytes = Vec::new();
        let read = match archive.by_index(index).map_err(failed) {
            Ok(entry) => entry.take(left.saturating_add(1)).read_to_end(&mut bytes).is_ok(),
            Err(PaperError::Encrypted) => return Err(PaperError::Encrypted),
            Err(_) => false,
        };
        let damaged: &[u8] = if read { b"" } else { b"!" };
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| PaperError::too_much(UNPACKED))?;
        for part in [folder.as_bytes(), name.as_bytes(), damaged, &bytes] {
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
            refused: None,
        };
        assert_eq!((piece(Some("all/web01")).hint(), piece(None).hint()), ("web01", "may01"));
    }

    /// The parts that [`pack`] gives of each file: folder, name, mark, bytes.
    fn files(mut packed: &[u8]) -> Vec<[Vec<u8>; 4]> {
        let mut next = || {
            let (len, rest) = packed.split_first_chunk::<8>().unwrap();
            let (part, rest) = rest.split_at(usize::try_from(u64::from_be_bytes(*len)).unwrap());
            packed = rest;
            (part.to_vec(), rest.is_empty())
        };
        let mut all = Vec::new();
        loop {
            let (folder, name, mark) = (next().0, next().0, next().0);
            let (bytes, last) = next();
            all.push([folder, name, mark, bytes]);
            if last {
                return all;
            }
        }
    }

    #[test]
    fn one_damaged_file_costs_none_of_the_others() {
        let mut zip = zipped(&[("a.txt", &b"Package: a\n".repeat(90)), ("web02/b.txt", b"Package: b")]);
        zip[40..48].fill(0xff);
        let told: Vec<_> = files(&pack(&zip).unwrap())
            .into_iter()
            .map(|[folder, name, mark, bytes]| (folder, name, mark.is_empty(), bytes.len()))
            .collect();
        assert!(!told[0].2);
        assert_eq!(told[1..], [(b"web02".to_vec(), b"b.txt".to_vec(), true, 10)]);
    }

    #[test]
    fn what_is_no_inventory_is_told_by_what_it_is() {
        let word = zipped(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>")]);
        assert!(matches!(pack(&word).map_err(refused), Err(Ok(Refused::Unknown(Looks::Paper)))));
        let of = |bytes: &[u8]| match read(&[b"x\n", bytes].concat()) {
            Err(Refused::Unknown(looks)) => looks,
            read => panic!("{read:?}"),
        };
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Looks::Picture);
        assert_eq!(of(b"%PDF-1.7\n1 0 obj"), Looks::Paper);
        assert_eq!(of(b"Rar!\x1a\x07\x01\0xxxx"), Looks::Archive);
        assert_eq!(of(b"\x1f\x8b\x08\0xxxxxxxxxx"), Looks::Archive);
        assert_eq!(of("<!DOCTYPE html>\n<html>Đăng nhập".as_bytes()), Looks::Page);
        assert_eq!(of(b"#!/bin/sh\necho a\n"), Looks::Program);
        assert_eq!(of("STT,Họ tên\n1,An\n".as_bytes()), Looks::Table("STT,Họ tên".into()));
        assert_eq!(of("Kính gửi".as_bytes()), Looks::Other);
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
