//! STIX 2.1 bundles: indicators whose patterns name values, and the values themselves.

use domain::request::filter::Why;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Taker, Unreadable, pattern};

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    pattern: String,
    #[serde(default)]
    pattern_type: String,
    #[serde(default)]
    valid_until: Option<Timestamp>,
    #[serde(default)]
    revoked: bool,
}

/// Whether it is one, by its head: a bundle says so among its first members.
pub(super) fn is_bundle(head: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type", default)]
        kind: String,
    }
    serde_json::from_str::<Kind>(head).is_ok_and(|k| k.kind == "bundle")
}

pub(super) fn read(text: &str, taker: &mut Taker<'_>) -> Result<(), Unreadable> {
    let bundle: Bundle = serde_json::from_str(text).map_err(|e| Unreadable(e.to_string()))?;
    for (n, object) in bundle.objects.iter().enumerate() {
        if object.kind != "indicator" {
            continue;
        }
        let other = !matches!(object.pattern_type.as_str(), "" | "stix");
        if object.revoked || other {
            taker.report.passed += 1;
            continue;
        }
        match pattern::values(&object.pattern) {
            Ok(found) if found.is_empty() => taker.report.passed += 1,
            Ok(found) => found.iter().for_each(|v| taker.take(n + 1, v, object.valid_until)),
            Err(()) => taker.fault(n + 1, &object.pattern, Why::Unreadable),
        }
    }
    Ok(())
}
