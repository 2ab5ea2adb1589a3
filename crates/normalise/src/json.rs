//! JSON objects to fields: nested names joined by dots, a list's values under one name.

use std::fmt;

use domain::event::{Event, Kind};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{Shape, Zone, journald, objects, when, windows};

/// The deepest nesting that is taken apart; real events have six levels. What is deeper is kept as a line, for every level
/// takes its piece of the stack.
const DEPTH: usize = 32;

/// Reads an object; nothing where it is none.
pub fn read(bytes: &[u8], event: &mut Event, shapes: &mut windows::Shapes, zone: &Zone) -> Option<Shape> {
    let text = std::str::from_utf8(bytes);
    let owned;
    // Broken UTF-8 becomes its sign, so that the rest of the event is not lost.
    let text = match text {
        Ok(text) => text,
        Err(_) => {
            owned = String::from_utf8_lossy(bytes).into_owned();
            &owned
        }
    };
    event.set_raw(text);
    flatten(text, event).ok()?;
    if shapes.columns(event, &zone.zone) {
        return Some(Shape::Json);
    }
    if let Some(message) = event.get("MESSAGE").filter(|_| event.get("__REALTIME_TIMESTAMP").is_some()) {
        let message = message.text.to_owned();
        journald::columns(&message, event);
        return Some(Shape::Journald);
    }
    objects::columns(event);
    clock(event, zone);
    Some(Shape::Json)
}

/// As [`read`], of an object that came within a line whose head is read already.
pub fn within(text: &str, event: &mut Event, zone: &Zone) -> bool {
    if flatten(text, event).is_err() {
        return false;
    }
    if !windows::Shapes::default().columns(event, &zone.zone) {
        objects::columns(event);
        clock(event, zone);
    }
    true
}

/// The time under the names that most use.
fn clock(event: &mut Event, zone: &Zone) {
    let found = [
        "@timestamp",
        "timestamp",
        "time",
        "ts",
        "Timestamp",
        "EventTime",
        "eventTime",
        "CreationTime",
        "date",
    ]
    .into_iter()
    .find_map(|name| event.get(name))
    .and_then(|value| match value.kind {
        Kind::Number => when::epoch(value.text),
        _ => when::iso(value.text, &zone.zone),
    });
    if let Some(at) = found {
        event.set_time(at);
    }
}

/// Puts all of an object's values into an event.
fn flatten(text: &str, event: &mut Event) -> Result<(), sonic_rs::Error> {
    let mut path = String::new();
    let mut reader = sonic_rs::Deserializer::from_str(text);
    Seed { event, path: &mut path, depth: 0 }.deserialize(&mut reader)?;
    reader.end()
}

struct Seed<'a> {
    event: &'a mut Event,
    path: &'a mut String,
    depth: usize,
}

impl Seed<'_> {
    fn put(&mut self, value: &str, kind: Kind) {
        // Full: what is left over is in the raw line.
        let _ = self.event.push(self.path, value, kind);
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.put(text, Kind::Text);
        Ok(())
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.put(itoa::Buffer::new().format(value), Kind::Number);
        Ok(())
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.put(itoa::Buffer::new().format(value), Kind::Number);
        Ok(())
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<(), E> {
        self.put(&value.to_string(), Kind::Number);
        Ok(())
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.put(if value { "true" } else { "false" }, Kind::Bool);
        Ok(())
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.put("", Kind::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Seed { event, path, depth } = self;
        if depth >= DEPTH {
            return Err(serde::de::Error::custom("too deep"));
        }
        while seq
            .next_element_seed(Seed { event: &mut *event, path: &mut *path, depth: depth + 1 })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Seed { event, path, depth } = self;
        if depth >= DEPTH {
            return Err(serde::de::Error::custom("too deep"));
        }
        let before = path.len();
        while map.next_key_seed(Key(&mut *path))?.is_some() {
            map.next_value_seed(Seed { event: &mut *event, path: &mut *path, depth: depth + 1 })?;
            path.truncate(before);
        }
        Ok(())
    }
}

/// Adds a key to the path.
struct Key<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        if !self.0.is_empty() {
            self.0.push('.');
        }
        self.0.push_str(key);
        Ok(())
    }
}
