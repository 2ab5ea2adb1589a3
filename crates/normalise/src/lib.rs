//! Logs: bytes to events. Pure: no I/O, no clock, no randomness; the year a line leaves out and its zone are arguments.
//!
//! ```text
//! line ─ guess ─┬─ json ─┬─ windows   (Winlogbeat, NXLog, flat Sysmon)
//!               │        ├─ journald
//!               │        └─ objects   (Suricata, Zeek, Office 365)
//!               ├─ syslog ─┬─ linux   (sshd, sudo, cron)
//!               │          ├─ json
//!               ├──────────┴─ device  (firewalls, CEF, LEEF, auditd, Postfix, Squid, XML of Windows …)
//!               └─ access             (nginx, Apache, IIS)
//! EVTX ── evtx ── windows
//! ```
//!
//! A parser is a file here and cases beside its tests. What is not understood keeps its line, under `message`.

mod access;
mod device;
pub mod evtx;
mod fields;
mod iis;
mod journald;
mod json;
mod linux;
mod objects;
mod syslog;
mod when;
mod windows;

use domain::event::{Column, Event, Kind};

pub use iis::Iis;
pub use when::Zone;

/// The longest line taken for one event: ScriptBlockText of PowerShell has 64 KB, a JSON event seldom 1 MB.
pub const LINE: usize = 8 << 20;

/// So many seconds a source's clock may be ahead of ours without a word: five minutes is also what Kerberos allows.
const AHEAD: i64 = 300;

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
    /// Of a program or a device that writes no syslog's head, or has one of its own.
    Device,
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
    shapes: windows::Shapes,
    audit: device::Joined,
}

impl Reader {
    /// A reader of lines whose times leave out their zone or year.
    pub fn new(zone: Zone) -> Reader {
        Reader { zone, ..Reader::default() }
    }

    /// Reads one line into an event, which is emptied first.
    pub fn line(&mut self, bytes: &[u8], event: &mut Event) -> Shape {
        event.clear();
        let shape = self.read(bytes, event);
        self.skew(event);
        shape
    }

    /// Records how far a source's clock is ahead of ours. One that is behind cannot be told from a line that came late.
    fn skew(&self, event: &mut Event) {
        if let (Some(now), Some(at)) = (self.zone.now, event.time())
            && at.duration_since(now).as_secs() > AHEAD
        {
            let seconds = at.duration_since(now).as_secs().to_string();
            let _ = event.push("time.ahead", &seconds, Kind::Number);
        }
    }

    fn read(&mut self, bytes: &[u8], event: &mut Event) -> Shape {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let bytes = bytes.get(..LINE.min(bytes.len())).unwrap_or_default();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Shape::Nothing;
        }
        if bytes.first() == Some(&b'{') {
            if let Some(shape) = json::read(bytes, event, &mut self.shapes, &self.zone) {
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
        if let Some(shape) = syslog::read(text, &self.zone, &mut self.audit, event) {
            return shape;
        }
        let told = device::Told { program: "", message: text, zone: &self.zone };
        if device::read(&told, &mut self.audit, event) {
            message(text, event);
            return Shape::Device;
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
    if let Some(field) = event.push("message", text, Kind::Text) {
        event.point(Column::Message, field);
    }
}
