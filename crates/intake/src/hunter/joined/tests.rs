use domain::{event::Event, id::Uuid};
use lake::{About, Bounds, Feed, Lake, search::Cut};
use normalise::{Reader, Zone};

use super::*;

const RULE: &str = "title: một\nname: one\nlogsource: {product: linux, service: sshd}\ndetection:\n  a: {message|contains: 'Failed password'}\n  condition: a\n---\ntitle: mười\ncorrelation:\n  type: event_count\n  rules: [one]\n  group-by: [source.ip]\n  timespan: 2m\n  condition: {gte: 10}\n";

fn body(n: u128) -> Body {
    Id::from_uuid(Uuid::from_u128(n))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// A table of guesses: whose, when, from where.
fn table(guesses: &[(u128, i64, &str)]) -> (tempfile::TempDir, Lake) {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path(), Bounds::default()).unwrap();
    let mut feed = Feed::new(lake.fed());
    let mut reader = Reader::new(Zone::default());
    let mut event = Event::default();
    for (n, (whose, second, address)) in guesses.iter().enumerate() {
        let raw = format!("<38>sshd[1]: Failed password for root from {address} port 1 ssh2");
        reader.line(raw.as_bytes(), &mut event);
        event.set_time(at(*second));
        let position = Position { segment: 1, offset: u32::try_from(n).unwrap() + 1 };
        let source = Id::from_uuid(Uuid::from_u128(9));
        let about = About { source, came: at(*second), position, line: 0, raw: raw.as_bytes() };
        feed.push(body(*whose), &event, &about);
        feed.upto(Position { offset: position.offset + 1, ..position });
    }
    lake.take(feed).unwrap();
    lake.convert().unwrap();
    (dir, lake)
}

fn looked(lake: &Lake, held: usize, (from, to): (i64, i64)) -> (u64, Vec<Hit>) {
    let (by, correlations) = By::rule(RULE).unwrap();
    let joining = Joining { held, ..Joining::new(correlations, &by) };
    let bodies = BTreeSet::from([body(1), body(2)]);
    let found =
        look(&joining, &Arc::new(by), &lake.view(), &bodies, (at(from), at(to)), 5, &|| None).unwrap();
    let (answer, hits) = found.unwrap();
    (answer.total, hits)
}

const FROM: &str = "203.0.113.9";

/// Ten guesses, five seconds apart, the last of them at second 45.
fn ten() -> Vec<(u128, i64, &'static str)> {
    (0..10).map(|n| (1, n * 5, FROM)).collect()
}

#[test]
fn what_began_before_a_stretch_is_told_where_it_is_completed_and_only_there() {
    let (_dir, lake) = table(&ten());
    let (total, hits) = looked(&lake, HELD, (30, 600));
    assert_eq!(total, 1);
    assert_eq!((hits[0].at, hits[0].body), (at(45), body(1)));
    let because = &hits[0].because[0];
    assert_eq!((because.field.as_str(), because.value.as_str()), ("source.ip", FROM));
    assert!(because.asked.starts_with("10 (") && because.asked.contains("/20"), "{because:?}");
    assert_eq!(looked(&lake, HELD, (-600, 30)).0, 0, "not complete yet");
    assert_eq!(looked(&lake, HELD, (46, 600)).0, 0, "told in the stretch before");
    assert_eq!(looked(&lake, HELD, (-600, 600)).0, 1);
}

#[test]
fn bodies_and_addresses_are_counted_apart_and_slow_ones_are_none() {
    let half = |whose: u128, address: &'static str| (0..5).map(move |n| (whose, n, address));
    let apart: Vec<_> = half(1, FROM).chain(half(2, FROM)).chain(half(1, "203.0.113.10")).collect();
    let (_dir, lake) = table(&apart);
    assert_eq!(looked(&lake, HELD, (-600, 600)).0, 0);
    let slow: Vec<_> = (0..20).map(|n| (1, n * 60, FROM)).collect();
    let (_dir, lake) = table(&slow);
    assert_eq!(looked(&lake, HELD, (-600, 6_000)).0, 0);
}

#[test]
fn a_stretch_with_more_hits_than_are_held_is_looked_at_in_pieces() {
    let mut many = ten();
    // A burst within a second cannot be halved: it goes in as it lies.
    many.extend((0..40).map(|_| (1, 1_000, "203.0.113.11")));
    many.extend((0..10).map(|n| (2, 2_000 + n * 7, "203.0.113.12")));
    let (_dir, lake) = table(&many);
    let whole = looked(&lake, HELD, (-600, 6_000));
    assert_eq!(whole.0, 3);
    let times = |hits: &[Hit]| hits.iter().map(|h| h.at).collect::<Vec<_>>();
    assert_eq!(times(&whole.1), [at(2_063), at(1_000), at(45)], "the newest first");
    let pieces = looked(&lake, 4, (-600, 6_000));
    assert_eq!((pieces.0, times(&pieces.1)), (3, times(&whole.1)));
}

#[test]
fn it_ends_when_it_is_told_to() {
    let (_dir, lake) = table(&ten());
    let (by, correlations) = By::rule(RULE).unwrap();
    let joining = Joining::new(correlations, &by);
    let found =
        look(&joining, &Arc::new(by), &lake.view(), &BTreeSet::from([body(1)]), (at(0), at(60)), 5, &|| {
            Some(Cut::Gone)
        });
    assert!(found.unwrap().is_none());
}
