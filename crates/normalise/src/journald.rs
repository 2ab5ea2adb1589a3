//! The systemd journal in JSON (`journalctl -o json`): syslog's fields under its own names.

use domain::event::{Column, Event};
use jiff::Timestamp;

use crate::linux;

/// Points the common columns at the fields.
pub fn columns(message: &str, event: &mut Event) {
    event.set_source("linux", "");
    let mut program = String::new();
    let mut points = Vec::new();
    let mut at = None;
    for (number, (name, value)) in event.fields().enumerate() {
        let column = match name {
            "_HOSTNAME" => Column::Host,
            "MESSAGE" => Column::Message,
            "_EXE" => Column::Process,
            "_CMDLINE" => Column::CommandLine,
            "_PID" => Column::ProcessId,
            "__REALTIME_TIMESTAMP" => {
                at = value.text.parse().ok().and_then(|us| Timestamp::from_microsecond(us).ok());
                Column::Time
            }
            "SYSLOG_IDENTIFIER" => {
                program = value.text.to_owned();
                continue;
            }
            "_COMM" if program.is_empty() => {
                program = value.text.to_owned();
                continue;
            }
            _ => continue,
        };
        points.push((column, u32::try_from(number).unwrap_or(u32::MAX)));
    }
    if let Some(at) = at {
        event.set_time(at);
    }
    linux::columns(&program, message, event);
    // After the program's own: the command `sudo` ran outweighs `sudo`.
    for (column, number) in points {
        event.point(column, number);
    }
}
