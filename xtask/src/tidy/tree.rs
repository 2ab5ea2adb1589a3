//! What git tracks, or would track after `git add`: the only files the rules look at.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// One file of the project.
pub struct File {
    /// From the project's root, with `/`.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl File {
    /// The file as text; `None` for a binary.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|text| !text.contains('\0'))
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    #[cfg(test)]
    pub fn of(path: &str, text: &str) -> Self {
        Self { path: path.into(), bytes: text.into() }
    }
}

/// Reads every file that is tracked, or new and not ignored.
///
/// # Errors
/// Outside a git checkout, or when a file cannot be read.
pub fn read() -> Result<Vec<File>> {
    let listed = Command::new("git")
        // A runner's checkout often belongs to another user; reading a list of names is safe all the same.
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("could not start git")?;
    let said = String::from_utf8_lossy(&listed.stderr);
    ensure!(listed.status.success(), "tidy needs a git checkout to know what is tracked: {}", said.trim());
    let names = String::from_utf8(listed.stdout).context("a tracked file has a name that is not UTF-8")?;
    let mut files = Vec::new();
    for path in names.split_terminator('\0') {
        match std::fs::read(path) {
            Ok(bytes) => files.push(File { path: path.into(), bytes }),
            // Deleted but not yet committed, or a submodule's folder: nothing to check in either.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound) => {}
            Err(error) => return Err(error).with_context(|| format!("could not read {path}")),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}
