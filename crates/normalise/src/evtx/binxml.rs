//! The binary XML of one record, put into an event as it is read.

use std::ops::Range;

use domain::event::{Event, Kind};
use rustc_hash::FxHashMap;

use super::bytes::Bytes;
use super::step::{Step, Text, Texts, Used};
use super::value::{Value, XML};
use crate::windows;

/// The deepest XML within values and templates; Windows writes two or three levels.
const DEPTH: u8 = 8;
/// The most steps for one record: a chunk has 64 KB, but a template may be used again and again within one record.
const STEPS: u32 = 1 << 16;
/// The most steps, and bytes of text, remembered of a chunk: one that Windows wrote has far fewer.
const REMEMBERED: usize = 1 << 18;
/// The deepest nesting of elements.
const OPEN: usize = 64;

/// What is kept from record to record.
#[derive(Debug, Default)]
pub struct Memory {
    texts: Texts,
    /// Steps of a chunk's templates, and by a template's place where among them its own are.
    steps: Vec<Step>,
    templates: FxHashMap<usize, Range<usize>>,
    path: String,
    text: String,
    open: Vec<Open>,
    values: Vec<Value>,
}

impl Memory {
    /// Another chunk has other names and templates.
    pub fn next_chunk(&mut self) {
        self.texts.clear();
        self.steps.clear();
        self.templates.clear();
    }
}

/// Reads what stands in a range of a chunk; nothing where it is broken.
pub fn read(chunk: &[u8], range: Range<usize>, memory: &mut Memory, event: &mut Event) -> Option<()> {
    if memory.steps.len().max(memory.texts.len()) > REMEMBERED {
        memory.next_chunk();
    }
    memory.path.clear();
    memory.text.clear();
    memory.open.clear();
    memory.values.clear();
    let mut reader = Reader { memory, event, chunk, kind: None, attribute: None, steps: STEPS };
    let bytes = Bytes::new(chunk.get(..range.end)?).at(range.start)?;
    reader.fragment(bytes, DEPTH)
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

struct Reader<'c, 'm, 'e> {
    memory: &'m mut Memory,
    event: &'e mut Event,
    chunk: &'c [u8],
    /// What the text of the element or attribute at hand is.
    kind: Option<Kind>,
    /// The attribute at hand.
    attribute: Option<Text>,
    steps: u32,
}

impl Reader<'_, '_, '_> {
    /// Goes over one piece of XML, to its end.
    fn fragment(&mut self, mut bytes: Bytes<'_>, depth: u8) -> Option<()> {
        let level = self.memory.open.len();
        let depth = depth.checked_sub(1)?;
        let none = self.memory.values.len();
        loop {
            self.steps = self.steps.checked_sub(1)?;
            let Some(step) = self.memory.texts.step(&mut bytes, self.chunk, false)? else { break };
            self.take(step, none, depth)?;
        }
        self.close(level);
        Some(())
    }

    /// Goes over a template's steps with the values of its use.
    fn template(&mut self, place: u32, depth: u8) -> Option<()> {
        let level = self.memory.open.len();
        let depth = depth.checked_sub(1)?;
        let mut used = Used::read(&mut Bytes::new(self.chunk).at(place as usize)?, self.chunk)?;
        self.steps = self.steps.checked_sub(used.count)?;
        let own = self.steps_of(used.own)?;
        let values = self.memory.values.len();
        for _ in 0..used.count {
            let (size, kind, _) = (used.kinds.u16()?, used.kinds.u8()?, used.kinds.u8()?);
            let from = used.values.place();
            used.values.take(usize::from(size))?;
            self.memory.values.push(Value { kind, from, to: used.values.place() });
        }
        for at in own {
            self.steps = self.steps.checked_sub(1)?;
            let step = *self.memory.steps.get(at)?;
            self.take(step, values, depth)?;
        }
        self.memory.values.truncate(values);
        self.close(level);
        Some(())
    }

    /// Where the steps of a template are, which are read if they were not yet.
    fn steps_of(&mut self, (from, to): (usize, usize)) -> Option<Range<usize>> {
        if let Some(known) = self.memory.templates.get(&from) {
            return Some(known.clone());
        }
        let mut bytes = Bytes::new(self.chunk.get(..to)?).at(from)?;
        let Memory { texts, steps, .. } = self.memory;
        let first = steps.len();
        while let Some(step) = texts.step(&mut bytes, self.chunk, true)? {
            self.steps = self.steps.checked_sub(1)?;
            steps.push(step);
            if steps.len().max(texts.len()) > REMEMBERED * 2 {
                return None;
            }
        }
        let own = first..steps.len();
        self.memory.templates.insert(from, own.clone());
        Some(own)
    }

    fn close(&mut self, level: usize) {
        while self.memory.open.len() > level {
            self.end();
        }
    }

    /// One step; `values`: from where on those of the template at hand are.
    fn take(&mut self, step: Step, values: usize, depth: u8) -> Option<()> {
        let value = |memory: &Memory, number: u16| memory.values.get(values + usize::from(number)).copied();
        match step {
            Step::Begin(name, depends) => {
                let missing = depends != u16::MAX && value(self.memory, depends).is_some_and(|v| v.is_null());
                self.begin(name, missing)?;
            }
            Step::Within => self.attribute_ends(),
            Step::EndEmpty => {
                self.attribute_ends();
                self.end();
            }
            Step::End => self.end(),
            Step::Attribute(name) => {
                self.attribute_ends();
                self.attribute = Some(name);
            }
            Step::Text(text) => {
                self.memory.text.push_str(self.memory.texts.get(text));
                self.kind = Some(Kind::Text);
            }
            Step::Value(number) => self.value(value(self.memory, number)?, depth)?,
            Step::Template(place) => self.template(place, depth)?,
        }
        Some(())
    }

    fn value(&mut self, value: Value, depth: u8) -> Option<()> {
        if value.kind == XML {
            return self.fragment(Bytes::new(self.chunk.get(..value.to)?).at(value.from)?, depth);
        }
        if let Some(list) = value.list(self.chunk) {
            self.steps = self.steps.checked_sub(u32::try_from(list.len()).ok()?)?;
            for (n, one) in list.iter().enumerate() {
                if self.attribute.is_none() {
                    self.kind = one.write(self.chunk, &mut self.memory.text);
                    self.tell_element();
                } else {
                    self.memory.text.push_str(if n > 0 { " " } else { "" });
                    self.kind = one.write(self.chunk, &mut self.memory.text);
                }
            }
            let alone = !list.is_empty() && self.attribute.is_none();
            if let Some(open) = self.memory.open.last_mut().filter(|_| alone) {
                open.told = true;
            }
            return Some(());
        }
        let before = self.kind;
        // What nobody can read is left out, not the whole record.
        let kind = value.write(self.chunk, &mut self.memory.text).unwrap_or(Kind::Null);
        self.kind = match before {
            // A value beside text is text.
            Some(_) if !self.memory.text.is_empty() => Some(Kind::Text),
            _ => Some(kind),
        };
        Some(())
    }

    fn begin(&mut self, name: Text, missing: bool) -> Option<()> {
        self.attribute_ends();
        let Memory { texts, path, text, open, .. } = self.memory;
        let hidden = missing || open.last().is_some_and(|open| open.hidden);
        if let Some(open) = open.last_mut() {
            open.told = true;
        }
        if open.len() >= OPEN {
            return None;
        }
        text.clear();
        self.kind = None;
        open.push(Open { before: path.len(), told: false, hidden, attributes: false });
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(texts.get(name));
        Some(())
    }

    /// What was gathered is the attribute's.
    fn attribute_ends(&mut self) {
        let Some(name) = self.attribute.take() else { return };
        let Memory { texts, path, text, open, .. } = self.memory;
        let (name, Some(open)) = (texts.get(name), open.last_mut()) else { return };
        if name == "Name" && path.ends_with(".Data") {
            // `<Data Name="X">` is the field `X`.
            path.truncate(path.len() - "Data".len());
            path.push_str(text);
        } else if !name.starts_with("xmlns") && self.kind.is_some_and(|kind| kind != Kind::Null) {
            open.attributes = true;
            let length = path.len();
            path.push_str(".#attributes.");
            path.push_str(name);
            if !open.hidden {
                let kind = self.kind.unwrap_or(Kind::Text);
                let _ = self.event.push(windows::name(path), text, kind);
            }
            path.truncate(length);
        }
        text.clear();
        self.kind = None;
    }

    fn end(&mut self) {
        let last = self.memory.open.last();
        if last.is_some_and(|open| !(open.told || open.attributes && self.kind.is_none())) {
            self.tell_element();
        }
        self.memory.text.clear();
        self.kind = None;
        if let Some(open) = self.memory.open.pop() {
            self.memory.path.truncate(open.before);
        }
    }

    fn tell_element(&mut self) {
        let Memory { path, text, open, .. } = self.memory;
        if open.last().is_some_and(|open| !open.hidden) {
            // Full: what is left over is not kept.
            let kind = self.kind.unwrap_or(Kind::Null);
            let _ = self.event.push(windows::name(path), text, kind);
        }
        text.clear();
        self.kind = None;
    }
}
