//! Error logs of nginx (`error_log` of its documentation) and Apache (`ErrorLogFormat` of httpd 2.4).

use domain::event::{Column, Event};

use crate::{Zone, fields::endpoint, fields::keep, fields::put, when};

/// Reads a line of either.
pub fn read(message: &str, zone: &Zone, event: &mut Event) -> bool {
    nginx(message, zone, event) || apache(message, zone, event)
}

/// `2026/11/03 09:08:07 [error] 12#12: *5 text, client: 1.2.3.4, server: _, request: "GET / HTTP/1.1", host: "x"`.
fn nginx(message: &str, zone: &Zone, event: &mut Event) -> bool {
    let Some((time, rest)) = message.split_at_checked(19) else { return false };
    let Some((level, rest)) = rest.strip_prefix(" [").and_then(|r| r.split_once("] ")) else { return false };
    let Some(at) = when::iso(&time.replace('/', "-"), &zone.zone) else { return false };
    let Some((process, text)) = rest.split_once(": ") else { return false };
    event.set_source("web", "error");
    event.set_time(at);
    put(event, Column::Time, time);
    keep(event, "log.level", level, None);
    put(event, Column::ProcessId, process.split('#').next().unwrap_or_default());
    let text = text.strip_prefix('*').and_then(|t| t.split_once(' ')).map_or(text, |(_, text)| text);
    let end = text.find(", client: ").unwrap_or(text.len());
    let (words, pairs) = text.split_at_checked(end).unwrap_or((text, ""));
    put(event, Column::Message, words);
    for pair in pairs.split(", ") {
        let Some((name, value)) = pair.split_once(": ") else { continue };
        let value = value.trim_matches('"');
        match name {
            "client" => put(event, Column::SourceIp, value),
            "request" => request(value, event),
            "host" => keep(event, "cs-host", value, None),
            name => keep(event, &format!("nginx.{name}"), value, None),
        }
    }
    true
}

fn request(value: &str, event: &mut Event) {
    let mut words = value.split(' ');
    put(event, Column::Method, words.next().unwrap_or_default());
    put(event, Column::Url, words.next().unwrap_or_default());
}

/// `[Tue Nov 03 09:08:07.123456 2026] [core:error] [pid 1:tid 2] [client 1.2.3.4:5] AH00037: text`.
fn apache(message: &str, zone: &Zone, event: &mut Event) -> bool {
    let Some((time, mut rest)) = message.strip_prefix('[').and_then(|m| m.split_once("] ")) else {
        return false;
    };
    let Some(at) = when::apache(time, &zone.zone) else { return false };
    event.set_source("web", "error");
    event.set_time(at);
    put(event, Column::Time, time);
    let mut first = true;
    while let Some((part, after)) = rest.strip_prefix('[').and_then(|r| r.split_once("] ")) {
        let (name, value) = part.split_once(' ').unwrap_or((part, ""));
        match name {
            "pid" => put(event, Column::ProcessId, value.split(':').next().unwrap_or_default()),
            "client" => {
                let (address, port) = endpoint(value);
                put(event, Column::SourceIp, address);
                put(event, Column::SourcePort, port);
            }
            level if first => keep(event, "log.level", level.rsplit(':').next().unwrap_or(level), None),
            _ => break,
        }
        first = false;
        rest = after;
    }
    if let Some((code, _)) =
        rest.split_once(": ").filter(|(code, _)| code.len() == 7 && code.starts_with("AH"))
    {
        put(event, Column::Code, code);
    }
    put(event, Column::Message, rest);
    true
}
