//! What programs and devices write, with or without syslog's head before it: each a file of its own.

mod antivirus;
mod asa;
mod audit;
mod cef;
mod dpkg;
mod error_log;
mod filterlog;
mod fortigate;
mod leef;
mod mikrotik;
mod postfix;
mod squid;
mod xml;

use domain::event::Event;

use crate::Zone;
pub use audit::Joined;

/// What parsers are told.
pub struct Told<'a> {
    /// The program syslog names; empty where none is.
    pub program: &'a str,
    /// Its message, or the whole line.
    pub message: &'a str,
    /// What times leave out.
    pub zone: &'a Zone,
}

/// Asks each parser; whether one knew the message.
pub fn read(told: &Told<'_>, joined: &mut Joined, event: &mut Event) -> bool {
    let Told { program, message, zone } = told;
    let message = message.trim_start();
    if message.starts_with('<') {
        return xml::read(message, event);
    }
    cef::read(message, event)
        || leef::read(message, zone, event)
        || asa::read(program, message, event)
        || filterlog::read(program, message, event)
        || postfix::read(program, message, event)
        || antivirus::read(program, message, event)
        || audit::read(message, joined, event)
        || fortigate::read(message, zone, event)
        || mikrotik::read(message, event)
        || squid::read(message, event)
        || dpkg::read(message, zone, event)
        || error_log::read(message, zone, event)
}
