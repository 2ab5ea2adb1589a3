//! Libraries of Python, Node and PHP, as their own tools write them down.

use domain::inventory::Package;
use serde_json::Value;

use super::package;
use crate::inventory::{ITEMS, Notes, Why, decode, list, text};

/// Deepest nesting of an old lock file that is followed.
const DEEPEST: usize = 64;

/// `METADATA`, `PKG-INFO`: headers as in mail, then the description.
pub fn python(path: &str, bytes: &[u8], notes: &mut Notes) -> Vec<Package> {
    let (text, _) = decode(bytes.get(..bytes.len().min(1 << 20)).unwrap_or_default());
    let field = |name: &str| {
        let mut head = text.lines().take_while(|l| !l.trim().is_empty());
        head.find_map(|l| l.strip_prefix(name)).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned)
    };
    let (Some(name), Some(version)) = (field("Name:"), field("Version:")) else {
        notes.add(None, path, Why::NoVersion);
        return Vec::new();
    };
    vec![package("PyPI", &normal(&name), &version)]
}

/// PyPI takes `Zope.Interface`, `zope_interface` and `zope-interface` for one.
fn normal(name: &str) -> String {
    let words: Vec<String> =
        name.split(['-', '_', '.']).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    words.join("-")
}

/// The `package.json` of an installed package.
pub fn node(bytes: &[u8]) -> Vec<Package> {
    let (content, _) = decode(bytes);
    // Folders within a package hold such files without name or version: settings, not packages.
    let Ok(value) = serde_json::from_str::<Value>(&content) else { return Vec::new() };
    match (text(&value, "name"), text(&value, "version")) {
        (Some(name), Some(version)) => vec![package("npm", name, version)],
        _ => Vec::new(),
    }
}

/// `package-lock.json` of all three versions.
pub fn node_lock(path: &str, bytes: &[u8], notes: &mut Notes) -> Vec<Package> {
    let Some(value) = json(path, bytes, notes) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(all) = value.get("packages").and_then(Value::as_object) {
        for (place, it) in all.iter().filter(|(place, _)| !place.is_empty()).take(ITEMS) {
            let name = text(it, "name").or_else(|| place.rsplit("node_modules/").next()).unwrap_or_default();
            // A link is a folder of the application's own, and without a version.
            if let Some(version) = text(it, "version") {
                found.push(package("npm", name, version));
            }
        }
    } else {
        dependencies(&value, 0, &mut found);
    }
    found
}

fn dependencies(value: &Value, depth: usize, found: &mut Vec<Package>) {
    for (name, it) in value.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        if found.len() >= ITEMS || depth > DEEPEST {
            return;
        }
        if let Some(version) = text(it, "version").filter(|v| v.starts_with(|c: char| c.is_ascii_digit())) {
            found.push(package("npm", name, version));
        }
        dependencies(it, depth + 1, found);
    }
}

/// `installed.json` of both versions, and `composer.lock`.
pub fn composer(path: &str, bytes: &[u8], notes: &mut Notes) -> Vec<Package> {
    let Some(value) = json(path, bytes, notes) else { return Vec::new() };
    let bare = value.as_array().map_or(&[][..], Vec::as_slice);
    let all = [bare, list(&value, "packages"), list(&value, "packages-dev")];
    let all = all.into_iter().flatten().take(ITEMS);
    all.filter_map(|it| Some(package("Packagist", &text(it, "name")?.to_lowercase(), text(it, "version")?)))
        .collect()
}

fn json(path: &str, bytes: &[u8], notes: &mut Notes) -> Option<Value> {
    let (text, _) = decode(bytes);
    let read = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
    if read.is_none() {
        notes.add(None, path, Why::Form);
    }
    read
}
