use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{Server, canh, good};

/// SIGKILL in the middle of writes, five times over: every start finds a log that verifies, and what a command said
/// was done is there.
#[test]
fn killed_in_the_middle_of_writes_it_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut server = Server::start(&data);
    let mut before = 0;
    for round in 0..5 {
        // Other processes write as fast as they can while the server keeps its clocks; one of them is killed too.
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..2)
            .map(|n| {
                let (data, stop) = (data.clone(), stop.clone());
                std::thread::spawn(move || {
                    let mut done = 0_u64;
                    while !stop.load(Ordering::SeqCst) {
                        let mut child = canh(&data)
                            .args(["audit", "sign"])
                            .stdout(std::process::Stdio::null())
                            .stderr(std::process::Stdio::null())
                            .spawn()
                            .unwrap();
                        if n == 1 {
                            std::thread::sleep(Duration::from_millis(20 + done * 7 % 60));
                            let _ = child.kill();
                        }
                        if child.wait().unwrap().success() {
                            done += 1;
                        } else if n == 1 {
                            done += 1;
                            continue;
                        }
                    }
                    if n == 0 { done } else { 0 }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(400 + 150 * round));
        server.kill();
        stop.store(true, Ordering::SeqCst);
        let done: u64 = writers.into_iter().map(|w| w.join().unwrap()).sum();
        let said = good(canh(&data).args(["audit", "verify"]));
        let entries: u64 =
            said.lines().find_map(|l| l.strip_prefix("entries: ")).unwrap().trim().parse().unwrap();
        assert!(entries >= before + done, "{done} writes were acknowledged, {before} → {entries} entries");
        before = entries;
        server = Server::start(&data);
    }
    assert!(server.stop());
    good(canh(&data).args(["audit", "verify"]));
    good(canh(&data).arg("doctor"));
}
