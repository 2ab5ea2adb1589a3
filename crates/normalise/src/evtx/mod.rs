//! EVTX, the file in which Windows keeps its events: chunks of 64 KB, each with records in a binary form of XML whose
//! names and templates are kept once a chunk.
//!
//! Read by hand, straight into the event: the records are the largest logs that are brought in by file, and they come
//! from machines that somebody else has had his hands on. Nothing in a file is trusted: every offset is looked up, and
//! depth and work of a record are limited.

mod binxml;
mod bytes;
mod step;
mod value;

use domain::event::{Event, Kind};
use jiff::tz::TimeZone;

use crate::windows;
use bytes::Bytes;

/// What could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no such file.
    #[error("no EVTX")]
    File,
}

/// What a file held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Records read.
    pub records: u64,
    /// Records or chunks that could not be.
    pub broken: u64,
}

/// The size of a chunk.
pub const CHUNK: usize = 0x1_0000;
/// And of its head before the first record.
const HEAD: usize = 0x200;
/// What a record begins with.
const RECORD: u32 = 0x2a2a;
/// A record's head before its event: mark, size, number, time of writing.
const RECORD_HEAD: usize = 24;

/// Reads all records of a file, each into the same event. A broken record is counted and passed over.
///
/// # Errors
/// Where it is no such file.
pub fn read(file: &[u8], event: &mut Event, mut each: impl FnMut(&Event)) -> Result<Read, Unreadable> {
    let head = head(file).ok_or(Unreadable::File)?;
    let mut chunks = Chunks::default();
    for chunk in file.get(head..).unwrap_or_default().chunks(CHUNK) {
        chunks.chunk(chunk, event, &mut each);
    }
    Ok(chunks.read)
}

/// How long the head of a file is, by its beginning; chunks follow it. None where it is no such file.
pub fn head(start: &[u8]) -> Option<usize> {
    crate::is_evtx(start)
        .then(|| Bytes::new(start).at(0x28).and_then(|mut b| b.u16()).map_or(4096, usize::from))
}

/// The chunks of one file, one after the other: nothing of one is needed for the next.
#[derive(Debug, Default)]
pub struct Chunks {
    memory: binxml::Memory,
    shapes: windows::Shapes,
    /// What was read so far.
    pub read: Read,
}

impl Chunks {
    /// Reads the records of a chunk, of [`CHUNK`] bytes or, at the end of a file that was cut, fewer.
    pub fn chunk(&mut self, chunk: &[u8], event: &mut Event, each: &mut dyn FnMut(&Event)) {
        if !chunk.starts_with(b"ElfChnk\0") {
            // Room not written to yet is zeros.
            self.read.broken += u64::from(chunk.iter().any(|byte| *byte != 0));
            return;
        }
        self.memory.next_chunk();
        let free = Bytes::new(chunk).at(0x30).and_then(|mut b| b.u32()).unwrap_or(0) as usize;
        let mut at = HEAD;
        while at < free.min(chunk.len()) {
            let Some(size) = size_of_record(chunk, at) else {
                self.read.broken += 1;
                break;
            };
            event.clear();
            if record(chunk, at, size, &mut self.memory, event) {
                self.shapes.columns(event, &TimeZone::UTC);
                self.read.records += 1;
                each(event);
            } else {
                self.read.broken += 1;
            }
            at += size;
        }
    }
}

fn size_of_record(chunk: &[u8], at: usize) -> Option<usize> {
    let mut head = Bytes::new(chunk).at(at)?;
    let mark = head.u32()?;
    let size = head.u32()? as usize;
    let fits = size > RECORD_HEAD + 4 && at.checked_add(size).is_some_and(|end| end <= chunk.len());
    (mark == RECORD && fits).then_some(size)
}

fn record(chunk: &[u8], at: usize, size: usize, memory: &mut binxml::Memory, event: &mut Event) -> bool {
    // The size stands once more at the end.
    binxml::read(chunk, at + RECORD_HEAD..at + size - 4, memory, event).is_some()
}

/// An event as a line of flat JSON, as which it can be kept and read again: the file itself has no lines.
pub fn line(event: &Event, out: &mut String) {
    out.push('{');
    let mut first = true;
    let mut fields = event.fields().peekable();
    while let Some((name, value)) = fields.next() {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        quoted(name, out);
        out.push(':');
        // Neighbours of one name are a list.
        let list = fields.peek().is_some_and(|(next, _)| *next == name);
        if list {
            out.push('[');
        }
        put(value.text, value.kind, out);
        while let Some((_, next)) = fields.next_if(|(next, _)| *next == name) {
            out.push(',');
            put(next.text, next.kind, out);
        }
        if list {
            out.push(']');
        }
    }
    out.push('}');
}

fn put(text: &str, kind: Kind, out: &mut String) {
    match kind {
        Kind::Null => out.push_str("null"),
        Kind::Number | Kind::Bool => out.push_str(text),
        Kind::Text => quoted(text, out),
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
