//! What a letter's page tells besides the letter: how it came, how it was read, who signed it, what came with it.

use std::collections::BTreeSet;

use domain::id::{Id, kind};
use serde_json::{Value, json};
use store::{Sql, intake};

use super::signed::{self, Signings};
use crate::{AppError, Page, Visit};

/// Name of the fact that doubtful words of a scan light up as.
const DOUBT: &str = "scan-low";
/// The pointer it has among the spans.
const DOUBT_POINTER: &str = "/scan-low";

/// What stands above a letter's facts.
#[derive(Default)]
pub(crate) struct Beside {
    /// How it came: name and value.
    pub origin: Vec<(String, String)>,
    /// How it was read from pictures; empty if it was not.
    pub scan: String,
    /// Whether that asks for a look.
    pub scan_warn: bool,
    /// The file's digital signatures; none if it carries none.
    pub signed: Option<Signings>,
    /// Files put to it: address, name, size.
    pub files: Vec<(String, String, String)>,
    /// As records keep it.
    pub raw: intake::Origin,
}

/// Loads it.
pub(crate) async fn beside(
    v: &Visit,
    p: &Page,
    sql: &mut Sql,
    letter: Id<kind::Letter>,
) -> Result<Beside, AppError> {
    let raw = intake::origin(sql, v.scope(), letter).await?;
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let names = ["from", "subject", "date", "message_id", "file"];
    let origin = names
        .into_iter()
        .map(|key| {
            let value = text(&raw.origin, key);
            let at = value.parse::<jiff::Timestamp>().ok().filter(|_| key == "date");
            (v.t(&format!("intake-origin-{}", key.replace('_', "-"))), at.map_or(value, |at| p.time(&at)))
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let number = |key: &str| raw.scan.get(key).and_then(Value::as_u64).unwrap_or_default();
    let low = raw.scan.get("low").and_then(Value::as_array).map_or(0, Vec::len);
    let (scan, scan_warn) = match raw.scan.get("unread").and_then(Value::as_str) {
        _ if raw.scan.is_null() => (String::new(), false),
        Some(_) if raw.scan.get("mended").is_some() => (p.t("intake-scan-typed"), false),
        Some(why) => (p.t(&format!("intake-scan-{why}")), true),
        None if raw.scan.get("mended").is_some() => (p.t("intake-scan-mended"), false),
        None => {
            let pages = number("pages").to_string();
            let mut said = Vec::new();
            if pages != "0" {
                said.push(p.t2(
                    "intake-scan",
                    "pages",
                    pages,
                    "confidence",
                    number("confidence").to_string(),
                ));
            }
            if low > 0 {
                said.push(p.t1("intake-scan-low", "words", low));
            }
            let missed: Vec<String> = raw
                .scan
                .get("missed")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect();
            if !missed.is_empty() {
                said.push(p.t1("intake-scan-missed", "pages", missed.join(", ")));
            }
            (said.join(" "), low > 0 || !missed.is_empty())
        }
    };
    let files = intake::attachments(sql, v.scope(), letter).await?;
    let files = files.into_iter().map(|f| (format!("/files/{}", f.sha256), f.name, size(f.len))).collect();
    Ok(Beside { origin, scan, scan_warn, signed: signed::told(v, p, &raw.signatures), files, raw })
}

/// `1,2 MB`, `34 KB`.
fn size(len: i64) -> String {
    let kilobytes = (len + 1023) / 1024;
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{},{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024)
    }
}

/// The letter's spans with the doubtful words of a scan among them, and whether there are any.
pub(crate) fn with_doubts(spans: &mut Value, beside: &Beside, warns: &mut BTreeSet<String>) {
    let low = beside.raw.scan.get("low").and_then(Value::as_array).filter(|low| !low.is_empty());
    let Some(low) = low else { return };
    if spans.is_null() {
        *spans = json!({});
    }
    if let Some(spans) = spans.as_object_mut() {
        spans.insert(DOUBT_POINTER.to_owned(), json!({ "ranges": low }));
        warns.insert(DOUBT.to_owned());
    }
}

/// Which fact a pointer lights up as, if it is ours.
pub(crate) fn doubt(pointer: &str) -> Option<String> {
    (pointer == DOUBT_POINTER).then(|| DOUBT.to_owned())
}
