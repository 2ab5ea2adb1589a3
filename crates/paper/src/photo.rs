//! Photos without what tells where and by which device they were taken. No picture is decoded here: blocks of the file are
//! walked and left out, in time that grows with the file alone, so that this is safe outside the worker.

use crate::kind::{FileKind, sniff};

/// A photo that may be kept: its kind and its bytes, cleaned. `None` for what is no photo, or a broken one.
#[must_use]
pub fn clean(bytes: &[u8]) -> Option<(FileKind, Vec<u8>)> {
    let kind = sniff(bytes);
    let cleaned = match kind {
        FileKind::Jpeg => jpeg(bytes),
        FileKind::Png => png(bytes),
        FileKind::Webp => webp(bytes),
        _ => None,
    }?;
    Some((kind, cleaned))
}

/// Marks of a JPEG's blocks.
const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COMMENT: u8 = 0xfe;

/// Application blocks and comments go, but JFIF's own, Adobe's colour transform, and of EXIF which side is up.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2)?.to_vec();
    let mut at = 2;
    let mut up = None;
    loop {
        let (&0xff, &mark) = (bytes.get(at)?, bytes.get(at.checked_add(1)?)?) else { return None };
        if mark == 0xff {
            at += 1;
            continue;
        }
        if mark == END {
            out.extend_from_slice(&[0xff, END]);
            return Some(out);
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        let end = at.checked_add(2)?.checked_add(length)?;
        let block = bytes.get(at..end).filter(|_| length >= 2)?;
        if mark == APP1 {
            up = up.or_else(|| orientation(block.get(4..)?));
        }
        let stays = !matches!(mark, APP1..=APP15 | COMMENT) || mark == APP14;
        if stays {
            // Right behind JFIF's block, or first of all: readers look nowhere else.
            if mark != APP0
                && let Some(up) = up.take()
            {
                out.extend(exif(up));
            }
            out.extend_from_slice(block);
        }
        at = end;
        if mark == START_OF_SCAN {
            // Compressed data, perhaps further scans, up to the end mark; what hangs on behind it goes.
            let rest = bytes.get(at..)?;
            let last = rest.windows(2).rposition(|two| two == [0xff, END])?;
            out.extend_from_slice(rest.get(..last + 2)?);
            return Some(out);
        }
    }
}

/// Which side is up, from 2 to 8, of an EXIF block behind its length; 1 is as it lies.
fn orientation(block: &[u8]) -> Option<u8> {
    let tiff = block.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let two = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let first = usize::try_from(first).ok()?;
    let entries = usize::from(two(first)?);
    // A directory has at most a few dozen entries of twelve bytes.
    (0..entries.min(200))
        .find_map(|n| {
            let at = first.checked_add(2)?.checked_add(n * 12)?;
            (two(at)? == 0x0112).then(|| two(at + 8)).flatten()
        })
        .and_then(|value| u8::try_from(value).ok())
        .filter(|value| (2..=8).contains(value))
}

/// An EXIF block that says which side is up, and nothing else.
fn exif(up: u8) -> [u8; 36] {
    let mut block = *b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    if let Some(place) = block.get_mut(28) {
        *place = up;
    }
    block
}

/// Chunks without which a PNG is no picture or has other colours.
const PNG_STAYS: [&[u8; 4]; 9] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"pHYs"];

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let mut at: usize = 8;
    loop {
        let length: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let name: [u8; 4] = bytes.get(at.checked_add(4)?..at.checked_add(8)?)?.try_into().ok()?;
        let end = at.checked_add(12)?.checked_add(usize::try_from(u32::from_be_bytes(length)).ok()?)?;
        let chunk = bytes.get(at..end)?;
        if PNG_STAYS.contains(&&name) {
            out.extend_from_slice(chunk);
        }
        if &name == b"IEND" {
            return Some(out);
        }
        at = end;
    }
}

/// Chunks EXIF and XMP go, and the flags that announce them.
fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..12)?.to_vec();
    let mut at: usize = 12;
    while at < bytes.len() {
        let name: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let length: [u8; 4] = bytes.get(at.checked_add(4)?..at.checked_add(8)?)?.try_into().ok()?;
        let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
        let end = at.checked_add(8)?.checked_add(length)?.checked_add(length % 2)?;
        // A last chunk of odd length often lacks its padding.
        let chunk = bytes.get(at..end.min(bytes.len())).filter(|c| c.len() >= 8 + length)?;
        match &name {
            b"VP8X" => {
                let mut chunk = chunk.to_vec();
                if let Some(flags) = chunk.get_mut(8) {
                    *flags &= !(0x08 | 0x04);
                }
                out.extend(chunk);
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ICCP" | b"ANIM" | b"ANMF" => out.extend_from_slice(chunk),
            _ => {}
        }
        at = end;
    }
    let size = u32::try_from(out.len().checked_sub(8)?).ok()?.to_le_bytes();
    out.get_mut(4..8)?.copy_from_slice(&size);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(mark: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, mark], &length[..], body].concat()
    }

    /// A JPEG with a place in it, lying on its side.
    fn photo() -> Vec<u8> {
        let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
        tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0GPS 21.0285N 105.8542E");
        [
            &[0xff, 0xd8][..],
            &block(APP0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            &block(APP1, &tiff),
            &block(COMMENT, b"taken at the commune"),
            &block(0xdb, &[0; 65]),
            &block(START_OF_SCAN, &[0; 10]),
            b"\x11\x22\xff\0\x33",
            &[0xff, END],
            b"GPS behind the end",
        ]
        .concat()
    }

    #[test]
    fn the_place_goes_and_the_side_that_is_up_stays() {
        let (kind, cleaned) = clean(&photo()).unwrap();
        assert_eq!(kind, FileKind::Jpeg);
        let has = |what: &[u8]| cleaned.windows(what.len()).any(|w| w == what);
        assert!(!has(b"GPS") && !has(b"105.85") && !has(b"commune"));
        assert!(has(b"JFIF") && has(b"\x11\x22\xff\0\x33") && cleaned.ends_with(&[0xff, END]));
        let at = cleaned.windows(6).position(|w| w == b"Exif\0\0").unwrap();
        assert_eq!(orientation(&cleaned[at..]), Some(6));
        assert_eq!(clean(&cleaned).unwrap().1, cleaned, "cleaning twice changes nothing");
    }

    #[test]
    fn words_in_a_png_and_a_webp_go() {
        let chunk = |name: &[u8], body: &[u8]| {
            [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], name, body, &[0; 4]].concat()
        };
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &[0; 13]),
            chunk(b"eXIf", b"GPS"),
            chunk(b"tEXt", b"Location\0here"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
        ]
        .concat();
        let (kind, cleaned) = clean(&png).unwrap();
        assert_eq!(kind, FileKind::Png);
        assert!(
            !cleaned.windows(3).any(|w| w == b"GPS" || w == b"Loc")
                && cleaned.windows(6).any(|w| w == b"pixels")
        );

        let part = |name: &[u8], body: &[u8]| {
            [name, &u32::try_from(body.len()).unwrap().to_le_bytes()[..], body, &[0; 1][..body.len() % 2]]
                .concat()
        };
        let body = [
            part(b"VP8X", &[0x08, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
            part(b"VP8 ", b"pixel"),
            part(b"EXIF", b"GPS!"),
        ]
        .concat();
        let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
        let webp = [b"RIFF", &size[..], b"WEBP", &body].concat();
        let (_, cleaned) = clean(&webp).unwrap();
        assert!(!cleaned.windows(3).any(|w| w == b"GPS") && cleaned.windows(5).any(|w| w == b"pixel"));
        assert_eq!(u32::from_le_bytes(cleaned[4..8].try_into().unwrap()) as usize, cleaned.len() - 8);
    }

    #[test]
    fn what_is_no_photo_is_refused() {
        for bad in [&b"%PDF-1.7"[..], b"<html>", b"", &photo()[..40], b"\xff\xd8\xff\xe1\0\x01"] {
            assert!(clean(bad).is_none(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(mut noise in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..400_usize) {
            let mut bytes = photo();
            bytes.truncate(cut);
            bytes.append(&mut noise);
            let _ = clean(&bytes);
        }
    }
}
