//! Languages and weaknesses (6.1.11, 6.1.12, 6.1.15, 6.1.28, 6.2.14, 6.2.15).

use serde_json::Value;

use super::{Faults, flaws};
use crate::inventory::text;

/// Languages by their two letters (ISO 639-1).
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";
/// What the most common weaknesses are called in MITRE's list.
const WEAKNESSES: &[(&str, &str)] = &[
    ("CWE-20", "Improper Input Validation"),
    ("CWE-22", "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')"),
    ("CWE-77", "Improper Neutralization of Special Elements used in a Command ('Command Injection')"),
    ("CWE-78", "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')"),
    ("CWE-79", "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"),
    ("CWE-89", "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')"),
    ("CWE-94", "Improper Control of Generation of Code ('Code Injection')"),
    ("CWE-119", "Improper Restriction of Operations within the Bounds of a Memory Buffer"),
    ("CWE-125", "Out-of-bounds Read"),
    ("CWE-190", "Integer Overflow or Wraparound"),
    ("CWE-269", "Improper Privilege Management"),
    ("CWE-276", "Incorrect Default Permissions"),
    ("CWE-287", "Improper Authentication"),
    ("CWE-306", "Missing Authentication for Critical Function"),
    ("CWE-352", "Cross-Site Request Forgery (CSRF)"),
    (
        "CWE-362",
        "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')",
    ),
    ("CWE-416", "Use After Free"),
    ("CWE-434", "Unrestricted Upload of File with Dangerous Type"),
    ("CWE-476", "NULL Pointer Dereference"),
    ("CWE-502", "Deserialization of Untrusted Data"),
    ("CWE-611", "Improper Restriction of XML External Entity Reference"),
    ("CWE-787", "Out-of-bounds Write"),
    ("CWE-798", "Use of Hard-coded Credentials"),
    ("CWE-862", "Missing Authorization"),
    ("CWE-863", "Incorrect Authorization"),
    ("CWE-918", "Server-Side Request Forgery (SSRF)"),
];

pub fn check(value: &Value, faults: &mut Faults) {
    let document = value.get("document").unwrap_or(&Value::Null);
    let (lang, source) = (text(document, "lang"), text(document, "source_lang"));
    for (tag, at) in [(lang, "/document/lang"), (source, "/document/source_lang")] {
        let Some(tag) = tag else { continue };
        if !exists(tag) {
            faults.add("6.1.12", at);
        }
        if is_private(tag) {
            faults.add("6.2.14", at);
        }
        if tag.eq_ignore_ascii_case("i-default") {
            faults.add("6.2.15", at);
        }
    }
    let translated = document.pointer("/publisher/category").and_then(Value::as_str) == Some("translator");
    if translated && source.is_none() {
        faults.add("6.1.15", "/document/source_lang");
    }
    if let (Some(lang), Some(source)) = (lang, source)
        && lang.eq_ignore_ascii_case(source)
    {
        faults.add("6.1.28", "/document/source_lang");
    }
    for (at, flaw) in flaws(value) {
        let Some(cwe) = flaw.get("cwe") else { continue };
        let (id, name) = (text(cwe, "id").unwrap_or_default(), text(cwe, "name").unwrap_or_default());
        let number = id.strip_prefix("CWE-").unwrap_or_default();
        let formed = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let known = WEAKNESSES.iter().find(|(known, _)| *known == id);
        if !formed || number.starts_with('0') || known.is_some_and(|(_, own)| *own != name) {
            faults.add("6.1.11", at);
        }
    }
}

/// A language by two letters of the list, three of any, or an old tag of the register.
fn exists(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    let letters = first.bytes().all(|b| b.is_ascii_lowercase());
    let language = match first.len() {
        1 => matches!(first.as_str(), "i" | "x") && tag.len() > 2,
        2 => LANGUAGES.split(' ').any(|known| known == first),
        3..=8 => letters,
        _ => false,
    };
    language
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Parts kept for private use: `qaa`–`qtz`, `Qaaa`–`Qabx`, `AA`, `QM`–`QZ`, `XA`–`XZ`, `ZZ`, and what follows an `x`.
fn is_private(tag: &str) -> bool {
    let lower = tag.to_ascii_lowercase();
    let mut parts = lower.split('-');
    let first = parts.next().unwrap_or_default();
    let language = first.len() == 3 && ("qaa"..="qtz").contains(&first) || first == "x";
    language
        || parts.any(|part| match part.len() {
            1 => part == "x",
            2 => part == "aa" || part == "zz" || part.starts_with('x') || ("qm"..="qz").contains(&part),
            4 => ("qaaa"..="qabx").contains(&part),
            _ => false,
        })
}
