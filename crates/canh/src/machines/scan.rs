//! `canh inventory scan`: what lies on this machine, or on a disk mounted somewhere, into one report.
//!
//! Walked here, understood in `review::scan`. Links are not followed, so that a disk of another machine leads nowhere
//! else; disks over the network and what is no disk at all are left out.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use domain::time::Clock;
use jiff::SignedDuration;
use review::{
    inventory::Read,
    scan::{self, Scan, What},
};
use rustix::fs::OFlags;
use web::Words;

use super::{import, show};
use crate::{config::Config, data::Data, runtime::Wall};

/// Deepest folder that is looked into.
const DEEPEST: usize = 64;
/// Most files that are looked at; a server of files aside, a machine has less than a million.
const FILES: usize = 5_000_000;
/// What is no disk, below the root.
const NO_DISK: &[&str] = &["/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp"];
/// File systems over the network, and those that show again what lies elsewhere (`statfs(2)`): NFS, CIFS, SMB 2, Ceph,
/// 9P, overlay, proc, sysfs, tmpfs, autofs.
const ELSEWHERE: &[u64] = &[
    0x6969,
    0xff53_4d42,
    0xfe53_4d42,
    0x00c3_6400,
    0x0102_1997,
    0x794c_7630,
    0x9fa0,
    0x6265_6572,
    0x0102_1994,
    0x0187,
];

/// How to scan.
#[derive(Args)]
pub struct How {
    /// Where: `/` is this machine, else a folder under which a machine's disk is mounted.
    path: PathBuf,
    /// The file to write; left out, `canh-NAME.json` here.
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    to: Option<PathBuf>,
    /// Straight into the centre: the body's code or name.
    #[arg(long, value_name = "BODY")]
    body: Option<String>,
    /// What the machine is called; left out, what its disk says.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// After so many minutes it ends.
    #[arg(long, value_name = "N", default_value_t = 30)]
    minutes: u32,
    /// Write the report even if not everything was looked at: then nothing may be concluded from what is not in it.
    #[arg(long)]
    partial: bool,
}

/// Scans. Exit code 1 if not everything was looked at, and then nothing is written without `--partial`.
pub async fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    data: &Data,
    words: Words,
    how: &How,
) -> anyhow::Result<ExitCode> {
    let root = fs::canonicalize(&how.path).with_context(|| how.path.display().to_string())?;
    if !root.is_dir() {
        bail!("{}: {}", root.display(), words.t("command-scan-no-folder"));
    }
    let (path, limit) = (root.clone(), SignedDuration::from_mins(i64::from(how.minutes)));
    let walked = tokio::task::spawn_blocking(move || Walk::new(path, limit).all()).await?;
    let Walked { scan, files, whole } = walked;
    let mut read = scan.finish(&root.display().to_string());
    for host in &mut read.hosts {
        host.host = how.host.clone().or_else(|| host.host.take());
        if host.host.is_none() {
            bail!(words.t("command-scan-nameless"));
        }
    }
    show::read(words, &root, &read);
    let count = files.to_string();
    eprintln!("{}", words.with_texts("command-scan-files", &[("files", &count)]));
    if !whole {
        eprintln!("{}", words.t("command-scan-partial"));
        if !how.partial {
            return Ok(ExitCode::FAILURE);
        }
    }
    let name = name_of(&read);
    let bytes = serde_json::to_vec(&serde_json::json!({ "hosts": read.hosts, "odd": read.odd }))?;
    if let Some(body) = &how.body {
        return import::one(config()?, data.clone(), words, body, &name, bytes).await;
    }
    let to = how.to.clone().unwrap_or_else(|| name.into());
    let part = to.with_extension("part");
    let mut file = File::create(&part).with_context(|| part.display().to_string())?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&part, &to).with_context(|| to.display().to_string())?;
    let said = to.display().to_string();
    println!("{}", words.with_texts("command-inventory-written", &[("file", &said)]));
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `canh-MAY01.json`, of characters that every file system takes.
fn name_of(read: &Read) -> String {
    let host = read.hosts.iter().find_map(|h| h.host.as_deref()).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    format!("canh-{}.json", host.chars().take(100).map(plain).collect::<String>())
}

/// A disk being walked.
struct Walk {
    root: PathBuf,
    until: jiff::Timestamp,
    scan: Scan,
    files: usize,
    whole: bool,
}

/// A disk walked.
struct Walked {
    scan: Scan,
    files: usize,
    /// Whether everything was looked at.
    whole: bool,
}

impl Walk {
    fn new(root: PathBuf, limit: SignedDuration) -> Self {
        let now = Wall.now();
        let until = now.checked_add(limit).unwrap_or(jiff::Timestamp::MAX);
        // To the second: that is how every other report says it.
        let taken = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { root, until, scan: Scan::new(&taken), files: 0, whole: true }
    }

    fn all(mut self) -> Walked {
        let root = self.root.clone();
        let device = fs::metadata(&root).map(|m| m.dev()).unwrap_or_default();
        self.folder(&root, "", device, 0);
        Walked { scan: self.scan, files: self.files, whole: self.whole }
    }

    /// One folder, in the order of its names. `inside` is its path from the root.
    fn folder(&mut self, folder: &Path, inside: &str, device: u64, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else {
            // What may not be opened may hold anything.
            self.whole = false;
            eprintln!("canh: {}", folder.display());
            return;
        };
        let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
        names.sort();
        for name in names {
            if self.files >= FILES || Wall.now() > self.until {
                self.whole = false;
                return;
            }
            let path = folder.join(&name);
            let inside = format!("{inside}/{}", name.to_string_lossy());
            let Ok(about) = fs::symlink_metadata(&path) else { continue };
            if about.is_dir() {
                if depth >= DEEPEST {
                    self.whole = false;
                } else if !NO_DISK.contains(&inside.as_str()) && (about.dev() == device || is_disk(&path)) {
                    self.folder(&path, &inside, about.dev(), depth + 1);
                }
            } else if about.is_file() {
                self.files += 1;
                let runs = about.permissions().mode() & 0o111 != 0;
                if let Some(what) = scan::wanted(&inside, runs) {
                    self.file(&path, &inside, what);
                }
            }
        }
    }

    fn file(&mut self, path: &Path, inside: &str, what: What) {
        match bytes(path, what) {
            Ok(Some(bytes)) => self.scan.file(inside, what, &bytes),
            Ok(None) => {}
            Err(_) => self.scan.unread(inside, what),
        }
    }
}

/// Whether a folder on which something else is mounted is a disk of this machine.
fn is_disk(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|about| {
        let kind = u64::try_from(about.f_type).unwrap_or_default() & 0xffff_ffff;
        !ELSEWHERE.contains(&kind)
    })
}

/// A file's bytes; none if it is no program although it may be run.
fn bytes(path: &Path, what: What) -> std::io::Result<Option<Vec<u8>>> {
    // Neither through a link nor waiting for a pipe, should it have become one just now.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut bytes = Vec::new();
    if what == What::Program {
        (&mut file).take(4).read_to_end(&mut bytes)?;
        if !scan::is_program(&bytes) {
            return Ok(None);
        }
    }
    file.take(scan::FILE.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > scan::FILE {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounted_disk_is_walked_without_leaving_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        at("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n");
        at("etc/hostname", "ung-dung-01\n");
        at("var/lib/dpkg/status", "Package: bash\nStatus: install ok installed\nVersion: 5.2\n");
        at("proc/1/root/opt/x/node_modules/evil/package.json", r#"{"name":"evil","version":"1"}"#);
        at("opt/app/node_modules/ms/package.json", r#"{"name":"ms","version":"2.0.0"}"#);
        std::os::unix::fs::symlink("/", dir.path().join("opt/all")).unwrap();
        let walked = Walk::new(dir.path().to_owned(), SignedDuration::from_mins(5)).all();
        assert!(walked.whole);
        let read = walked.scan.finish("x");
        let host = &read.hosts[0];
        let found: Vec<_> = host.packages.iter().map(|p| (p.ecosystem.as_deref(), &*p.name)).collect();
        assert_eq!(found, [(Some("Debian:12"), "bash"), (Some("npm"), "ms")]);
        assert_eq!((host.host.as_deref(), host.jars_listed), (Some("ung-dung-01"), true));
        assert_eq!(name_of(&read), "canh-ung-dung-01.json");
    }

    #[test]
    fn a_walk_that_ends_early_says_so() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jar"), "x").unwrap();
        assert!(!Walk::new(dir.path().to_owned(), SignedDuration::from_mins(-1)).all().whole);
    }
}
