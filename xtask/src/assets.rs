//! The browser's files: npm packages by lockfile, bundled once, then embedded by the crate `web`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Installs `ui/`'s locked packages without running their scripts, and builds the bundle.
///
/// # Errors
/// When npm is missing or fails.
pub fn run() -> Result<()> {
    let ui = Path::new("ui");
    ensure!(ui.join("package-lock.json").is_file(), "ui/package-lock.json is missing: nothing to build from");
    npm(ui, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    npm(ui, &["run", "build"])
}

fn npm(dir: &Path, args: &[&str]) -> Result<()> {
    let status = Command::new("npm").current_dir(dir).args(args).status().context("could not start npm")?;
    ensure!(status.success(), "npm {} failed ({status})", args.join(" "));
    Ok(())
}
