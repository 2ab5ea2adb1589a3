//! Frames read again: by followers, at the start, and by whoever verifies.

use std::{
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use super::{Batch, Error, Position, frame, segment};

/// Batches read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Each with where it begins and where the one after it does.
    pub batches: Vec<(Position, Position, Batch)>,
    /// Where to go on.
    pub next: Position,
    /// What could not be read on the way.
    pub damage: Vec<Damage>,
}

/// Bytes between whole frames that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where they begin.
    pub at: Position,
    /// How many.
    pub bytes: u32,
}

/// Reads on from a position up to `end`.
pub fn page(dir: &Path, from: Position, end: Position, most: usize) -> Result<Page, Error> {
    let mut page = Page { next: from, ..Page::default() };
    let mut room = most;
    let all = segment::list(dir)?;
    for number in all.iter().copied().filter(|n| *n >= from.segment && *n <= end.segment) {
        if number > page.next.segment {
            page.next = Position { segment: number, offset: segment::HEAD };
        }
        let upto = if number == end.segment { end.offset } else { ends(dir, number, &all)? };
        if page.next.offset >= upto {
            continue;
        }
        room = one(dir, number, upto, room, &mut page)?;
        if room == 0 {
            break;
        }
    }
    Ok(page)
}

/// Where what counts of a segment that was followed by others ends.
fn ends(dir: &Path, number: u32, all: &[u32]) -> Result<u32, Error> {
    let whole = std::fs::metadata(segment::path(dir, number))?.len();
    let whole = u32::try_from(whole).unwrap_or(u32::MAX);
    let next = all.iter().find(|n| **n > number);
    let head = next.map(|n| segment::head(dir, *n)).transpose()?.flatten();
    Ok(head.filter(|h| h.number == number + 1).map_or(whole, |h| h.before.min(whole)))
}

/// Reads one segment from `page.next` up to `upto`; what is left of the room.
fn one(dir: &Path, number: u32, upto: u32, mut room: usize, page: &mut Page) -> Result<usize, Error> {
    let Some(head) = segment::head(dir, number)? else {
        let bytes = upto.saturating_sub(page.next.offset);
        page.damage.push(Damage { at: page.next, bytes });
        page.next.offset = upto;
        return Ok(room);
    };
    let mut file = BufReader::with_capacity(256 << 10, File::open(segment::path(dir, number))?);
    file.seek(SeekFrom::Start(u64::from(page.next.offset)))?;
    while room > 0 && page.next.offset < upto {
        let at = page.next;
        match frame(&mut file, &head.salt, at.offset, upto)? {
            Some((batch, len)) => {
                page.next.offset = at.offset.saturating_add(len);
                room = room.saturating_sub(len as usize);
                page.batches.push((at, page.next, batch));
            }
            None => {
                let resumed = resume(dir, number, &head.salt, at.offset, upto)?.unwrap_or(upto);
                page.damage.push(Damage { at, bytes: resumed - at.offset });
                page.next.offset = resumed;
                file.seek(SeekFrom::Start(u64::from(resumed)))?;
            }
        }
    }
    Ok(room)
}

/// The frame that begins here, and its length.
fn frame(
    file: &mut impl Read,
    salt: &[u8; 16],
    offset: u32,
    upto: u32,
) -> Result<Option<(Batch, u32)>, Error> {
    let left = (upto - offset) as usize;
    let mut bytes = Vec::new();
    file.by_ref().take(frame::HEAD as u64).read_to_end(&mut bytes)?;
    let Some(len) = frame::begins(&bytes).filter(|len| frame::HEAD + len <= left) else { return Ok(None) };
    file.by_ref().take(len as u64).read_to_end(&mut bytes)?;
    let whole = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    Ok(frame::read(&bytes, salt, offset).map(|batch| (batch, whole)))
}

/// Where the next whole frame after a damaged place begins.
fn resume(dir: &Path, number: u32, salt: &[u8; 16], after: u32, upto: u32) -> Result<Option<u32>, Error> {
    let mut bytes = Vec::new();
    let mut file = File::open(segment::path(dir, number))?;
    file.seek(SeekFrom::Start(u64::from(after)))?;
    file.take(u64::from(upto - after)).read_to_end(&mut bytes)?;
    let mut from = 1;
    while let Some(at) = frame::next(&bytes, from) {
        let offset = after.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        if bytes.get(at..).is_some_and(|rest| frame::read(rest, salt, offset).is_some()) {
            return Ok(Some(offset));
        }
        from = at + 1;
    }
    Ok(None)
}

/// Where the whole frames of a segment end, with what lies damaged between them, and the bytes after the end.
pub fn recover(
    dir: &Path,
    number: u32,
    all: &[u32],
    keep: &mut dyn FnMut(Batch),
) -> Result<(u32, u64, u64), Error> {
    let whole = ends(dir, number, all)?;
    let mut page = Page { next: Position { segment: number, offset: segment::HEAD }, ..Page::default() };
    let mut end = segment::HEAD;
    let mut damaged = 0;
    while page.next.offset < whole {
        one(dir, number, whole, 8 << 20, &mut page)?;
        for (_, next, batch) in page.batches.drain(..) {
            end = next.offset;
            keep(batch);
        }
        // Damage that nothing follows is the torn end.
        damaged += page.damage.drain(..).filter(|d| d.at.offset < end).count() as u64;
    }
    Ok((end, damaged, u64::from(whole.saturating_sub(end))))
}

/// Reads every segment of a folder: how many batches and records there are, and what is damaged. What follows the last
/// whole frame of the last segment is not: it is being written, or was torn.
pub fn verify(dir: &Path) -> Result<(u64, u64, Vec<Damage>), Error> {
    let all = segment::list(dir)?;
    let (mut batches, mut records, mut damage) = (0, 0, Vec::new());
    for number in all.iter().copied() {
        let last = all.last() == Some(&number);
        let upto = if last { u32::MAX } else { ends(dir, number, &all)? };
        let size = std::fs::metadata(segment::path(dir, number))?.len();
        let upto = upto.min(u32::try_from(size).unwrap_or(u32::MAX));
        let mut page = Page { next: Position { segment: number, offset: segment::HEAD }, ..Page::default() };
        let mut end = segment::HEAD;
        while page.next.offset < upto {
            one(dir, number, upto, 8 << 20, &mut page)?;
            for (_, next, batch) in page.batches.drain(..) {
                batches += 1;
                records += batch.records.len() as u64;
                end = next.offset;
            }
        }
        damage.extend(page.damage.into_iter().filter(|d| !last || d.at.offset < end));
    }
    Ok((batches, records, damage))
}
