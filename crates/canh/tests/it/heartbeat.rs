//! `canh heartbeat` against the centre itself, and against one that falls silent.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use crate::{Server, bad, canh, good};

/// A stand-in for a centre: answers every request with one status, and remembers what it was asked.
struct Fake {
    address: String,
    status: Arc<AtomicU16>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (status, asked) = (Arc::new(AtomicU16::new(200)), Arc::new(Mutex::new(Vec::new())));
        let (says, hears) = (status.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut head) = (stream.unwrap(), [0; 2048]);
                let n = stream.read(&mut head).unwrap_or(0);
                let line = String::from_utf8_lossy(&head[..n]).lines().next().unwrap_or("").to_owned();
                hears.lock().unwrap().push(line);
                let status = says.load(Ordering::SeqCst);
                let _ =
                    write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { address, status, asked }
    }
}

fn config(dir: &Path, silent_after: u32) -> std::path::PathBuf {
    let file = dir.join("nghe.toml");
    let text = format!(
        "[heartbeat]\nsilent_after_seconds = {silent_after}\nto = [{{ channel = \"email\", address = \"truc@tinh.example\" }}]\n"
    );
    fs::write(&file, text).unwrap();
    file
}

fn mails(data: &Path) -> usize {
    fs::read_dir(data.join("outbox")).map_or(0, |all| {
        all.filter_map(Result::ok).filter(|f| f.path().extension().is_some_and(|e| e == "eml")).count()
    })
}

#[test]
fn a_silence_is_told_once_and_its_end_too() {
    let dir = tempfile::tempdir().unwrap();
    let (data, fake) = (dir.path().join("nghe"), Fake::start());
    let watch = |silent_after: u32| {
        let mut command = canh(&data);
        command.args(["--lang", "en", "--config"]).arg(config(dir.path(), silent_after));
        command.args(["heartbeat", "watch", "--once", &fake.address]);
        command
    };
    good(&mut watch(0));
    assert_eq!(mails(&data), 0);
    fake.status.store(503, Ordering::SeqCst);
    let patient = bad(&mut watch(120));
    assert!(patient.contains("it answered 503") && mails(&data) == 0, "{patient}");
    let told = bad(&mut watch(0));
    assert!(told.contains("Told truc@tinh.example over email"), "{told}");
    assert_eq!(mails(&data), 1);
    bad(&mut watch(0));
    assert_eq!(mails(&data), 1, "one silence is told once a while");
    fake.status.store(200, Ordering::SeqCst);
    assert!(good(&mut watch(0)).contains("The centre answers again"));
    assert_eq!(mails(&data), 2);
    good(&mut watch(0));
    assert_eq!(mails(&data), 2);
    assert!(fake.asked.lock().unwrap().iter().all(|line| line.starts_with("GET /health/clocks ")));
}

#[test]
fn a_sign_of_life_is_given_and_withheld_while_the_centre_is_not_well() {
    let dir = tempfile::tempdir().unwrap();
    let (centre, monitor) = (Fake::start(), Fake::start());
    let beat = || {
        let mut command = canh(dir.path());
        command.args(["--lang", "en", "heartbeat", "beat", &format!("{}/beat/bi-mat", monitor.address)]);
        command.args(["--if-well", &centre.address]);
        command
    };
    good(&mut beat());
    assert_eq!(monitor.asked.lock().unwrap().as_slice(), ["GET /beat/bi-mat HTTP/1.1"]);
    centre.status.store(503, Ordering::SeqCst);
    assert!(bad(&mut beat()).contains("it answered 503"));
    assert_eq!(monitor.asked.lock().unwrap().len(), 1);
    centre.status.store(200, Ordering::SeqCst);
    monitor.status.store(404, Ordering::SeqCst);
    let said = bad(&mut beat());
    assert!(said.contains("not taken") && !said.contains("bi-mat"), "{said}");
}

#[test]
fn mistakes_are_named_before_anything_is_watched() {
    let dir = tempfile::tempdir().unwrap();
    let watch = |text: &str, centre: &str| {
        let file = dir.path().join("c.toml");
        fs::write(&file, text).unwrap();
        let mut command = canh(dir.path());
        command.args(["--lang", "en", "--config"]).arg(file).args(["heartbeat", "watch", "--once"]);
        if !centre.is_empty() {
            command.arg(centre);
        }
        bad(&mut command)
    };
    assert!(watch("", "").contains("Which centre?"));
    assert!(watch("", "https://canh.example").contains("nobody to tell"));
    assert!(watch("", "canh.example/x").contains("no address of a centre"));
    let sms = "[heartbeat]\nto = [{ channel = \"sms\", address = \"0912345678\" }]";
    assert!(watch(sms, "https://canh.example").contains("nothing goes out over “sms”"));
}

#[test]
fn a_running_centre_is_well_and_a_stopped_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("tam"));
    let watch = || {
        let mut command = canh(&dir.path().join("nghe"));
        command.arg("--config").arg(config(dir.path(), 0));
        command.args(["heartbeat", "watch", "--once", &format!("http://{}", server.address)]);
        command
    };
    good(&mut watch());
    let mut after = watch();
    assert!(server.stop());
    bad(&mut after);
    assert_eq!(mails(&dir.path().join("nghe")), 1);
}
