//! `cargo fuzz run scan` in `crates/review`: any bytes in the place of any file that a scan reads are read or said not to
//! be, and the report stays bounded.
//!
//! The first byte chooses which file it is, the second a beginning, so that every reader is reached.

#![no_main]

use libfuzzer_sys::fuzz_target;
use review::{
    inventory::ODD,
    scan::{Scan, wanted},
};

const PATHS: &[&str] = &[
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
const HEADS: &[&[u8]] = &[
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

fuzz_target!(|bytes: &[u8]| {
    let [which, head, rest @ ..] = bytes else { return };
    let path = PATHS[usize::from(*which) % PATHS.len()];
    let head = HEADS[usize::from(*head) % HEADS.len()];
    let mut scan = Scan::new("2099-01-01T00:00:00Z");
    scan.file(path, wanted(path, true).expect("one of ours"), &[head, rest].concat());
    let read = scan.finish("fuzz");
    assert!(read.odd.len() <= ODD);
});
