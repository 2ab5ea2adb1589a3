use domain::inventory::{Family, Os, Package, Reported};

use super::*;
use crate::advisory::{Feed, read};

const PRODUCT: &str = "Windows 10 Version 22H2 for x64-based Systems";

/// `CVE,KB,Product,Build,Supersedes,Date` lines.
fn microsoft(lines: &str) -> Knowledge {
    let text = format!("CVE,KB,Product,Build,Supersedes,Date\n{lines}");
    Knowledge::new(read("table.csv", text.as_bytes()).unwrap())
}

fn windows(build: &str, ubr: Option<u32>, kbs: &[u32]) -> Inventory {
    let os = Os {
        family: Family::Windows,
        name: "Windows 10 Pro".into(),
        build: Some(build.into()),
        ubr,
        product: Some(PRODUCT.into()),
        ..Os::default()
    };
    Inventory { os: Some(os), kbs: kbs.iter().copied().collect(), kbs_listed: true, ..Inventory::default() }
}

fn said(knowledge: &Knowledge, host: &Inventory, cve: &str) -> (State, Vec<Reason>) {
    let advisory = knowledge.of(cve).next().expect(cve);
    let verdict = judge(host, advisory, knowledge);
    (verdict.state, verdict.because.iter().map(|b| b.reason).collect())
}

fn table() -> Knowledge {
    microsoft(&format!(
        "CVE-2024-1,5035845,{PRODUCT},10.0.19045.4170,5034763,20240312\n\
         CVE-2024-2,5036892,{PRODUCT},10.0.19045.4291,5035845,20240409\n\
         CVE-2021-1,5005565,{PRODUCT},,5005033,20210914\n\
         CVE-2024-9,5036899,Windows Server 2016,10.0.14393.6897,,20240409\n"
    ))
}

#[test]
fn the_running_build_decides() {
    let k = table();
    let host = windows("10.0.19045", Some(4170), &[]);
    assert_eq!(said(&k, &host, "CVE-2024-1"), (State::Fixed, vec![Reason::RunningHasFix]));
    assert_eq!(said(&k, &host, "CVE-2024-2"), (State::Affected, vec![Reason::RunningOlder]));
    assert_eq!(said(&k, &host, "CVE-2024-9"), (State::NotAffected, vec![Reason::OtherProduct]));
    assert_eq!(judge(&host, k.of("CVE-2024-2").next().unwrap(), &k).fix.as_deref(), Some("KB5036892"));
}

#[test]
fn one_installation_does_for_several() {
    let (k, host) = (table(), windows("10.0.19045", Some(4046), &[]));
    let wanted = [5_035_845, 5_036_892].into();
    assert_eq!(k.covering(&host, &wanted).by(5_035_845), 5_036_892);
    assert_eq!(k.covering(&host, &wanted).by(5_036_892), 5_036_892, "the older does not contain the newer");
    assert_eq!(k.covering(&host, &wanted).by(5_036_899), 5_036_899, "of another product");
    assert_eq!(k.covering(&Inventory::default(), &wanted).by(5_035_845), 5_035_845);
}

#[test]
fn listed_but_not_running_is_not_effective() {
    let (k, host) = (table(), windows("10.0.19045", Some(4046), &[5_036_892]));
    assert_eq!(said(&k, &host, "CVE-2024-2").0, State::NotEffective);
    // The later update contains the earlier one: the same holds for what that mended.
    assert_eq!(
        said(&k, &host, "CVE-2024-1"),
        (State::NotEffective, vec![Reason::RunningOlder, Reason::ListedNotRunning])
    );
    assert_eq!(not_effective(&host, &k), [(5_036_892, "10.0.19045.4291")]);
    assert_eq!(not_effective(&windows("10.0.19045", Some(4291), &[5_036_892]), &k), []);
}

#[test]
fn without_the_revision_the_list_has_to_tell() {
    let k = table();
    let by_list = |kbs: &[u32]| said(&k, &windows("10.0.19045", None, kbs), "CVE-2024-1");
    assert_eq!(by_list(&[5_036_892]), (State::Fixed, vec![Reason::UpdateListed]));
    assert_eq!(by_list(&[5_011_111]), (State::Unknown, vec![Reason::NoBuild]));
    let older = said(&k, &windows("10.0.19045", None, &[5_035_845]), "CVE-2024-2");
    assert_eq!(older, (State::Affected, vec![Reason::NewestListedOlder]));
    let silent = Inventory { kbs_listed: false, ..windows("10.0.19045", None, &[]) };
    assert_eq!(said(&k, &silent, "CVE-2024-1"), (State::Unknown, vec![Reason::NoUpdates]));
}

#[test]
fn what_came_out_later_contains_what_came_before() {
    let k = table();
    assert_eq!(
        said(&k, &windows("10.0.19045", Some(4170), &[]), "CVE-2021-1"),
        (State::Fixed, vec![Reason::LaterRuns])
    );
    assert_eq!(said(&k, &windows("10.0.19045", Some(10), &[5_035_845]), "CVE-2021-1").0, State::Affected);
    let listed = said(&k, &windows("10.0.19045", Some(10), &[5_005_565]), "CVE-2021-1");
    assert_eq!(
        listed,
        (State::Fixed, vec![Reason::UpdateListed]),
        "its build is not known: the list has to do"
    );
    let none = Inventory { kbs_listed: false, ..windows("10.0.19045", Some(10), &[]) };
    assert_eq!(said(&k, &none, "CVE-2021-1").0, State::Unknown);
}

#[test]
fn a_build_from_before_the_flaw_has_it() {
    let k = microsoft(&format!(
        "CVE-2024-1,5035845,{PRODUCT},10.0.19045.4170,,20240312\nCVE-2024-5,5040000,{PRODUCT},,,20240601\n"
    ));
    let host = Inventory { kbs_listed: false, ..windows("10.0.19045", Some(4170), &[]) };
    assert_eq!(said(&k, &host, "CVE-2024-5"), (State::Affected, vec![Reason::RunsFromBefore]));
    let by_list = |kbs: &[u32]| said(&k, &windows("10.0.19045", None, kbs), "CVE-2024-5").0;
    assert_eq!(
        (by_list(&[5_035_845]), by_list(&[5_040_000]), by_list(&[9_999_999])),
        (State::Affected, State::Fixed, State::Unknown)
    );
}

#[test]
fn nothing_known_of_the_system_is_unknown() {
    assert_eq!(
        said(&table(), &Inventory::default(), "CVE-2024-1"),
        (State::Unknown, vec![Reason::NoProduct])
    );
}

fn osv(text: &str) -> Knowledge {
    Knowledge::new(read("osv.json", text.as_bytes()).unwrap())
}

const SPRING: &str = r#"{"id":"GHSA-36p3-wjmg-h94x","aliases":["CVE-2022-22965"],"affected":[
    {"package":{"ecosystem":"Maven","name":"org.springframework:spring-beans"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"5.2.20.RELEASE"}]}]},
    {"package":{"ecosystem":"Maven","name":"org.springframework:spring-beans"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"5.3.0"},{"fixed":"5.3.18"}]}]}]}"#;

fn maven(name: &str, version: &str) -> Inventory {
    let package = Package {
        ecosystem: Some("Maven".into()),
        name: name.into(),
        version: version.into(),
        epoch_known: true,
        path: Some("app.war!WEB-INF/lib/spring-beans.jar".into()),
        ..Package::default()
    };
    Inventory { packages: vec![package], ..Inventory::default() }
}

#[test]
fn an_archive_that_does_not_say_what_it_is_is_known_by_its_name() {
    let k = Knowledge::new(read("osv.json", SPRING.as_bytes()).unwrap());
    let jar = |version: &str| Package {
        name: "spring-beans".into(),
        version: version.into(),
        path: Some("/opt/motcua.war!WEB-INF/lib/spring-beans.jar".into()),
        ..Package::default()
    };
    let host =
        |packages: Vec<Package>, jars_listed| Inventory { packages, jars_listed, ..Inventory::default() };
    let old = host(vec![jar("5.3.17")], true);
    let verdict = judge(&old, k.of("CVE-2022-22965").next().unwrap(), &k);
    assert_eq!((verdict.state, verdict.weak), (State::Affected, true));
    assert_eq!(k.concerning(&old).len(), 1);
    assert!(!keys::of_host(&old).is_disjoint(&keys::of_advisory(&k.advisories[0])));
    assert_eq!(said(&k, &host(vec![jar("5.3.18")], true), "CVE-2022-22965").0, State::Fixed);
    // Looked for and not there; not looked for.
    assert_eq!(said(&k, &host(vec![], true), "CVE-2022-22965").0, State::NotAffected);
    assert_eq!(said(&k, &host(vec![], false), "CVE-2022-22965").0, State::Unknown);
    // A program of that name is no archive.
    let program = Package { path: None, ..jar("5.3.17") };
    assert_eq!(said(&k, &host(vec![program], false), "CVE-2022-22965").0, State::Unknown);
}

#[test]
fn spring4shell() {
    let k = osv(SPRING);
    let state =
        |version: &str| said(&k, &maven("org.springframework:spring-beans", version), "CVE-2022-22965").0;
    assert_eq!(state("5.2.19.RELEASE"), State::Affected);
    assert_eq!(state("5.2.20"), State::Fixed);
    assert_eq!(state("5.2.20.RELEASE"), State::Fixed);
    assert_eq!(state("5.3.17"), State::Affected);
    assert_eq!(state("5.3.18"), State::Fixed);
    assert_eq!(state(""), State::Unknown);
    let (state, because) = said(&k, &maven("org.springframework:spring-beans", "5.3.17"), "CVE-2022-22965");
    assert_eq!((state, because), (State::Affected, vec![Reason::InRange, Reason::Lies, Reason::Context]));
    assert_eq!(
        said(&k, &maven("a:b", "1"), "CVE-2022-22965"),
        (State::NotAffected, vec![Reason::NotInstalled])
    );
    assert_eq!(said(&k, &Inventory::default(), "CVE-2022-22965"), (State::Unknown, vec![Reason::NoPackages]));
}

fn debian(version: &str, release: &str) -> Inventory {
    let os = Os {
        family: Family::Linux,
        edition: Some("debian".into()),
        version: Some(release.into()),
        ..Os::default()
    };
    let package = Package {
        ecosystem: Some(format!("Debian:{release}")),
        name: "libssl3".into(),
        source: Some("openssl".into()),
        version: version.into(),
        epoch_known: true,
        ..Package::default()
    };
    Inventory { os: Some(os), packages: vec![package], ..Inventory::default() }
}

#[test]
fn distributions_by_source_package_release_and_back_port() {
    let k = osv(
        r#"{"id":"DSA-1","aliases":["CVE-2023-1"],"affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1~deb12u2"}]}]}]}"#,
    );
    assert_eq!(said(&k, &debian("3.0.11-1~deb12u1", "12"), "CVE-2023-1").0, State::Affected);
    assert_eq!(said(&k, &debian("3.0.11-1~deb12u2", "12"), "CVE-2023-1").0, State::Fixed);
    assert_eq!(
        said(&k, &debian("3.0.9-1", "11"), "CVE-2023-1"),
        (State::NotAffected, vec![Reason::OtherSystem])
    );
}

#[test]
fn epochs_nobody_told_are_left_out() {
    let k = osv(
        r#"{"id":"ALSA-1","aliases":["CVE-2023-2"],"affected":[{"package":{"ecosystem":"AlmaLinux:9","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:3.0.7-16.el9_2"}]}]}]}"#,
    );
    let mut host = debian("3.0.7-27.el9", "9");
    host.os = Some(Os { edition: Some("almalinux".into()), version: Some("9.3".into()), ..Os::default() });
    host.packages[0].ecosystem = Some("AlmaLinux:9".into());
    (host.packages[0].name, host.packages[0].source, host.packages[0].epoch_known) =
        ("openssl".into(), None, false);
    assert_eq!(said(&k, &host, "CVE-2023-2").0, State::Fixed);
    host.packages[0].version = "3.0.7-6.el9".into();
    assert_eq!(said(&k, &host, "CVE-2023-2").0, State::Affected);
    host.packages[0].version = "3.0.7-27.el8".into();
    assert_eq!(said(&k, &host, "CVE-2023-2"), (State::Unknown, vec![Reason::NoOrder]));
}

#[test]
fn names_are_weak_and_never_outweigh_what_is_exact() {
    let mut feed = read("cve", br#"{"cveMetadata":{"cveId":"CVE-2024-7"},"containers":{"cna":{"affected":[{"vendor":"7-Zip","product":"7-Zip","versions":[{"version":"0","lessThan":"24.07","status":"affected"}]}]}}}"#).unwrap();
    feed.append(Feed::default());
    let k = Knowledge::new(feed);
    let host = |version: &str| {
        let package =
            Package { name: "7-Zip 22.01 (x64)".into(), version: version.into(), ..Package::default() };
        Inventory { packages: vec![package], ..Inventory::default() }
    };
    let verdict = judge(&host("22.01"), &k.advisories[0], &k);
    assert_eq!((verdict.state, verdict.weak), (State::Affected, true));
    assert_eq!(judge(&host("24.08"), &k.advisories[0], &k).state, State::Fixed);
    let weak = Verdict { weak: true, ..verdict };
    let exact = Verdict { weak: false, state: State::Fixed, ..weak.clone() };
    assert_eq!(together(&[weak, exact]), Some(State::Fixed));
}

#[test]
fn scanners_count_and_withdrawn_advisories_do_not() {
    let k = osv(
        r#"[{"id":"CVE-2024-8","affected":[]},{"id":"CVE-2024-9","withdrawn":"2024-02-01","affected":[]}]"#,
    );
    let reported =
        Reported { scanner: "nessus".into(), cves: vec!["CVE-2024-8".into()], ..Reported::default() };
    let host = Inventory { reported: vec![reported], ..Inventory::default() };
    assert_eq!(said(&k, &host, "CVE-2024-8"), (State::Affected, vec![Reason::ScannerSays]));
    assert_eq!(said(&k, &Inventory::default(), "CVE-2024-8"), (State::Unknown, vec![Reason::NothingSaid]));
    assert_eq!(said(&k, &host, "CVE-2024-9"), (State::NotAffected, vec![Reason::Withdrawn]));
}

#[test]
fn what_concerns_a_host_is_found_without_going_through_all() {
    let k = table();
    let found = k.concerning(&windows("10.0.19045", Some(1), &[]));
    assert_eq!(
        found.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(),
        ["CVE-2021-1", "CVE-2024-1", "CVE-2024-2"]
    );
    assert_eq!(k.concerning(&Inventory::default()).len(), 0);
}
