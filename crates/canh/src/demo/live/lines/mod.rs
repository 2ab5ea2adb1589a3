//! What shippers write of an office at work: people signing in, reading, printing, mistyping; machines keeping themselves
//! up. Also what looks odd and is not: that is what rules have to bear.

mod linux;
mod network;
mod web;
mod windows;

use domain::time;
use jiff::Timestamp;

pub use self::{
    web::{access, beat},
    windows::windows,
};
use super::voices::{Shipper, Voice};
use crate::demo::province::Dice;

/// People of an office, as they sign in.
const PEOPLE: [&str; 10] = [
    "an.nv", "binh.tt", "chau.lm", "dung.ph", "giang.nt", "hanh.vt", "khoa.dm", "lan.nt", "nam.tq",
    "trang.bt",
];

/// When a line is said, and a number no other of its source has.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Its number.
    pub number: u64,
}

impl Moment {
    /// Local time in that shape.
    pub fn local(&self, shape: &str) -> String {
        time::local(self.at).strftime(shape).to_string()
    }
    /// As JSON's shippers write it.
    pub fn utc(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    }
    /// A syslog line of the old kind.
    pub fn syslog(&self, priority: u8, host: &str, text: &str) -> String {
        format!("<{priority}>{} {host} {text}", self.local("%b %e %H:%M:%S"))
    }
}

/// One of them, the first if there is none.
fn pick<'a>(dice: &mut Dice, list: &[&'a str]) -> &'a str {
    dice.pick(list).or(list.first()).copied().unwrap_or_default()
}

/// Somebody of the office.
fn person(dice: &mut Dice) -> &'static str {
    pick(dice, &PEOPLE)
}

/// A machine of the office: its number, from 1.
fn seat(dice: &mut Dice) -> u64 {
    1 + dice.below(24)
}

/// One line of a source. `open`: whether people are at work.
pub fn line(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    match of.shipper {
        Shipper::Nginx => web::visit(of, at, open, dice),
        Shipper::NginxBeat => beat(at, &web::visit(of, at, open, dice)),
        Shipper::Linux => linux::syslog(of, at, open, dice),
        Shipper::FluentBit => linux::journal(of, at, open, dice),
        Shipper::Domain => windows::domain(of, at, open, dice),
        Shipper::Workstation => windows::workstation(of, at, open, dice),
        Shipper::Console => windows::defender(of, at, dice),
        Shipper::FortiGate => network::fortigate(of, at, open, dice),
        Shipper::MikroTik => network::mikrotik(of, at, open, dice),
        Shipper::PfSense => network::pfsense(of, at, dice),
        Shipper::Suricata => network::suricata(of, at, dice),
        Shipper::Squid => network::squid(of, at, dice),
        Shipper::Asa => network::asa(of, at, dice),
        Shipper::Postfix => linux::postfix(of, at, dice),
    }
}

/// What happens in a minute now and then and is several lines, each with its second.
pub fn scene(of: &Voice, begins: Timestamp, open: bool, dice: &mut Dice) -> Vec<(i64, String)> {
    match of.shipper {
        Shipper::Domain | Shipper::Workstation => windows::scene(of, begins, open, dice),
        Shipper::Nginx | Shipper::NginxBeat => web::scene(of, begins, dice),
        Shipper::Linux | Shipper::FluentBit | Shipper::Postfix => linux::scene(of, begins, open, dice),
        Shipper::FortiGate => network::scene(of, begins, open, dice),
        _ => Vec::new(),
    }
}

/// That many seconds later.
pub fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(at)
}

/// The moment that many seconds after another.
fn later(begins: Timestamp, second: i64) -> Moment {
    let number = begins.as_second().unsigned_abs() + second.unsigned_abs();
    Moment { at: plus(begins, second), number }
}
