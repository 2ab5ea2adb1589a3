//! Who speaks in the province: a source or two of every body, with the shipper its line comes from.

use domain::{body::BodyKind, source::Kind};

use crate::demo::{
    logs::{self, Course},
    province::{self, Place},
};

/// What writes the lines of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipper {
    /// nginx, its lines as they are.
    Nginx,
    /// nginx, read by Filebeat.
    NginxBeat,
    /// A Linux server's syslog: sshd, cron, sudo, systemd.
    Linux,
    /// journald and a database, by Fluent Bit.
    FluentBit,
    /// A domain controller, by Winlogbeat: Security, System, Sysmon.
    Domain,
    /// A workstation with Sysmon, by NXLog.
    Workstation,
    /// Machines' Defender, by Winlogbeat through the anti-malware console.
    Console,
    /// FortiGate.
    FortiGate,
    /// RouterOS.
    MikroTik,
    /// pfSense.
    PfSense,
    /// Suricata's EVE.
    Suricata,
    /// Squid.
    Squid,
    /// Cisco ASA.
    Asa,
    /// Postfix.
    Postfix,
}

impl Shipper {
    /// Lines an hour while people work, and while they do not.
    pub const fn an_hour(self) -> (u64, u64) {
        match self {
            Self::Nginx | Self::NginxBeat => (300, 90),
            Self::Linux | Self::FluentBit => (90, 50),
            Self::Domain => (260, 60),
            Self::Workstation => (120, 10),
            Self::Console => (60, 12),
            Self::FortiGate | Self::Asa => (200, 60),
            Self::MikroTik | Self::PfSense => (80, 40),
            Self::Suricata => (150, 40),
            Self::Squid => (160, 15),
            Self::Postfix => (120, 25),
        }
    }
}

/// A source that speaks.
#[derive(Debug, Clone)]
pub struct Voice {
    /// Whose: its place in the list of the province.
    pub place: usize,
    /// The body's name.
    pub body: String,
    /// The source's name.
    pub name: String,
    /// How it comes in.
    pub kind: Kind,
    /// Of syslog: from where.
    pub address: Option<String>,
    /// Of which of the body's systems, in the order of the register.
    pub system: Option<usize>,
    /// What writes it.
    pub shipper: Shipper,
    /// Begins its machines' names: `STC`.
    pub short: String,
    /// The begin of its addresses: `10.40.3`.
    pub net: String,
}

/// Everybody who speaks: the sources the demonstration has had heard before, but for those that were switched off, and
/// those that come with its being live.
pub fn all() -> Vec<Voice> {
    let places = province::bodies();
    let mut all = Vec::new();
    let departments = || places.iter().enumerate().filter(|(_, p)| p.kind == BodyKind::Department);
    for (n, _, name, kind, address, course) in logs::SOURCES {
        if let Some((at, place)) = departments().nth(n).filter(|_| course != Course::Silent) {
            let mut one = voice(at, place, name, kind, known(name, kind));
            one.address = address.map(str::to_owned);
            all.push(one);
        }
    }
    if let Some((at, place)) = departments().next() {
        all.push(voice(at, place, logs::FIREWALL, Kind::Syslog, Shipper::FortiGate));
    }
    if let Some(lead) = places.first() {
        all.push(voice(0, lead, logs::CONSOLE, Kind::Elastic, Shipper::Console));
        all.push(voice(0, lead, "Cảm biến IDS trung tâm", Kind::Lines, Shipper::Suricata));
    }
    let (heard, mut nth) = (all.len(), 0);
    for (at, place) in places.iter().enumerate().skip(1) {
        if all.iter().take(heard).any(|v| v.place == at) || silent(&places, at) {
            continue;
        }
        nth += 1;
        for (name, kind, shipper, system) in of_kind(place.kind, nth) {
            all.push(Voice { system: *system, ..voice(at, place, name, *kind, *shipper) });
        }
    }
    all
}

/// The body whose sources were switched off stays silent.
fn silent(places: &[Place], at: usize) -> bool {
    let mut departments = places.iter().enumerate().filter(|(_, p)| p.kind == BodyKind::Department);
    let of = |n: usize| departments.clone().nth(n).map(|(at, _)| at);
    let off: Vec<Option<usize>> =
        logs::SOURCES.iter().filter(|(.., course)| *course == Course::Silent).map(|(n, ..)| of(*n)).collect();
    departments.any(|(d, _)| d == at) && off.contains(&Some(at))
}

fn known(name: &str, kind: Kind) -> Shipper {
    match (name, kind) {
        (name, _) if name.contains("Windows") => Shipper::Domain,
        (name, _) if name.contains("nginx") => Shipper::Nginx,
        (name, Kind::Elastic) if name.contains("web") => Shipper::NginxBeat,
        (name, _) if name.contains("web") => Shipper::Nginx,
        (_, Kind::Elastic) => Shipper::FluentBit,
        _ => Shipper::Linux,
    }
}

type New = (&'static str, Kind, Shipper, Option<usize>);

/// What bodies of a kind have; every third another, since not all bought the same.
fn of_kind(kind: BodyKind, nth: usize) -> &'static [New] {
    const DOMAIN: New = ("Máy chủ miền (Winlogbeat)", Kind::Elastic, Shipper::Domain, Some(1));
    const PORTAL: New = ("Cổng thông tin (Filebeat)", Kind::Elastic, Shipper::NginxBeat, Some(0));
    const PROXY: New = ("Máy chủ proxy (Squid)", Kind::Syslog, Shipper::Squid, None);
    const MAIL: New = ("Máy chủ thư (Postfix)", Kind::Syslog, Shipper::Postfix, None);
    const FORTI: New = ("Tường lửa FortiGate", Kind::Syslog, Shipper::FortiGate, None);
    const ROUTER: New = ("Bộ định tuyến MikroTik", Kind::Syslog, Shipper::MikroTik, None);
    const PFSENSE: New = ("Tường lửa pfSense", Kind::Syslog, Shipper::PfSense, None);
    const DESK: New = ("Máy trạm một cửa (NXLog)", Kind::Lines, Shipper::Workstation, Some(0));
    const LINUX: New = ("Máy chủ nghiệp vụ (rsyslog)", Kind::Syslog, Shipper::Linux, Some(0));
    const ASA: New = ("Tường lửa Cisco ASA", Kind::Syslog, Shipper::Asa, None);
    const HEC: New = ("Máy chủ ứng dụng (Splunk HEC)", Kind::Hec, Shipper::FluentBit, Some(0));
    const OTLP: New = ("Nền tảng (OpenTelemetry)", Kind::Otlp, Shipper::FluentBit, Some(0));
    match (kind, nth % 3) {
        (BodyKind::Department | BodyKind::Party, 0) => &[PORTAL, DOMAIN],
        (BodyKind::Department | BodyKind::Party, 1) => &[PORTAL, MAIL],
        (BodyKind::Department | BodyKind::Party, _) => &[PORTAL, PROXY],
        (BodyKind::Ward | BodyKind::Commune, 0) => &[DESK],
        (BodyKind::Ward | BodyKind::Commune, 1) => &[ROUTER],
        (BodyKind::Ward | BodyKind::Commune, _) => &[LINUX],
        (BodyKind::School, 0) => &[PFSENSE],
        (BodyKind::School, _) => &[ROUTER],
        (BodyKind::Hospital, _) => &[FORTI, DOMAIN],
        (BodyKind::Bank, _) => &[ASA, HEC],
        (BodyKind::Platform, _) => &[OTLP, PORTAL],
        (BodyKind::Operator, _) => &[ASA],
        _ => &[LINUX],
    }
}

fn voice(at: usize, place: &Place, name: &str, kind: Kind, shipper: Shipper) -> Voice {
    let initials = place.slug.split('-').filter_map(|word| word.chars().next());
    let net = format!("10.{}.{}", 40 + at / 200, at % 200);
    Voice {
        place: at,
        body: place.name.clone(),
        name: name.to_owned(),
        kind,
        address: (kind == Kind::Syslog).then(|| format!("{net}.{}", last(shipper))),
        system: None,
        shipper,
        short: initials.collect::<String>().to_uppercase().chars().take(6).collect(),
        net,
    }
}

/// Two of one body come from two addresses.
const fn last(shipper: Shipper) -> u8 {
    match shipper {
        Shipper::FortiGate | Shipper::MikroTik | Shipper::PfSense | Shipper::Asa => 1,
        Shipper::Squid => 3,
        Shipper::Postfix => 4,
        _ => 5,
    }
}
