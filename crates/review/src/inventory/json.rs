//! JSON of any of the known kinds, element by element: a large file is never held as a tree.

use std::fmt;

use domain::inventory::Inventory;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Kind, Looks, Notes, Refused, cyclonedx, osquery, spdx};

pub fn read(text: &str, notes: &mut Notes) -> Result<(Kind, Vec<Inventory>), Refused> {
    // Names that stand at the beginning of every such file; where they do not, the whole is searched once.
    let has = |key: &str| text.contains(key);
    if has("\"bomFormat\"") || has("cyclonedx.org/schema") {
        return Ok((Kind::CycloneDx, vec![cyclonedx::read(text, notes)?]));
    }
    if has("\"spdxVersion\"") {
        return Ok((Kind::Spdx, vec![spdx::read(text, notes)?]));
    }
    if let Some(hosts) = own(text) {
        return Ok((Kind::Canh, hosts));
    }
    let hosts = osquery::read(text, notes)?;
    if hosts.is_empty() {
        return Err(Refused::Unknown(Looks::Other));
    }
    Ok((Kind::Osquery, hosts))
}

/// What `canh inventory read --format json` writes.
fn own(text: &str) -> Option<Vec<Inventory>> {
    #[derive(serde::Deserialize)]
    struct Own {
        hosts: Vec<Inventory>,
    }
    text.contains("\"kbs_listed\"").then(|| serde_json::from_str(text).ok().map(|own: Own| own.hosts))?
}

/// Goes through one or more documents. `each` gets every element of the arrays that `wanted` names (or of an array that
/// is the document itself, under no name), and every other value that it names, with its number from 1.
pub(crate) fn walk(
    text: &str,
    wanted: &dyn Fn(&str) -> bool,
    each: &mut dyn FnMut(&str, usize, Value),
) -> Result<(), Refused> {
    let mut documents = serde_json::Deserializer::from_str(text);
    let mut any = false;
    while documents.end().is_err() {
        let walk = Document { wanted, each };
        match walk.deserialize(&mut documents) {
            Ok(()) => any = true,
            // Lines of a log that was cut: what came before stands.
            Err(_) if any => return Ok(()),
            Err(error) => return Err(Refused::json(&error)),
        }
    }
    Ok(())
}

struct Document<'a> {
    wanted: &'a dyn Fn(&str) -> bool,
    each: &'a mut dyn FnMut(&str, usize, Value),
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if (self.wanted)(&key) {
                map.next_value_seed(Elements { key: &key, each: self.each })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = list.next_element::<Value>()? {
            number += 1;
            (self.each)("", number, value);
        }
        Ok(())
    }
}

struct Elements<'a> {
    key: &'a str,
    each: &'a mut dyn FnMut(&str, usize, Value),
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = list.next_element::<Value>()? {
            number += 1;
            (self.each)(self.key, number, value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            object.insert(key, value);
        }
        (self.each)(self.key, 1, Value::Object(object));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.each)(self.key, 1, Value::from(text));
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        (self.each)(self.key, 1, Value::from(number));
        Ok(())
    }
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        (self.each)(self.key, 1, Value::from(number));
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A text among the fields, if it says something.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

/// A list among the fields; empty if there is none.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
