//! What any bytes are tried on: each function takes some, reaches every reader of its kind by their first byte or two, and
//! panics if something is not as it must be. Run by a fuzzer (`fuzz/`) on as many as it likes, and by [`super::random`] on
//! a few thousand fixed ones.

use review::{
    advisory::{self, csaf_valid},
    inventory::{self, ODD},
    judge::{Knowledge, judge},
    purl::Purl,
    scan::{Scan, wanted},
    signed::Keys,
    version::Scheme,
};

/// Beginnings of inventories: one a reader.
pub const INVENTORIES: &[&str] = &[
    "",
    "Host: A\nOS: Windows 10\nVersion: 10.0.19045\n",
    "Source  HotFixID\n",
    "Node,HotFixID\n",
    "Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\A]\n",
    "{\"os_version\":[{",
    "{\"hostIdentifier\":\"A\",\"columns\":{",
    "+++-==\nii ",
    "Package: a\nVersion: 1\n",
    "bash-5.1-1.el9.x86_64\n",
    "ID=debian\nVERSION_ID=",
    "{\"bomFormat\":\"CycloneDX\",\"components\":[{",
    "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{",
    "<nmaprun><host>",
    "Plugin ID,CVE,Host,Name\n",
    "IP,NVT Name,CVEs\n",
];

/// Beginnings of advisories: one a reader.
pub const ADVISORIES: &[&str] = &[
    "",
    "{\"id\":\"A\",\"affected\":[{\"package\":{\"ecosystem\":\"Maven\",\"name\":\"a:b\"},",
    "{\"cveMetadata\":{\"cveId\":\"CVE-2024-1\"},\"containers\":{\"cna\":{",
    "{\"document\":{\"csaf_version\":\"2.0\"},\"product_tree\":{",
    "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{",
    "<cvrf:cvrfdoc xmlns:cvrf=\"c\"><vuln:Vulnerability>",
    "CVE,KB,Product,Build,Supersedes,Date\n",
    "cve,epss,percentile\n",
];

const HOSTS: &[&str] = &[
    "{\"hosts\":[{\"kbs_listed\":true}]}",
    "{\"hosts\":[{\"kbs_listed\":true,\"os\":{\"family\":\"windows\",\"build\":\"10.0.1\",\"ubr\":1,\"product\":\"a\"}}]}",
    "{\"hosts\":[{\"kbs_listed\":true,\"packages\":[{\"ecosystem\":\"Maven\",\"name\":\"a:b\",\"version\":\"1\"}]}]}",
];

/// Files that a scan of a disk reads: one a reader.
pub const PATHS: &[&str] = &[
    "/etc/os-release",
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/info/a.list",
    "/lib/apk/db/installed",
    "/var/lib/rpm/Packages",
    "/opt/a.jar",
    "/opt/a.war",
    "/opt/a.dist-info/METADATA",
    "/opt/node_modules/a/package.json",
    "/opt/package-lock.json",
    "/opt/vendor/composer/installed.json",
    "/opt/composer.lock",
    "/opt/bin/a",
];
/// How such files begin.
pub const STARTS: &[&[u8]] = &[
    b"",
    b"SQLite format 3\0\x02\0\x01\x01\0\x40\x20\x20",
    b"RpmP\0\0\0\0\0\0\0\0\x01\0\0\0",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\x61\x15\x06\0\x09\0\0\0\0\x02\0\0",
    b"PK\x03\x04\x14\0\0\0\0\0",
    b"\x7fELF\xff Go buildinf:\x08\x02",
    b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6path\ta\ndep\t",
    b"{\"packages\":{\"node_modules/a\":{\"version\":\"1\"},",
    b"P:a\nV:1\nF:",
];

fn begun(heads: &[&str], bytes: &[u8]) -> Vec<u8> {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    [heads[usize::from(*first) % heads.len()].as_bytes(), rest].concat()
}

/// Any bytes are read or refused, and the report of what was not understood is bounded.
pub fn inventory(bytes: &[u8]) {
    if let Ok(found) = inventory::read("tried", &begun(INVENTORIES, bytes)) {
        assert!(found.odd.len() <= ODD);
    }
}

/// Any bytes are read or refused, and what was read can be judged on a host that has nothing, a Windows and a library.
pub fn advisory(bytes: &[u8]) {
    let begun = begun(ADVISORIES, bytes);
    if let Ok(text) = std::str::from_utf8(&begun)
        && let Ok(value) = serde_json::from_str(text)
    {
        let all = csaf_valid::validate(text, &value);
        assert!(csaf_valid::errors(&value).iter().all(|fault| all.contains(fault)));
    }
    let Ok(feed) = advisory::read("tried", &begun) else { return };
    assert!(feed.odd.len() <= ODD);
    let knowledge = Knowledge::new(feed);
    for host in HOSTS {
        for host in inventory::read("host", host.as_bytes()).expect("our own form").hosts {
            for advisory in &knowledge.advisories {
                assert!(!judge(&host, advisory, &knowledge).because.is_empty());
            }
        }
    }
}

/// Any bytes in the place of any file that a scan reads are read or said not to be, and the report stays bounded.
pub fn scan(bytes: &[u8]) {
    let [which, head, rest @ ..] = bytes else { return };
    let path = PATHS[usize::from(*which) % PATHS.len()];
    let head = STARTS[usize::from(*head) % STARTS.len()];
    let mut scan = Scan::new("2099-01-01T00:00:00Z");
    scan.file(path, wanted(path, true).expect("one of ours"), &[head, rest].concat());
    assert!(scan.finish("tried").odd.len() <= ODD);
}

/// No bytes are a signature by a key that they are not, and none costs more than a look.
pub fn signed(bytes: &[u8]) {
    let [at, rest @ ..] = bytes else { return };
    let (key, signature) = rest.split_at(rest.len() * usize::from(*at) / 255);
    if let Some(keys) = Keys::parse(key) {
        assert!(!keys.fingerprints().is_empty());
        let now = "2099-01-01T00:00:00Z".parse().expect("a moment");
        assert!(!keys.signed(b"nobody signs this", signature, now));
    }
}

/// Every order of versions is one, and a package URL that is read is written so that it is read again.
pub fn versions(a: &str, b: &str) {
    use Scheme::*;
    for scheme in
        [Dpkg, Rpm, Alpine, Semver, Nuget, Pub, Hackage, Cran, Maven, Pypi, RubyGems, Packagist, Generic]
    {
        assert_eq!(scheme.compare(a, b), scheme.compare(b, a).reverse(), "{scheme:?}");
        assert!(scheme.compare(a, a).is_eq(), "{scheme:?}");
    }
    if let Ok(purl) = Purl::parse(a) {
        assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
    }
}
