//! How many of the specification's test cases hold: `cargo run --example purls -- DIR`, DIR being its `tests`.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing)]

use std::{fs, path::Path};

use review::purl::Purl;
use serde_json::Value;

fn main() {
    let dir = std::env::args().nth(1).expect("a folder of test cases");
    let (mut right, mut all) = (0, 0);
    for kind in ["spec", "types"] {
        for entry in fs::read_dir(Path::new(&dir).join(kind)).expect("the folder").flatten() {
            let text = fs::read_to_string(entry.path()).expect("a file of text");
            let cases: Value = serde_json::from_str(&text).expect("JSON");
            for case in cases["tests"].as_array().into_iter().flatten() {
                all += 1;
                let found = run(case);
                if found.as_ref() == expected(case).as_ref() {
                    right += 1;
                } else {
                    println!("{:?}: {case}\n  we say {found:?}", entry.file_name());
                }
            }
        }
    }
    println!("all: {right} of {all}");
}

fn expected(case: &Value) -> Option<Value> {
    (case["expected_failure"] != true).then(|| case["expected_output"].clone())
}

fn run(case: &Value) -> Option<Value> {
    let text = |v: &Value| v.as_str().map(str::to_owned);
    match case["test_type"].as_str()? {
        "parse" => {
            let it = Purl::parse_strictly(case["input"].as_str()?).ok()?;
            let qualifiers = it.qualifiers();
            let qualifiers = if qualifiers.is_empty() { Value::Null } else { serde_json::json!(qualifiers) };
            Some(serde_json::json!({
                "type": it.kind(), "namespace": it.namespace(), "name": it.name(), "version": it.version(),
                "qualifiers": qualifiers, "subpath": it.subpath(),
            }))
        }
        "build" => {
            let input = &case["input"];
            let pairs = input["qualifiers"].as_object().into_iter().flatten();
            let pairs: Vec<_> = pairs.filter_map(|(k, v)| Some((k.clone(), text(v)?))).collect();
            let it = Purl::build(
                &text(&input["type"]).unwrap_or_default(),
                input["namespace"].as_str(),
                &text(&input["name"]).unwrap_or_default(),
                input["version"].as_str(),
                pairs,
                input["subpath"].as_str(),
            );
            Some(Value::String(it.ok()?.to_string()))
        }
        _ => Some(Value::String(Purl::parse(case["input"].as_str()?).ok()?.to_string())),
    }
}
