//! Logs: bytes to events. Pure: no I/O, no clock, no randomness; the year a line leaves out and its zone are arguments.
//!
//! ```text
//! line ─ guess ─┬─ json ─┬─ windows   (Winlogbeat, flat Sysmon, EVTX as JSON)
//! EVTX ─────────┘        ├─ journald
//!               ├─ syslog ─ linux     (sshd, sudo, cron)
//!               └─ access             (nginx, Apache, IIS)
//! ```
//!
//! A parser is a file here and cases beside its tests. What is not understood keeps its line, under `message`.

mod access;
#[cfg(feature = "evtx")]
pub mod evtx;
mod iis;
mod journald;
mod json;
mod linux;
mod syslog;
mod when;
mod windows;

use domain::event::{Column, Event, Kind};

pub use iis::Iis;
pub use when::Zone;

/// The longest line taken for one event: ScriptBlockText of PowerShell has 64 KB, a JSON event seldom 1 MB.
pub const LINE: usize = 8 << 20;

/// Whether bytes begin as a file of Windows' own event log does (EVTX).
pub fn is_evtx(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ElfFile\0")
}

/// How a line was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// A JSON object.
    Json,
    /// JSON of the systemd journal.
    Journald,
    /// Syslog of RFC 5424.
    Syslog5424,
    /// Syslog of RFC 3164 and its dialects.
    Syslog3164,
    /// A web server's access log.
    Access,
    /// A line of IIS under its `#Fields`.
    Iis,
    /// A heading or an empty line: no event.
    Nothing,
    /// Not understood; the line is kept.
    Unknown,
}

/// Reads lines. One of them for each file or connection: IIS names its fields in a line of its own.
#[derive(Debug, Default)]
pub struct Reader {
    zone: Zone,
    iis: Option<Iis>,
}

impl Reader {
    /// A reader of lines whose times leave out their zone or year.
    pub fn new(zone: Zone) -> Reader {
        Reader { zone, iis: None }
    }

    /// Reads one line into an event, which is emptied first.
    pub fn line(&mut self, bytes: &[u8], event: &mut Event) -> Shape {
        event.clear();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let bytes = bytes.get(..LINE.min(bytes.len())).unwrap_or_default();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Shape::Nothing;
        }
        if bytes.first() == Some(&b'{') {
            if let Some(shape) = json::read(bytes, event) {
                return shape;
            }
            event.clear();
        }
        let text = String::from_utf8_lossy(bytes);
        self.text(&text, event)
    }

    fn text(&mut self, text: &str, event: &mut Event) -> Shape {
        event.set_raw(text);
        if text.starts_with('#') {
            if let Some(iis) = Iis::heading(text) {
                self.iis = Some(iis);
            }
            return Shape::Nothing;
        }
        if let Some(iis) = &self.iis
            && iis.read(text, event)
        {
            return Shape::Iis;
        }
        if let Some(shape) = syslog::read(text, &self.zone, event) {
            return shape;
        }
        if access::read(text, event) {
            return Shape::Access;
        }
        message(text, event);
        Shape::Unknown
    }
}

/// Keeps a text as the event's message.
fn message(text: &str, event: &mut Event) {
    if let Some(field) = event.push_fixed("message", text, Kind::Text) {
        event.point(Column::Message, field);
    }
}
