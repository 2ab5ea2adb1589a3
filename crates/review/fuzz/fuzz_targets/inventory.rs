//! `cargo fuzz run inventory` in `crates/review`: any bytes are read or refused, the report of what was not understood is
//! bounded, and what was read can be merged with itself.
//!
//! The first byte chooses the beginning of the file, so that every reader is reached.

#![no_main]

use libfuzzer_sys::fuzz_target;
use review::inventory::{ODD, read};

const HEADS: &[&str] = &[
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

fuzz_target!(|bytes: &[u8]| {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let head = HEADS[usize::from(*first) % HEADS.len()];
    let file = [head.as_bytes(), rest].concat();
    if let Ok(found) = read("fuzz", &file) {
        assert!(found.odd.len() <= ODD);
    }
});
