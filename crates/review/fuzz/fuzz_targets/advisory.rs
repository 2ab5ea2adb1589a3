//! `cargo fuzz run advisory` in `crates/review`: any bytes are read or refused, and what was read can be judged on a host
//! that has nothing, a Windows and a library.
//!
//! The first byte chooses the beginning of the file, so that every reader is reached.

#![no_main]

use libfuzzer_sys::fuzz_target;
use review::{
    advisory::read,
    inventory,
    judge::{Knowledge, judge},
};

const HEADS: &[&str] = &[
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

fuzz_target!(|bytes: &[u8]| {
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let head = HEADS[usize::from(*first) % HEADS.len()];
    let Ok(feed) = read("fuzz", &[head.as_bytes(), rest].concat()) else { return };
    let knowledge = Knowledge::new(feed);
    for host in HOSTS {
        for host in inventory::read("host", host.as_bytes()).expect("our own form").hosts {
            for advisory in &knowledge.advisories {
                assert!(!judge(&host, advisory, &knowledge).because.is_empty());
            }
        }
    }
});
