//! Only our own work is tracked: nothing third-party or generated, nothing big or binary outside its folders, no trace
//! of one person's machine, no half-solved merge.

use regex::Regex;

use super::{Finding, pattern, tree::File};

const BYTES_MAX: usize = 300 * 1024;
const BINARY_FOLDERS: [&str; 2] = ["corpus/", "docs/img/"];
/// Written by tools, read by nobody, and tracked all the same because they pin what is built.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];
const FOREIGN_FOLDERS: [&str; 7] =
    ["node_modules", "dist", "target", "vendor", "vendored", "third_party", "third-party"];
const FOREIGN_ENDINGS: [&str; 7] =
    [".min.js", ".min.css", ".js.map", ".css.map", ".orig", ".rej", ".snap.new"];
/// What a generator writes on top of its output, looked for in the first lines.
const GENERATED: [&str; 2] = ["@generated", "DO NOT EDIT"];
const GENERATED_LINES: usize = 5;
const CONFLICTS: [&str; 3] = ["<<<<<<< ", "||||||| ", ">>>>>>> "];

/// Absolute paths that exist on one machine only; grouped so that no line here is itself such a path.
const MACHINE_PATHS: [&str; 5] =
    ["/(?:home)/[a-z]", "/(?:root)/", "/(?:work)/", "/(?:Users)/[A-Za-z]", r"[A-Z]:\\(?:Users)\\"];
/// Events of rules happen on invented machines, whose paths they cannot do without.
const INVENTED_EVENTS: &str = ".events.yml";

pub fn check(files: &[File]) -> Vec<Finding> {
    // Only where a path starts: `https://example.vn/home/a` and `crates/a/work/` belong to no machine.
    let machine_path = pattern(&format!(r#"(?:^|[\s"'`=(\[<>,:])({})"#, MACHINE_PATHS.join("|")));
    files
        .iter()
        .flat_map(|file| {
            let mut findings = foreign(file);
            findings.extend(heavy(file));
            findings.extend(lines(file, &machine_path));
            findings
        })
        .collect()
}

/// Third-party and generated files, told by their place, name or first lines.
fn foreign(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |line, what: String, advice: &str| {
        findings.push(Finding::error(&file.path, line, what, advice));
    };
    if let Some(folder) = file.path.split('/').rev().skip(1).find(|part| FOREIGN_FOLDERS.contains(part)) {
        found(
            0,
            format!("lies in a folder called {folder}"),
            "`git rm --cached` it; take it from its registry when building",
        );
    }
    if let Some(ending) = FOREIGN_ENDINGS.iter().find(|ending| file.path.ends_with(**ending)) {
        found(0, format!("*{ending} is written by a tool"), "`git rm --cached` it and make it when building");
    }
    if LOCK_FILES.contains(&file.name()) {
        return findings;
    }
    let text = file.text().unwrap_or_default();
    for (at, line) in text.lines().take(GENERATED_LINES).enumerate() {
        if GENERATED.iter().any(|mark| line.contains(mark)) {
            found(
                at + 1,
                "says that it is generated".into(),
                "`git rm --cached` it and generate it when building",
            );
        }
    }
    findings
}

fn heavy(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.bytes.len() > BYTES_MAX && !LOCK_FILES.contains(&file.name()) {
        let what = format!("{} KiB, at most {}", file.bytes.len() / 1024, BYTES_MAX / 1024);
        findings.push(Finding::error(&file.path, 0, what, "make it smaller, or make it when it is needed"));
    }
    if file.text().is_none() && !BINARY_FOLDERS.iter().any(|folder| file.path.starts_with(folder)) {
        let advice = format!("keep binaries in {}", BINARY_FOLDERS.join(" or "));
        findings.push(Finding::error(&file.path, 0, "a binary", advice));
    }
    findings
}

fn lines(file: &File, machine_path: &Regex) -> Vec<Finding> {
    let text = file.text().unwrap_or_default();
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if CONFLICTS.iter().any(|mark| line.starts_with(mark)) {
            findings.push(Finding::error(&file.path, at + 1, "a conflict mark", "finish the merge"));
        }
        let on_a_machine = machine_path.captures(line).filter(|_| !file.path.ends_with(INVENTED_EVENTS));
        if let Some(path) = on_a_machine.and_then(|found| found.get(1)) {
            let what = format!("a path of one machine ({}…)", path.as_str());
            findings.push(Finding::error(
                &file.path,
                at + 1,
                what,
                "write it relative to the project or to $HOME",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, bytes: impl Into<Vec<u8>>) -> Vec<String> {
        let file = File { path: path.into(), bytes: bytes.into() };
        check(&[file]).into_iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
    }

    #[test]
    fn our_own_work_is_fine() {
        assert_eq!(
            found("crates/web/src/lib.rs", "//! https://example.vn/home/a, crates/x/work/y\n"),
            [""; 0]
        );
        assert_eq!(found("Cargo.lock", "# @generated\n".repeat(BYTES_MAX)), [""; 0]);
        assert_eq!(found("docs/img/board.png", [0xff, 0]), [""; 0]);
    }

    #[test]
    fn third_party_and_generated_files_are_found() {
        assert_eq!(found("ui/node_modules/a/index.js", ""), ["0: lies in a folder called node_modules"]);
        assert_eq!(found("ui/htmx.min.js", ""), ["0: *.min.js is written by a tool"]);
        assert_eq!(found("ui/a.js", "\n// DO NOT EDIT\n"), ["2: says that it is generated"]);
    }

    #[test]
    fn big_files_and_stray_binaries_are_found() {
        assert_eq!(found("corpus/a.txt", "a".repeat(BYTES_MAX + 1)), ["0: 300 KiB, at most 300"]);
        assert_eq!(found("crates/web/logo.png", [0x89, 0]), ["0: a binary"]);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        for (top, rest) in
            [("/home", "/lan/canh"), ("/root", "/.cargo"), ("/work", "/main"), (r"C:\Users", r"\lan")]
        {
            let path = format!("{top}{rest}");
            assert_eq!(found("a.md", format!("ok\nsee `{path}`\n")).len(), 1, "{path}");
            assert_eq!(found("a.sh", format!("DIR={path}")).len(), 1, "{path}");
            assert_eq!(found("rules/a.events.yml", format!("- {{Image: '{path}'}}")).len(), 0, "{path}");
        }
    }

    #[test]
    fn conflict_marks_are_found() {
        let text = format!("a\n{}HEAD\nb\n=======\nc\n{}main\n", CONFLICTS[0], CONFLICTS[2]);
        assert_eq!(found("a.md", text), ["2: a conflict mark", "6: a conflict mark"]);
    }
}
