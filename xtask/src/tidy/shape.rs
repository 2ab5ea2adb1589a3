//! The shape of the sources: files one can read in one sitting, and one integration-test binary a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, tree::File};

/// Lines of a Rust file past which tidy warns, and past which it fails.
const LINES_MANY: usize = 400;
const LINES_MAX: usize = 500;

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = long_files(files);
    findings.extend(test_binaries(files));
    findings
}

fn long_files(files: &[File]) -> Vec<Finding> {
    let advice = "look for the second idea in it and give that a file of its own";
    let rust = files.iter().filter(|file| file.path.ends_with(".rs"));
    rust.filter_map(|file| {
        let lines = file.text()?.lines().count();
        if lines > LINES_MAX {
            let what = format!("{lines} lines, at most {LINES_MAX}");
            Some(Finding::error(&file.path, lines, what, advice))
        } else if lines > LINES_MANY {
            Some(Finding::warning(&file.path, lines, format!("{lines} lines"), advice))
        } else {
            None
        }
    })
    .collect()
}

/// Cargo makes a binary of every `tests/*.rs` and of every `tests/*/main.rs`; each links the whole crate again.
fn test_binaries(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut with_tests: BTreeMap<&str, &str> = BTreeMap::new();
    let mut with_it = BTreeSet::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let Some((room, inner)) = file.path.split_once("/tests/") else { continue };
        if room.contains("/src") {
            continue;
        }
        with_tests.entry(room).or_insert(&file.path);
        let parts: Vec<&str> = inner.split('/').collect();
        match parts.as_slice() {
            ["it", "main.rs"] => {
                with_it.insert(room);
            }
            [_] | [_, "main.rs"] => findings.push(Finding::error(
                &file.path,
                0,
                "a second integration-test binary",
                format!("make it a module of {room}/tests/it/main.rs"),
            )),
            _ => {}
        }
    }
    for (room, path) in with_tests {
        if !with_it.contains(room) {
            let advice = format!("add {room}/tests/it/main.rs with a `mod` line for each file");
            findings.push(Finding::error(path, 0, "tests without their one binary do not run", advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Weight;
    use super::*;

    fn weights(lines: usize) -> Vec<Weight> {
        let file = File::of("crates/domain/src/body.rs", &"//\n".repeat(lines));
        check(&[file]).into_iter().map(|finding| finding.weight).collect()
    }

    #[test]
    fn length_is_judged_at_its_limits() {
        assert_eq!(weights(400), []);
        assert_eq!(weights(401), [Weight::Warning]);
        assert_eq!(weights(500), [Weight::Warning]);
        assert_eq!(weights(501), [Weight::Error]);
    }

    fn found(paths: &[&str]) -> Vec<String> {
        let files: Vec<File> = paths.iter().map(|path| File::of(path, "")).collect();
        check(&files).into_iter().map(|finding| format!("{}: {}", finding.file, finding.what)).collect()
    }

    #[test]
    fn one_binary_with_modules_is_fine() {
        let paths = [
            "crates/store/tests/it/main.rs",
            "crates/store/tests/it/audit.rs",
            "crates/store/tests/it/a/mod.rs",
        ];
        assert_eq!(found(&paths), [""; 0]);
        assert_eq!(found(&["crates/web/src/tests/routes.rs"]), [""; 0], "unit tests may have a folder");
    }

    #[test]
    fn a_second_binary_is_found() {
        let one = "crates/store/tests/it/main.rs";
        assert_eq!(
            found(&[one, "crates/store/tests/b.rs"]),
            ["crates/store/tests/b.rs: a second integration-test binary"]
        );
        assert_eq!(
            found(&[one, "crates/store/tests/pg/main.rs"]),
            ["crates/store/tests/pg/main.rs: a second integration-test binary"]
        );
    }

    #[test]
    fn tests_that_never_run_are_found() {
        let found = found(&["crates/store/tests/it/audit.rs"]);
        assert_eq!(found, ["crates/store/tests/it/audit.rs: tests without their one binary do not run"]);
    }
}
