//! All reports of one host become what is held of it now: newer ones of a tool stand for its older ones, tools are put
//! together, and where they disagree both stay.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, fmt::strtime};

use super::{Disagreement, Inventory, Package, merge::join, ports::Later};
use crate::time;

/// One report of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What wrote it: the name of its kind.
    pub tool: String,
    /// What its file is called.
    pub file: String,
    /// When it came in.
    pub received: Timestamp,
    /// What it says.
    pub says: Inventory,
}

/// What is held of a host now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    /// All reports together.
    pub inventory: Inventory,
    /// Places of the reports that others stand for now.
    pub superseded: BTreeSet<usize>,
    /// When the newest of the reports was taken; when it came in, if it does not say.
    pub at: Option<Timestamp>,
    /// Whether the newest report says itself when it was taken.
    pub told: bool,
}

/// Tools whose files tell of one thing on the host rather than of the host: another file is another thing.
const OF_PARTS: &[&str] = &["cyclone-dx", "spdx"];
/// At most so many disagreements are kept; a host with more is told apart by hand anyway.
const DISAGREEMENTS_MAX: usize = 1_000;

/// Puts the reports of one host together.
#[must_use]
pub fn current(reports: Vec<Report>) -> Current {
    let mut order: Vec<(usize, Option<Timestamp>, Report)> = reports
        .into_iter()
        .enumerate()
        .map(|(place, report)| {
            let taken = report.says.taken.as_deref().and_then(|t| time_of(t, report.received));
            (place, taken, report)
        })
        .collect();
    let when = |taken: Option<Timestamp>, report: &Report| taken.unwrap_or(report.received);
    // The newest first; of the same instant, what came in last.
    order.sort_by_key(|(place, taken, report)| {
        std::cmp::Reverse((when(*taken, report), report.received, *place))
    });
    let mut out = Current::default();
    let mut seen: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let (mut live, mut later) = (Vec::new(), Later::default());
    for (place, taken, mut report) in order {
        if out.at.is_none() {
            (out.at, out.told) = (Some(when(taken, &report)), taken.is_some());
        }
        let part = if OF_PARTS.contains(&&*report.tool) { report.file.clone() } else { String::new() };
        let said = seen.entry((report.tool.clone(), part)).or_default();
        let tried_again = later.settle(&mut report.says);
        later.add(&report.says);
        let mut says = facets(&report.says);
        if !tried_again {
            says.insert(format!("scanned:{place}"));
        }
        if !says.is_empty() && says.is_subset(said) {
            out.superseded.insert(place);
            continue;
        }
        said.extend(says);
        report.says.taken = Some(when(taken, &report).to_string());
        live.push(report);
    }
    let mut stale = Vec::new();
    drop_stale(&mut live, &mut stale);
    let mut live = live.into_iter().map(|r| r.says);
    if let Some(mut first) = live.next() {
        for next in live {
            let name = next.host.clone();
            join(&mut first, next);
            first.host = first.host.take().or(name);
        }
        first.disagreements.extend(stale);
        first.disagreements.truncate(DISAGREEMENTS_MAX);
        out.inventory = first;
    }
    out
}

/// Which parts of a host a report speaks of.
fn facets(it: &Inventory) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = it.packages.iter().map(|p| format!("packages:{}", base(p))).collect();
    let os = it.os.as_ref();
    for (name, is) in [
        ("os", os.is_some_and(|os| !os.name.is_empty() || os.build.is_some())),
        ("ubr", os.is_some_and(|os| os.ubr.is_some())),
        ("kbs", it.kbs_listed || !it.kbs.is_empty()),
        // Whoever looked for archives and found none speaks of them, too.
        ("packages:Maven", it.jars_listed),
        ("services", !it.services.is_empty() || !it.scanned.is_empty()),
        ("protection", !it.protection.is_empty()),
        ("reported", !it.reported.is_empty()),
    ] {
        if is {
            found.insert(name.to_owned());
        }
    }
    found
}

fn base(p: &Package) -> &str {
    p.ecosystem.as_deref().map_or("", |e| e.split(':').next().unwrap_or(e))
}

/// Ecosystems of programming languages: many lists of them may stand side by side on one host.
const LANGUAGES: &[&str] = &[
    "PyPI",
    "npm",
    "Maven",
    "Go",
    "Packagist",
    "crates.io",
    "NuGet",
    "RubyGems",
    "Hex",
    "Pub",
    "Hackage",
    "CRAN",
    "SwiftURL",
    "ConanCenter",
    "GitHub Actions",
    "Bitnami",
];

/// The list of the system's own packages, of which a host has one.
fn is_system(p: &Package) -> bool {
    p.ecosystem.is_some() && !LANGUAGES.contains(&base(p))
}

/// Versions by name and architecture.
type Versions = BTreeMap<(String, Option<String>), BTreeSet<String>>;

/// Of two lists of the system's packages the newer speaks: what the older says otherwise is a disagreement, not a package.
fn drop_stale(newest_first: &mut [Report], disagreements: &mut Vec<Disagreement>) {
    let mut speaks: Option<Versions> = None;
    for report in newest_first.iter_mut().filter(|r| !OF_PARTS.contains(&&*r.tool)) {
        if !report.says.packages.iter().any(is_system) {
            continue;
        }
        let Some(known) = &speaks else {
            let mut versions = Versions::new();
            for p in report.says.packages.iter().filter(|p| is_system(p)) {
                versions.entry((p.name.clone(), p.arch.clone())).or_default().insert(p.version.clone());
            }
            speaks = Some(versions);
            continue;
        };
        let file = report.says.reports.first().unwrap_or(&report.file).clone();
        report.says.packages.retain(|p| {
            if !is_system(p) {
                return true;
            }
            let versions = known.get(&(p.name.clone(), p.arch.clone()));
            let kept = versions.and_then(|v| v.first()).cloned().unwrap_or_default();
            if versions.is_none_or(|v| !v.contains(&p.version)) {
                let what = format!("package:{}", p.name);
                let other = p.version.clone();
                disagreements.push(Disagreement { what, kept, other, report: file.clone() });
            }
            false
        });
    }
}

/// A clock that runs ahead by less is believed: time zones are left out of many reports.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// When a report was taken, from what it says, in any writing that tools use; none for what cannot be a time, or lies in
/// the future of its receipt. Without a zone it is ours.
#[must_use]
pub fn time_of(text: &str, received: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let ours = |local: civil::DateTime| local.to_zoned(time::zone()).ok().map(|z| z.timestamp());
    let number = || {
        text.parse::<i64>().ok().filter(|n| *n > 1_000_000_000).and_then(|n| Timestamp::from_second(n).ok())
    };
    let found = text
        .parse::<Timestamp>()
        .ok()
        .or_else(number)
        .or_else(|| rfc2822::parse(text).ok().map(|z| z.timestamp()))
        .or_else(|| {
            // osquery: `Tue Sep 30 17:37:30 2014 UTC`.
            let broken = strtime::parse("%a %b %d %H:%M:%S %Y UTC", text).ok()?;
            broken.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
        })
        .or_else(|| text.parse::<civil::DateTime>().ok().and_then(ours))
        .or_else(|| {
            let forms = ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y, %H:%M:%S", "%a %b %d %H:%M:%S %Y"];
            forms.iter().find_map(|f| civil::DateTime::strptime(f, text).ok()).and_then(ours)
        })?;
    let latest = received.checked_add(AHEAD).unwrap_or(received);
    (found <= latest).then(|| found.min(received))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Os, Ports, Service};

    fn at(day: i8) -> Timestamp {
        civil::date(2026, 2, day).at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }
    fn report(tool: &str, day: i8, says: Inventory) -> Report {
        Report { tool: tool.into(), file: format!("{tool}-{day}"), received: at(day), says }
    }
    fn debian(version: &str) -> Inventory {
        let package = Package {
            ecosystem: Some("Debian:12".into()),
            name: "openssl".into(),
            version: version.into(),
            ..Package::default()
        };
        Inventory { host: Some("m".into()), packages: vec![package], ..Inventory::default() }
    }
    fn build(ubr: u32) -> Inventory {
        let os = Os { build: Some("10.0.1".into()), ubr: Some(ubr), ..Os::default() };
        Inventory { os: Some(os), ..Inventory::default() }
    }

    #[test]
    fn a_newer_report_of_the_same_tool_stands_for_the_older() {
        let held = current(vec![report("dpkg-list", 1, debian("1")), report("dpkg-list", 3, debian("2"))]);
        assert_eq!(held.superseded, BTreeSet::from([0]));
        let versions: Vec<_> = held.inventory.packages.iter().map(|p| p.version.as_str()).collect();
        assert_eq!((versions, held.inventory.disagreements.len()), (vec!["2"], 0));
        assert_eq!((held.at, held.told), (Some(at(3)), false));
    }

    #[test]
    fn of_two_tools_the_newer_speaks_and_the_older_is_not_forgotten() {
        let held = current(vec![report("dpkg-list", 3, debian("2")), report("osquery", 1, debian("1"))]);
        assert!(held.superseded.is_empty());
        assert_eq!(held.inventory.packages.len(), 1);
        let said: Vec<_> =
            held.inventory.disagreements.iter().map(|d| (&*d.what, &*d.kept, &*d.other)).collect();
        assert_eq!(said, [("package:openssl", "2", "1")]);
    }

    #[test]
    fn archives_that_are_looked_for_and_gone_are_gone() {
        let jar = Package { ecosystem: Some("Maven".into()), name: "a:b".into(), ..Package::default() };
        let before = Inventory { packages: vec![jar], jars_listed: true, ..Inventory::default() };
        let after = Inventory { jars_listed: true, ..Inventory::default() };
        let held = current(vec![report("canh", 1, before.clone()), report("canh", 3, after)]);
        assert!(held.inventory.packages.is_empty() && held.inventory.jars_listed);
        let silent = Inventory { kbs_listed: true, ..Inventory::default() };
        let held = current(vec![report("canh", 1, before), report("canh", 3, silent)]);
        assert_eq!(held.inventory.packages.len(), 1, "nobody looked again");
    }

    #[test]
    fn a_port_that_a_later_scan_tried_and_found_closed_is_closed_and_no_other() {
        let open = |port| Service { port, protocol: "tcp".into(), ..Service::default() };
        let scan = |from, to, ports: &[u16]| Inventory {
            scanned: vec![Ports { from, to }],
            services: ports.iter().map(|p| open(*p)).collect(),
            ..Inventory::default()
        };
        let ports = |reports: &[Report]| -> (Vec<u16>, usize) {
            let held = current(reports.to_vec());
            let mut ports: Vec<u16> = held.inventory.services.iter().map(|s| s.port).collect();
            ports.sort_unstable();
            (ports, held.superseded.len())
        };
        let first = report("nmap", 1, scan(1, 65_535, &[80, 3389, 8443]));
        assert_eq!(ports(&[first.clone(), report("nmap", 2, scan(3389, 3389, &[]))]), (vec![80, 8443], 0));
        assert_eq!(
            ports(&[first.clone(), report("nmap", 2, scan(1, 1_000, &[80, 22]))]),
            (vec![22, 80, 3389, 8443], 0)
        );
        assert_eq!(
            ports(&[first.clone(), report("nmap", 2, scan(1, 65_535, &[]))]),
            (vec![], 1),
            "all tried again"
        );
        let silent = Inventory { services: vec![open(22)], ..Inventory::default() };
        assert_eq!(
            ports(&[first, report("nmap", 2, silent)]),
            (vec![22, 80, 3389, 8443], 0),
            "it does not say what it tried"
        );
    }

    #[test]
    fn parts_of_one_host_stand_side_by_side() {
        let maven = |name: &str| {
            let package = Package {
                ecosystem: Some("Maven".into()),
                name: name.into(),
                version: "1".into(),
                ..Package::default()
            };
            Inventory { packages: vec![package], ..Inventory::default() }
        };
        let held = current(vec![report("cyclone-dx", 1, maven("a")), report("cyclone-dx", 2, maven("b"))]);
        assert_eq!((held.inventory.packages.len(), held.superseded.len()), (2, 0));
    }

    #[test]
    fn the_newest_running_build_is_kept_and_the_other_said() {
        let held = current(vec![report("wmi", 5, build(7)), report("registry", 2, build(3))]);
        assert_eq!(held.inventory.os.as_ref().unwrap().ubr, Some(7));
        assert_eq!(held.inventory.disagreements[0].other, "3");
    }

    #[test]
    fn times_are_read_in_the_writings_of_tools() {
        let received = at(20);
        for text in
            ["2026-02-01T08:00:00Z", "1769932800", "Sun Feb 1 08:00:00 2026 UTC", "01/02/2026 15:00:00"]
        {
            assert_eq!(time_of(text, received), Some(at(1)), "{text}");
        }
        assert_eq!(time_of("2027-01-01T00:00:00Z", received), None);
        assert_eq!(time_of("yesterday", received), None);
    }
}
