//! A month of events, asked.

use std::{path::Path, time::Instant};

use detect::indicators::{Builder, Indicators};
use domain::{
    event::{Column, Event},
    id::{Id, Uuid, kind},
    indicator::Kind,
    query,
};
use intake::Sought;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use lake::{
    About, Bounds, Feed, Lake, Position,
    search::{Ask, Order},
};
use normalise::{Reader, Zone};

use super::load::cpu;

const BODIES: u128 = 20;
const PIECE: u64 = 20_000;
/// Once in so many events.
const RARE: u64 = 500_009;
/// What stands there then.
const WHAT: &str = " mimikatz http://c2.evil.example/x";
/// Indicators of a hunt.
const SOUGHT: u64 = 100_000;

fn body(n: u128) -> Id<kind::Body> {
    Id::from_uuid(Uuid::from_u128(100 + n))
}

pub fn run(millions: u64, dir: &str, only: &str) {
    let dir = Path::new(dir);
    let lake = Lake::open(dir, Bounds::default()).unwrap();
    let end: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let begin = end.checked_sub(SignedDuration::from_hours(24 * 30)).unwrap();
    let total = millions * 1_000_000;
    if lake.size().events < total {
        make(&lake, begin, total);
    }
    let size = lake.size();
    println!(
        "{} events, {} files, {} MB; memory {} MB",
        size.events,
        size.files,
        size.bytes >> 20,
        super::ground::memory()
    );
    let day = end.checked_sub(SignedDuration::from_hours(24)).unwrap();
    let top = vec![Column::Host, Column::SourceIp, Column::Url];
    for (name, text, from, rows, buckets, top, count) in [
        ("one host and one word", "host:web17 AND mimikatz", begin, 50, 60, vec![], true),
        (
            "the same, every line of that host read",
            "host:web17 AND raw:/mimikatz/",
            begin,
            50,
            60,
            vec![],
            true,
        ),
        ("one word, the newest 50", "mimikatz", begin, 50, 0, vec![], false),
        ("histogram and top ten of a day", "*", day, 0, 60, top, true),
        ("an address that is nowhere", "ip:203.0.113.250", begin, 50, 60, vec![], true),
        ("a word that is everywhere", "chrome OR windows", day, 50, 60, vec![], true),
    ] {
        if !name.contains(only) {
            continue;
        }
        let query = query::read(text).unwrap();
        let ask = Ask {
            query,
            from,
            to: end,
            bodies: (0..BODIES).map(body).collect(),
            rows,
            after: None,
            order: Order::Newest,
            buckets,
            top,
            count,
        };
        let (mut times, cpu) = (Vec::new(), cpu());
        let mut found = None;
        for _ in 0..4 {
            let began = Instant::now();
            found = Some(lake.view().search(&ask, &|| None).unwrap());
            times.push(began.elapsed());
        }
        let found = found.unwrap();
        println!(
            "{name}: {} found, {} looked at; first {:.0?}, then {:.0?} {:.0?} {:.0?}, {:.2} s of processors each",
            found.total,
            found.looked_at,
            times[0],
            times[1],
            times[2],
            times[3],
            (self::cpu() - cpu) / 4.0,
        );
    }
    if "indicators".contains(only) {
        hunt(&lake, begin, end);
    }
}

/// As the program hunts: stretch by stretch, from the newest.
fn hunt(lake: &Lake, begin: Timestamp, end: Timestamp) {
    let sought = Sought::list(indicators(), (0..BODIES).map(body).collect());
    let (began, cpu, mut to, mut looked, mut hits) = (Instant::now(), cpu(), end, 0, 0);
    while to > begin {
        let from = to.checked_sub(sought.stretch()).unwrap().max(begin);
        let (answer, _) = sought.look(&lake.view(), (from, to), 200, &|| None).unwrap().unwrap();
        looked += answer.looked_at;
        hits += answer.total;
        to = from;
    }
    println!(
        "{SOUGHT} indicators: {hits} found, {looked} looked at in {:.1?}, {:.1} s of processors",
        began.elapsed(),
        self::cpu() - cpu
    );
}

/// Half of them hashes, then names, URLs and addresses; one of them occurs.
fn indicators() -> Indicators {
    let mut builder = Builder::default();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    builder.add(Kind::Domain, "evil.example", 0, None);
    for n in 1..SOUGHT {
        let (a, b) = (next(), next());
        let (kind, value) = match n % 10 {
            0..5 => (Kind::Sha256, format!("{a:016x}{b:016x}{:016x}{:016x}", next(), next())),
            5..7 => (Kind::Domain, format!("{a:x}.h{}.example", b % 10_000)),
            7 => (Kind::Url, format!("http://{a:x}.example/{b:x}.exe")),
            // None of the addresses the lines have.
            _ => (Kind::Address, format!("10.{}.{}.{}", a % 250, b % 250, n % 250)),
        };
        builder.add(kind, &value, 0, None);
    }
    builder.build()
}

fn make(lake: &Lake, begin: Timestamp, total: u64) {
    let began = Instant::now();
    let source = Id::from_uuid(Uuid::from_u128(2));
    let mut event = Event::default();
    let step = 30 * 24 * 3_600_000_000_u64 / total;
    // A table half made is gone on with: piece n is in segment n + 1.
    for piece in u64::from(lake.kept().segment)..total / PIECE {
        let mut feed = Feed::new(lake.fed());
        let position = Position { segment: u32::try_from(piece + 1).unwrap(), offset: 64 };
        for n in 0..PIECE {
            let number = piece * PIECE + n;
            let at = begin
                .checked_add(SignedDuration::from_micros(i64::try_from(number * step).unwrap()))
                .unwrap();
            let mut raw = super::load::line(number.wrapping_mul(2_654_435_761) % 1_000_000_007);
            if number % RARE == 17 {
                raw.push_str(WHAT);
            }
            let mut reader = Reader::new(Zone { zone: TimeZone::UTC, now: Some(at) });
            reader.line(raw.as_bytes(), &mut event);
            event.set_time(at);
            let line = u32::try_from(n).unwrap();
            feed.push(
                body(u128::from(number) % BODIES),
                &event,
                &About { source, came: at, position, line, raw: raw.as_bytes() },
            );
        }
        feed.upto(Position { offset: 65, ..position });
        lake.take(feed).unwrap();
        if lake.due(begin) {
            lake.convert().unwrap();
            while lake.compact().unwrap() {}
        }
        if piece % 50 == 49 {
            eprintln!(
                "{} events, {:.0}/s",
                (piece + 1) * PIECE,
                ((piece + 1) * PIECE) as f64 / began.elapsed().as_secs_f64()
            );
        }
    }
    lake.convert().unwrap();
    while lake.compact().unwrap() {}
}
