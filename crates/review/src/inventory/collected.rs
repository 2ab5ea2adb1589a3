//! What our collectors write: sections, each led by `@@ NAME`. The outputs of known tools are read by their own readers.

use domain::inventory::{Inventory, Package, Protection, Service, merge};

use super::{Kind, Notes, Place, Refused, UNNAMED_DPKG, UNNAMED_RPM, Why, lines};

const HEAD: &str = "@@canh inventory";
const ECOSYSTEM_JAR: &str = "Maven";

pub fn is(text: &str) -> bool {
    text.trim_start().starts_with(HEAD)
}

pub fn read(text: &str, notes: &mut Notes) -> Result<(Kind, Vec<Inventory>), Refused> {
    let mut sections: Vec<(&str, usize, Vec<&str>)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        match line.strip_prefix("@@ ") {
            Some(name) => sections.push((name.trim(), at + 1, Vec::new())),
            None if line.starts_with(HEAD) => {}
            None => match sections.last_mut() {
                Some((_, _, held)) => held.push(line),
                None => notes.add(Some(at + 1), line, Why::Form),
            },
        }
    }
    // A file that breaks off would make packages look removed.
    if sections.last().is_none_or(|(name, ..)| *name != "end") {
        return Err(Refused::Broken(Some(Place { line: text.lines().count(), column: 1 })));
    }
    let mut all = vec![Inventory::default()];
    for (name, at, held) in &sections {
        let own = match all.first_mut() {
            Some(own) => own,
            None => break,
        };
        match *name {
            "host" => held.iter().for_each(|line| host(line, own)),
            "dpkg" | "rpm" | "apk" | "jars" | "ports" | "protection" => {
                own.jars_listed |= *name == "jars";
                for (n, line) in held.iter().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                    if one(name, line, own).is_none() {
                        notes.add(Some(at + n + 1), line, Why::Form);
                    }
                }
            }
            "end" => {}
            "hotfix" if held.iter().all(|l| !l.contains("KB")) => own.kbs_listed = true,
            _ => {
                let text = held.join("\n");
                match lines(&text, notes) {
                    _ if text.trim().is_empty() => {}
                    Ok((_, found)) => all.extend(found),
                    Err(_) => notes.add(Some(*at), name, Why::Form),
                }
            }
        }
    }
    // One file is one machine, whatever its tools call it.
    let name =
        all.first().and_then(|own| own.host.clone()).or_else(|| all.iter().find_map(|i| i.host.clone()));
    let taken = all.first().and_then(|own| own.taken.clone());
    let arch = all.first_mut().and_then(|own| own.os.take()).and_then(|os| os.arch);
    for it in &mut all {
        it.host = Some(name.clone().unwrap_or_else(|| "\u{0}".into()));
        it.taken = None;
    }
    let mut found = merge(all);
    for it in &mut found {
        it.host = name.clone();
        it.taken = taken.clone();
        if let Some(os) = &mut it.os {
            os.arch = os.arch.take().or_else(|| arch.clone());
        }
        super::place(it);
    }
    Ok((Kind::Canh, found))
}

fn host(line: &str, it: &mut Inventory) {
    let Some((key, value)) = line.split_once('=') else { return };
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    match key {
        "name" => it.host = Some(value.to_owned()),
        "taken" => it.taken = Some(value.to_owned()),
        "uuid" => it.uuid = Some(value.to_owned()),
        "serial" => it.serial = Some(value.to_owned()),
        "address" => {
            it.addresses.insert(value.split('%').next().unwrap_or(value).to_owned());
        }
        // Held here until the system's own section is known.
        "arch" => it.os.get_or_insert_default().arch = Some(value.to_owned()),
        _ => {}
    }
}

fn one(section: &str, line: &str, it: &mut Inventory) -> Option<()> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let cell = |n: usize| cells.get(n).copied().filter(|c| !c.is_empty());
    let owned = |n: usize| cell(n).map(str::to_owned);
    match section {
        "dpkg" => {
            if !cell(0)?.starts_with("ii") && !cell(0)?.starts_with("hi") {
                // Removed with its settings left behind: not installed.
                return Some(());
            }
            let version = owned(2)?;
            let source_version = owned(5).filter(|v| *v != version);
            it.packages.push(Package {
                ecosystem: Some(UNNAMED_DPKG.into()),
                name: owned(1)?,
                version,
                epoch_known: true,
                arch: owned(3),
                source: owned(4),
                source_version,
                ..Package::default()
            });
        }
        "rpm" => it.packages.push(Package {
            ecosystem: Some(UNNAMED_RPM.into()),
            name: owned(0)?,
            version: owned(1)?,
            epoch_known: true,
            arch: owned(2),
            ..Package::default()
        }),
        "apk" => {
            // `musl-1.2.4-r2`: the version is what stands behind the last but one hyphen.
            let (rest, release) = line.trim().rsplit_once('-')?;
            let (name, version) = rest.rsplit_once('-')?;
            it.packages.push(Package {
                ecosystem: Some("Alpine".into()),
                name: name.to_owned(),
                version: format!("{version}-{release}"),
                epoch_known: true,
                ..Package::default()
            });
        }
        "jars" => jar(&cells, it)?,
        "ports" => {
            let (address, port) = cell(1)?.rsplit_once(':')?;
            let address = address.trim_matches(['[', ']']).split('%').next().unwrap_or_default();
            let service = Service {
                port: port.parse().ok()?,
                protocol: if cell(0)?.starts_with("udp") { "udp".into() } else { "tcp".into() },
                address: Some(address.to_owned()).filter(|a| !a.is_empty()),
                ..Service::default()
            };
            if !it.services.contains(&service) {
                it.services.push(service);
            }
        }
        _ => {
            let told = |n: usize| cell(n).map(|c| c == "yes");
            let (on, current) = (told(1), told(2));
            it.protection.push(Protection { name: owned(0)?, on, current, definitions: owned(3) });
        }
    }
    Some(())
}

/// `sha256 · group:artifact:version,… · inner.jar,… · path`: what an archive says it is, and what lies in it.
fn jar(cells: &[&str], it: &mut Inventory) -> Option<()> {
    let [hash, told, inner, path] = cells else { return None };
    let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let before = it.packages.len();
    let all = told.split(',').filter_map(|t| {
        let mut parts = t.split(':');
        Some((parts.next()?, parts.next()?, parts.next()?))
    });
    for (group, artifact, version) in all.filter(|(g, a, v)| !(g.is_empty() || a.is_empty() || v.is_empty()))
    {
        it.packages.push(Package {
            ecosystem: Some(ECOSYSTEM_JAR.into()),
            name: format!("{group}:{artifact}"),
            version: version.to_owned(),
            epoch_known: true,
            path: some(path),
            hash: some(hash),
            ..Package::default()
        });
    }
    if it.packages.len() == before {
        it.packages.push(by_file(path, some(hash)));
    }
    for inner in inner.split(',').filter(|i| !i.is_empty()) {
        it.packages.push(by_file(&format!("{path}!{inner}"), None));
    }
    Some(())
}

/// An archive that does not say what it is: known by its file's name, which no ecosystem vouches for.
pub(crate) fn by_file(path: &str, hash: Option<String>) -> Package {
    let file = path.rsplit(['/', '\\', '!']).next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let cut = stem
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| stem.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    let (name, version) =
        cut.and_then(|at| Some((stem.get(..at)?, stem.get(at + 1..)?))).unwrap_or((stem, ""));
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        epoch_known: true,
        path: Some(path.to_owned()),
        hash,
        ..Package::default()
    }
}
