//! The table of events: what goes in comes out once, whatever dies on the way.

use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
    pin::pin,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Waker},
};

use domain::{
    event::{Column, Event, Kind},
    id::{Id, Uuid, kind},
};
use jiff::{SignedDuration, Timestamp};
use lake::{About, Bounds, Feed, Keep, Lake, Position};

/// Small enough that everything happens within fifty events.
const BOUNDS: Bounds = Bounds { hot: 1 << 20, age: SignedDuration::from_mins(5), merged: 64 << 20, fan: 3 };
const EVENTS: u32 = 48;
const STEP: u32 = 8;

pub(crate) fn body(n: u128) -> Id<kind::Body> {
    Id::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn place(n: u32) -> Position {
    Position { segment: 1 + n / 40, offset: 36 + n % 40 }
}

pub(crate) fn came(n: u32) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + i64::from(n)).unwrap()
}

/// One event a batch; bodies take turns.
pub(crate) fn push(feed: &mut Feed, n: u32) {
    let mut event = Event::default();
    for (column, text) in [(Column::Host, format!("WEB{:02}", n % 7)), (Column::User, format!("user{n}"))] {
        let field = event.push(column.name(), &text, Kind::Text).unwrap();
        event.point(column, field);
    }
    event.push("n", &n.to_string(), Kind::Number);
    let raw = format!("line {n} of WEB{:02}", n % 7);
    let about =
        About { source: crate::source(), came: came(n), position: place(n), line: 0, raw: raw.as_bytes() };
    feed.push(body(u128::from(n % 3)), &event, &about);
    feed.upto(Position { offset: place(n).offset + 1, ..place(n) });
}

/// A line of the first body, with itself as a field, as JSON writes it.
pub(crate) fn push_line(feed: &mut Feed, n: u32, line: &str) {
    let mut event = Event::default();
    event.push("m", line, Kind::Text);
    let raw = format!("{{\"m\":\"{}\"}}", line.replace('\\', "\\\\").replace('"', "\\\""));
    let about =
        About { source: crate::source(), came: came(n), position: place(n), line: 0, raw: raw.as_bytes() };
    feed.push(body(0), &event, &about);
    feed.upto(Position { offset: place(n).offset + 1, ..place(n) });
}

/// Reads on where it stands, as a follower of the log does, until everything is in files and those are few.
fn work(lake: &Lake) {
    let mut n = (0..EVENTS).find(|n| place(*n) >= lake.fed()).unwrap_or(EVENTS);
    while n < EVENTS {
        let mut feed = Feed::new(lake.fed());
        let upto = (n + STEP).min(EVENTS);
        (n..upto).for_each(|n| push(&mut feed, n));
        n = upto;
        lake.take(feed).unwrap();
        lake.convert().unwrap();
        while lake.compact().unwrap() {}
    }
    lake.convert().unwrap();
}

/// The numbers of all events, in the order of the log.
pub(crate) fn all(lake: &Lake) -> Vec<u32> {
    let lines = lake.view().lines().unwrap();
    lines.iter().map(|line| line.raw.split(' ').nth(1).unwrap().parse().unwrap()).collect()
}

#[test]
fn child() {
    let (Ok(dir), Ok(step)) = (std::env::var("CANH_LAKE_TABLE"), std::env::var("CANH_LAKE_STEP")) else {
        return;
    };
    let left = AtomicU32::new(step.parse().unwrap());
    let die = move |_: &'static str| {
        if left.fetch_sub(1, Ordering::SeqCst) == 0 {
            // As SIGKILL: nothing is written, nothing unwinds.
            let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
    };
    work(&Lake::open_with(Path::new(&dir), BOUNDS, Arc::new(die)).unwrap());
}

#[test]
fn killed_at_every_step_no_event_is_missing_or_doubled() {
    let (mut died, mut step) = (0, 0);
    loop {
        let dir = tempfile::tempdir().unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "table::child", "--nocapture"])
            .env("CANH_LAKE_TABLE", dir.path())
            .env("CANH_LAKE_STEP", step.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        // What is in files after a crash is a whole stretch from the begin, each event once.
        let lake = Lake::open(dir.path(), BOUNDS).unwrap();
        let found = all(&lake);
        assert_eq!(
            found,
            (0..u32::try_from(found.len()).unwrap()).collect::<Vec<_>>(),
            "died at step {step}"
        );
        assert_eq!(found.len() as u32, (0..EVENTS).filter(|n| place(*n) < lake.kept()).count() as u32);
        work(&lake);
        assert_eq!(all(&lake), (0..EVENTS).collect::<Vec<_>>(), "went on after step {step}");
        assert!(lake.size().files < 6, "{:?}", lake.size());
        let checked = lake::check(dir.path()).unwrap();
        assert!(checked.wrong.is_empty() && checked.gaps.is_empty(), "{checked:?}");
        if status.success() {
            break;
        }
        died += 1;
        step += 1;
    }
    assert!(died > 40, "the child died {died} times only");
}

#[test]
fn a_row_group_has_events_of_one_body_and_memory_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    work(&lake);
    let view = lake.view();
    let groups: Vec<_> = view.files.iter().flat_map(|f| &f.groups).collect();
    assert!(groups.len() >= view.files.len() * 3);
    let of = |n: u128| groups.iter().filter(|g| g.body == body(n)).map(|g| g.rows).sum::<u64>();
    assert_eq!([of(0), of(1), of(2)], [16, 16, 16]);
    for line in view.lines().unwrap() {
        let n: u128 = line.raw.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(line.body, body(n % 3));
    }
    assert_eq!(lake.size().hot_events, 0);
    let mut feed = Feed::new(lake.fed());
    push(&mut feed, EVENTS);
    lake.take(feed).unwrap();
    assert_eq!(lake.size().hot_events, 1);
    assert!(!lake.due(came(EVENTS)) && lake.due(came(EVENTS + 300)));
    assert_eq!(all(&lake).len() as u32, EVENTS + 1, "fresh events are found before they are in a file");
}

#[test]
fn memory_that_is_full_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), Bounds { hot: usize::MAX, ..BOUNDS }).unwrap();
    let told = |lake: &Lake| pin!(lake.full()).poll(&mut Context::from_waker(Waker::noop())).is_ready();
    let take = |lake: &Lake| {
        let mut feed = Feed::new(lake.fed());
        push(&mut feed, 0);
        lake.take(feed).unwrap();
    };
    take(&lake);
    assert!(!told(&lake));
    drop(lake);
    let full = Lake::open(dir.path(), Bounds { hot: 1, ..BOUNDS }).unwrap();
    take(&full);
    assert!(told(&full), "told even before anybody asked");
    assert!(!told(&full), "once");
}

#[test]
fn what_was_fed_before_is_not_taken_again() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    work(&lake);
    let mut feed = Feed::new(lake.fed());
    (0..EVENTS).for_each(|n| push(&mut feed, n));
    lake.take(feed).unwrap();
    assert_eq!(all(&lake).len() as u32, EVENTS);
    assert!(lake.take(Feed::new(Position::default())).is_err(), "a feed made before another one");
}

#[test]
fn a_body_s_events_go_when_its_term_is_over_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    work(&lake);
    let kept = lake.kept();
    let since = |at| Keep { since: at, held: Vec::new() };
    let keep = BTreeMap::from([(body(1), since(came(EVENTS))), (body(2), since(came(0)))]);
    assert_eq!(lake.over(&keep), BTreeMap::from([(body(1), 16)]));
    assert_eq!(lake.expire(&keep).unwrap().expired, 16);
    let left: Vec<u32> = (0..EVENTS).filter(|n| n % 3 != 1).collect();
    assert_eq!(all(&lake), left);
    assert_eq!(lake.expire(&keep).unwrap().made, 0, "nothing is written again for nothing");
    let everything = (0..3).map(|n| (body(n), since(came(EVENTS)))).collect();
    lake.expire(&everything).unwrap();
    assert_eq!((all(&lake), lake.kept()), (vec![], kept), "the place in the log outlives them");
    let again = Lake::open(dir.path(), BOUNDS).unwrap();
    assert_eq!((all(&again), again.kept()), (vec![], kept));
}

#[test]
fn little_files_beside_each_other_are_made_one_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), Bounds { fan: 100, ..BOUNDS }).unwrap();
    for first in (0..EVENTS).step_by(STEP as usize) {
        let mut feed = Feed::new(lake.fed());
        (first..first + STEP).for_each(|n| push(&mut feed, n));
        lake.take(feed).unwrap();
        lake.convert().unwrap();
    }
    let before = lake.size();
    assert_eq!(before.files, 6);
    while lake.compact().unwrap() {}
    let after = lake.size();
    assert!(after.files <= 2 && after.bytes * 2 < before.bytes, "{before:?} {after:?}");
    assert_eq!(all(&lake), (0..EVENTS).collect::<Vec<_>>());
}

#[test]
fn what_is_held_stays_though_its_term_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    for first in (0..EVENTS).step_by(STEP as usize) {
        let mut feed = Feed::new(lake.fed());
        (first..first + STEP).for_each(|n| push(&mut feed, n));
        lake.take(feed).unwrap();
        lake.convert().unwrap();
    }
    let held = |from, to| Keep { since: came(EVENTS), held: vec![(came(from), came(to))] };
    let keep = BTreeMap::from([(body(0), held(20, 24)), (body(1), held(EVENTS, EVENTS + 9))]);
    lake.expire(&keep).unwrap();
    let left = all(&lake);
    assert!((20..=24).filter(|n| n % 3 == 0).all(|n| left.contains(&n)), "what came within it: {left:?}");
    assert!(!left.iter().any(|n| n % 3 == 1), "a hold of another time keeps nothing");
    assert!(left.iter().filter(|n| *n % 3 == 0).count() < 16, "and what lies far from it goes");
}

#[test]
fn the_oldest_event_of_a_source_is_what_is_there_in_files_and_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    assert!(lake.view().oldest().unwrap().is_empty());
    let mut feed = Feed::new(lake.fed());
    push(&mut feed, 7);
    lake.take(feed).unwrap();
    let first = |lake: &Lake| lake.view().oldest().unwrap().into_values().min();
    assert_eq!(first(&lake), Some(came(7)), "in memory");
    lake.convert().unwrap();
    assert_eq!(first(&lake), Some(came(7)), "in a file");
    let keep = Keep { since: came(EVENTS), held: Vec::new() };
    lake.expire(&BTreeMap::from([(body(7 % 3), keep)])).unwrap();
    assert_eq!(first(&lake), None, "gone");
}

#[test]
fn a_changed_byte_and_a_lost_file_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), BOUNDS).unwrap();
    // Files beside each other, none of them merged.
    for first in (0..EVENTS).step_by(STEP as usize) {
        let mut feed = Feed::new(lake.fed());
        (first..first + STEP).for_each(|n| push(&mut feed, n));
        lake.take(feed).unwrap();
        lake.convert().unwrap();
    }
    assert_eq!(lake::check(dir.path()).unwrap().events, u64::from(EVENTS));
    let view = lake.view();
    let path = |n: usize| {
        let mut all: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        all[n].clone()
    };
    let mut bytes = std::fs::read(path(0)).unwrap();
    bytes[100] ^= 1;
    std::fs::write(path(0), bytes).unwrap();
    std::fs::remove_file(path(3)).unwrap();
    let checked = lake::check(dir.path()).unwrap();
    assert_eq!((checked.files, checked.wrong.len(), checked.gaps.len()), (view.files.len() - 1, 1, 1));
}
