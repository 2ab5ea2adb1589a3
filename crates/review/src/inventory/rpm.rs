//! `rpm -qa`, as it comes (without epochs) or asked for as `NAME EPOCH:VERSION-RELEASE ARCH`.

use domain::inventory::{Family, Inventory, Os, Package};

use super::{ITEMS, Notes, UNNAMED_RPM, Why};

const ARCHS: &[&str] =
    &["x86_64", "noarch", "i686", "i386", "i586", "aarch64", "ppc64le", "s390x", "src", "(none)"];

pub fn read(text: &str, notes: &mut Notes) -> Option<Inventory> {
    let lines = || text.lines().enumerate().map(|(at, l)| (at + 1, l.trim())).filter(|(_, l)| !l.is_empty());
    let understood = lines().take(50).filter(|(_, l)| package(l).is_some()).count();
    if understood == 0 || understood * 2 < lines().take(50).count() {
        return None;
    }
    let mut packages = Vec::new();
    for (at, line) in lines() {
        if packages.len() >= ITEMS {
            notes.add(Some(at), line, Why::TooMany);
            break;
        }
        match package(line) {
            // Keys of signers are listed among the packages.
            Some(it) if it.name == "gpg-pubkey" => {}
            Some(it) => packages.push(it),
            None => notes.add(Some(at), line, Why::Form),
        }
    }
    let os = Os { family: Family::Linux, ..Os::default() };
    Some(Inventory { os: Some(os), packages, ..Inventory::default() })
}

fn package(line: &str) -> Option<Package> {
    let words: Vec<&str> = line.split([' ', '\t', '|', ';']).filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        [nevra] => from_nevra(nevra),
        [name, evr, arch] if ARCHS.contains(arch) => Some(make(name, evr, Some(arch))),
        [name, epoch, version, release, arch, ..] if ARCHS.contains(arch) => {
            let epoch = if epoch.bytes().all(|b| b.is_ascii_digit()) { epoch } else { "0" };
            Some(make(name, &format!("{epoch}:{version}-{release}"), Some(arch)))
        }
        _ => None,
    }
}

/// `openssl-libs-1:3.0.7-27.el9.x86_64`.
fn from_nevra(nevra: &str) -> Option<Package> {
    let (rest, arch) = match nevra.rsplit_once('.') {
        Some((rest, arch)) if ARCHS.contains(&arch) => (rest, Some(arch)),
        _ => (nevra, None),
    };
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let numbers = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !version.contains(|c: char| c.is_ascii_digit())
        || !numbers(release)
        || name.is_empty()
        || name.contains('/')
    {
        return None;
    }
    Some(make(name, &format!("{version}-{release}"), arch))
}

fn make(name: &str, evr: &str, arch: Option<&str>) -> Package {
    let evr = evr.replace("(none):", "0:");
    Package {
        ecosystem: Some(UNNAMED_RPM.into()),
        name: name.to_owned(),
        epoch_known: evr.contains(':'),
        version: evr,
        arch: arch.map(str::to_owned),
        ..Package::default()
    }
}
