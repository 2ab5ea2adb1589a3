//! Linux's audit (`auditd(8)`, «Understanding Audit Log Files» of Red Hat): an event is several records, each a line, with
//! one number. Every record is an event here, and those after the first also carry what the ones before said, so that
//! the command of an `EXECVE` stands beside the user of its `SYSCALL` and no record waits for another.

use domain::event::{Column, Event};
use jiff::Timestamp;

use crate::fields::{self, keep};

/// What the records so far of one number said.
#[derive(Debug, Default)]
pub struct Joined {
    id: String,
    fields: Vec<(String, String)>,
}

/// The most fields carried on: a record has about thirty.
const CARRIED: usize = 128;
/// The most arguments of one command that are joined.
const ARGUMENTS: usize = 1024;

/// Reads one record.
pub fn read(message: &str, joined: &mut Joined, event: &mut Event) -> bool {
    let Some((head, rest)) = message.split_once("msg=audit(") else {
        return false;
    };
    let Some((id, body)) = rest.split_once(')') else { return false };
    let Some(kind) = fields_of(head, "type=") else { return false };
    event.set_source("linux", "auditd");
    keep(event, "type", kind, Some(Column::Action));
    keep(event, "audit.id", id, None);
    if let Some(node) = fields_of(head, "node=") {
        keep(event, "node", node, Some(Column::Host));
    }
    let (seconds, _) = id.split_once(':').unwrap_or((id, ""));
    if let Some(at) = time(seconds) {
        event.set_time(at);
    }
    if joined.id != id {
        id.clone_into(&mut joined.id);
        joined.fields.clear();
    }
    let mut own: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, value: &str, quoted: bool| {
        // An event holds no more.
        if own.len() >= Event::MAX_FIELDS {
            return;
        }
        let value = if quoted { value.to_owned() } else { plain(kind, key, value) };
        own.push((key.to_owned(), value));
    };
    let body = body.trim_start_matches([':', ' ']);
    // Messages of programs stand within `msg='…'`.
    let (outer, inner) = match body.split_once("msg='") {
        Some((outer, inner)) => (outer, inner.rsplit_once('\'').map_or(inner, |(inner, _)| inner)),
        None => (body, ""),
    };
    // The kernel's own names after `\x1d` say numbers in words.
    for part in [outer, inner].into_iter().flat_map(|text| text.split('\u{1d}')) {
        fields::pairs_quoted(part, |key, value, quote| add(key, value, quote == Some('"')));
    }
    for (key, value) in &own {
        keep(event, key, value, column(key));
    }
    let command: Vec<&str> = arguments(kind, &own);
    if !command.is_empty() {
        fields::put(event, Column::CommandLine, &command.join(" "));
    }
    for (key, value) in &joined.fields {
        if !own.iter().any(|(k, _)| k == key) {
            keep(event, key, value, column(key));
        }
    }
    let room = CARRIED.saturating_sub(joined.fields.len());
    let new = own.into_iter().filter(|(key, _)| !key.starts_with('a') || key.len() > 3);
    joined.fields.extend(new.take(room));
    true
}

/// `a0` to `an` of an `EXECVE`.
fn arguments<'o>(kind: &str, own: &'o [(String, String)]) -> Vec<&'o str> {
    let number = |key: &str| {
        key.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let all = own.iter().filter(|(key, _)| kind == "EXECVE" && number(key));
    all.take(ARGUMENTS).map(|(_, value)| value.as_str()).collect()
}

fn fields_of<'t>(head: &'t str, name: &str) -> Option<&'t str> {
    head.split(' ').find_map(|word| word.strip_prefix(name)).filter(|value| !value.is_empty())
}

fn time(seconds: &str) -> Option<Timestamp> {
    crate::when::epoch(seconds)
}

/// What has blanks or quotes in it is written in hex, without quotes.
fn plain(kind: &str, key: &str, value: &str) -> String {
    let text = matches!(key, "proctitle" | "name" | "cwd" | "comm" | "exe" | "cmd" | "data" | "acct" | "key")
        || (kind == "EXECVE" && key.starts_with('a'));
    let (pairs, rest) = value.as_bytes().as_chunks::<2>();
    if !text
        || pairs.is_empty()
        || !rest.is_empty()
        || !value.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
    {
        return value.to_owned();
    }
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    // Arguments in a process's title have zeros between them.
    let bytes: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| digit(*high) << 4 | digit(*low))
        .map(|b| if b == 0 { b' ' } else { b })
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn column(key: &str) -> Option<Column> {
    Some(match key {
        "exe" => Column::Process,
        "pid" => Column::ProcessId,
        "acct" | "AUID" => Column::User,
        "addr" => Column::SourceIp,
        "name" => Column::File,
        "res" | "success" => Column::Outcome,
        "proctitle" | "cmd" => Column::CommandLine,
        _ => return None,
    })
}
