//! A batch as bytes.
//!
//! ```text
//! magic 4 · length 4 · CRC32C 4 · payload
//! payload: source 16 · body 16 · time 8 · key 16 · count 4 · each: id 2+n · meta 2+n · line 4+n
//! ```
//! The sum is over the segment's salt, the frame's own place, the length and the payload: bytes of a log line that look
//! like a frame, or a frame moved elsewhere, are none. Numbers are little-endian.

use crc::{CRC_32_ISCSI, Crc, Table};
use domain::id::{Id, Uuid};
use jiff::Timestamp;

use super::{BATCH_MAX, Batch, Record};

const SUM: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
const MAGIC: [u8; 4] = [0xC4, 0x4E, 0xB5, 0x0A];
/// Magic, length, sum.
pub const HEAD: usize = 12;
/// Longest name and meta of a record; longer ones are cut (names are digested first).
const SHORT: usize = u16::MAX as usize;

/// Sums bytes with CRC32C.
pub fn sum(parts: &[&[u8]]) -> u32 {
    let mut digest = SUM.digest();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize()
}

fn seal(salt: &[u8; 16], offset: u32, payload: &[u8]) -> u32 {
    sum(&[salt, &offset.to_le_bytes(), &length(payload).to_le_bytes(), payload])
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// How many bytes a batch takes at most.
pub fn size(batch: &Batch) -> usize {
    let record = |r: &Record| 8 + r.id.as_ref().map_or(0, String::len) + r.meta.len() + r.line.len();
    HEAD + 60 + batch.records.iter().map(record).sum::<usize>()
}

/// Adds a batch, without the records at the places in `without`, as a frame that begins at `offset`.
pub fn write(out: &mut Vec<u8>, batch: &Batch, without: &[usize], salt: &[u8; 16], offset: u32) {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(batch.source.uuid().as_bytes());
    out.extend_from_slice(batch.body.uuid().as_bytes());
    out.extend_from_slice(&batch.at.as_microsecond().to_le_bytes());
    out.extend_from_slice(&batch.key.unwrap_or_default());
    let count = batch.records.len().saturating_sub(without.len());
    out.extend_from_slice(&u32::try_from(count).unwrap_or_default().to_le_bytes());
    for (_, record) in batch.records.iter().enumerate().filter(|(n, _)| !without.contains(n)) {
        short(out, record.id.as_deref().unwrap_or_default());
        short(out, &record.meta);
        out.extend_from_slice(&length(&record.line).to_le_bytes());
        out.extend_from_slice(&record.line);
    }
    let payload = out.get(start + HEAD..).unwrap_or_default();
    let (len, sum) = (length(payload), seal(salt, offset, payload));
    if let Some(head) = out.get_mut(start + 4..start + HEAD) {
        let (one, two) = head.split_at_mut(4);
        one.copy_from_slice(&len.to_le_bytes());
        two.copy_from_slice(&sum.to_le_bytes());
    }
}

fn short(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(SHORT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    out.extend_from_slice(&u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The payload's length of what begins like a frame.
pub fn begins(head: &[u8]) -> Option<usize> {
    let rest = head.strip_prefix(&MAGIC)?;
    let len = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
    (len <= BATCH_MAX).then_some(len)
}

/// Reads the frame whose head and payload these are, if it is whole.
pub fn read(frame: &[u8], salt: &[u8; 16], offset: u32) -> Option<Batch> {
    let len = begins(frame)?;
    let stood = u32::from_le_bytes(*frame.get(8..)?.first_chunk()?);
    let payload = frame.get(HEAD..HEAD.checked_add(len)?)?;
    if seal(salt, offset, payload) != stood {
        return None;
    }
    batch(&mut Bytes(payload))
}

/// Where the next thing that may be a frame begins, from a byte on.
pub fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(MAGIC.len()).position(|w| w == MAGIC).map(|at| from + at)
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }
    fn short(&mut self) -> Option<String> {
        let len = usize::from(u16::from_le_bytes(self.array()?));
        String::from_utf8(self.take(len)?.to_vec()).ok()
    }
}

fn batch(bytes: &mut Bytes<'_>) -> Option<Batch> {
    let source = Id::from_uuid(Uuid::from_bytes(bytes.array()?));
    let body = Id::from_uuid(Uuid::from_bytes(bytes.array()?));
    let at = Timestamp::from_microsecond(i64::from_le_bytes(bytes.array()?)).ok()?;
    let key = Some(bytes.array()?).filter(|key| *key != [0; 16]);
    let count = u32::from_le_bytes(bytes.array()?);
    let mut records = Vec::new();
    for _ in 0..count {
        let (id, meta) = (bytes.short()?, bytes.short()?);
        let len = usize::try_from(u32::from_le_bytes(bytes.array()?)).ok()?;
        let line = bytes.take(len)?.to_vec();
        records.push(Record { id: Some(id).filter(|id| !id.is_empty()), meta, line });
    }
    Some(Batch { source, body, at, key, records })
}
