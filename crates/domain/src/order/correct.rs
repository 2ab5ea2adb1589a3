//! What people change in a reading: checked, noted with who and when, and kept when the paper is read again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Paper;
use crate::{
    duty::Code,
    id::{Id, kind},
};

/// Who changed a value, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Who; `None` for a program.
    pub by: Option<Id<kind::Person>>,
    /// When.
    pub at: Timestamp,
}

/// JSON pointer into the corrected reading → who changed it.
pub type Edits = BTreeMap<String, Edit>;

/// One correction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Change {
    /// Puts a value at `/field` or `/list/3`; null or "" makes a field blank.
    Set {
        /// Where.
        pointer: String,
        /// What.
        value: Value,
    },
    /// Adds an element to `/list`.
    Add {
        /// Which list.
        pointer: String,
        /// What.
        value: Value,
    },
    /// Takes `/list/3` out.
    Remove {
        /// Where.
        pointer: String,
    },
}

/// A correction that does not fit. The pointer says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nothing people correct stands there.
    #[error("nothing to correct at {0}")]
    NoField(String),
    /// The value is not of the form the field needs; the second says which part of it: `date`, `codes`, …
    #[error("not a value for {0}: {1}")]
    BadValue(String, &'static str),
}

/// Fields that hold one value; the others below hold lists.
const SINGLE: [&str; 9] =
    ["number", "symbol", "date", "place", "parent", "issuer", "subject", "signer", "window"];
const LISTS: [&str; 9] =
    ["to", "copies", "basis", "occasions", "duties", "scope", "vulnerabilities", "contacts", "deadlines"];
/// The longest official papers have some dozens of entries in any list; 500 stops a flood.
const ELEMENTS_MAX: usize = 500;
/// No single value of a paper is longer, in bytes of JSON.
const VALUE_MAX: usize = 20_000;

/// Applies one correction to the reading people work on, and notes it.
pub fn correct(reading: &mut Value, edits: &mut Edits, change: &Change, edit: Edit) -> Result<(), Unfit> {
    let mut next = reading.clone();
    let mut noted = edits.clone();
    let (pointer, list, at) = match change {
        Change::Set { pointer, .. } | Change::Add { pointer, .. } | Change::Remove { pointer } => {
            let canonical = |(field, at): &(&str, Option<usize>)| {
                *pointer == at.map_or_else(|| format!("/{field}"), |at| format!("/{field}/{at}"))
            };
            let (field, at) =
                split(pointer).filter(canonical).ok_or_else(|| Unfit::NoField(pointer.clone()))?;
            (pointer, field, at)
        }
    };
    let missing = || Unfit::NoField(pointer.clone());
    let unfit = || Unfit::BadValue(pointer.clone(), "value");
    match (change, at) {
        (Change::Set { value, .. }, None) if SINGLE.contains(&list) => {
            let blank = value.as_str().is_some_and(|s| s.trim().is_empty());
            let value = if blank { Value::Null } else { trimmed(value) };
            next.as_object_mut().ok_or_else(unfit)?.insert(list.to_owned(), value);
            noted.insert(pointer.clone(), edit);
        }
        (Change::Set { value, .. }, None) if LISTS.contains(&list) && value.is_array() => {
            let value = trimmed(value);
            // Elements that stay keep the characters they were read from.
            let old = elements(&mut next, list).map(|l| l.clone()).unwrap_or_default();
            let new = value.as_array().cloned().unwrap_or_default();
            renumber_spans(&mut next, list, &|i| old.get(i).and_then(|o| new.iter().position(|n| n == o)));
            next.as_object_mut().ok_or_else(unfit)?.insert(list.to_owned(), value);
            noted.retain(|p, _| split(p).is_none_or(|(f, _)| f != list));
            noted.insert(pointer.clone(), edit);
        }
        (Change::Set { value, .. }, Some(at)) if LISTS.contains(&list) => {
            let place = elements(&mut next, list).and_then(|l| l.get_mut(at)).ok_or_else(missing)?;
            *place = trimmed(value);
            noted.insert(pointer.clone(), edit);
        }
        (Change::Add { value, .. }, None) if LISTS.contains(&list) => {
            let object = next.as_object_mut().ok_or_else(unfit)?;
            let elements = object.entry(list).or_insert_with(|| Value::Array(vec![]));
            let elements = elements.as_array_mut().ok_or_else(unfit)?;
            elements.push(trimmed(value));
            noted.insert(format!("/{list}/{}", elements.len() - 1), edit);
        }
        (Change::Remove { .. }, Some(at)) if LISTS.contains(&list) => {
            let elements = elements(&mut next, list).filter(|l| at < l.len()).ok_or_else(missing)?;
            elements.remove(at);
            let moved = |i: usize| if i == at { None } else { Some(if i > at { i - 1 } else { i }) };
            noted = renumbered(&noted, list, &moved);
            renumber_spans(&mut next, list, &moved);
            noted.insert(format!("/{list}"), edit);
        }
        _ => return Err(missing()),
    }
    check(&next, list).map_err(|part| Unfit::BadValue(pointer.clone(), part))?;
    *reading = next;
    *edits = noted;
    Ok(())
}

/// Whether the field holds something a paper can hold; if not, which part of it does not fit.
fn check(reading: &Value, field: &str) -> Result<(), &'static str> {
    let paper = Paper::of(reading).ok_or("value")?;
    let value = reading.get(field).ok_or("value")?;
    if value.to_string().len() > VALUE_MAX * if value.is_array() { 10 } else { 1 }
        || value.as_array().is_some_and(|l| l.len() > ELEMENTS_MAX)
    {
        return Err("long");
    }
    let day = |d: &str| {
        let whole = match d.len() {
            4 => format!("{d}-01-01"),
            7 => format!("{d}-01"),
            _ => d.to_owned(),
        };
        whole.parse::<jiff::civil::Date>().is_ok()
    };
    let full = |d: &str| d.len() == 10 && day(d);
    let fits = |fit: bool, part: &'static str| if fit { Ok(()) } else { Err(part) };
    match field {
        "date" => fits(paper.date.as_deref().is_none_or(day), "date"),
        "window" => {
            fits(paper.window.is_none_or(|w| full(&w.from) && full(&w.to) && w.from <= w.to), "window")
        }
        "duties" => {
            let known = |c: &String| Code::new(c).is_ok();
            fits(paper.duties.iter().all(|d| !d.path.is_empty()), "path")?;
            fits(paper.duties.iter().all(|d| !d.codes.is_empty() && d.codes.iter().all(known)), "codes")
        }
        "basis" => {
            fits(paper.basis.iter().all(|b| !b.reference.is_empty()), "reference")?;
            fits(paper.basis.iter().all(|b| b.date.as_deref().is_none_or(day)), "date")
        }
        "deadlines" => {
            fits(paper.deadlines.iter().all(|d| super::due::moment(&d.date, false).is_some()), "deadline")
        }
        "to" | "copies" | "occasions" => {
            let lines = [&paper.to, &paper.copies, &paper.occasions];
            fits(lines.iter().all(|l| l.iter().all(|line| !line.is_empty())), "value")
        }
        "scope" => {
            let known =
                |s: &String| ["important", "personal-data", "national-platform"].contains(&s.as_str());
            fits(paper.scope.iter().all(known), "scope")
        }
        "contacts" => {
            let digits = |p: &String| p.bytes().all(|b| b.is_ascii_digit() || b == b'+');
            fits(paper.contacts.iter().all(|c| !c.line().is_empty()), "unit")?;
            fits(paper.contacts.iter().all(|c| c.phones.iter().all(digits)), "phones")
        }
        "vulnerabilities" => {
            fits(paper.vulnerabilities.iter().all(|v| *v != super::Vulnerability::default()), "name")
        }
        _ => Ok(()),
    }
}

/// A paper read again (other words, other text): what people changed stays, everything else follows the new reading.
///
/// `base` is the old reading, `ours` what people made of it. Lists are merged element by element: elements with a
/// `path` are the same when the path is, others when they are equal.
pub fn merge(base: &Value, theirs: &Value, ours: &Value, edits: &Edits) -> (Value, Edits) {
    let (mut merged, mut kept) = (theirs.clone(), Edits::new());
    let touched: BTreeSet<&str> = edits.keys().filter_map(|p| split(p)).map(|(field, _)| field).collect();
    for field in touched {
        let our = ours.get(field).cloned().unwrap_or(Value::Null);
        let under = |p: &String| split(p).is_some_and(|(f, _)| f == field);
        if LISTS.contains(&field) {
            let list = |v: &Value| v.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
            let joined = join(&list(base), &list(theirs), &list(ours));
            renumber_spans(&mut merged, field, &|i| joined.theirs.get(i).copied().flatten());
            let of_field = edits.iter().filter(|(p, _)| under(p)).map(|(p, e)| (p.clone(), *e)).collect();
            kept.extend(renumbered(&of_field, field, &|i| joined.ours.get(i).copied().flatten()));
            set(&mut merged, field, Value::Array(joined.elements));
        } else {
            set(&mut merged, field, our);
            kept.extend(edits.iter().filter(|(p, _)| under(p)).map(|(p, e)| (p.clone(), *e)));
        }
    }
    (merged, kept)
}

struct Joined {
    elements: Vec<Value>,
    /// Where each element of `theirs` and of `ours` went.
    theirs: Vec<Option<usize>>,
    ours: Vec<Option<usize>>,
}

fn join(base: &[Value], theirs: &[Value], ours: &[Value]) -> Joined {
    let (base_keys, their_keys, our_keys) = (keys(base), keys(theirs), keys(ours));
    let find = |keys: &[String], key: &String| keys.iter().position(|k| k == key);
    let in_base = |key: &String| find(&base_keys, key).and_then(|i| base.get(i));
    let mut out: Vec<Slot> = Vec::new();
    for (t, (key, their)) in their_keys.iter().zip(theirs).enumerate() {
        let theirs = Some(t);
        match find(&our_keys, key).and_then(|o| ours.get(o).map(|v| (o, v))) {
            Some((o, our)) if in_base(key) == Some(our) => {
                out.push(Slot { value: their.clone(), theirs, ours: Some(o) });
            }
            Some((o, our)) => out.push(Slot { value: our.clone(), theirs, ours: Some(o) }),
            None if in_base(key).is_some() => {}
            None => out.push(Slot { value: their.clone(), theirs, ours: None }),
        }
    }
    for (o, (key, our)) in our_keys.iter().zip(ours).enumerate() {
        if find(&their_keys, key).is_none() && in_base(key) != Some(our) {
            let after = out.iter().rposition(|slot| slot.ours.is_some_and(|at| at < o));
            out.insert(after.map_or(0, |i| i + 1), Slot { value: our.clone(), theirs: None, ours: Some(o) });
        }
    }
    Joined {
        theirs: (0..theirs.len()).map(|t| out.iter().position(|slot| slot.theirs == Some(t))).collect(),
        ours: (0..ours.len()).map(|o| out.iter().position(|slot| slot.ours == Some(o))).collect(),
        elements: out.into_iter().map(|slot| slot.value).collect(),
    }
}

/// An element of the merged list, and its places in the two it came from.
struct Slot {
    value: Value,
    theirs: Option<usize>,
    ours: Option<usize>,
}

/// What makes an element itself; the same key twice is numbered.
fn keys(list: &[Value]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let key = |v: &Value| v.get("path").and_then(Value::as_str).map_or_else(|| v.to_string(), str::to_owned);
    list.iter()
        .map(|v| {
            let n = seen.entry(key(v)).or_default();
            *n += 1;
            format!("{}#{n}", key(v))
        })
        .collect()
}

/// `/duties/3/codes` is field `duties`, element 3.
fn split(pointer: &str) -> Option<(&str, Option<usize>)> {
    let mut parts = pointer.strip_prefix('/')?.split('/');
    let field = parts.next()?;
    match parts.next() {
        None => Some((field, None)),
        // Below a single value (`/signer/name`) the whole field is meant.
        Some(index) => Some((field, index.parse().ok())),
    }
}

fn renumbered(edits: &Edits, list: &str, moved: &dyn Fn(usize) -> Option<usize>) -> Edits {
    edits.iter().filter_map(|(p, e)| Some((move_pointer(p, list, moved)?, *e))).collect()
}

fn renumber_spans(reading: &mut Value, list: &str, moved: &dyn Fn(usize) -> Option<usize>) {
    if let Some(spans) = reading.get_mut("spans").and_then(Value::as_object_mut) {
        let old = std::mem::take(spans);
        spans.extend(old.into_iter().filter_map(|(p, v)| Some((move_pointer(&p, list, moved)?, v))));
    }
}

fn move_pointer(pointer: &str, list: &str, moved: &dyn Fn(usize) -> Option<usize>) -> Option<String> {
    match split(pointer) {
        Some((field, Some(at))) if field == list => {
            let head = format!("/{list}/{at}");
            let rest = pointer.strip_prefix(&head).unwrap_or("");
            Some(format!("/{list}/{}{rest}", moved(at)?))
        }
        _ => Some(pointer.to_owned()),
    }
}

fn elements<'a>(reading: &'a mut Value, list: &str) -> Option<&'a mut Vec<Value>> {
    reading.get_mut(list).and_then(Value::as_array_mut)
}

fn set(reading: &mut Value, field: &str, value: Value) {
    if let Some(object) = reading.as_object_mut() {
        object.insert(field.to_owned(), value);
    }
}

/// Texts lose the blanks around them, wherever they stand.
fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(s) => Value::String(s.trim().to_owned()),
        Value::Array(l) => Value::Array(l.iter().map(trimmed).collect()),
        Value::Object(o) => Value::Object(o.iter().map(|(k, v)| (k.clone(), trimmed(v))).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
