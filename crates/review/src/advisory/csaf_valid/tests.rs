use serde_json::{Value, json};

use super::*;

fn sound() -> Value {
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "lang": "en", "title": "Thử",
            "distribution": {"tlp": {"label": "WHITE"}},
            "publisher": {"category": "vendor", "name": "Công ty Giả Định", "namespace": "https://gia-dinh.example.net"},
            "references": [{"category": "self", "summary": "đây", "url": "https://gia-dinh.example.net/thu-1.json"}],
            "tracking": {"id": "THU-1", "status": "final", "version": "2",
                "initial_release_date": "2099-01-02T00:00:00Z", "current_release_date": "2099-01-03T00:00:00Z",
                "revision_history": [
                    {"date": "2099-01-01T00:00:00Z", "number": "1", "summary": "đầu"},
                    {"date": "2099-01-02T00:00:00Z", "number": "2", "summary": "sau"}]}
        },
        "product_tree": {"branches": [{"category": "vendor", "name": "Giả Định", "branches": [
            {"category": "product_name", "name": "Cổng", "branches": [
                {"category": "product_version", "name": "1.0", "product": {"name": "Cổng 1.0", "product_id": "A",
                    "product_identification_helper": {"purl": "pkg:generic/cong@1.0"}}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2099-0001", "cwe": {"id": "CWE-79", "name":
                "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
            "notes": [{"category": "general", "text": "x"}],
            "product_status": {"known_affected": ["A"]},
            "remediations": [{"category": "none_available", "details": "chưa có", "product_ids": ["A"]}],
            "scores": [{"products": ["A"], "cvss_v3": {"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}]
    })
}

fn tests(value: &Value) -> Vec<&'static str> {
    let mut all: Vec<&str> = validate(&value.to_string(), value).into_iter().map(|f| f.test).collect();
    all.dedup();
    all
}

#[test]
fn a_sound_document_fails_nothing() {
    assert_eq!(tests(&sound()), Vec::<&str>::new());
}

#[test]
fn each_fault_is_told_by_its_test() {
    let cases: &[(&str, Value, &[&str])] = &[
        ("/document/title", Value::Null, &["schema"]),
        ("/document/csaf_version", json!("2.1"), &["schema"]),
        ("/document/lang", json!("EZ"), &["6.1.12", "6.3.8"]),
        ("/document/lang", json!("qtx"), &["6.2.14", "6.3.8"]),
        ("/document/tracking/version", json!("1"), &["6.1.16"]),
        ("/document/tracking/version", json!("2.0.0"), &["6.1.16", "6.1.30"]),
        ("/document/tracking/revision_history/0/number", json!("2"), &["6.1.21", "6.1.22"]),
        ("/document/tracking/initial_release_date", json!("2098-01-01T00:00:00Z"), &["6.2.5"]),
        ("/vulnerabilities/0/product_status/known_affected/0", json!("B"), &["6.1.1", "6.2.2", "6.2.3"]),
        ("/vulnerabilities/0/product_status/fixed", json!(["A"]), &["6.1.6", "6.2.19"]),
        ("/vulnerabilities/0/cwe/name", json!("Use After Free"), &["6.1.11"]),
        ("/vulnerabilities/0/notes", Value::Null, &["6.1.27.5", "schema"]),
        ("/vulnerabilities/0/scores/0/cvss_v3/baseScore", json!(9.9), &["6.1.9"]),
        ("/vulnerabilities/0/scores/0/cvss_v3/attackVector", json!("LOCAL"), &["6.1.10"]),
        ("/vulnerabilities/0/scores/0/cvss_v3/vectorString", json!("CVSS:3.1/AV:N"), &["6.1.8"]),
        ("/product_tree/x", json!("y"), &["6.2.20"]),
        ("/document/publisher/namespace", json!("https://gia-dinh.invalid"), &["6.3.6"]),
        ("/document/references/0/url", json!("https://10.1.2.3/thu-1.json"), &["6.3.7"]),
        ("/vulnerabilities/0/notes/0/text", json!("A vulnerabilty."), &["6.3.8"]),
    ];
    for (at, new, expected) in cases {
        let mut value = sound();
        let (parent, key) = at.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = new.clone(),
            Value::Object(map) if new.is_null() => drop(map.remove(key)),
            Value::Object(map) => drop(map.insert(key.to_owned(), new.clone())),
            _ => unreachable!(),
        }
        let mut found = tests(&value);
        found.retain(|test| *test != "schema" || expected.contains(&"schema"));
        let expected: Vec<&str> =
            expected.iter().copied().filter(|t| *t != "schema" || found.contains(t)).collect();
        let mut sorted = (found.clone(), expected.clone());
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        assert_eq!(sorted.0, sorted.1, "{at}");
        assert!(!found.is_empty(), "{at}");
    }
}

#[test]
fn scores_are_computed_as_the_standards_examples() {
    for (vector, version, score) in [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.1", 6.1),
        ("CVSS:3.0/AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H", "3.0", 6.5),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0),
    ] {
        let mut value = sound();
        let cvss = value.pointer_mut("/vulnerabilities/0/scores/0/cvss_v3").unwrap();
        *cvss = json!({"version": version, "vectorString": vector, "baseScore": score, "baseSeverity": match score {
            10.0 => "CRITICAL", 0.0 => "NONE", _ => "MEDIUM" }});
        assert!(!tests(&value).contains(&"6.1.9"), "{vector}");
    }
    let mut value = sound();
    let score = value.pointer_mut("/vulnerabilities/0/scores/0").unwrap();
    *score = json!({"products": ["A"], "cvss_v2": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C",
        "baseScore": 10.0, "temporalScore": 8.3}});
    assert_eq!(tests(&value), ["6.3.1"]);
}

#[test]
fn a_circle_of_any_length_is_found_and_hostile_trees_end() {
    let mut value = sound();
    let relation = |own: &str, part: &str| {
        json!({"category": "installed_on", "product_reference": part, "relates_to_product_reference": "A",
            "full_product_name": {"name": own, "product_id": own}})
    };
    value["product_tree"]["relationships"] =
        json!([relation("C", "D"), relation("D", "E"), relation("E", "C")]);
    assert!(tests(&value).contains(&"6.1.3"));
    // As deep as JSON is read.
    let (open, close) = (r#"{"category":"vendor","name":"x","branches":["#.repeat(60), "]}".repeat(60));
    let deep = format!(r#"{{"branches":[{open}{{"category":"vendor","name":"x"}}{close}]}}"#);
    value["product_tree"] = serde_json::from_str(&deep).unwrap();
    assert!(tests(&value).contains(&"schema"));
}
