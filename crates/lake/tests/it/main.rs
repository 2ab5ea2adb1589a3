//! The log, from outside.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // helpers of tests

mod cut;
mod disk;
mod hostile;
mod killed;
mod search;
mod table;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
};

use domain::{
    id::{Id, Secrets, Uuid},
    time::Clock,
};
use jiff::Timestamp;
use lake::{Batch, Limits, Log, Position, Record, Tools};

/// A clock that stands until it is moved.
#[derive(Default)]
pub(crate) struct Hand(pub AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Different each time, the same in each run.
#[derive(Default)]
pub(crate) struct Counted(AtomicU8);

impl Secrets for Counted {
    fn bytes(&self) -> [u8; 32] {
        [self.0.fetch_add(1, Ordering::SeqCst) + 1; 32]
    }
}

pub(crate) fn tools() -> Tools {
    Tools { clock: Arc::new(Hand::default()), secrets: Arc::new(Counted::default()) }
}

pub(crate) fn open(dir: &Path) -> Log {
    Log::open(dir, Limits::default(), tools()).unwrap()
}

pub(crate) fn source() -> Id<domain::id::kind::Source> {
    Id::from_uuid(Uuid::from_u128(7))
}

pub(crate) fn batch(lines: &[&str]) -> Batch {
    let record = |line: &&str| Record { line: line.as_bytes().to_vec(), ..Record::default() };
    Batch {
        source: source(),
        body: Id::from_uuid(Uuid::from_u128(8)),
        at: Timestamp::from_second(1_800_000_000).unwrap(),
        key: None,
        records: lines.iter().map(record).collect(),
    }
}

/// All lines, in their order.
pub(crate) fn lines(log: &Log) -> Vec<String> {
    let mut from = Position::default();
    let mut found = Vec::new();
    loop {
        let page = log.read(from, 1 << 20).unwrap();
        if page.batches.is_empty() {
            return found;
        }
        from = page.next;
        for (_, _, batch) in page.batches {
            found.extend(batch.records.into_iter().map(|r| String::from_utf8(r.line).unwrap()));
        }
    }
}

#[tokio::test]
async fn what_is_acknowledged_is_read_again_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let first = log.append(batch(&["một", "hai"])).await.unwrap();
    let second = log.append(batch(&["ba"])).await.unwrap();
    assert!(first.at < second.at);
    assert_eq!(lines(&log), ["một", "hai", "ba"]);
    drop(log);
    let log = open(dir.path());
    log.append(batch(&["bốn"])).await.unwrap();
    assert_eq!(lines(&log), ["một", "hai", "ba", "bốn"]);
    assert_eq!(lake::verify(dir.path()).unwrap(), (3, 4, vec![]));
}

#[tokio::test]
async fn segments_end_at_their_limit_and_go_when_released() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Limits { segment: 400, ..Limits::default() }, tools()).unwrap();
    let mut last = Position::default();
    for n in 0..20 {
        last = log.append(batch(&[&format!("{n} {}", "x".repeat(100))])).await.unwrap().at.unwrap();
    }
    assert!(last.segment >= 5, "{last}");
    assert_eq!(lines(&log).len(), 20);
    assert_eq!(Position::unpacked(last.packed()), last);
    let gone = log.release(last).unwrap();
    assert!(gone >= 3);
    let rest = lines(&log);
    assert!(rest.len() < 20 && rest.last().unwrap().starts_with("19 "));
}

#[tokio::test]
async fn a_batch_sent_again_is_recognised_until_its_sender_was_told() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let key = lake::batch_key(source(), b"bytes");
    let one = Batch { key: Some(key), ..batch(&["x"]) };
    assert!(!log.append(one.clone()).await.unwrap().resent);
    assert!(log.append(one.clone()).await.unwrap().resent, "nobody was told");
    drop(log);
    let log = open(dir.path());
    assert!(log.append(one.clone()).await.unwrap().resent, "nor after a restart");
    log.acknowledged(key);
    assert!(!log.append(one).await.unwrap().resent, "the same bytes once more are new ones");
    assert_eq!(lines(&log), ["x", "x"]);
}

#[tokio::test]
async fn a_record_with_a_name_is_kept_once() {
    let dir = tempfile::tempdir().unwrap();
    let named = |names: &[&str]| {
        let record =
            |n: &&str| Record { id: Some((*n).into()), line: n.as_bytes().to_vec(), ..Record::default() };
        Batch { records: names.iter().map(record).collect(), ..batch(&[]) }
    };
    let log = open(dir.path());
    assert_eq!(log.append(named(&["a", "b"])).await.unwrap().already, [0_usize; 0]);
    assert_eq!(log.append(named(&["b", "c", "c"])).await.unwrap().already, [0, 2]);
    drop(log);
    let log = open(dir.path());
    let again = log.append(named(&["a", "c"])).await.unwrap();
    assert_eq!((again.at, again.already), (None, vec![0, 1]));
    assert_eq!(lines(&log), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_batch_beyond_the_limit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let big = Record { line: vec![b'x'; lake::BATCH_MAX], ..Record::default() };
    let refused = log.append(Batch { records: vec![big], ..batch(&[]) }).await;
    assert!(matches!(refused, Err(lake::Error::Large(_))));
}

#[tokio::test]
async fn a_log_that_was_emptied_goes_on_after_what_was_read_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let read = Position { segment: 7, offset: 900 };
    let log = Log::open_after(dir.path(), Limits::default(), tools(), read).unwrap();
    let at = log.append(batch(&["mới"])).await.unwrap().at.unwrap();
    assert!(at > read, "{at}: else it would be taken for what was read before");
    assert_eq!(log.read(read, 1 << 20).unwrap().batches.len(), 1, "whoever goes on from there finds it");
    drop(log);
    let log = open(dir.path());
    assert!(log.append(batch(&["nữa"])).await.unwrap().at.unwrap() > at);
    assert_eq!(lines(&log), ["mới", "nữa"]);
}
