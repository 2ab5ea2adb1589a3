//! SPDX 2.x, JSON.

use domain::inventory::{Inventory, Package};

use super::{ITEMS, Notes, Refused, Why, by_purl, json};
use json::{list, text};

pub fn read(source: &str, notes: &mut Notes) -> Result<Inventory, Refused> {
    let mut it = Inventory::default();
    json::walk(source, &|key| matches!(key, "packages" | "name" | "creationInfo"), &mut |key, at, value| {
        match key {
            "name" => it.host = value.as_str().map(str::to_owned),
            "creationInfo" => it.taken = text(&value, "created").map(str::to_owned),
            _ => {
                if it.packages.len() >= ITEMS {
                    return notes.add(Some(at), text(&value, "name").unwrap_or_default(), Why::TooMany);
                }
                let references = list(&value, "externalRefs").iter();
                let mut purls = references.filter(|r| text(r, "referenceType") == Some("purl"));
                let found = purls.find_map(|r| by_purl(text(r, "referenceLocator")?, at, notes));
                let mut package = match (found, text(&value, "name")) {
                    (Some(package), _) => package,
                    (None, Some(name)) => {
                        Package { name: name.to_owned(), epoch_known: true, ..Package::default() }
                    }
                    (None, None) => return notes.add(Some(at), "", Why::NoName),
                };
                let version = text(&value, "versionInfo").filter(|v| !matches!(*v, "NOASSERTION" | "NONE"));
                if package.version.is_empty() {
                    package.version = version.unwrap_or_default().to_owned();
                }
                if package.version.is_empty() {
                    notes.add(Some(at), &package.name, Why::NoVersion);
                }
                let sums = list(&value, "checksums").iter();
                let mut sums = sums.filter(|c| text(c, "algorithm") == Some("SHA256"));
                package.hash = sums.find_map(|c| text(c, "checksumValue")).map(str::to_lowercase);
                it.packages.push(package);
            }
        }
    })?;
    Ok(it)
}
