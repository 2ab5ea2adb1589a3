//! A disk that is full, slow, or fails to sync.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lake::{Error, Limits, Log, Opener, Sink, State};

use crate::{Counted, Hand, batch, lines, open, source};

#[derive(Clone, Default)]
struct Faults {
    full: Arc<AtomicBool>,
    sync: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    slow: Option<Arc<Hand>>,
}

struct Bad(File, Faults);

impl Sink for Bad {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.1.full.load(Ordering::SeqCst) {
            // A full disk takes what still fits.
            self.0.write_all(&bytes[..bytes.len() / 2])?;
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.0.write_all(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        if let Some(hand) = &self.1.slow {
            hand.0.fetch_add(5_000, Ordering::SeqCst);
        }
        if self.1.sync.load(Ordering::SeqCst) {
            return Err(io::Error::other("I/O error"));
        }
        self.0.sync_data()
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        if self.1.cut.load(Ordering::SeqCst) {
            return Err(io::Error::other("I/O error"));
        }
        self.0.set_len(len)
    }
}

fn opener(faults: &Faults) -> Opener {
    let faults = faults.clone();
    Box::new(move |path| {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Box::new(Bad(file, faults.clone())))
    })
}

fn bad(dir: &std::path::Path, faults: &Faults) -> Log {
    Log::open_on(dir, Limits::default(), crate::tools(), opener(faults)).unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_says_so_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Faults::default();
    let log = bad(dir.path(), &faults);
    log.append(batch(&["a"])).await.unwrap();
    faults.full.store(true, Ordering::SeqCst);
    assert!(matches!(log.append(batch(&["b"])).await, Err(Error::Disk(_))));
    assert!(matches!(log.append(batch(&["c"])).await, Err(Error::Disk(_))), "nor a new segment");
    let health = log.health();
    assert!(matches!(health.state, State::Failing(_)) && health.since.is_some());
    assert_eq!((health.kept, health.refused), (1, 2));
    faults.full.store(false, Ordering::SeqCst);
    log.append(batch(&["d"])).await.unwrap();
    assert_eq!((log.health().state, log.health().since), (State::Good, None));
    assert_eq!(lines(&log), ["a", "d"]);
    drop(log);
    assert_eq!(lines(&open(dir.path())), ["a", "d"]);
}

#[tokio::test]
async fn what_a_failed_sync_left_behind_is_never_read_and_may_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Faults::default();
    let log = bad(dir.path(), &faults);
    log.append(batch(&["a"])).await.unwrap();
    // Whole on the disk, but nobody knows: and it cannot be cut off either.
    faults.sync.store(true, Ordering::SeqCst);
    faults.cut.store(true, Ordering::SeqCst);
    let key = Some(lake::batch_key(source(), b"b"));
    let b = lake::Batch { key, ..batch(&["b"]) };
    assert!(log.append(b.clone()).await.is_err());
    faults.sync.store(false, Ordering::SeqCst);
    let again = log.append(b.clone()).await.unwrap();
    assert!(!again.resent && again.at.is_some());
    assert_eq!(lines(&log), ["a", "b"]);
    drop(log);
    let log = open(dir.path());
    assert_eq!(lines(&log), ["a", "b"]);
    assert!(log.append(b).await.unwrap().resent);
}

#[tokio::test]
async fn a_slow_disk_is_said_to_be_slow() {
    let dir = tempfile::tempdir().unwrap();
    let hand = Arc::new(Hand::default());
    let faults = Faults { slow: Some(hand.clone()), ..Faults::default() };
    let tools = lake::Tools { clock: hand, secrets: Arc::new(Counted::default()) };
    let log = Log::open_on(dir.path(), Limits::default(), tools, opener(&faults)).unwrap();
    log.append(batch(&["a"])).await.unwrap();
    let health = log.health();
    assert_eq!((health.state, health.last_ms), (State::Slow, 5_000));
}

#[tokio::test]
async fn a_full_queue_refuses_and_what_waits_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (enter, entered) = std::sync::mpsc::channel::<()>();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    struct Held(File, std::sync::mpsc::Sender<()>, Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>);
    impl Sink for Held {
        fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
            if bytes.len() > 1_000 {
                let _ = self.1.send(());
                let _ = self.2.lock().unwrap().recv();
            }
            self.0.write_all(bytes)
        }
        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
        fn cut(&mut self, _: u64) -> io::Result<()> {
            Ok(())
        }
    }
    let left = Arc::new(std::sync::Mutex::new(left));
    let opener: Opener =
        Box::new(move |path| Ok(Box::new(Held(File::create(path)?, enter.clone(), left.clone()))));
    let limits = Limits { queue: 64 << 10, ..Limits::default() };
    let log = Log::open_on(dir.path(), limits, crate::tools(), opener).unwrap();
    let big = "x".repeat(30 << 10);
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let (log, one) = (log.clone(), batch(&[&big]));
            tokio::spawn(async move { log.append(one).await })
        })
        .collect();
    tokio::task::spawn_blocking(move || entered.recv()).await.unwrap().unwrap();
    while log.health().queued < 60 << 10 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(log.try_append(batch(&[&big])).await, Err(Error::Busy)));
    assert_eq!(log.health().refused, 1);
    drop(leave);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    log.try_append(batch(&["y"])).await.unwrap();
}
