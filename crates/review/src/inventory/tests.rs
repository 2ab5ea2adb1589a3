use domain::inventory::Family;

use super::*;

fn one(text: &str) -> (Kind, Inventory, Vec<Odd>) {
    let mut read = read("a.txt", text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(read.hosts.len(), 1, "{text}");
    (read.kind, read.hosts.remove(0), read.odd)
}

const SYSTEMINFO: &str = "\r
Tên Máy chủ:                  MAY-VANTHU\r
Tên HĐH:                      Microsoft Windows 10 Pro\r
Phiên bản HĐH:                10.0.19045 Không có Bản dựng 19045\r
Loại Hệ thống:                PC chạy trên x64\r
(Các) Bản vá nóng:            3 Đã cài đặt (các) Bản vá nóng.\r
                              [01]: KB5031988\r
                              [02]: KB5015684\r
                              [03]: KB5032189\r
(Các) Thẻ Mạng:               1 đã cài đặt NIC.\r
                              [01]: Intel(R) Ethernet Connection\r
                                    (Các) địa chỉ IP\r
                                    [01]: 10.20.30.40\r
                                    [02]: fe80::1\r
";

#[test]
fn systeminfo_of_any_language_and_encoding() {
    let utf16: Vec<u8> = SYSTEMINFO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (page_1258, ..) = encoding_rs::WINDOWS_1258.encode("Te\u{302}n Ma\u{301}y:   MAY-VANTHU\nHDH: Microsoft Windows 10 Pro\nPhie\u{302}n ba\u{309}n: 10.0.19045 N/A\nLoai: x64-based PC\n[01]: KB5031988\n[02]: KB5015684\n[03]: KB5032189\n[01]: 10.20.30.40");
    for bytes in [SYSTEMINFO.as_bytes(), &utf16, &[b"\xff\xfe", utf16.as_slice()].concat(), &page_1258] {
        let read = read("x", bytes).unwrap();
        assert_eq!((read.kind, read.odd.len()), (Kind::SystemInfo, 0));
        let host = &read.hosts[0];
        assert_eq!(host.host.as_deref(), Some("MAY-VANTHU"));
        let os = host.os.as_ref().unwrap();
        assert_eq!(os.product.as_deref(), Some("Windows 10 Version 22H2 for x64-based Systems"));
        assert_eq!((os.ubr, host.kbs.len(), host.kbs_listed), (None, 3, true));
        assert_eq!(host.addresses.iter().collect::<Vec<_>>(), ["10.20.30.40"]);
    }
}

#[test]
fn hotfixes_by_host() {
    let text = "Source        Description      HotFixID      InstalledBy          InstalledOn\n\
        ------        -----------      --------      -----------          -----------\n\
        MAY1          Security Update  KB5031988     NT AUTHORITY\\SYSTEM  11/15/2023 12:00:00 AM\n\
        MAY2          Update           KB5015684     NT AUTHORITY\\SYSTEM  9/1/2022\n";
    let read = read("h", text.as_bytes()).unwrap();
    let said: Vec<_> = read.hosts.iter().map(|h| (h.host.as_deref(), h.kbs.first().copied())).collect();
    assert_eq!(said, [(Some("MAY1"), Some(5_031_988)), (Some("MAY2"), Some(5_015_684))]);
    let (kind, host, _) = one("Source      : MAY3\nHotFixID    : KB5031988\nInstalledOn :\n");
    assert_eq!((kind, host.host.as_deref(), host.kbs.len()), (Kind::HotFix, Some("MAY3"), 1));
}

#[test]
fn csv_of_wmi_and_the_registry() {
    let (kind, host, odd) = one(
        "Node,Caption,HotFixID,InstalledOn\r\n\r\nMAY1,http://support,KB5031988,11/1/2023\r\nMAY1,x,File 1,\r\n",
    );
    assert_eq!((kind, host.kbs.len(), odd.len()), (Kind::Wmi, 1, 1));
    let (_, host, _) = one(
        "\"PSComputerName\",\"ProductName\",\"CurrentBuild\",\"UBR\",\"DisplayVersion\",\"OSArchitecture\"\n\"MAY1\",\"Windows 10 Pro\",\"19045\",\"3693\",\"22H2\",\"64-bit\"\n",
    );
    assert_eq!(host.os.unwrap().running().as_deref(), Some("10.0.19045.3693"));
    let reg = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{A}]\n\"DisplayName\"=\"7-Zip 22.01 (x64)\"\n\"DisplayVersion\"=\"22.01\"\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\B]\n\"DisplayName\"=\"No version\"\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\n\"CurrentBuild\"=\"22631\"\n\"UBR\"=dword:00000a0b\n\"ProductName\"=\"Windows 10 Pro\"\n";
    let (kind, host, odd) = one(reg);
    assert_eq!((kind, host.packages.len(), odd[0].why), (Kind::Registry, 1, Why::NoVersion));
    let os = host.os.unwrap();
    assert_eq!((os.name.as_str(), os.running().as_deref()), ("Windows 11 Pro", Some("10.0.22631.2571")));
    let (_, host, _) = one(
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\n    CurrentBuild    REG_SZ    19045\n    UBR    REG_DWORD    0xe6d\n",
    );
    assert_eq!(host.os.unwrap().ubr, Some(3693));
}

#[test]
fn debian_lists_and_status() {
    let list = "Desired=Unknown/Install\n||/ Name  Version  Architecture Description\n+++-=====-=====-=====-=====\nii  bash  5.2.15-2+b2  amd64  shell\nrc  old  1.0-1  amd64  gone\nii  libc6:amd64  2.36-9+deb12u3  amd64  C\nnonsense\n";
    let (kind, host, odd) = one(list);
    assert_eq!((kind, host.packages.len(), odd.len()), (Kind::DpkgList, 2, 1));
    assert_eq!(host.packages[1].name, "libc6");
    let status = "Package: libgcc-s1\nStatus: install ok installed\nArchitecture: amd64\nSource: gcc-12 (12.2.0-14)\nVersion: 12.2.0-14+b1\nDescription: x\n Package: not a field\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
    let (kind, host, _) = one(status);
    assert_eq!((kind, host.packages.len()), (Kind::DpkgStatus, 1));
    assert_eq!(host.packages[0].source.as_deref(), Some("gcc-12"));
    assert_eq!(host.packages[0].source_version.as_deref(), Some("12.2.0-14"));
}

#[test]
fn a_release_gives_packages_their_ecosystem() {
    let (kind, mut host, _) =
        one("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n");
    assert_eq!(kind, Kind::OsRelease);
    host.packages.push(debian::package("bash", "1", None));
    place(&mut host);
    assert_eq!(host.packages[0].ecosystem.as_deref(), Some("Debian:12"));
}

#[test]
fn rpm_with_and_without_epoch() {
    let (kind, host, odd) = one(
        "openssl-libs-3.0.7-27.el9.x86_64\ngpg-pubkey-fd431d51-4ae0493b\npython3 0:3.9.18-1.el9 x86_64\n",
    );
    assert_eq!((kind, host.packages.len(), odd.len()), (Kind::Rpm, 2, 0));
    assert_eq!((host.packages[0].version.as_str(), host.packages[0].epoch_known), ("3.0.7-27.el9", false));
    assert_eq!((host.packages[1].version.as_str(), host.packages[1].epoch_known), ("0:3.9.18-1.el9", true));
}

#[test]
fn bills_of_material_with_jars_in_jars() {
    let (kind, host, odd) = one(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":"2026-02-01T00:00:00Z","component":{"type":"application","name":"MAY-UD"}},"components":[
        {"type":"library","name":"app.war","version":"1","components":[{"type":"library","group":"org.springframework","name":"spring-beans","version":"5.2.19.RELEASE","purl":"pkg:maven/org.springframework/spring-beans@5.2.19.RELEASE"}]},
        {"type":"operating-system","name":"debian","version":"12"}, {"type":"library","name":"x","purl":"nonsense"}, 7]}"#,
    );
    assert_eq!((kind, host.host.as_deref()), (Kind::CycloneDx, Some("MAY-UD")));
    let spring = host.packages.iter().find(|p| p.name == "org.springframework:spring-beans").unwrap();
    assert_eq!((spring.ecosystem.as_deref(), spring.path.as_deref()), (Some("Maven"), Some("app.war")));
    assert_eq!(host.os.unwrap().version.as_deref(), Some("12"));
    assert_eq!(odd.iter().map(|o| o.why).collect::<Vec<_>>(), [Why::Purl, Why::NoVersion, Why::NoName]);
    let (kind, host, _) = one(
        r#"{"spdxVersion":"SPDX-2.3","name":"MAY2","packages":[{"name":"bash","versionInfo":"5","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/bash@5.2.15-2?distro=debian-12"}]}]}"#,
    );
    assert_eq!((kind, host.packages[0].ecosystem.as_deref()), (Kind::Spdx, Some("Debian:12")));
}

#[test]
fn osquery_tables_and_log() {
    let (kind, host, _) = one(
        r#"{"system_info":[{"hostname":"M1"}],"os_version":[{"name":"Microsoft Windows 10 Pro","version":"10.0.19045","platform":"windows","arch":"64-bit","revision":"3693"}],"patches":[{"hotfix_id":"KB5031988"}],"programs":[{"name":"7-Zip","version":"22.01"}],"listening_ports":[{"port":"3389","protocol":"6","address":"0.0.0.0"}]}"#,
    );
    assert_eq!((kind, host.host.as_deref(), host.services[0].port), (Kind::Osquery, Some("M1"), 3389));
    assert_eq!(host.os.unwrap().running().as_deref(), Some("10.0.19045.3693"));
    let (_, host, _) = one(
        "{\"name\":\"pack_x_deb_packages\",\"hostIdentifier\":\"M2\",\"columns\":{\"name\":\"bash\",\"version\":\"5\",\"source\":\"bash\",\"revision\":\"\"},\"action\":\"added\"}\n",
    );
    assert_eq!((host.host.as_deref(), host.packages.len()), (Some("M2"), 1));
}

#[test]
fn scans() {
    let (kind, host, _) = one(
        r#"<?xml version="1.0"?><nmaprun><host><address addr="10.0.0.5" addrtype="ipv4"/><ports><port protocol="tcp" portid="3389"><state state="open"/><service name="ms-wbt-server" product="Microsoft Terminal Services"/></port><port protocol="tcp" portid="22"><state state="closed"/></port></ports></host></nmaprun>"#,
    );
    assert_eq!((kind, host.host.as_deref(), host.services.len()), (Kind::Nmap, Some("10.0.0.5"), 1));
    let (kind, host, _) = one(
        "Plugin ID,CVE,CVSS v2.0 Base Score,Risk,Host,Protocol,Port,Name\n11111,CVE-2022-22965,10,Critical,10.0.0.6,tcp,8080,Spring4Shell\n11111,CVE-2022-22963,10,Critical,10.0.0.6,tcp,8080,Spring4Shell\n",
    );
    assert_eq!((kind, host.reported.len(), host.reported[0].cves.len()), (Kind::Nessus, 1, 2));
    let (kind, host, _) = one(
        "IP,Hostname,Port,Port Protocol,CVSS,Severity,NVT Name,CVEs\n10.0.0.7,may7,445,tcp,9.3,High,SMB,\"CVE-2017-0143,CVE-2017-0144\"\n",
    );
    assert_eq!((kind, host.reported[0].cves.len()), (Kind::OpenVas, 2));
}

#[test]
fn what_is_nothing_is_refused() {
    assert_eq!(read("x", b""), Err(Refused::Empty));
    assert_eq!(read("x", b"\xff\xfe"), Err(Refused::Empty));
    assert_eq!(read("x", "Kính gửi: các đơn vị".as_bytes()), Err(Refused::Unknown(Looks::Other)));
    assert!(matches!(read("x", b"{\"bomFormat\": "), Err(Refused::Broken(_))));
    let deep = format!("{{\"bomFormat\":1,\"components\":{}", "[".repeat(100_000));
    assert!(matches!(read("x", deep.as_bytes()), Err(Refused::Broken(_))));
    assert!(read("x", b"<html><body>x</body></html>").is_err());
}

#[test]
fn where_a_file_breaks_off_is_told() {
    let at = |line, column| Err(Refused::Broken(Some(Place { line, column })));
    assert_eq!(read("x", b"{\"bomFormat\":1,\n\"components\":[\n{\"name\":\"a"), at(3, 10));
    assert_eq!(read("x", b"@@canh inventory 1\n@@ host\nname=a\n"), at(3, 1));
    let scan = "<nmaprun>\n<host><address addr=\"10.0.0.5\"/></host>\n<host><address addr=\"10.0";
    let read = read("x", scan.as_bytes()).unwrap();
    let told: Vec<_> = read.odd.iter().map(|odd| (odd.at, odd.why)).collect();
    assert_eq!(
        (read.hosts.len(), told),
        (1, vec![(Some(3), Why::Cut)]),
        "what is there stands, and nothing nameless"
    );
}

#[test]
fn windows_encodings_are_read_and_what_is_broken_in_them_is_told() {
    let text = "\"Node\",\"HotFixID\"\r\n\"MÁY-KẾ-TOÁN\",\"KB5010000\"\r\n\"MÁY-KẾ-TOÁN\",\"KB5010001\"\r\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [wide.clone(), [b"\xff\xfe", wide.as_slice()].concat()] {
        let read = read("x", &bytes).unwrap();
        assert_eq!((read.hosts[0].host.as_deref(), read.hosts[0].kbs.len()), (Some("MÁY-KẾ-TOÁN"), 2));
        assert!(read.odd.is_empty());
    }
    let cut = read("x", &wide[..wide.len() - 9]).unwrap();
    assert_eq!((cut.hosts[0].kbs.len(), cut.odd[0].at, cut.odd[0].why), (2, Some(3), Why::Encoding));
    // Windows-1258 writes a letter and its tone apart.
    let read = read("x", b"Name,Version\r\nPh\xe2\xccn m\xea\xcdm,1.0\r\n").unwrap();
    assert_eq!((read.hosts[0].packages[0].version.as_str(), read.odd.len()), ("1.0", 0));
}

#[test]
fn reports_of_what_was_not_understood_stay_short() {
    let text = format!("+++-=\nii  bash  5.2  amd64\n{}", "nonsense\n".repeat(10_000));
    let read = read("x", text.as_bytes()).unwrap();
    assert_eq!((read.odd.len(), read.odd_more), (ODD, 10_000 - ODD));
}

proptest::proptest! {
    #[test]
    fn nothing_makes_a_reader_fail(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), text in "\\PC{0,200}") {
        let _ = read("x", &bytes);
        for head in ["", "{\"bomFormat\":", "Package: a\n", "<nmaprun>", "HKEY_", "Source HotFixID\n", "ii a 1 "] {
            let _ = read("x", format!("{head}{text}").as_bytes());
        }
    }
}

#[test]
fn a_list_of_updates_is_of_windows() {
    assert_eq!(one("HotFixID\nKB5031988\n").1.os.unwrap().family, Family::Windows);
}

#[test]
fn systeminfo_whose_first_line_was_cut_off_is_one_without_a_name() {
    let text = "OS Name:  Microsoft Windows 10 Enterprise\r\nOS Version: 10.0.17134 N/A Build 17134\r\nOS Manufacturer: Microsoft\r\n\
        System Type: x64-based PC\r\nSystem Locale: vi;Vietnamese\r\nDomain: X\r\nHotfix(s): 1 Hotfix(s) Installed.\r\n   [01]: KB4100347\r\n";
    let read = read("may-01.txt", text.as_bytes()).unwrap();
    let host = &read.hosts[0];
    assert_eq!((read.kind, &host.host, host.kbs.len()), (Kind::SystemInfo, &None, 1));
    assert_eq!(
        host.os.as_ref().unwrap().product.as_deref(),
        Some("Windows 10 Version 1803 for x64-based Systems")
    );
}
