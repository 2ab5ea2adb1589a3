//! The program itself: the built binary, a data folder of its own, the network of this machine only.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod backup;
mod commands;
mod heartbeat;
mod killed;
mod names;
mod printed;
mod rules;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

/// `canh` over that data folder, without the tester's environment.
pub fn canh(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canh"));
    command.env_clear().arg("--data").arg(data);
    command
}

/// Runs a command and expects it to succeed.
pub fn good(command: &mut Command) -> String {
    let (ok, said) = ran(command);
    assert!(ok, "{command:?}: {said}");
    said
}

/// Runs a command and expects it to fail.
pub fn bad(command: &mut Command) -> String {
    let (ok, said) = ran(command);
    assert!(!ok, "{command:?} succeeded: {said}");
    said
}

fn ran(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// What it printed while it started.
    pub said: String,
}

impl Server {
    /// Starts it and waits until it answers.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, |command| command)
    }

    /// The same with something added to the command.
    pub fn start_with(data: &Path, add: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let mut command = canh(data);
        let mut child = add(&mut command)
            .args(["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut said, mut address) = (String::new(), String::new());
        while let Some(Ok(line)) = lines.next() {
            said.push_str(&line);
            said.push('\n');
            if let Some((_, url)) = line.split_once("http://") {
                address = url.trim().to_owned();
            }
            if line.contains("Ctrl-C") {
                break;
            }
        }
        if address.is_empty() {
            let mut why = String::new();
            let _ = child.stderr.take().unwrap().read_to_string(&mut why);
            panic!("it did not start: {said}{why}");
        }
        // Drained, so that a full pipe never stops it.
        std::thread::spawn(move || lines.for_each(drop));
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || BufReader::new(stderr).lines().for_each(drop));
        let server = Self { child, address, said };
        for _ in 0..200 {
            if server.get("/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it does not answer: {}", server.said);
    }

    /// The answer to a GET, head and body.
    pub fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; waits until it ended and returns whether it ended well.
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A data folder that was served once and stopped.
pub fn served() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    assert!(Server::start(&data).stop());
    (dir, data)
}
