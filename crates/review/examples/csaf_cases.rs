//! How many of the test cases of CSAF's validator are told as they should be: `cargo run --example csaf_cases -- DIR`, DIR
//! being the folder with `testcases.json`.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing)]

use std::{fs, path::Path};

use review::advisory::csaf_valid::validate;
use serde_json::Value;

fn main() {
    let dir = std::env::args().nth(1).expect("a folder of test cases");
    let read = |name: &str| fs::read_to_string(Path::new(&dir).join(name)).expect("a file of text");
    let cases: Value = serde_json::from_str(&read("testcases.json")).expect("JSON");
    let (mut refused, mut accepted, mut faulty, mut sound) = (0, 0, 0, 0);
    for test in cases["tests"].as_array().into_iter().flatten() {
        let id = test["id"].as_str().unwrap_or_default();
        let fails = |case: &Value| {
            let text = read(case["name"].as_str().unwrap_or_default());
            let value = serde_json::from_str(&text).expect("JSON");
            let all = validate(&text, &value);
            (all.iter().any(|f| f.test == id), all.iter().map(|f| f.test).collect::<Vec<_>>())
        };
        for case in test["failures"].as_array().into_iter().flatten() {
            let (found, all) = fails(case);
            faulty += 1;
            refused += usize::from(found);
            if !found {
                println!("{id} missed: {} (found {all:?})", case["name"]);
            }
        }
        for case in test["valid"].as_array().into_iter().flatten() {
            let (found, all) = fails(case);
            let errors = all.iter().any(|t| !t.starts_with("6.2") && !t.starts_with("6.3"));
            sound += 1;
            accepted += usize::from(!found && !errors);
            if found || errors {
                println!("{id} wrongly: {} (found {all:?})", case["name"]);
            }
        }
    }
    println!("{refused} of {faulty} faults found, {accepted} of {sound} sound documents accepted");
}
