//! What each kind of document must have (6.1.26, 6.1.27).

use serde_json::Value;

use super::{
    Faults, flaws,
    tree::{Tree, of_states},
};
use crate::inventory::{list, text};

const INCIDENT: &str = "csaf_security_incident_response";
const INFORMATIONAL: &str = "csaf_informational_advisory";
const ADVISORY: &str = "csaf_security_advisory";
const VEX: &str = "csaf_vex";
const PROFILES: &[&str] = &[INCIDENT, INFORMATIONAL, ADVISORY, VEX];

pub fn check(value: &Value, faults: &mut Faults) {
    let Some(document) = value.get("document") else { return };
    let category = text(document, "category").unwrap_or_default();
    if !PROFILES.contains(&category) {
        base(category, faults);
        return;
    }
    let advises = category == ADVISORY || category == VEX;
    if !advises {
        let told = ["description", "details", "general", "summary"];
        let notes = list(document, "notes").iter().filter_map(|note| text(note, "category"));
        if !notes.into_iter().any(|category| told.contains(&category)) {
            faults.add("6.1.27.1", "/document/notes");
        }
        let outside = |item: &Value| text(item, "category").unwrap_or("external") == "external";
        if !list(document, "references").iter().any(outside) {
            faults.add("6.1.27.2", "/document/references");
        }
    }
    if category == INFORMATIONAL && value.get("vulnerabilities").is_some() {
        faults.add("6.1.27.3", "/vulnerabilities");
    }
    if advises {
        if value.get("product_tree").is_none() {
            faults.add("6.1.27.4", "/product_tree");
        }
        if value.get("vulnerabilities").is_none() {
            faults.add("6.1.27.11", "/vulnerabilities");
        }
        for (at, flaw) in flaws(value) {
            if flaw.get("notes").is_none() {
                faults.add("6.1.27.5", at.as_str());
            }
            if category == ADVISORY && flaw.get("product_status").is_none() {
                faults.add("6.1.27.6", at);
            }
        }
    }
    if category == VEX {
        vex(value, faults);
    }
}

/// A name of one's own may not look like a profile's.
fn base(category: &str, faults: &mut Faults) {
    let plain = |text: &str| -> String {
        text.to_lowercase()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '–' | '—' | '‐' | '‑'))
            .collect()
    };
    let own = plain(category);
    let names = PROFILES.iter().flat_map(|p| [plain(p), plain(p.trim_start_matches("csaf_"))]);
    let reserved = category.to_lowercase().starts_with("csaf_") && category != "csaf_base";
    if reserved || names.into_iter().any(|name| name == own) {
        faults.add("6.1.26", "/document/category");
    }
}

fn vex(value: &Value, faults: &mut Faults) {
    let tree = Tree::of(value);
    for (at, flaw) in flaws(value) {
        let states = ["fixed", "known_affected", "known_not_affected", "under_investigation"];
        if of_states(flaw, &states).is_empty() {
            faults.add("6.1.27.7", at.as_str());
        }
        if flaw.get("cve").is_none() && flaw.get("ids").is_none() {
            faults.add("6.1.27.8", at.as_str());
        }
        let impacts =
            list(flaw, "threats").iter().filter(|threat| text(threat, "category") == Some("impact"));
        let said: std::collections::BTreeSet<&str> =
            list(flaw, "flags").iter().chain(impacts).flat_map(|item| tree.meant(item)).collect();
        if of_states(flaw, &["known_not_affected"]).iter().any(|id| !said.contains(id)) {
            faults.add("6.1.27.9", at.as_str());
        }
        let mended: std::collections::BTreeSet<&str> =
            list(flaw, "remediations").iter().flat_map(|item| tree.meant(item)).collect();
        if of_states(flaw, &["known_affected"]).iter().any(|id| !mended.contains(id)) {
            faults.add("6.1.27.10", at);
        }
    }
}
