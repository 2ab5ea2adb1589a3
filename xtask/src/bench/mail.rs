//! The SMTP server of the tests of `send`, for benches: Python's aiosmtpd on loopback.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

const SCRIPT: &str = "crates/send/tests/it/smtp_server.py";
/// Debian's own Python first: it has the package of the system.
const PYTHONS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// A running server; it ends with this.
pub struct Server {
    port: u16,
    folder: PathBuf,
    child: Child,
}

impl Server {
    /// Starts it.
    ///
    /// # Errors
    /// Where no Python has aiosmtpd.
    pub fn start() -> Result<Self> {
        let has = |python: &&str| {
            let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        let python = PYTHONS.into_iter().find(has).context("no Python with aiosmtpd (python3-aiosmtpd)")?;
        let folder = std::env::temp_dir().join(format!("canh-bench-mail-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut child = Command::new(python)
            .arg(SCRIPT)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().context("its output")?).read_line(&mut line)?;
        let port = line.trim().parse().context("the server says its port")?;
        Ok(Self { port, folder, child })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// To whom it accepted letters, one by one, in order.
    ///
    /// # Errors
    /// When a record cannot be read, or names not exactly one address.
    pub fn accepted(&self) -> Result<Vec<String>> {
        let mut to = Vec::new();
        for path in letters(&self.folder)? {
            let record: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
            let all = record.get("envelope_to").and_then(|v| v.as_array()).context("envelope_to")?;
            let [one] = all.as_slice() else { anyhow::bail!("a letter to {} addresses", all.len()) };
            ensure!(
                record.get("defects").is_some_and(|d| d.as_array().is_some_and(Vec::is_empty)),
                "a defect"
            );
            to.push(one.as_str().unwrap_or_default().to_owned());
        }
        Ok(to)
    }
}

fn letters(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "json"));
    all.sort();
    Ok(all)
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ours, by its own handle and name; whether either is already gone does not matter.
        drop((self.child.kill(), self.child.wait(), std::fs::remove_dir_all(&self.folder)));
    }
}
