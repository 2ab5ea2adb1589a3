//! The house rules as a test: each file below holds one rule as a pure function over what was read, and shows in its
//! own tests that a violation is found. Reading git and cargo happens here, once.

mod floors;
mod locales;
mod migrations;
mod shape;
mod tracked;
mod tree;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;

/// One thing against the rules: where, what, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    weight: Weight,
    file: String,
    /// From 1; 0 where the file as a whole is meant.
    line: usize,
    what: String,
    advice: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Breaks a rule: tidy fails.
    Error,
    /// Worth a look: tidy passes.
    Warning,
}

impl Finding {
    fn error(file: &str, line: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { weight: Weight::Error, file: file.into(), line, what: what.into(), advice: advice.into() }
    }

    fn warning(file: &str, line: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { weight: Weight::Warning, ..Self::error(file, line, what, advice) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = if self.weight == Weight::Error { "error" } else { "warning" };
        let line = self.line.max(1);
        write!(f, "{}:{line}: {weight}: {}\n    → {}", self.file, self.what, self.advice)
    }
}

/// Checks everything and prints what was found.
///
/// # Errors
/// When git or cargo cannot be asked, or a file cannot be read.
pub fn run() -> Result<ExitCode> {
    let tree = tree::read()?;
    let workspace = floors::workspace()?;
    let mut findings = Vec::new();
    findings.extend(floors::check(&workspace));
    findings.extend(locales::check(&tree));
    findings.extend(tracked::check(&tree));
    findings.extend(migrations::check(&tree));
    findings.extend(shape::check(&tree));
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.weight == Weight::Error).count();
    let warnings = findings.len() - errors;
    println!(
        "tidy: {} files, {} crates; {errors} errors, {warnings} warnings",
        tree.len(),
        workspace.crates.len()
    );
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A regular expression written in these sources.
#[allow(clippy::expect_used, reason = "only constants come here, and every one is built by a unit test")]
fn pattern(source: &str) -> regex::Regex {
    regex::Regex::new(source).expect("a pattern of tidy does not compile")
}

/// The line, from 1, of the byte `at` in `text`.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
