//! The binary XML of one record, put into an event as it is read.

use std::ops::Range;

use domain::event::{Event, Kind};
use rustc_hash::FxHashMap;

use super::bytes::Bytes;
use super::value::{Value, XML};
use crate::windows;

/// The deepest XML within values and templates; Windows writes two or three levels.
const DEPTH: u8 = 8;
/// The most steps for one record: a chunk has 64 KB, but a template may be used again and again within one record.
const STEPS: u32 = 1 << 16;
/// The deepest nesting of elements.
const OPEN: usize = 64;

/// What is kept from record to record.
#[derive(Debug, Default)]
pub struct Memory {
    /// Names of a chunk by their places.
    names: FxHashMap<u32, Box<str>>,
    path: String,
    text: String,
    open: Vec<Open>,
}

impl Memory {
    /// Another chunk has other names.
    pub fn next_chunk(&mut self) {
        self.names.clear();
    }
}

/// Reads what stands in a range of a chunk; nothing where it is broken.
pub fn read(chunk: &[u8], range: Range<usize>, memory: &mut Memory, event: &mut Event) -> Option<()> {
    let Memory { names, path, text, open } = memory;
    path.clear();
    text.clear();
    open.clear();
    let mut reader = Reader { names, event, path, text, kind: None, open, attribute: None, steps: STEPS };
    let bytes = Bytes::new(chunk.get(..range.end)?).at(range.start)?;
    reader.fragment(bytes, chunk, &[], false, DEPTH)
}

/// An element that is not at its end yet.
#[derive(Debug)]
struct Open {
    /// How long the path was before it.
    before: usize,
    /// Whether there are elements, or a list already told, in it.
    told: bool,
    /// Windows leaves it out, for the value it depends on is not there.
    hidden: bool,
    /// It has attributes that were told: without a text of its own there is nothing else to tell.
    attributes: bool,
}

struct Reader<'n, 'e> {
    names: &'n mut FxHashMap<u32, Box<str>>,
    event: &'e mut Event,
    path: &'n mut String,
    /// The text of the element or attribute at hand.
    text: &'n mut String,
    kind: Option<Kind>,
    open: &'n mut Vec<Open>,
    /// The attribute at hand: its name's place.
    attribute: Option<u32>,
    steps: u32,
}

impl Reader<'_, '_> {
    /// Goes over one piece of XML, to its end. `template`: elements say which value they depend on.
    fn fragment(
        &mut self,
        mut bytes: Bytes<'_>,
        chunk: &[u8],
        values: &[Value<'_>],
        template: bool,
        depth: u8,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let level = self.open.len();
        while bytes.place() < bytes.all().len() {
            self.steps = self.steps.checked_sub(1)?;
            match bytes.u8()? {
                0x00 => break,
                0x0f => {
                    bytes.take(3)?;
                }
                token @ (0x01 | 0x41) => {
                    let depends = if template { bytes.u16()? } else { u16::MAX };
                    let _size = bytes.u32()?;
                    let name = self.name(&mut bytes, chunk)?;
                    if token & 0x40 != 0 {
                        let _size = bytes.u32()?;
                    }
                    let missing = values.get(usize::from(depends)).is_some_and(Value::is_null);
                    self.begin(name, depends != u16::MAX && missing)?;
                }
                // The start tag's end.
                0x02 => self.attribute_ends(),
                0x03 => {
                    self.attribute_ends();
                    self.end();
                }
                0x04 => self.end(),
                0x05 | 0x45 => {
                    let kind = bytes.u8()?;
                    if kind != 1 {
                        return None;
                    }
                    bytes.counted(self.text)?;
                    self.kind = Some(Kind::Text);
                }
                0x06 | 0x46 => {
                    self.attribute_ends();
                    self.attribute = Some(self.name(&mut bytes, chunk)?);
                }
                0x07 | 0x47 => {
                    bytes.counted(self.text)?;
                    self.kind = Some(Kind::Text);
                }
                0x08 | 0x48 => {
                    let c = char::from_u32(u32::from(bytes.u16()?));
                    self.text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                    self.kind = Some(Kind::Text);
                }
                0x09 | 0x49 => {
                    let name = self.name(&mut bytes, chunk)?;
                    self.text.push_str(match self.names.get(&name)? as &str {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        "apos" => "'",
                        _ => "",
                    });
                    self.kind = Some(Kind::Text);
                }
                0x0a => {
                    self.name(&mut bytes, chunk)?;
                }
                0x0b => bytes.counted(&mut String::new())?,
                0x0c => self.template(&mut bytes, chunk, depth)?,
                0x0d | 0x0e => {
                    let (number, _kind) = (bytes.u16()?, bytes.u8()?);
                    self.value(*values.get(usize::from(number))?, chunk, depth)?;
                }
                _ => return None,
            }
        }
        while self.open.len() > level {
            self.end();
        }
        Some(())
    }

    /// A name's place; the name itself is remembered.
    fn name(&mut self, bytes: &mut Bytes<'_>, chunk: &[u8]) -> Option<u32> {
        let place = bytes.u32()?;
        let inline = place as usize == bytes.place();
        if inline || !self.names.contains_key(&place) {
            // After the next name of the same hash, and the hash.
            let mut own = Bytes::new(chunk).at(place as usize)?;
            own.take(6)?;
            let mut name = String::new();
            own.counted(&mut name)?;
            own.u16()?;
            if inline {
                *bytes = bytes.at(own.place())?;
            }
            self.names.insert(place, name.into());
        }
        Some(place)
    }

    fn template(&mut self, bytes: &mut Bytes<'_>, chunk: &[u8], depth: u8) -> Option<()> {
        let (_, _, place) = (bytes.u8()?, bytes.u32()?, bytes.u32()? as usize);
        let mut own = Bytes::new(chunk).at(place)?;
        // The next template of the same hash, its id.
        own.take(20)?;
        let size = own.u32()? as usize;
        let (from, to) = (own.place(), own.place().checked_add(size)?);
        if place == bytes.place() {
            *bytes = bytes.at(to)?;
        }
        let count = bytes.u32()?;
        let mut kinds = Bytes::new(bytes.all()).at(bytes.place())?;
        bytes.take((count as usize).checked_mul(4)?)?;
        self.steps = self.steps.checked_sub(count)?;
        let mut values = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let (size, kind, _) = (kinds.u16()?, kinds.u8()?, kinds.u8()?);
            let from = bytes.place();
            values.push(Value { kind, from, bytes: bytes.take(usize::from(size))? });
        }
        let own = Bytes::new(chunk.get(..to)?).at(from)?;
        self.fragment(own, chunk, &values, true, depth)
    }

    fn value(&mut self, value: Value<'_>, chunk: &[u8], depth: u8) -> Option<()> {
        if value.kind == XML {
            let end = value.from.checked_add(value.bytes.len())?;
            let own = Bytes::new(chunk.get(..end)?).at(value.from)?;
            return self.fragment(own, chunk, &[], false, depth);
        }
        if let Some(list) = value.list() {
            self.steps = self.steps.checked_sub(u32::try_from(list.len()).ok()?)?;
            for (n, one) in list.iter().enumerate() {
                if self.attribute.is_none() {
                    self.kind = one.write(self.text);
                    self.tell_element();
                } else {
                    self.text.push_str(if n > 0 { " " } else { "" });
                    self.kind = one.write(self.text);
                }
            }
            if let Some(open) = self.open.last_mut().filter(|_| !list.is_empty() && self.attribute.is_none())
            {
                open.told = true;
            }
            return Some(());
        }
        let before = self.kind;
        // What nobody can read is left out, not the whole record.
        let kind = value.write(self.text).unwrap_or(Kind::Null);
        self.kind = match before {
            // A value beside text is text.
            Some(_) if !self.text.is_empty() => Some(Kind::Text),
            _ => Some(kind),
        };
        Some(())
    }

    fn begin(&mut self, name: u32, hidden: bool) -> Option<()> {
        self.attribute_ends();
        let hidden = hidden || self.open.last().is_some_and(|open| open.hidden);
        if let Some(open) = self.open.last_mut() {
            open.told = true;
        }
        if self.open.len() >= OPEN {
            return None;
        }
        self.text.clear();
        self.kind = None;
        self.open.push(Open { before: self.path.len(), told: false, hidden, attributes: false });
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(self.names.get(&name)?);
        Some(())
    }

    /// What was gathered is the attribute's.
    fn attribute_ends(&mut self) {
        let Some(name) = self.attribute.take().and_then(|name| self.names.get(&name)) else { return };
        let Some(open) = self.open.last_mut() else { return };
        if &**name == "Name" && self.path.ends_with(".Data") {
            // `<Data Name="X">` is the field `X`.
            self.path.truncate(self.path.len() - "Data".len());
            self.path.push_str(self.text);
        } else if !name.starts_with("xmlns") && self.kind.is_some_and(|kind| kind != Kind::Null) {
            open.attributes = true;
            let length = self.path.len();
            self.path.push_str(".#attributes.");
            self.path.push_str(name);
            if !open.hidden {
                let kind = self.kind.unwrap_or(Kind::Text);
                let _ = self.event.push(windows::name(self.path), self.text, kind);
            }
            self.path.truncate(length);
        }
        self.text.clear();
        self.kind = None;
    }

    fn end(&mut self) {
        let tells =
            self.open.last().is_some_and(|open| !(open.told || open.attributes && self.kind.is_none()));
        if tells {
            self.tell_element();
        }
        self.text.clear();
        self.kind = None;
        if let Some(open) = self.open.pop() {
            self.path.truncate(open.before);
        }
    }

    fn tell_element(&mut self) {
        if self.open.last().is_some_and(|open| !open.hidden) {
            // Full: what is left over is not kept.
            let kind = self.kind.unwrap_or(Kind::Null);
            let _ = self.event.push(windows::name(self.path), self.text, kind);
        }
        self.text.clear();
        self.kind = None;
    }
}
