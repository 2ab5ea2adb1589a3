use domain::{
    inventory::{Os, Protection},
    legal::Legal,
};
use jiff::civil::date;

use super::*;
use crate::inventory::read;

fn judged(host: &Inventory, kind: Weakness) -> (State, Reason) {
    let on = date(2026, 11, 21);
    let legal = Legal::builtin().unwrap();
    let found = judge(host, kind, legal.on(on).weaknesses(), on);
    (found.state, found.because[0].reason)
}

fn state(host: &Inventory, kind: Weakness) -> State {
    judged(host, kind).0
}

/// A host as Nmap saw it: the ports of its table.
fn nmap(ports: &str) -> Inventory {
    let text = format!(
        r#"<nmaprun scanner="nmap"><host><address addr="192.0.2.40" addrtype="ipv4"/><ports>{ports}</ports></host></nmaprun>"#
    );
    read("quet.nmap.xml", text.as_bytes()).unwrap().hosts.remove(0)
}

fn port(number: u16, inside: &str) -> String {
    format!(r#"<port protocol="tcp" portid="{number}"><state state="open"/>{inside}</port>"#)
}

/// A host as Nessus reports it: port and title of each finding.
fn nessus(findings: &[(u16, &str)]) -> Inventory {
    let rows: String = findings
        .iter()
        .enumerate()
        .map(|(n, (port, title))| format!("{},,,High,192.0.2.41,tcp,{port},{title}\n", 9000 + n))
        .collect();
    let text = format!("Plugin ID,CVE,CVSS v2.0 Base Score,Risk,Host,Protocol,Port,Name\n{rows}");
    read("quet.nessus.csv", text.as_bytes()).unwrap().hosts.remove(0)
}

fn system(product: &str, edition: &str) -> Inventory {
    let os = Os {
        family: Family::Windows,
        product: Some(product.into()),
        edition: Some(edition.into()),
        ..Os::default()
    };
    Inventory { os: Some(os), ..Inventory::default() }
}

#[test]
fn what_nobody_looked_for_is_unknown() {
    for kind in Weakness::ALL {
        assert_eq!(state(&Inventory::default(), *kind), State::Unknown, "{kind}");
    }
}

#[test]
fn ports_a_scanner_reached_are_exposed() {
    for (number, service, kind) in [
        (3389, "ms-wbt-server", Weakness::RemoteDesktop),
        (5905, "vnc", Weakness::RemoteDesktop),
        (445, "microsoft-ds", Weakness::FileSharing),
        (1433, "ms-sql-s", Weakness::Database),
        (3306, "mysql", Weakness::Database),
        (23, "telnet", Weakness::Administration),
        (554, "rtsp", Weakness::Device),
    ] {
        let host = nmap(&port(number, &format!(r#"<service name="{service}"/>"#)));
        assert_eq!(judged(&host, kind), (State::Affected, Reason::Reachable), "{service}");
    }
    let web = nmap(&port(80, r#"<service name="http" product="nginx"/>"#));
    for kind in [
        Weakness::RemoteDesktop,
        Weakness::FileSharing,
        Weakness::Database,
        Weakness::Administration,
        Weakness::Device,
    ] {
        assert_eq!(judged(&web, kind), (State::NotAffected, Reason::NotReachable), "{kind}");
    }
    assert_eq!(state(&web, Weakness::DefaultPassword), State::Unknown, "a scan of ports tries no passwords");
}

/// A host as a scan of those ports saw it.
fn scan(tried: &str, host: &str) -> Inventory {
    let text = format!(
        r#"<nmaprun scanner="nmap"><scaninfo type="syn" protocol="tcp" services="{tried}"/><host>{host}</host></nmaprun>"#
    );
    read("quet.nmap.xml", text.as_bytes()).unwrap().hosts.remove(0)
}

#[test]
fn only_ports_that_a_scan_tried_are_known_to_be_closed() {
    let at = r#"<status state="up"/><address addr="192.0.2.40" addrtype="ipv4"/>"#;
    let closed = format!(r#"{at}<ports><extraports state="closed" count="4"/></ports>"#);
    let rdp = Weakness::RemoteDesktop;
    assert_eq!(
        judged(&scan("1-1000,3389,5900-5901,5938", &closed), rdp),
        (State::NotAffected, Reason::NotReachable)
    );
    assert_eq!(
        judged(&scan("1-1000,3389", &closed), rdp),
        (State::Unknown, Reason::NotScanned),
        "5900 was not tried"
    );
    let web = format!("{at}<ports>{}</ports>", port(80, r#"<service name="http"/>"#));
    assert_eq!(
        judged(&scan("80", &web), rdp),
        (State::Unknown, Reason::NotScanned),
        "a web page tells nothing of 3389"
    );
    for silent in [
        closed.replace(r#"<status state="up"/>"#, r#"<status state="down"/>"#),
        closed.replace("<ports>", "").replace("</ports>", ""),
    ] {
        assert_eq!(state(&scan("1-65535", &silent), rdp), State::Unknown, "it did not answer: {silent}");
    }
    let given_up = format!(
        r#"<nmaprun><scaninfo type="syn" protocol="tcp" services="1-65535"/><host timedout="true">{closed}</host></nmaprun>"#
    );
    let host = read("x", given_up.as_bytes()).unwrap().hosts.remove(0);
    assert_eq!(state(&host, rdp), State::Unknown, "the scan gave up");
    let udp = format!(
        r#"<nmaprun><scaninfo type="udp" protocol="udp" services="1-65535"/><host>{closed}</host></nmaprun>"#
    );
    assert!(read("x", udp.as_bytes()).unwrap().hosts[0].scanned.is_empty());
}

#[test]
fn what_answers_is_believed_before_the_number_of_its_port() {
    let other = nmap(&port(3389, r#"<service name="ssh" product="OpenSSH"/>"#));
    assert_eq!(state(&other, Weakness::RemoteDesktop), State::NotAffected);
    assert_eq!(
        state(&nmap(&port(3389, "")), Weakness::RemoteDesktop),
        State::Affected,
        "nothing answered: the port counts"
    );
}

#[test]
fn cameras_recorders_and_storage_tell_by_what_answers() {
    for product in ["Hikvision IPCam http config", "Dahua DVR", "Synology DiskStation NAS"] {
        let host = nmap(&port(80, &format!(r#"<service name="http" product="{product}"/>"#)));
        assert_eq!(state(&host, Weakness::Device), State::Affected, "{product}");
    }
}

#[test]
fn pages_of_administration_tell_by_their_titles() {
    let title = |t: &str| {
        nmap(&port(8080, &format!(r#"<service name="http"/><script id="http-title" output="{t}"/>"#)))
    };
    assert_eq!(state(&title("phpMyAdmin 5.1"), Weakness::Administration), State::Affected);
    assert_eq!(state(&title("Trang quản trị nội dung"), Weakness::Administration), State::Affected);
    assert_eq!(
        state(&title("The pilot of the province"), Weakness::Administration),
        State::NotAffected,
        "ilo is a word"
    );
}

#[test]
fn what_a_machine_says_of_itself_may_lie_behind_a_firewall() {
    let listens = |address: &str| {
        let service = Service {
            port: 3306,
            protocol: "tcp".into(),
            address: Some(address.into()),
            ..Service::default()
        };
        Inventory { services: vec![service], ..Inventory::default() }
    };
    assert_eq!(judged(&listens("0.0.0.0"), Weakness::Database), (State::Unknown, Reason::Listens));
    assert_eq!(judged(&listens("127.0.0.1"), Weakness::Database), (State::NotAffected, Reason::NotListening));
}

#[test]
fn passwords_nobody_changed_are_what_scanners_say() {
    let script = nmap(&port(
        80,
        r#"<script id="http-default-accounts" output="&#10;  [Cacti] at /&#10;    admin:admin"/>"#,
    ));
    assert_eq!(judged(&script, Weakness::DefaultPassword), (State::Affected, Reason::ScannerSays));
    assert!(!format!("{script:?}").contains("admin:admin"), "no password is kept");
    let empty =
        nmap(&port(3306, r#"<script id="mysql-empty-password" output="root account has empty password"/>"#));
    assert_eq!(state(&empty, Weakness::DefaultPassword), State::Affected);
    let none = nmap(&port(21, r#"<script id="ftp-brute" output="Accounts: No valid accounts found"/>"#));
    assert_eq!(state(&none, Weakness::DefaultPassword), State::Unknown);
    let titled = nessus(&[(22, "Default Password (admin) for 'admin' Account")]);
    assert_eq!(state(&titled, Weakness::DefaultPassword), State::Affected);
    let silent = nessus(&[(443, "SSL Version 2 and 3 Protocol Detection")]);
    assert_eq!(judged(&silent, Weakness::DefaultPassword), (State::NotAffected, Reason::ScannerSilent));
}

#[test]
fn findings_of_nessus_at_a_port_say_that_it_was_reached() {
    let host = nessus(&[(3389, "Terminal Services Encryption Level is Medium or Low")]);
    assert_eq!(state(&host, Weakness::RemoteDesktop), State::Affected);
    assert_eq!(
        state(&nessus(&[(0, "Microsoft SQL Server Unsupported Version Detection")]), Weakness::Unsupported),
        State::Affected
    );
}

#[test]
fn systems_nobody_mends_any_more() {
    let w7 = system("Windows 7 for x64-based Systems Service Pack 1", "Professional");
    assert_eq!(judged(&w7, Weakness::Unsupported), (State::Affected, Reason::SupportEnded));
    let ltsc = system("Windows 10 Version 1809 for x64-based Systems", "EnterpriseS");
    assert_eq!(judged(&ltsc, Weakness::Unsupported), (State::NotAffected, Reason::Supported));
    assert_eq!(
        judged(&system("Windows 99", ""), Weakness::Unsupported),
        (State::Unknown, Reason::SupportUnknown)
    );
    let os = Os {
        family: Family::Linux,
        edition: Some("centos".into()),
        version: Some("7".into()),
        ..Os::default()
    };
    let linux = Inventory { os: Some(os), ..Inventory::default() };
    assert_eq!(state(&linux, Weakness::Unsupported), State::Affected);
}

#[test]
fn a_certificate_has_run_out_or_has_not() {
    let of = |day: &str| {
        let output = format!(
            "Subject: commonName=a&#10;Not valid before: 2020-01-01T00:00:00&#10;Not valid after:  {day}T23:59:59"
        );
        nmap(&port(443, &format!(r#"<service name="https"/><script id="ssl-cert" output="{output}"/>"#)))
    };
    assert_eq!(judged(&of("2026-11-20"), Weakness::Certificate), (State::Affected, Reason::CertificateEnded));
    assert_eq!(
        judged(&of("2026-11-21"), Weakness::Certificate),
        (State::NotAffected, Reason::CertificateGood)
    );
    assert_eq!(state(&nessus(&[(443, "SSL Certificate Expiry")]), Weakness::Certificate), State::Affected);
}

#[test]
fn anti_malware_is_off_old_or_on() {
    let of = |all: &[(Option<bool>, Option<bool>)]| {
        let one = |(on, current): &(Option<bool>, Option<bool>)| Protection {
            name: "Bkav".into(),
            on: *on,
            current: *current,
            definitions: None,
        };
        let host = Inventory { protection: all.iter().map(one).collect(), ..Inventory::default() };
        judged(&host, Weakness::AntiMalware)
    };
    assert_eq!(of(&[(Some(false), None)]), (State::Affected, Reason::ProtectionOff));
    assert_eq!(of(&[(Some(true), Some(false))]), (State::Affected, Reason::ProtectionOld));
    assert_eq!(
        of(&[(Some(false), None), (Some(true), Some(true))]).0,
        State::NotAffected,
        "one that watches is enough"
    );
    assert_eq!(of(&[(None, None)]), (State::Unknown, Reason::ProtectionUnknown));
}
