//! The corpus: reports and advisories written for this project. A file dropped into `corpus/inventory` is read and judged;
//! what is to come of it stands in `corpus/inventory.expected`, one line a file and one a flaw of a machine.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use domain::inventory::merge;
use review::{
    advisory::{self, Feed},
    inventory::{self, place},
    judge::{Knowledge, judge, together},
};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found.sort();
    found
}

#[test]
fn every_report_is_read_and_judged_as_is_written() {
    let root = corpus().join("inventory");
    let (mut said, mut reports) = (Vec::new(), Vec::new());
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        match inventory::read(&name, &fs::read(&path).unwrap()) {
            Err(why) => said.push(format!("{name}: refused, {why}")),
            Ok(read) => {
                let sum =
                    |f: fn(&domain::inventory::Inventory) -> usize| read.hosts.iter().map(f).sum::<usize>();
                let (packages, kbs) = (sum(|h| h.packages.len()), sum(|h| h.kbs.len()));
                let odd = read.odd.len() + read.odd_more;
                let kind = serde_json::to_value(read.kind).unwrap();
                said.push(format!(
                    "{name}: {} hosts {} packages {packages} updates {kbs} ports {} not-understood {odd}",
                    kind.as_str().unwrap(),
                    read.hosts.len(),
                    sum(|h| h.services.len()),
                ));
                let own =
                    path.parent().filter(|p| **p != root).and_then(Path::file_name).or(path.file_stem());
                reports.extend(read.hosts.into_iter().map(|mut host| {
                    host.host = host.host.or_else(|| own.map(|o| o.to_string_lossy().into_owned()));
                    host
                }));
            }
        }
    }
    let mut feed = Feed::default();
    for path in files(&corpus().join("advisories")) {
        let more = advisory::read(&path.display().to_string(), &fs::read(&path).unwrap()).unwrap();
        assert_eq!(more.odd, [], "{}", path.display());
        feed.append(more);
    }
    let knowledge = Knowledge::new(feed);
    let flaws: BTreeSet<&str> = knowledge.advisories.iter().flat_map(|a| a.cves()).collect();
    for mut host in merge(reports) {
        place(&mut host);
        let name = host.host.clone().unwrap();
        for flaw in &flaws {
            let verdicts: Vec<_> = knowledge.of(flaw).map(|a| judge(&host, a, &knowledge)).collect();
            let state = serde_json::to_value(together(&verdicts).unwrap()).unwrap();
            said.push(format!("{name} {flaw} {}", state.as_str().unwrap()));
        }
    }
    let expected = corpus().join("inventory.expected");
    let said = said.join("\n") + "\n";
    if std::env::var_os("CANH_BLESS").is_some() {
        fs::write(&expected, &said).unwrap();
    }
    assert_eq!(
        said,
        fs::read_to_string(expected).unwrap(),
        "CANH_BLESS=1 writes it anew; then read the difference"
    );
}

#[test]
fn every_report_is_read_in_every_encoding() {
    let root = corpus().join("inventory");
    let mut read_at_all = 0;
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let (text, _) = inventory::decode(&fs::read(&path).unwrap());
        let Ok(plain) = inventory::read(&name, text.as_bytes()) else { continue };
        read_at_all += 1;
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes), marked] {
            let again = inventory::read(&name, &bytes).unwrap();
            assert_eq!((again.kind, &again.hosts), (plain.kind, &plain.hosts), "{name}");
        }
        // The code page of Vietnamese Windows has no letter with two marks: names suffer, machines do not.
        let (page, ..) = encoding_rs::WINDOWS_1258.encode(&text);
        let again = inventory::read(&name, &page).unwrap();
        assert_eq!((again.kind, again.hosts.len()), (plain.kind, plain.hosts.len()), "{name}");
        // Bytes of no encoding: something is read or refused in words; nothing else happens.
        for step in [7, 64, 1_000] {
            let mut broken = text.clone().into_bytes();
            for at in (step..broken.len()).step_by(step) {
                broken[at] = [0xff, 0xc3, 0x00][at % 3];
            }
            let _ = inventory::read(&name, &broken).map(|read| read.hosts.len());
        }
    }
    assert!(read_at_all >= 10, "{read_at_all}");
}
