//! Whatever is asked: answered or refused, within bounds, and never by another body's events. The seed is fixed.

use lake::{Bounds, Feed, Lake, search::SearchError};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};

use crate::{
    search::ask,
    table::{body, push},
};

const PIECES: [&str; 40] = [
    "host:",
    "n:",
    "@timestamp:",
    "time:",
    "raw:",
    "source:",
    "*",
    "?",
    "\"",
    "\\",
    "/",
    "/(a{0,1000}){0,1000}/",
    "/(a+)+$/",
    "/\\p{L}{999}/",
    "[",
    "]",
    "{",
    "}",
    " TO ",
    "(",
    ")",
    "((((((((((((((((((((((((((((((((",
    " AND ",
    " OR ",
    " NOT ",
    "-",
    "10.0.0.0/0",
    "::/129",
    "999999999999999999999999",
    "-9223372036854775808",
    "1e999",
    "NaN",
    "2026-02-30",
    ">=",
    "web03",
    "line",
    "Đ",
    "\u{0}",
    "ſ",
    "\u{10ffff}",
];

fn lake(dir: &std::path::Path) -> Lake {
    let lake = Lake::open(dir, Bounds::default()).unwrap();
    for from in [0, 20] {
        let mut feed = Feed::new(lake.fed());
        (from..from + 20).for_each(|n| push(&mut feed, n));
        lake.take(feed).unwrap();
        if from == 0 {
            lake.convert().unwrap();
        }
    }
    lake
}

#[test]
fn any_query_is_answered_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path());
    let config = ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    };
    let queries = vec(select(PIECES.to_vec()), 0..14);
    proptest::test_runner::TestRunner::new(config)
        .run(&queries, |pieces| {
            let text = pieces.concat();
            let Ok(query) = domain::query::read(&text) else { return Ok(()) };
            let ask = lake::search::Ask { query, ..ask("", &[1]) };
            match lake.view().search(&ask, &|| None) {
                Ok(answer) => {
                    prop_assert!(
                        answer.total <= 14 && answer.rows.iter().all(|row| row.body == body(1)),
                        "{text}"
                    );
                }
                Err(SearchError::Query(_)) => {}
                Err(SearchError::Table(error)) => prop_assert!(false, "{text}: {error}"),
            }
            Ok(())
        })
        .unwrap();
}
