//! CycloneDX 1.2–1.7, JSON. Components within components keep the way to them: a jar in a jar.

use domain::inventory::{Family, Inventory, Os, Package};
use serde_json::Value;

use super::{ITEMS, Notes, Refused, Why, by_purl, json};
use json::{list, text};

/// Deepest nesting of components that is followed.
const DEEPEST: usize = 32;

pub fn read(source: &str, notes: &mut Notes) -> Result<Inventory, Refused> {
    let mut it = Inventory::default();
    json::walk(source, &|key| matches!(key, "components" | "metadata"), &mut |key, at, value| match key {
        "components" => component(&value, at, "", 0, &mut it, notes),
        "metadata" => {
            it.taken = text(&value, "timestamp").map(str::to_owned);
            if let Some(subject) = value.get("component") {
                it.host = text(subject, "name").map(str::to_owned);
                // An application's own coordinates are software too.
                if text(subject, "purl").is_some() {
                    component(subject, at, "", 0, &mut it, notes);
                }
            }
        }
        _ => {}
    })?;
    Ok(it)
}

fn component(value: &Value, at: usize, within: &str, depth: usize, it: &mut Inventory, notes: &mut Notes) {
    if it.packages.len() >= ITEMS || depth > DEEPEST {
        return notes.add(Some(at), text(value, "name").unwrap_or_default(), Why::TooMany);
    }
    let own = text(value, "name").unwrap_or_default();
    match text(value, "type") {
        Some("operating-system") => it.os = Some(system(value)),
        // Files are parts of what is listed beside them.
        Some("file") if text(value, "purl").is_none() => {}
        _ => package(value, own, at, within, it, notes),
    }
    let path = if within.is_empty() { own.to_owned() } else { format!("{within}!{own}") };
    for inner in list(value, "components") {
        component(inner, at, &path, depth + 1, it, notes);
    }
}

fn package(value: &Value, own: &str, at: usize, within: &str, it: &mut Inventory, notes: &mut Notes) {
    let version = text(value, "version");
    let mut package = match text(value, "purl").and_then(|purl| by_purl(purl, at, notes)) {
        Some(package) => package,
        None if own.is_empty() => return notes.add(Some(at), "", Why::NoName),
        None => Package { name: joined(value, own), epoch_known: true, ..Package::default() },
    };
    if package.version.is_empty() {
        package.version = version.unwrap_or_default().to_owned();
    }
    if package.version.is_empty() {
        notes.add(Some(at), &package.name, Why::NoVersion);
    }
    package.hash = hash(value);
    package.path = location(value).or_else(|| (!within.is_empty()).then(|| within.to_owned()));
    it.packages.push(package);
}

fn joined(value: &Value, own: &str) -> String {
    text(value, "group").map_or(own.to_owned(), |group| format!("{group}:{own}"))
}

fn hash(value: &Value) -> Option<String> {
    let of = |name: &str| list(value, "hashes").iter().find(|h| text(h, "alg") == Some(name));
    of("SHA-256").or_else(|| of("SHA-1")).and_then(|h| text(h, "content")).map(str::to_lowercase)
}

/// Where a tool says it found the component.
fn location(value: &Value) -> Option<String> {
    let properties = list(value, "properties").iter();
    let mut named = properties
        .filter(|p| text(p, "name").is_some_and(|n| n.ends_with(":path") || n.ends_with(":FilePath")));
    let evidence = value.get("evidence").map(|e| list(e, "occurrences")).and_then(|o| o.first());
    named.find_map(|p| text(p, "value")).or_else(|| text(evidence?, "location")).map(str::to_owned)
}

fn system(value: &Value) -> Os {
    let name = text(value, "name").unwrap_or_default();
    let version = text(value, "version").map(str::to_owned);
    let windows = name.to_lowercase().contains("windows");
    let built = version.as_deref().and_then(domain::inventory::build_of_caption).filter(|_| windows);
    Os {
        family: if windows { Family::Windows } else { Family::Linux },
        name: text(value, "description").unwrap_or(name).to_owned(),
        edition: (!windows).then(|| name.to_lowercase()),
        build: built.as_ref().map(|(build, _)| build.clone()),
        ubr: built.and_then(|(_, ubr)| ubr),
        version,
        ..Os::default()
    }
}
