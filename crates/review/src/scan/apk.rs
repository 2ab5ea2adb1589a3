//! `/lib/apk/db/installed`: blocks of lines, each led by a letter.

use domain::inventory::Package;

use super::{owned::Owned, package};
use crate::inventory::{ITEMS, Notes, Why};

pub fn read(text: &str, notes: &mut Notes, owned: &mut Owned) -> Vec<Package> {
    let mut found = Vec::new();
    let mut at = 0;
    for block in text.split("\n\n") {
        let first = at + 1;
        at += block.lines().count() + 1;
        let field = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
        let (name, version) = (field("P:"), field("V:"));
        let mut folder = "";
        for line in block.lines() {
            if let Some(path) = line.strip_prefix("F:") {
                folder = path;
            } else if let Some(file) = line.strip_prefix("R:") {
                // apk knows packages of its distribution only, or of whoever builds as it does.
                owned.add(format!("/{folder}/{file}"));
            }
        }
        let (Some(name), Some(version)) = (name, version) else {
            if !block.trim().is_empty() {
                notes.add(Some(first), block.lines().next().unwrap_or_default(), Why::NoVersion);
            }
            continue;
        };
        if found.len() >= ITEMS {
            notes.add(Some(first), name, Why::TooMany);
            break;
        }
        let source = field("o:").filter(|o| !o.is_empty()).map(str::to_owned);
        let arch = field("A:").map(str::to_owned);
        found.push(Package { source, arch, ..package("Alpine", name, version) });
    }
    found
}
