//! The browser's files: npm packages by lockfile, bundled once, then embedded by the crate `web`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The oldest Node.js that esbuild and our build script run on.
const NODE_MAJOR_MIN: u32 = 20;

const ADVICE: &str = "Install Node.js 20 or newer with npm (https://nodejs.org), then start again.";

/// Installs `ui/`'s locked packages if the lockfile changed since the last time, without running their scripts,
/// and builds `ui/dist`.
///
/// # Errors
/// When Node.js or npm is missing or too old, or when one of them fails.
pub fn run() -> Result<()> {
    let ui = Path::new("ui");
    check_node()?;
    install(ui)?;
    command(ui, "node", &["build.mjs"])
}

fn check_node() -> Result<()> {
    let Ok(out) = Command::new("node").arg("--version").output() else {
        bail!("Node.js was not found. {ADVICE}")
    };
    let version = String::from_utf8_lossy(&out.stdout);
    let version = version.trim();
    match major(version) {
        Some(n) if n >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!("Node.js is {version}, which is too old. {ADVICE}"),
    }
}

/// `v20.20.2` → 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// A copy of the lockfile beside what it installed tells whether there is anything to do. Packages only a developer
/// needs (the type checker) are left out: `npm ci` in `ui/` brings them.
fn install(ui: &Path) -> Result<()> {
    let lock = fs::read(ui.join("package-lock.json"))
        .context("ui/package-lock.json is missing: nothing to build from")?;
    let done = ui.join("node_modules/.canh-lock.json");
    if fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    command(
        ui,
        "npm",
        &["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"],
    )?;
    fs::write(&done, &lock).with_context(|| format!("could not write {}", done.display()))
}

fn command(dir: &Path, program: &str, args: &[&str]) -> Result<()> {
    let what = format!("{program} {}", args.join(" "));
    let status = Command::new(program)
        .current_dir(dir)
        .args(args)
        .status()
        .with_context(|| format!("could not start {program}. {ADVICE}"))?;
    ensure!(status.success(), "{what} failed in {} ({status})", dir.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn node_versions() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.1.0"), Some(8));
        assert_eq!(major(""), None);
    }
}
