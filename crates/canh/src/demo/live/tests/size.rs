//! What a day of the generator takes on disk.

use std::collections::BTreeMap;

use domain::id::{Id, Uuid};
use lake::{About, Bounds, Feed, Lake, Position};
use normalise::{Reader, Zone};
use store::testing::minute;

use super::{day, voices};

/// A file is made as often as the centre makes one of little traffic.
const FILE: i64 = 5;

/// `cargo nextest run -p canh --run-ignored only -E 'test(a_day_takes)' --no-capture`: the figures of docs/bench.md.
/// Ignored: half a minute, and nothing of it can be wrong but how much it is.
#[test]
#[ignore = "half a minute; a figure"]
#[allow(clippy::print_stderr, reason = "the figure")]
fn a_day_takes_so_many_bytes() {
    let voices = voices::all();
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), Bounds::default()).unwrap();
    let mut bodies: BTreeMap<String, u128> = BTreeMap::new();
    let (mut lines, mut raw) = (0_u64, 0_u64);
    for (n, from) in (0_i64..24 * 60).step_by(FILE.unsigned_abs() as usize).enumerate() {
        let (begins, ends) = (minute(from), minute(from + FILE));
        let zone = || Zone { zone: domain::time::zone(), now: Some(begins) };
        let mut readers: BTreeMap<usize, Reader> = BTreeMap::new();
        let mut feed = Feed::new(lake.fed());
        let position = Position { segment: 1, offset: u32::try_from(n).unwrap() * 1_000_000 };
        let mut event = domain::event::Event::default();
        for (line, said) in day::between(&voices, begins, ends).into_iter().enumerate() {
            let next = bodies.len() as u128 + 1;
            let body = Id::from_uuid(Uuid::from_u128(
                *bodies.entry(voices[said.voice].body.clone()).or_insert(next),
            ));
            let source = Id::from_uuid(Uuid::from_u128(1_000 + said.voice as u128));
            readers
                .entry(said.voice)
                .or_insert_with(|| Reader::new(zone()))
                .line(said.line.as_bytes(), &mut event);
            let line = u32::try_from(line).unwrap();
            let about = About { source, came: said.at, position, line, raw: said.line.as_bytes() };
            feed.push(body, &event, &about);
            (lines, raw) = (lines + 1, raw + said.line.len() as u64 + 1);
        }
        feed.upto(Position { offset: position.offset + 999_999, ..position });
        lake.take(feed).unwrap();
        lake.convert().unwrap();
        while lake.compact().unwrap() {}
    }
    let tell = |lake: &Lake, what: &str| {
        let size = lake.size();
        let share = |bytes: u64| 100.0 * bytes as f64 / raw as f64;
        eprintln!(
            "{what}: {lines} lines, {raw} bytes as they came; kept {} in {} files: {:.1}%",
            size.bytes,
            size.files,
            share(size.bytes)
        );
        let columns = lake.view().columns();
        let told: u64 = columns.iter().map(|(_, packed, _)| packed).sum();
        eprintln!("  {:32} {:>10} ({:.1}%)", "feet", size.bytes - told, share(size.bytes - told));
        for (name, packed, whole) in columns.iter().take(16) {
            eprintln!("  {name:32} {packed:>10} ({:.1}%) from {whole}", share(*packed));
        }
    };
    tell(&lake, "as the centre merges them");
    drop(lake);
    let lake = Lake::open(dir.path(), Bounds { fan: 2, ..Bounds::default() }).unwrap();
    while lake.compact().unwrap() {}
    tell(&lake, "merged as far as they go");
    assert_eq!(lake.size().events, lines);
}
