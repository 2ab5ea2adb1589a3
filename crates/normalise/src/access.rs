//! Access logs of nginx and Apache: the common and the combined form, with or without what stands before or after.

use domain::event::{Column, Event, Kind};

use crate::when;

/// Reads a line under the names of the W3C's extended format, which rules for web servers use.
pub fn read(text: &str, event: &mut Event) -> bool {
    let Some(line) = take(text) else { return false };
    event.set_source("web", "access");
    let (stem, query) = line.target.split_once('?').map_or((line.target, ""), |(stem, query)| (stem, query));
    let fields = [
        ("c-ip", line.client, Some(Column::SourceIp)),
        ("cs-username", line.user, Some(Column::User)),
        ("time", line.time, Some(Column::Time)),
        ("cs-method", line.method, Some(Column::Method)),
        ("c-uri", line.target, Some(Column::Url)),
        ("cs-uri", line.target, None),
        ("cs-uri-stem", stem, None),
        ("cs-uri-query", query, None),
        ("cs-version", line.version, None),
        ("sc-status", line.status, Some(Column::Status)),
        ("sc-bytes", line.bytes, None),
        ("cs-referer", line.referer, None),
        ("c-useragent", line.agent, Some(Column::UserAgent)),
        ("cs-user-agent", line.agent, None),
    ];
    for (name, value, column) in fields {
        // A dash is the log's way to say nothing.
        if value.is_empty() || value == "-" {
            continue;
        }
        let kind = if matches!(name, "sc-status" | "sc-bytes") { Kind::Number } else { Kind::Text };
        if let (Some(field), Some(column)) = (event.push(name, value, kind), column) {
            event.point(column, field);
        }
    }
    if let Some(at) = when::clf(line.time) {
        event.set_time(at);
    }
    if event.column(Column::Message).is_none() {
        crate::message(text, event);
    }
    true
}

#[derive(Default)]
struct Line<'t> {
    client: &'t str,
    user: &'t str,
    time: &'t str,
    method: &'t str,
    target: &'t str,
    version: &'t str,
    status: &'t str,
    bytes: &'t str,
    referer: &'t str,
    agent: &'t str,
}

fn take(text: &str) -> Option<Line<'_>> {
    // Some put the virtual host or a proxy's address first: the client is the word three before the time.
    let (before, rest) = text.split_once(" [")?;
    let mut words = before.rsplit(' ');
    let (user, _ident, client) = (words.next()?, words.next()?, words.next()?);
    if words.count() > 2 {
        return None;
    }
    let (time, rest) = rest.split_once("] ")?;
    let (request, rest) = rest.strip_prefix('"').and_then(quoted)?;
    let mut parts = request.splitn(2, ' ');
    let method = parts.next().unwrap_or_default();
    let target = parts.next().unwrap_or_default();
    let (target, version) = match target.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => (target, version),
        _ => (target, ""),
    };
    let mut rest = rest.trim_start().splitn(3, ' ');
    let status = rest.next().filter(|s| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit()))?;
    let bytes = rest.next().unwrap_or_default();
    let rest = rest.next().unwrap_or_default();
    let (referer, rest) = rest.strip_prefix('"').and_then(quoted).unwrap_or(("", rest));
    let (agent, _) = rest.trim_start().strip_prefix('"').and_then(quoted).unwrap_or(("", rest));
    Some(Line { client, user, time, method, target, version, status, bytes, referer, agent })
}

/// Up to the next quote that no backslash takes the meaning from, and what is after it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return Some((text.get(..at)?, text.get(at + 1..)?)),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}
