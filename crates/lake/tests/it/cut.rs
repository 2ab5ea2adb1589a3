//! Torn ends and flipped bytes.

use std::fs;

use crate::{batch, lines, open};

/// Three batches in one segment; the file and where each frame ends.
async fn written() -> (Vec<u8>, Vec<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let mut ends = Vec::new();
    for n in 0..3 {
        log.append(batch(&[&format!("dòng {n}"), "x"])).await.unwrap();
        ends.push(log.durable().borrow().offset as usize);
    }
    let path = dir.path().join("0000000001.log");
    (fs::read(path).unwrap(), ends)
}

#[tokio::test]
async fn cut_at_every_byte_what_is_whole_is_there_and_the_rest_is_not() {
    let (bytes, ends) = written().await;
    for cut in 0..=bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("0000000001.log"), &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let log = open(dir.path());
        assert_eq!(lines(&log).len(), 2 * whole, "cut at {cut}");
        assert_eq!(log.health().damaged, 0, "cut at {cut}");
        log.append(batch(&["sau"])).await.unwrap();
        assert_eq!(lines(&log).last().unwrap(), "sau");
        drop(log);
        assert_eq!(lines(&open(dir.path())).len(), 2 * whole + 1, "cut at {cut}, opened again");
    }
}

#[tokio::test]
async fn a_flipped_byte_costs_its_batch_and_is_told() {
    let (bytes, ends) = written().await;
    for at in 36..bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x20;
        fs::write(dir.path().join("0000000001.log"), &flipped).unwrap();
        let hit = ends.iter().filter(|end| **end <= at).count();
        let log = open(dir.path());
        let rest: Vec<String> = (0..3).filter(|n| *n != hit).map(|n| format!("dòng {n}")).collect();
        let found: Vec<String> = lines(&log).into_iter().filter(|l| l.starts_with('d')).collect();
        assert_eq!(found, rest, "byte {at}");
        let health = log.health();
        // The last batch damaged looks like a torn end; before others it is damage.
        assert_eq!((health.damaged > 0, health.torn > 0), (hit < 2, hit == 2), "byte {at}");
        if hit < 2 {
            assert_eq!(log.read(lake::Position::default(), 1 << 20).unwrap().damage.len(), 1, "byte {at}");
            assert_eq!(lake::verify(dir.path()).unwrap().2.len(), 1, "byte {at}");
        }
    }
}

#[tokio::test]
async fn a_line_that_looks_like_a_frame_is_none() {
    let (bytes, ends) = written().await;
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let frame = bytes[36..ends[0]].to_vec();
    let mut hostile = batch(&["a"]);
    hostile.records[0].line = frame;
    log.append(hostile).await.unwrap();
    log.append(batch(&["b"])).await.unwrap();
    drop(log);
    let path = dir.path().join("0000000001.log");
    let mut bytes = fs::read(&path).unwrap();
    bytes[36] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(lines(&open(dir.path())), ["b"]);
}
