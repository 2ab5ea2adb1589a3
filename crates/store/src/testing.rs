#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)] // only tests use it
//! Throw-away databases for tests, on both engines.
//!
//! PostgreSQL: a cluster made once per machine is copied, started on a socket of its own, and dies with the test.

mod world;

pub use self::world::{World, fact, issued, passed_on, people};

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use domain::{
    id::{Ids, Secrets, Uuid},
    time::{Clock, from_micros},
};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::Db;

/// Statements this process has run, on either engine: for tests that hold a rule of how many.
pub static STATEMENTS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// Ids that count up, so that tests repeat exactly.
#[derive(Default)]
pub struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn next(&self) -> Uuid {
        let n = u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1);
        // Version 7 and variant bits, so that they pass for what they stand for.
        Uuid::from_u128((0x0190_0000_0000_7000_u128 << 64) | (0x8000_u128 << 48) | n)
    }
}

/// Bytes that count up: predictable, as tests need them.
#[derive(Default)]
pub struct TestSecrets(AtomicU64);

impl Secrets for TestSecrets {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [7_u8; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes()) {
            *to = from;
        }
        bytes
    }
}

/// A clock that stands until it is moved.
pub struct TestClock(std::sync::atomic::AtomicI64);

impl TestClock {
    /// Stands at [`minute`] `n`.
    pub fn at_minute(n: i64) -> Self {
        Self(std::sync::atomic::AtomicI64::new(minute(n).as_microsecond()))
    }
    /// Moves it to minute `n`.
    pub fn move_to_minute(&self, n: i64) {
        self.0.store(minute(n).as_microsecond(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Minute `n` of the test's time: 2027-01-20 08:00 in Hà Nội plus `n` minutes.
pub fn minute(n: i64) -> Timestamp {
    from_micros((1_800_406_800 + n * 60) * 1_000_000)
}

/// A database that goes when it is dropped.
pub struct TestDb {
    /// The store.
    pub db: Db,
    /// A directory of its own.
    pub dir: TempDir,
    /// Where a second process would connect; empty for SQLite.
    pub url: String,
    _server: Option<Server>,
}

struct Server(Child);

impl Drop for Server {
    /// `SIGQUIT` is PostgreSQL's immediate shutdown. It is not `kill`, because a killed server leaves its System V
    /// segment behind: a machine has 4,096 of them until it is restarted, and then no server starts there any more.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-QUIT", &self.0.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// A new SQLite database.
pub async fn sqlite() -> TestDb {
    let dir = tempfile::tempdir().expect("a directory for the test");
    let db = Db::open_sqlite(&dir.path().join("canh.sqlite")).await.expect("a new SQLite database");
    TestDb { db, dir, url: String::new(), _server: None }
}

/// A new PostgreSQL server and database; `None`, with a note on standard error, where PostgreSQL is not installed
/// and `CANH_REQUIRE_PG` is not set.
pub async fn postgres() -> Option<TestDb> {
    let Some(bin) = find_bin() else {
        assert!(std::env::var_os("CANH_REQUIRE_PG").is_none(), "PostgreSQL is required but not installed");
        eprintln!("skipped: PostgreSQL is not installed (apt-get install postgresql)");
        return None;
    };
    let dir =
        tempfile::Builder::new().prefix("canh-pg-").tempdir_in("/tmp").expect("a directory for the test");
    let cluster = dir.path().join("cluster");
    run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(template(&bin)).arg(&cluster));
    run(Command::new("chmod").arg("755").arg(dir.path()));
    let child = as_postgres(&bin.join("postgres"))
        .arg("-D")
        .arg(&cluster)
        .args([
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "shared_buffers=16MB",
            "-c",
            "max_connections=20",
        ])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", cluster.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(dir.path().join("log")).expect("a log file"))
        .spawn()
        .expect("postgres starts");
    let server = Server(child);
    let url = format!("postgres://postgres@localhost/postgres?host={}", cluster.display());
    for attempt in 0.. {
        match Db::open_postgres(&url).await {
            Ok(db) => return Some(TestDb { db, dir, url, _server: Some(server) }),
            Err(error) if attempt < 200 => {
                let _ = error;
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            Err(error) => {
                let log = fs::read_to_string(dir.path().join("log")).unwrap_or_default();
                panic!("PostgreSQL does not answer: {error}\n{log}");
            }
        }
    }
    None
}

fn find_bin() -> Option<PathBuf> {
    let mut versions: Vec<_> =
        fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|d| d.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("postgres").exists())
}

/// A freshly initialised cluster, made once per machine and user and copied by every test.
fn template(bin: &Path) -> PathBuf {
    let name = format!(
        "canh-test-pg-{}-{}",
        bin.parent().and_then(Path::file_name).map_or("x".into(), |v| v.to_string_lossy()),
        whoami()
    );
    let base = std::env::temp_dir().join(&name);
    let lock = fs::File::create(std::env::temp_dir().join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock");
    if !base.join("PG_VERSION").exists() || !base.join("ready").exists() {
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(&base).expect("a directory for the cluster");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&base));
        }
        run(as_postgres(&bin.join("initdb")).arg("-D").arg(&base).args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--no-sync",
        ]));
        fs::write(base.join("ready"), "").expect("the cluster is ready");
    }
    base
}

/// PostgreSQL refuses to run as root; it also must not outlive the test that started it, and takes `SIGQUIT` for the
/// reason told at [`Server`].
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT"]).arg(program);
    command
}

fn is_root() -> bool {
    whoami() == "root"
}

fn whoami() -> String {
    let out = Command::new("id").arg("-un").output().expect("id runs");
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

fn run(command: &mut Command) {
    let out = command.output().expect("the program starts");
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// Makes a test of each story on each engine: `both_engines! { async fn name(db: &TestDb) { … } }`.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: &TestDb) $body:block)*) => { $(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            async fn story($db: &$crate::testing::TestDb) $body
            #[tokio::test]
            async fn sqlite() { story(&$crate::testing::sqlite().await).await; }
            #[tokio::test]
            async fn postgres() { if let Some(db) = $crate::testing::postgres().await { story(&db).await; } }
        }
    )* };
}
