//! The Common Event Format of ArcSight (Micro Focus, «Implementing ArcSight Common Event Format», version 26), which
//! Kaspersky Security Center, Bitdefender GravityZone and many firewalls write.

use domain::event::{Column, Event};

use crate::{fields::keep, fields::point, when};

/// `CEF:0|vendor|product|version|id|name|severity|key=value …`.
pub fn read(message: &str, event: &mut Event) -> bool {
    let Some(at) = message.find("CEF:").filter(|at| *at < 64) else { return false };
    let Some(rest) = message.get(at + 4..) else { return false };
    let mut parts = Vec::new();
    let mut rest = rest;
    for _ in 0..7 {
        let Some((part, after)) = bar(rest) else { break };
        parts.push(part);
        rest = after;
    }
    let [_version, vendor, product, version, id, name, severity] = parts.as_slice() else { return false };
    let antivirus =
        ["kaspersky", "bitdefender", "eset", "trend micro", "symantec", "mcafee", "sophos", "bkav"];
    let lower = vendor.to_lowercase();
    let antivirus = antivirus.iter().any(|known| lower.contains(known));
    event
        .set_source(if antivirus { "antivirus" } else { "cef" }, if antivirus { "antivirus" } else { "cef" });
    for (name, value, column) in [
        ("DeviceVendor", vendor, None),
        ("DeviceProduct", product, Some(Column::Provider)),
        ("DeviceVersion", version, None),
        ("DeviceEventClassID", id, Some(Column::Code)),
        ("Name", name, Some(Column::Action)),
        ("Severity", severity, None),
    ] {
        keep(event, name, &plain(value), column);
    }
    extension(rest, |key, value| keep(event, key, &plain(value), column(key)));
    let labels: Vec<(String, String)> = labelled(event);
    for (name, value) in labels {
        keep(event, &name, &value, None);
    }
    point(event, Column::Host, &["dvchost", "dhost", "shost", "dvc"]);
    let time = ["rt", "end", "start"].iter().find_map(|name| event.get(name)).map(|v| v.text.to_owned());
    if let Some(at) = time.and_then(|text| when::epoch(&text).or_else(|| when::words(&text))) {
        event.set_time(at);
    }
    true
}

fn column(key: &str) -> Option<Column> {
    Some(match key {
        "src" => Column::SourceIp,
        "spt" => Column::SourcePort,
        "dst" => Column::DestinationIp,
        "dpt" => Column::DestinationPort,
        "suser" => Column::User,
        "duser" => Column::UserTarget,
        "request" => Column::Url,
        "requestMethod" => Column::Method,
        "requestClientApplication" => Column::UserAgent,
        "filePath" | "fname" => Column::File,
        "fileHash" => Column::Hash,
        "sproc" | "dproc" => Column::Process,
        "outcome" => Column::Outcome,
        "msg" => Column::Message,
        "rt" => Column::Time,
        _ => return None,
    })
}

/// `cs1Label=Virus` beside `cs1=X` names a field `Virus`.
fn labelled(event: &Event) -> Vec<(String, String)> {
    let labels = event.fields().filter_map(|(name, value)| Some((name.strip_suffix("Label")?, value.text)));
    labels.filter_map(|(name, label)| Some((label.to_owned(), event.get(name)?.text.to_owned()))).collect()
}

/// Up to the next bar without a backslash, and what is after it.
fn bar(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'|' && !escaped {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        escaped = byte == b'\\' && !escaped;
    }
    None
}

/// Values go up to the next ` key=`; blanks are theirs.
fn extension<'t>(text: &'t str, mut each: impl FnMut(&'t str, &'t str)) {
    let is_key = |key: &str| {
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(&b))
    };
    let mut signs = text.bytes().enumerate().filter(|(at, byte)| {
        *byte == b'=' && at.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_none_or(|b| *b != b'\\')
    });
    let mut open: Option<(&str, usize)> = None;
    let start =
        |at: usize| text.get(..at).map_or(0, |before| before.rfind([' ', '\t']).map_or(0, |blank| blank + 1));
    for (at, _) in &mut signs {
        let from = start(at);
        let Some(key) = text.get(from..at).filter(|key| is_key(key)) else { continue };
        if let Some((name, value)) = open.and_then(|(name, begun)| Some((name, text.get(begun..from)?))) {
            each(name, value.trim_end());
        }
        open = Some((key, at + 1));
    }
    if let Some((name, value)) = open.and_then(|(name, begun)| Some((name, text.get(begun..)?))) {
        each(name, value.trim_end());
    }
}

/// Without the backslashes before what has a meaning.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => out.push(c),
            _ => match chars.next() {
                Some(next @ ('\\' | '|' | '=')) => out.push(next),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
        }
    }
    out
}
