//! Windows' events as XML (Microsoft's «Event Schema»), as NXLog, rsyslog and Windows' own forwarding send them.

use domain::event::{Event, Kind};
use jiff::tz::TimeZone;

use crate::windows;

/// The most elements of one event: real ones have some sixty.
const ELEMENTS: usize = 4096;
/// The deepest nesting.
const DEPTH: usize = 32;

/// Reads `<Event …>…</Event>`.
pub fn read(text: &str, event: &mut Event) -> bool {
    let text = text.trim();
    let text = text
        .strip_prefix("<?xml")
        .and_then(|t| t.split_once("?>"))
        .map_or(text, |(_, rest)| rest.trim_start());
    if !text.starts_with("<Event") {
        return false;
    }
    elements(text, event);
    windows::Shapes::default().columns(event, &TimeZone::UTC)
}

fn elements(text: &str, event: &mut Event) {
    let mut path: Vec<String> = Vec::new();
    let mut rest = text;
    // The text of the element at hand; none once another began in it.
    let mut own: Option<String> = None;
    for _ in 0..ELEMENTS {
        let Some((before, after)) = rest.split_once('<') else { return };
        if let Some(own) = &mut own {
            own.push_str(&plain(before));
        }
        if let Some(inner) = after.strip_prefix("![CDATA[") {
            let Some((inner, next)) = inner.split_once("]]>") else { return };
            own.get_or_insert_default().push_str(inner);
            rest = next;
            continue;
        }
        let Some((tag, next)) = after.split_once('>') else { return };
        rest = next;
        if tag.starts_with('/') {
            if let Some(value) = own.take() {
                put(event, &path, &value);
            }
            path.pop();
            continue;
        }
        if path.len() >= DEPTH {
            return;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once([' ', '\n', '\t', '\r']).unwrap_or((tag, ""));
        let name = name.rsplit(':').next().unwrap_or(name);
        path.push(name.to_owned());
        let mut named = String::new();
        crate::fields::pairs(attributes, |key, value| {
            if key == "Name" && name == "Data" {
                named = plain(value);
            } else if !key.starts_with("xmlns") {
                let full = format!("{}.#attributes.{key}", path.join("."));
                let _ = event.push(windows::name(&full), &plain(value), Kind::Text);
            }
        });
        if let Some(last) = path.last_mut().filter(|_| !named.is_empty()) {
            *last = named;
        }
        own = Some(String::new());
        if closed {
            if !attributes.contains('=') {
                put(event, &path, "");
            }
            path.pop();
            own = None;
        }
    }
}

fn put(event: &mut Event, path: &[String], value: &str) {
    let path = path.join(".");
    let name = windows::name(&path);
    let kind = match value {
        "" => Kind::Null,
        _ if matches!(name, "EventID" | "Level" | "Task" | "Opcode" | "Version" | "EventRecordID") => {
            Kind::Number
        }
        _ => Kind::Text,
    };
    let _ = event.push(name, value, kind);
}

/// Without XML's entities.
fn plain(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, next)) = after.split_once(';').filter(|(name, _)| name.len() <= 8) else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = name.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16));
        let number = number.or_else(|| name.strip_prefix('#').map(str::parse));
        let c = match (name, number) {
            ("amp", _) => Some('&'),
            ("lt", _) => Some('<'),
            ("gt", _) => Some('>'),
            ("quot", _) => Some('"'),
            ("apos", _) => Some('\''),
            (_, Some(Ok(code))) => char::from_u32(code),
            _ => None,
        };
        out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = next;
    }
    out + rest
}
