//! Fields put into an event, with their columns.

use domain::event::{Column, Event, Kind};

/// A value a program's message names no field for, under its column's common name.
pub fn put(event: &mut Event, column: Column, value: &str) {
    if !value.is_empty()
        && let Some(field) = event.push(column.name(), value, Kind::Text)
    {
        event.point(column, field);
    }
}

/// A field under its own name, and the column it is.
pub fn keep(event: &mut Event, name: &str, value: &str, column: Option<Column>) {
    let number = !value.is_empty() && value.len() < 16 && value.bytes().all(|b| b.is_ascii_digit());
    let kind = if number { Kind::Number } else { Kind::Text };
    if let Some(field) = event.push(name, value, kind)
        && let Some(column) = column.filter(|_| !value.is_empty() && value != "-")
    {
        event.point(column, field);
    }
}

/// Points a column at the first of the fields that is there and not empty.
pub fn point(event: &mut Event, column: Column, names: &[&str]) {
    let find = |wanted: &&str| {
        let mut fields = event.fields().enumerate();
        fields.find(|(_, (name, value))| name == wanted && !value.text.is_empty() && value.kind != Kind::Null)
    };
    let number = names.iter().find_map(find).and_then(|(number, _)| u32::try_from(number).ok());
    if let Some(number) = number {
        event.point(column, number);
    }
}

/// `1.2.3.4:80` or `[::1]:80` or `1.2.3.4/80` to the address and the port; the port may be missing.
pub fn endpoint(text: &str) -> (&str, &str) {
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let split = text.rsplit_once('/').or_else(|| text.rsplit_once(':'));
    match split {
        // Of `::1` the last part is no port.
        Some((address, port)) if digits(port) && (address.ends_with(']') || !address.contains(':')) => {
            (address.trim_matches(['[', ']']), port)
        }
        _ => (text.trim_matches(['[', ']']), ""),
    }
}

/// Puts a source and where it went.
pub fn flow(event: &mut Event, source: &str, destination: &str) {
    let ((from, from_port), (to, to_port)) = (endpoint(source), endpoint(destination));
    put(event, Column::SourceIp, from);
    put(event, Column::SourcePort, from_port);
    put(event, Column::DestinationIp, to);
    put(event, Column::DestinationPort, to_port);
}

/// `key=value` pairs, values with or without quotes; a quote after a backslash is one of the text.
pub fn pairs<'t>(text: &'t str, mut each: impl FnMut(&'t str, &'t str)) {
    pairs_quoted(text, |key, value, _| each(key, value));
}

/// The same, with the quotes that stood around the value.
pub fn pairs_quoted<'t>(text: &'t str, mut each: impl FnMut(&'t str, &'t str, Option<char>)) {
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit([' ', ',', '\t']).next().unwrap_or(key);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, next, quote) = match quote.and_then(|quote| quoted(after.get(1..)?, quote)) {
            Some((value, next)) => (value, next, quote),
            None => {
                let (value, next) = after.split_once(' ').unwrap_or((after, ""));
                (value, next, None)
            }
        };
        if !key.is_empty() {
            each(key, value, quote);
        }
        rest = next;
    }
}

/// Up to the next quote that no backslash takes the meaning from, and what is after it.
pub fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !escaped {
            return Some((text.get(..at)?, text.get(at + c.len_utf8()..)?));
        }
        escaped = c == '\\' && !escaped;
    }
    None
}
