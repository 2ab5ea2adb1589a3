//! Calendars as RFC 5545 text: what a telephone subscribes to.
//!
//! Times are in UTC, so no zone has to be described. What is written depends on nothing but what is given: the
//! `icalendar` crate makes stamps and ids of its own from the machine's clock and chance.

use jiff::{Timestamp, tz::TimeZone};

/// One entry of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Stays the same for the same entry, whoever asks and when.
    pub uid: String,
    /// Grows with every change.
    pub sequence: i64,
    /// When it was last changed.
    pub changed: Timestamp,
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
    /// What it is.
    pub summary: String,
    /// More of it; may be empty.
    pub description: String,
}

/// The longest line in bytes, as the RFC has it; longer ones are folded.
const LINE_MAX: usize = 75;

/// A calendar. Programs ask again every hour, where they do as they are told.
pub fn calendar(name: &str, events: &[Event]) -> String {
    let mut out = String::new();
    for (key, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Canh//Duty roster//VI"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
        ("X-PUBLISHED-TTL", "PT1H"),
    ] {
        line(&mut out, key, value);
    }
    line(&mut out, "NAME", &text(name));
    line(&mut out, "X-WR-CALNAME", &text(name));
    for event in events {
        line(&mut out, "BEGIN", "VEVENT");
        line(&mut out, "UID", &text(&event.uid));
        line(&mut out, "SEQUENCE", &event.sequence.max(0).to_string());
        line(&mut out, "DTSTAMP", &instant(event.changed));
        line(&mut out, "LAST-MODIFIED", &instant(event.changed));
        line(&mut out, "DTSTART", &instant(event.from));
        line(&mut out, "DTEND", &instant(event.to));
        line(&mut out, "SUMMARY", &text(&event.summary));
        if !event.description.is_empty() {
            line(&mut out, "DESCRIPTION", &text(&event.description));
        }
        // A turn of duty is no appointment that keeps its hours free of others.
        line(&mut out, "TRANSP", "TRANSPARENT");
        line(&mut out, "END", "VEVENT");
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

fn instant(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value: what has a meaning of its own is escaped, what cannot be shown left out.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// One content line, folded between characters so that no piece is longer than [`LINE_MAX`] bytes.
fn line(out: &mut String, key: &str, value: &str) {
    let mut used = 0;
    for c in key.chars().chain([':']).chain(value.chars()) {
        if used + c.len_utf8() > LINE_MAX {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(summary: &str) -> Event {
        Event {
            uid: "a@canh".into(),
            sequence: 3,
            changed: "2027-01-31T01:02:03.4Z".parse().unwrap(),
            from: "2027-02-05T12:00:00Z".parse().unwrap(),
            to: "2027-02-06T00:00:00Z".parse().unwrap(),
            summary: summary.into(),
            description: String::new(),
        }
    }

    /// What a reader makes of it: lines unfolded.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn what_is_written_is_whole_and_in_utc() {
        let text = calendar("Trực", &[event("Trực trung tâm")]);
        let lines = unfolded(&text);
        assert_eq!((lines[0].as_str(), lines.last().unwrap().as_str()), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
        for wanted in [
            "UID:a@canh",
            "SEQUENCE:3",
            "DTSTAMP:20270131T010203Z",
            "DTSTART:20270205T120000Z",
            "DTEND:20270206T000000Z",
            "SUMMARY:Trực trung tâm",
        ] {
            assert!(lines.iter().any(|l| l == wanted), "{wanted}: {lines:?}");
        }
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "every line ends in CRLF");
    }

    #[test]
    fn what_means_something_is_escaped_and_nothing_can_be_slipped_in() {
        let lines = unfolded(&calendar("x", &[event("a,b;c\\d\r\nBEGIN:VEVENT\u{7}")]));
        assert!(lines.iter().any(|l| l == r"SUMMARY:a\,b\;c\\d\nBEGIN:VEVENT"), "{lines:?}");
        assert_eq!(lines.iter().filter(|l| *l == "BEGIN:VEVENT").count(), 1);
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let long = "Trực giám sát Trung tâm tích hợp dữ liệu 🛡 ".repeat(12);
        let text = calendar("x", &[event(&long)]);
        assert!(text.split("\r\n").all(|l| l.len() <= LINE_MAX), "75 bytes a line");
        assert!(unfolded(&text).iter().any(|l| *l == format!("SUMMARY:{long}")), "and whole again");
    }
}
