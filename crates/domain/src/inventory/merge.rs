//! Several reports of one host become one inventory; where they contradict each other, both are kept in words.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Family, Inventory, Os, Package};

/// Two reports say different things of one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// What of: `os.name`, `os.build`, `os.ubr`, `package:openssl` …
    pub what: String,
    /// What is kept: the newer report's, or the first one's if they have no time.
    pub kept: String,
    /// What the other says.
    pub other: String,
    /// The other report.
    pub report: String,
}

/// Puts together what belongs to one host: same name, without regard to case and domain. Reports without a name stay alone.
#[must_use]
pub fn merge(reports: Vec<Inventory>) -> Vec<Inventory> {
    let mut out: Vec<Inventory> = Vec::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for report in reports {
        let Some(key) = report.host.as_deref().map(key) else {
            out.push(report);
            continue;
        };
        match by_name.get(&key).and_then(|at| out.get_mut(*at)) {
            Some(kept) => join(kept, report),
            None => {
                by_name.insert(key, out.len());
                out.push(report);
            }
        }
    }
    out
}

fn key(host: &str) -> String {
    let is_address = host.contains(':') || host.chars().all(|c| c.is_ascii_digit() || c == '.');
    let name = if is_address { host } else { host.split('.').next().unwrap_or(host) };
    name.to_lowercase()
}

pub(super) fn join(kept: &mut Inventory, mut new: Inventory) {
    // The newer of two with a time speaks first.
    if matches!((&kept.taken, &new.taken), (Some(a), Some(b)) if b > a) {
        std::mem::swap(kept, &mut new);
    }
    let report = new.reports.first().cloned().unwrap_or_default();
    let differ = |what: String, kept: &str, other: &str| Disagreement {
        what,
        kept: kept.to_owned(),
        other: other.to_owned(),
        report: report.clone(),
    };
    let mut found = Vec::new();
    match (&mut kept.os, new.os) {
        (Some(a), Some(b)) => os(a, b, &mut |what, kept, other| found.push(differ(what, kept, other))),
        (none @ None, some) => *none = some,
        (Some(_), None) => {}
    }
    kept.addresses.extend(new.addresses);
    kept.reports.append(&mut new.reports);
    kept.kbs.extend(new.kbs);
    kept.kbs_listed |= new.kbs_listed;
    kept.jars_listed |= new.jars_listed;
    packages(kept, new.packages, &mut |what, kept, other| found.push(differ(what, kept, other)));
    for protection in new.protection {
        match kept.protection.iter().find(|p| p.name == protection.name) {
            Some(twin) if twin.on != protection.on => {
                let word = |on: Option<bool>| on.map_or("–", |on| if on { "on" } else { "off" });
                let what = format!("protection:{}", protection.name);
                found.push(differ(what, word(twin.on), word(protection.on)));
            }
            Some(_) => {}
            None => kept.protection.push(protection),
        }
    }
    kept.uuid = kept.uuid.take().or(new.uuid);
    kept.serial = kept.serial.take().or(new.serial);
    for service in new.services {
        if !kept.services.contains(&service) {
            kept.services.push(service);
        }
    }
    for ports in new.scanned {
        if !kept.scanned.contains(&ports) {
            kept.scanned.push(ports);
        }
    }
    for reported in new.reported {
        if !kept.reported.contains(&reported) {
            kept.reported.push(reported);
        }
    }
    kept.disagreements.extend(found);
    kept.disagreements.append(&mut new.disagreements);
}

/// The same thing in the same place, in two versions: one of the reports is stale, and neither is dropped.
fn packages(kept: &mut Inventory, new: Vec<Package>, differ: &mut dyn FnMut(String, &str, &str)) {
    let key = |p: &Package| (p.name.clone(), p.ecosystem.clone(), p.path.clone(), p.arch.clone());
    let mut known: HashMap<_, Vec<String>> = HashMap::new();
    for package in &kept.packages {
        known.entry(key(package)).or_default().push(package.version.clone());
    }
    for package in new {
        match known.get(&key(&package)) {
            Some(versions) if versions.contains(&package.version) => continue,
            Some(versions) => {
                let kept = versions.first().map_or("", String::as_str);
                differ(format!("package:{}", package.name), kept, &package.version);
            }
            None => {}
        }
        kept.packages.push(package);
    }
}

fn os(kept: &mut Os, new: Os, differ: &mut dyn FnMut(String, &str, &str)) {
    if kept.family != new.family && kept.family != Family::Other && new.family != Family::Other {
        // Two systems are not mixed into a third that nobody reported.
        differ("os.name".into(), &kept.name, &new.name);
        return;
    }
    let mut one = |what: &str, kept: &mut Option<String>, new: Option<String>| match (&kept, new) {
        (Some(a), Some(b)) if !a.eq_ignore_ascii_case(&b) => differ(what.to_owned(), a, &b),
        (None, new) => *kept = new,
        _ => {}
    };
    one("os.edition", &mut kept.edition, new.edition);
    one("os.version", &mut kept.version, new.version);
    one("os.arch", &mut kept.arch, new.arch);
    one("os.product", &mut kept.product, new.product);
    let same_build = kept.build.is_none() || new.build.is_none() || kept.build == new.build;
    one("os.build", &mut kept.build, new.build);
    match (kept.ubr, new.ubr) {
        (Some(a), Some(b)) if a != b => differ("os.ubr".into(), &a.to_string(), &b.to_string()),
        (None, ubr) if same_build => kept.ubr = ubr,
        _ => {}
    }
    if kept.name.is_empty() {
        kept.name = new.name;
        kept.family = new.family;
    }
    kept.core = kept.core.or(new.core);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(host: &str, name: &str, taken: Option<&str>) -> Inventory {
        Inventory {
            host: Some(host.into()),
            reports: vec![name.into()],
            taken: taken.map(str::to_owned),
            ..Inventory::default()
        }
    }

    #[test]
    fn one_host_in_two_reports_is_one() {
        let mut a = report("MAY01", "systeminfo.txt", None);
        a.os = Some(Os { build: Some("10.0.19045".into()), ..Os::default() });
        let mut b = report("may01.xa.example", "ubr.csv", None);
        b.os = Some(Os { build: Some("10.0.19045".into()), ubr: Some(10), ..Os::default() });
        b.kbs.insert(5_031_356);
        let merged = merge(vec![a, b, report("MAY02", "x", None), Inventory::default()]);
        assert_eq!(merged.len(), 3);
        assert_eq!(merged[0].os.as_ref().unwrap().running().as_deref(), Some("10.0.19045.10"));
        assert_eq!(merged[0].reports, ["systeminfo.txt", "ubr.csv"]);
        assert!(merged[0].disagreements.is_empty() && merged[0].kbs.len() == 1);
    }

    #[test]
    fn a_contradiction_is_kept_and_the_newer_report_speaks() {
        let with = |ubr, version: &str, taken| {
            let mut it = report("M", taken, Some(taken));
            it.os = Some(Os { build: Some("10.0.1".into()), ubr: Some(ubr), ..Os::default() });
            let package = Package { name: "p".into(), version: version.into(), ..Package::default() };
            it.packages.push(package);
            it
        };
        let merged = merge(vec![with(1, "1", "2026-01-01"), with(2, "2", "2026-02-01")]);
        assert_eq!(merged[0].os.as_ref().unwrap().ubr, Some(2));
        let said: Vec<_> = merged[0].disagreements.iter().map(|d| (&*d.what, &*d.kept, &*d.other)).collect();
        assert_eq!(said, [("os.ubr", "2", "1"), ("package:p", "2", "1")]);
        assert_eq!(merged[0].packages.len(), 2, "neither is dropped");
    }

    #[test]
    fn two_systems_are_not_mixed() {
        let with = |family, name: &str, edition: Option<&str>| {
            let mut it = report("M", name, None);
            it.os = Some(Os { family, name: name.into(), edition: edition.map(Into::into), ..Os::default() });
            it
        };
        let merged = merge(vec![
            with(Family::Windows, "Windows 10", None),
            with(Family::Linux, "Debian", Some("debian")),
        ]);
        assert_eq!(merged[0].os.as_ref().unwrap().edition, None);
        assert_eq!(
            (&*merged[0].disagreements[0].what, &*merged[0].disagreements[0].other),
            ("os.name", "Debian")
        );
    }

    #[test]
    fn addresses_are_not_cut_at_their_points() {
        assert_eq!(merge(vec![report("10.0.0.1", "a", None), report("10.0.0.2", "b", None)]).len(), 2);
    }
}
