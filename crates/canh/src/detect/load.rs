//! Folders to rules.

use std::path::{Path, PathBuf};

use ::detect::{Problem, Ruleset, Sources, pipeline::Pipeline, ruleset::Watch};
use anyhow::Context;
use web::Words;

/// The most files taken from folders: a mistyped `/` is not to read a whole machine.
const FILES: usize = 1_000_000;

/// All files under paths whose names end so, in their order; a file that is named itself is taken whatever its name.
pub fn files(paths: &[PathBuf], fits: impl Fn(&str) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut open: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    while let Some(path) = open.pop() {
        let about = std::fs::metadata(&path).with_context(|| path.display().to_string())?;
        if !about.is_dir() {
            out.push(path);
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry?;
            let folder = entry.file_type()?.is_dir();
            if folder || fits(&entry.file_name().to_string_lossy().to_lowercase()) {
                inside.push(entry.path());
            }
        }
        inside.sort();
        open.extend(inside.into_iter().rev());
        anyhow::ensure!(out.len() + open.len() <= FILES, "{}: more than {FILES} files", path.display());
    }
    Ok(out)
}

/// Rules made ready, with what is not used said on standard error.
pub fn watch(words: Words, rules: &[PathBuf], pipelines: &[PathBuf]) -> anyhow::Result<Watch> {
    let mut set = Ruleset::default();
    for path in files(rules, detect::import::is_rule)? {
        set.add(&path.display().to_string(), detect::rule::read::file(&text(&path)?));
    }
    let watch = set.watch(&self::pipelines(pipelines)?, &Sources::builtin())?;
    for skipped in &watch.skipped {
        eprintln!("{}:{} {}", skipped.file, skipped.problem.at, say(words, &skipped.problem));
    }
    Ok(watch)
}

/// Pipelines of files.
pub fn pipelines(paths: &[PathBuf]) -> anyhow::Result<Vec<Pipeline>> {
    let read = |path: &PathBuf| Pipeline::read(&text(path)?).with_context(|| path.display().to_string());
    paths.iter().map(read).collect()
}

/// A file's text.
pub fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A problem in the reader's language.
pub fn say(words: Words, problem: &Problem) -> String {
    let vars = [("what", problem.what.as_str().into())];
    let mut out = words.with(&format!("rules-problem-{}", problem.code), vars);
    if !problem.instead.is_empty() {
        out.push_str(" → ");
        out.push_str(&problem.instead);
    }
    out
}
