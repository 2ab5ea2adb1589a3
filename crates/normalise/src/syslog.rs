//! Syslog: RFC 5424, and what programs make of RFC 3164 — with and without priority, host or tag.

use domain::event::{Column, Event, Kind};
use jiff::Timestamp;

use crate::{Shape, Zone, access, device, json, linux, when};

/// Reads a line; nothing where it is no syslog.
pub fn read(text: &str, zone: &Zone, audit: &mut device::Joined, event: &mut Event) -> Option<Shape> {
    let (priority, rest) = match text.strip_prefix('<') {
        Some(rest) => {
            let (number, rest) = rest.split_once('>')?;
            // 23 facilities by 8 severities.
            (Some(number.parse::<u8>().ok().filter(|n| *n <= 191)?), rest)
        }
        None => (None, text),
    };
    let modern = rest.strip_prefix("1 ").filter(|_| priority.is_some());
    if let Some(rest) = modern
        && let Some(head) = rfc5424(rest)
    {
        keep(event, priority, &head, zone, audit);
        return Some(Shape::Syslog5424);
    }
    let head = rfc3164(rest, zone, priority.is_some())?;
    keep(event, priority, &head, zone, audit);
    Some(Shape::Syslog3164)
}

#[derive(Default)]
struct Head<'t> {
    at: Option<Timestamp>,
    time: &'t str,
    host: &'t str,
    program: &'t str,
    process: &'t str,
    id: &'t str,
    data: Vec<(String, String)>,
    message: &'t str,
    /// The year is not the line's own.
    guessed: bool,
}

fn keep(event: &mut Event, priority: Option<u8>, head: &Head<'_>, zone: &Zone, audit: &mut device::Joined) {
    if let Some(priority) = priority {
        let _ = event.push("syslog.facility", &(priority / 8).to_string(), Kind::Number);
        let _ = event.push("syslog.severity", &(priority % 8).to_string(), Kind::Number);
    }
    let fields = [
        ("syslog.timestamp", head.time, Some(Column::Time)),
        ("syslog.hostname", head.host, Some(Column::Host)),
        ("syslog.appname", head.program, Some(Column::Process)),
        ("syslog.procid", head.process, Some(Column::ProcessId)),
        ("syslog.msgid", head.id, None),
    ];
    let mut program = Vec::new();
    for (name, value, column) in fields {
        if !value.is_empty() && value != "-" {
            let field = event.push(name, value, Kind::Text);
            match (field, column) {
                (Some(field), Some(column @ (Column::Process | Column::ProcessId))) => {
                    program.push((column, field))
                }
                (Some(field), Some(column)) => event.point(column, field),
                _ => {}
            }
        }
    }
    for (name, value) in &head.data {
        let _ = event.push(name, value, Kind::Text);
    }
    if let Some(at) = head.at {
        event.set_time(at);
    }
    event.set_source("linux", "");
    if head.guessed && head.at.is_some() {
        let _ = event.push("time.guessed", "year", Kind::Text);
    }
    inner(event, head, zone, audit);
    // After what is within: the program an event tells of outweighs the one that forwards it.
    for (column, field) in program {
        event.point(column, field);
    }
}

/// What is within in a format of its own names its fields better than syslog does.
fn inner(event: &mut Event, head: &Head<'_>, zone: &Zone, audit: &mut device::Joined) {
    let message = head.message;
    if message.trim_start().starts_with('{') && json::within(message.trim(), event, zone) {
        return;
    }
    let told = device::Told { program: head.program, message, zone };
    if device::read(&told, audit, event) {
        crate::message(message, event);
        return;
    }
    crate::message(message, event);
    // A web server that logs through syslog.
    if !access::read(message, event) {
        linux::columns(head.program, message, event);
    }
}

fn rfc5424(text: &str) -> Option<Head<'_>> {
    let mut parts = text.splitn(6, ' ');
    let time = parts.next()?;
    let at = if time == "-" { None } else { Some(time.parse::<Timestamp>().ok()?) };
    let (host, program, process, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rest = parts.next().unwrap_or("-");
    let (data, message) =
        if let Some(after) = rest.strip_prefix('-') { (Vec::new(), after) } else { structured(rest)? };
    let message = message.strip_prefix(' ').unwrap_or(message);
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    Some(Head { at, time, host, program, process, id, data, message, guessed: false })
}

/// The most pairs of structured data that are kept.
const PAIRS: usize = 256;

/// `[id name="value" …][…]` and what is after it.
fn structured(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(inner) = rest.strip_prefix('[') {
        let end = inner.find([' ', ']'])?;
        let (id, mut at) = inner.split_at_checked(end)?;
        loop {
            at = at.trim_start_matches(' ');
            if let Some(after) = at.strip_prefix(']') {
                rest = after;
                break;
            }
            let (name, value) = at.split_once("=\"")?;
            let (value, after) = quoted(value)?;
            if out.len() < PAIRS {
                out.push((format!("{id}.{name}"), value));
            }
            at = after;
        }
    }
    Some((out, rest))
}

/// A value up to its quote; a backslash goes before a quote, a bracket or a backslash.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, text.get(at + 1..)?)),
            '\\' => match chars.next() {
                Some((_, next @ ('"' | '\\' | ']'))) => out.push(next),
                Some((_, next)) => out.extend(['\\', next]),
                None => return None,
            },
            c => out.push(c),
        }
    }
    None
}

fn rfc3164<'t>(text: &'t str, zone: &Zone, sure: bool) -> Option<Head<'t>> {
    let text = text.trim_start_matches('*');
    let (at, rest) = match when::bsd(text, zone) {
        Some((at, rest)) => (at, rest),
        None => match text.split_once(' ') {
            // rsyslog's own files write ISO times.
            Some((first, rest)) if first.len() >= 19 && first.as_bytes().get(10) == Some(&b'T') => {
                (Some(when::iso(first, &zone.zone)?), rest)
            }
            // Devices that send nothing but a priority and a message.
            _ if sure => {
                let (program, process, message) = tag(text).unwrap_or(("", "", text));
                return Some(Head { program, process, message, ..Head::default() });
            }
            _ => return None,
        },
    };
    let time = text.get(..text.len() - rest.len())?.trim_end();
    // Only ISO's times and those of some devices have a year.
    let guessed = !time.split(' ').any(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()))
        && time.as_bytes().get(4) != Some(&b'-');
    let (host, rest) = match tag(rest) {
        // No host: the tag comes at once.
        Some((program, process, message)) if !program.contains(' ') => {
            return Some(Head { at, time, program, process, message, guessed, ..Head::default() });
        }
        _ => rest.split_once(' ').unwrap_or((rest, "")),
    };
    let (program, process, message) = tag(rest).unwrap_or(("", "", rest));
    Some(Head { at, time, host, program, process, message, guessed, ..Head::default() })
}

/// The longest tag of a program: 32 by the standard, more by systemd's units.
const TAG: usize = 64;

/// `program[123]: message`.
fn tag(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.find([':', ' ', '['])?;
    let (name, rest) =
        text.split_at_checked(end).filter(|(name, _)| !name.is_empty() && name.len() <= TAG)?;
    if let Some(inner) = rest.strip_prefix('[') {
        let (process, rest) = inner.split_once(']')?;
        let rest = rest.strip_prefix(':')?;
        return Some((name, process, rest.strip_prefix(' ').unwrap_or(rest)));
    }
    let rest = rest.strip_prefix(':')?;
    Some((name, "", rest.strip_prefix(' ')?))
}
