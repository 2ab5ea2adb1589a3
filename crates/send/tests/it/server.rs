//! Starts and ends the SMTP server.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp_server.py");

pub struct Server {
    pub port: u16,
    folder: TempDir,
    child: Child,
}

impl Server {
    /// A server with these options; none, with the reason printed, where Python or aiosmtpd is
    /// missing and nobody insists (`CANH_REQUIRE_SMTP`).
    pub fn start(options: &[(&str, &str)]) -> Option<Self> {
        let Some(python) = python() else {
            assert!(
                std::env::var_os("CANH_REQUIRE_SMTP").is_none(),
                "no Python with aiosmtpd, and CANH_REQUIRE_SMTP is set"
            );
            eprintln!("skipped: no Python with aiosmtpd (Debian: apt-get install python3-aiosmtpd)");
            return None;
        };
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(python);
        command.arg(SCRIPT).arg(folder.path());
        command.args(options.iter().map(|(name, value)| format!("{name}={value}")));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server says its port");
        Some(Server { port, folder, child })
    }

    /// What it accepted, in order.
    pub fn accepted(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
            .collect();
        files.sort();
        files.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is ours, by its own handle; whether it already ended does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first Python that has aiosmtpd; Debian's own before any other that may be first in the path.
fn python() -> Option<&'static str> {
    ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    })
}

/// A self-signed certificate for 127.0.0.1 in `folder`: (certificate, key).
pub fn certificate(folder: &Path) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (cert.display().to_string(), key.display().to_string())
}

/// The value of a header of an accepted message.
pub fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    let all = mail["headers"].as_array().unwrap();
    all.iter().find(|h| h[0] == name).and_then(|h| h[1].as_str()).unwrap_or_else(|| panic!("no {name}"))
}
