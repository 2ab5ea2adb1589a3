//! Bytes kept.

use domain::{
    event::Event,
    id::{Id, Uuid},
};
use jiff::{Timestamp, tz::TimeZone};
use lake::{About, Bounds, Feed, Lake, Position};
use normalise::{Reader, Zone};

/// Rows of a feed.
const PIECE: usize = 5_000;

pub fn run(paths: &[String]) {
    for path in paths {
        let text = std::fs::read(path).unwrap();
        let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
        let dir = std::env::temp_dir().join(format!("intake-size-{}", std::process::id()));
        let lake = Lake::open(&dir, Bounds { fan: 2, merged: 2 << 30, ..Bounds::default() }).unwrap();
        let now = Timestamp::now();
        let mut reader = Reader::new(Zone { zone: TimeZone::UTC, now: Some(now) });
        let (body, source) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let mut event = Event::default();
        for (piece, lines) in lines.chunks(PIECE).enumerate() {
            let mut feed = Feed::new(lake.fed());
            let position = Position { segment: 1, offset: u32::try_from(piece).unwrap() * 1_000_000 };
            for (n, raw) in lines.iter().enumerate() {
                reader.line(raw, &mut event);
                let line = u32::try_from(n).unwrap();
                feed.push(body, &event, &About { source, came: now, position, line, raw });
            }
            feed.upto(Position { offset: position.offset + 999_999, ..position });
            lake.take(feed).unwrap();
            if piece % 4 == 3 {
                lake.convert().unwrap();
            }
        }
        lake.convert().unwrap();
        while lake.compact().unwrap() {}
        let raw: usize = lines.iter().map(|l| l.len() + 1).sum();
        let size = lake.size();
        let share = |bytes: u64| 100.0 * bytes as f64 / raw as f64;
        println!(
            "{path}: {} lines, {raw} bytes; kept {} in {} files = {:.1}%",
            lines.len(),
            size.bytes,
            size.files,
            share(size.bytes)
        );
        let columns = lake.view().columns();
        let told: u64 = columns.iter().map(|(_, packed, _)| packed).sum();
        println!("  {:32} {:>10} ({:.1}% of raw)", "feet", size.bytes - told, share(size.bytes - told));
        for (name, packed, whole) in columns.iter().take(12) {
            println!("  {name:32} {packed:>10} ({:.1}% of raw) from {whole}", share(*packed));
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
