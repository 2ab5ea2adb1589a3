//! The tokens of binary XML as steps: a template's are read once, and taken for each record that uses it.

use rustc_hash::FxHashMap;

use super::bytes::Bytes;

/// A text of a chunk, among all of them.
#[derive(Clone, Copy, Debug)]
pub struct Text(u32, u32);

/// One step through a piece of XML.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// An element begins; in a template it says which value it depends on.
    Begin(Text, u16),
    /// Its start tag ends.
    Within,
    /// It ends with its start tag.
    EndEmpty,
    /// It ends.
    End,
    /// An attribute begins.
    Attribute(Text),
    /// Text as it stands.
    Text(Text),
    /// A value, by its number.
    Value(u16),
    /// A template is used; its place and values stand here.
    Template(u32),
}

/// Texts of a chunk, each decoded once.
#[derive(Debug, Default)]
pub struct Texts {
    all: String,
    /// Names by their places.
    names: FxHashMap<u32, Text>,
}

impl Texts {
    pub fn clear(&mut self) {
        self.all.clear();
        self.names.clear();
    }

    /// How many bytes they are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, text: Text) -> &str {
        self.all.get(text.0 as usize..text.1 as usize).unwrap_or_default()
    }

    fn put(&mut self, write: impl FnOnce(&mut String) -> Option<()>) -> Option<Text> {
        let from = u32::try_from(self.all.len()).ok()?;
        write(&mut self.all)?;
        Some(Text(from, u32::try_from(self.all.len()).ok()?))
    }

    fn text(&mut self, text: &str) -> Option<Step> {
        self.put(|out| {
            out.push_str(text);
            Some(())
        })
        .map(Step::Text)
    }

    /// A name, which stands here or where its place says.
    fn name(&mut self, bytes: &mut Bytes<'_>, chunk: &[u8]) -> Option<Text> {
        let place = bytes.u32()?;
        let inline = place as usize == bytes.place();
        if let Some(known) = self.names.get(&place).filter(|_| !inline) {
            return Some(*known);
        }
        // After the next name of the same hash, and the hash.
        let mut own = Bytes::new(chunk).at(place as usize)?;
        own.take(6)?;
        let name = self.put(|out| own.counted(out))?;
        own.u16()?;
        if inline {
            *bytes = bytes.at(own.place())?;
        }
        self.names.insert(place, name);
        Some(name)
    }

    /// The next step, or that there is none; nothing where it is broken. In a `template` elements say what they depend on.
    pub fn step(&mut self, bytes: &mut Bytes<'_>, chunk: &[u8], template: bool) -> Option<Option<Step>> {
        let token = loop {
            if bytes.place() >= bytes.all().len() {
                return Some(None);
            }
            match bytes.u8()? {
                0x00 => return Some(None),
                // What tells nothing: a head, and instructions to programs.
                0x0f => drop(bytes.take(3)?),
                0x0a => drop(self.name(bytes, chunk)?),
                0x0b => {
                    let count = bytes.u16()?;
                    bytes.take(usize::from(count) * 2)?;
                }
                token => break token,
            }
        };
        let step = match token {
            0x01 | 0x41 => {
                let depends = if template { bytes.u16()? } else { u16::MAX };
                let _size = bytes.u32()?;
                let name = self.name(bytes, chunk)?;
                if token & 0x40 != 0 {
                    let _size = bytes.u32()?;
                }
                Step::Begin(name, depends)
            }
            0x02 => Step::Within,
            0x03 => Step::EndEmpty,
            0x04 => Step::End,
            // A text is of kind 1; unparsed text has no kind.
            0x05 | 0x45 | 0x07 | 0x47 => {
                if token & 2 == 0 && bytes.u8()? != 1 {
                    return None;
                }
                Step::Text(self.put(|out| bytes.counted(out))?)
            }
            0x06 | 0x46 => Step::Attribute(self.name(bytes, chunk)?),
            0x08 | 0x48 => {
                let c = char::from_u32(u32::from(bytes.u16()?)).unwrap_or(char::REPLACEMENT_CHARACTER);
                self.text(c.encode_utf8(&mut [0; 4]))?
            }
            0x09 | 0x49 => {
                let name = self.name(bytes, chunk)?;
                let sign = match self.get(name) {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "",
                };
                self.text(sign)?
            }
            0x0c => {
                let place = u32::try_from(bytes.place()).ok()?;
                Used::read(bytes, chunk)?;
                Step::Template(place)
            }
            0x0d | 0x0e => {
                let (number, _kind) = (bytes.u16()?, bytes.u8()?);
                Step::Value(number)
            }
            _ => return None,
        };
        Some(Some(step))
    }
}

/// A template's use.
#[derive(Clone, Copy, Debug)]
pub struct Used<'b> {
    /// From where to where the template's own steps stand.
    pub own: (usize, usize),
    pub count: u32,
    /// Size and kind of each value.
    pub kinds: Bytes<'b>,
    /// The values, back to back.
    pub values: Bytes<'b>,
}

impl<'b> Used<'b> {
    /// Reads over it and its values.
    pub fn read(bytes: &mut Bytes<'b>, chunk: &[u8]) -> Option<Used<'b>> {
        let (_, _, place) = (bytes.u8()?, bytes.u32()?, bytes.u32()? as usize);
        let mut own = Bytes::new(chunk).at(place)?;
        // The next template of the same hash, its id.
        own.take(20)?;
        let size = own.u32()? as usize;
        let own = (own.place(), own.place().checked_add(size)?);
        if place == bytes.place() {
            *bytes = bytes.at(own.1)?;
        }
        let count = bytes.u32()?;
        let kinds = *bytes;
        let sizes = bytes.take((count as usize).checked_mul(4)?)?;
        let values = *bytes;
        let (sizes, _) = sizes.as_chunks::<4>();
        let all = sizes.iter().map(|[low, high, _, _]| usize::from(u16::from_le_bytes([*low, *high])));
        bytes.take(all.sum())?;
        Some(Used { own, count, kinds, values })
    }
}
