//! The sandbox against a worker that misbehaves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use sandbox::{Crash, Killed, Limits, Worker, probe, run};
use std::time::Duration;

fn worker(args: &[&str]) -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_sandbox-worker"), args, 2)
}

fn tight() -> Limits {
    Limits { wall: Duration::from_secs(5), cpu: Duration::from_secs(1), memory: 256 << 20, output: 64 << 10 }
}

async fn said(input: &str) -> Result<String, Killed> {
    let output = run(&worker(&[]), &tight(), input.as_bytes()).await?;
    Ok(String::from_utf8(output).unwrap())
}

#[tokio::test]
async fn input_goes_in_and_output_comes_out() {
    assert_eq!(said("echo chào").await, Ok("chào".into()));
    assert_eq!(said("echo ").await, Ok(String::new()));
    let long = format!("length {}", "x".repeat(20 << 20));
    assert_eq!(said(&long).await, Ok((20 << 20).to_string()));
}

#[tokio::test]
async fn a_refusal_comes_back_word_for_word() {
    assert_eq!(said("refuse {\"code\":7}").await, Err(Killed::Refused("{\"code\":7}".into())));
}

#[tokio::test]
async fn time_is_bounded_by_processor_and_by_wall() {
    assert_eq!(said("spin").await, Err(Killed::Time));
    let short = Limits { wall: Duration::from_millis(300), ..tight() };
    assert_eq!(run(&worker(&[]), &short, b"sleep").await, Err(Killed::Time));
    assert_eq!(run(&worker(&["before"]), &short, b"echo").await, Err(Killed::Time));
}

#[tokio::test]
async fn memory_and_output_are_bounded() {
    assert_eq!(said("hoard").await, Err(Killed::Memory));
    assert_eq!(said("flood").await, Err(Killed::Output));
    assert_eq!(said("chatter").await, Ok("done".into()));
}

#[tokio::test]
async fn a_crash_says_how() {
    let Err(Killed::Crashed { how: Crash::Exit(101), said: words }) = said("panic").await else {
        panic!("a panic is a crash")
    };
    assert!(words.contains("as asked"));
    assert!(matches!(said("abort").await, Err(Killed::Crashed { how: Crash::Signal(6), .. })));
    assert!(matches!(said("recurse").await, Err(Killed::Crashed { how: Crash::Signal(_), .. })));
    let none = Worker::new("/nowhere/at/all", ["x"; 0], 1);
    assert!(matches!(run(&none, &tight(), b"").await, Err(Killed::NotStarted(_))));
    // The name a server gives for itself on Linux: this test, which is no worker.
    let this = Worker::new("/proc/self/exe", ["--list"], 1);
    assert!(matches!(run(&this, &tight(), b"").await, Err(Killed::Crashed { how: Crash::Exit(0), .. })));
    // A program that is no worker at all.
    let other = Worker::new("/bin/true", ["x"; 0], 1);
    assert!(matches!(run(&other, &tight(), b"").await, Err(Killed::Crashed { how: Crash::Exit(0), .. })));
}

#[tokio::test]
async fn a_worker_has_no_surroundings() {
    assert_eq!(said("env").await, Ok("[(\"MIMALLOC_ARENA_RESERVE\", \"32768\")] None".into()));
    // Holds by RLIMIT_FSIZE even where nothing else does.
    let path = std::env::temp_dir().join("sandbox-must-not-write");
    let _ = said(&format!("write {}", path.display())).await;
    assert!(std::fs::read(&path).unwrap_or_default().is_empty());
}

#[tokio::test]
async fn a_confined_worker_reaches_nothing() {
    let confinement = probe(&worker(&[])).await.unwrap();
    println!("this kernel gives {confinement:?}");
    if !confinement.is_tight() {
        // An old kernel: `canh doctor` says so; there is nothing to test here.
        return;
    }
    assert_eq!(said("read /etc/passwd").await, Err(Killed::Refused("permission denied".into())));
    assert_eq!(said("exec /bin/true").await, Err(Killed::Refused("permission denied".into())));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert_eq!(said(&format!("connect {address}")).await, Err(Killed::Refused("permission denied".into())));
    if confinement.seccomp {
        assert_eq!(said("thread").await, Err(Killed::Refused("permission denied".into())));
    }
}

#[tokio::test]
async fn a_dropped_run_leaves_no_process() {
    let name = format!("before-{}", std::process::id());
    let one = worker(&[&name]);
    let limits = Limits { wall: Duration::from_secs(30), ..tight() };
    let dropped = tokio::time::timeout(Duration::from_millis(300), run(&one, &limits, b"sleep")).await;
    assert!(dropped.is_err());
    let alive = || {
        std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            line.starts_with(env!("CARGO_BIN_EXE_sandbox-worker").as_bytes())
                && line.windows(name.len()).any(|part| part == name.as_bytes())
        })
    };
    for _ in 0..50 {
        if !alive() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the worker outlived its run");
}

#[tokio::test]
async fn no_more_than_so_many_run_at_once() {
    let one = Worker::new(env!("CARGO_BIN_EXE_sandbox-worker"), ["x"; 0], 1);
    let limits = Limits { wall: Duration::from_millis(400), ..tight() };
    let (first, second) = tokio::join!(
        run(&one, &limits, b"sleep"),
        run(&one, &limits, b"echo waited longer than its own time")
    );
    assert_eq!(first, Err(Killed::Time));
    assert_eq!(second, Ok(b"waited longer than its own time".to_vec()));
}
