//! Searching: the same answer from memory and from files, and never another body's events.

use std::collections::BTreeSet;

use domain::{event::Column, query};
use jiff::{SignedDuration, Timestamp};
use lake::{
    Bounds, Feed, Lake,
    search::{Answer, Ask, Cut, Export, Order, Value, Visited},
};

use crate::table::{body, came, push, push_line};

const EVENTS: u32 = 60;

fn lake(dir: &std::path::Path, files: bool) -> Lake {
    let lake = Lake::open(dir, Bounds { age: SignedDuration::ZERO, ..Bounds::default() }).unwrap();
    for from in (0..EVENTS).step_by(20) {
        let mut feed = Feed::new(lake.fed());
        (from..from + 20).for_each(|n| push(&mut feed, n));
        lake.take(feed).unwrap();
        if files {
            lake.convert().unwrap();
        }
    }
    lake
}

pub(crate) fn ask(query: &str, bodies: &[u128]) -> Ask {
    Ask {
        query: query::read(query).unwrap(),
        from: Timestamp::from_second(1_799_999_000).unwrap(),
        to: came(EVENTS),
        bodies: bodies.iter().map(|n| body(*n)).collect(),
        rows: 100,
        after: None,
        order: Order::Newest,
        buckets: 10,
        top: vec![Column::Host],
        count: true,
    }
}

fn run(lake: &Lake, ask: &Ask) -> Answer {
    lake.view().search(ask, &|| None).unwrap()
}

fn numbers(answer: &Answer) -> Vec<u32> {
    answer.rows.iter().map(|r| r.raw.split(' ').nth(1).unwrap().parse().unwrap()).collect()
}

fn expected(test: impl Fn(u32) -> bool) -> Vec<u32> {
    (0..EVENTS).rev().filter(|n| test(*n)).collect()
}

#[test]
fn memory_and_files_answer_alike() {
    for files in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let lake = lake(dir.path(), files);
        let all = [0, 1, 2];
        let found = |query: &str| numbers(&run(&lake, &ask(query, &all)));
        assert_eq!(found(""), expected(|_| true));
        assert_eq!(found("host:web03"), expected(|n| n % 7 == 3), "whatever its case");
        assert_eq!(found("host:WEB0?"), expected(|_| true));
        assert_eq!(found("WEB03 \"LINE 1\""), expected(|n| n % 7 == 3 && n.to_string().starts_with('1')));
        assert_eq!(found("n:>=57 OR n:[3 TO 5}"), expected(|n| n >= 57 || n == 3 || n == 4));
        assert_eq!(found("N:12"), [12], "an original field, whatever its case");
        assert_eq!(found("user:/user[12]$/"), [2, 1]);
        assert_eq!(
            found("host:(web01 web02) NOT user:*1"),
            expected(|n| (n % 7 == 1 || n % 7 == 2) && n % 10 != 1)
        );
        assert_eq!(found("-host:*"), [0_u32; 0]);
        assert_eq!(found("host:nowhere"), [0_u32; 0]);
        assert_eq!(found("line-1?3 OR \"of web06\" n:13"), [13]);
    }
}

#[test]
fn one_body_never_sees_another_s_events() {
    for files in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let lake = lake(dir.path(), files);
        // Every way to ask: all, a value only others have, expressions, what others lack.
        for query in ["", "*", "user:user1", "line", "n:/./", "NOT host:web00", "n:>=0", "body:*", "raw:*"] {
            let own = run(&lake, &ask(query, &[0]));
            assert!(own.rows.iter().all(|r| r.body == body(0)), "{query}");
            assert!(numbers(&own).iter().all(|n| n % 3 == 0), "{query}");
            assert_eq!(own.total as usize, own.rows.len(), "{query}: counts");
            assert_eq!(own.histogram.iter().sum::<u64>(), own.total, "{query}: histogram");
            assert_eq!(
                own.top[0].values.iter().map(|(_, n)| n).sum::<u64>(),
                own.total,
                "{query}: top values"
            );
            assert!(own.looked_at <= u64::from(EVENTS / 3), "{query}: others' were not even looked at");
        }
        assert_eq!(run(&lake, &ask("", &[])), run(&lake, &ask("", &[9])), "nobody's, and a body without any");
        assert_eq!(run(&lake, &ask("user:user1", &[0])).total, 0);
        // By its place, too.
        let view = lake.view();
        let other = run(&lake, &ask("n:1", &[1])).rows.remove(0);
        let place = (lake::Position::unpacked(other.key.position), 0);
        let by_place = |bodies: &[u128]| {
            let bodies: BTreeSet<_> = bodies.iter().map(|n| body(*n)).collect();
            view.event(&bodies, place.0, place.1).unwrap()
        };
        assert_eq!((by_place(&[0, 2]), by_place(&[1])), (None, Some(other.clone())));
        let around = Ask { order: Order::On(crate::source(), (other.key.position, 0)), ..ask("", &[0]) };
        assert!(run(&lake, &around).rows.iter().all(|r| r.body == body(0)));
    }
}

#[test]
fn values_of_columns_are_given_of_what_is_found_and_of_nobody_else() {
    for files in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let lake = lake(dir.path(), files);
        let given = |query: &str, bodies: &[u128], most: usize| {
            let all = std::sync::Mutex::new(Vec::new());
            let columns = ["event.original", "@timestamp", "user.name", "no.such", "fields"];
            let each = |values: &[Value<'_>]| {
                let [Value::Text(raw), Value::Time(time), user, Value::Fields(fields)] = values else {
                    panic!("{values:?}")
                };
                assert!(matches!(user, Value::Text(_) | Value::None));
                assert!(fields.iter().any(|(name, value)| *name == "n" && raw.contains(value)));
                assert!(*time < came(EVENTS));
                let mut all = all.lock().unwrap();
                all.push(raw.split(' ').nth(1).unwrap().parse::<u32>().unwrap());
                all.len() < most
            };
            let ended = lake.view().values(&ask(query, bodies), &columns, &|| None, &each).unwrap();
            let mut all = all.into_inner().unwrap();
            all.sort_unstable_by(|a, b| b.cmp(a));
            (ended, all)
        };
        assert_eq!(given("host:web03", &[0, 1, 2], 1_000), (Visited::All, expected(|n| n % 7 == 3)));
        assert_eq!(given("", &[1], 1_000), (Visited::All, expected(|n| n % 3 == 1)));
        assert_eq!(given("", &[9], 1_000), (Visited::All, Vec::new()));
        assert_eq!(given("", &[0, 1, 2], 1).0, Visited::Enough);
    }
}

#[test]
fn what_is_looked_at_stretch_by_stretch_is_counted_once() {
    for files in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let lake = lake(dir.path(), files);
        let whole = ask("nothing", &[0, 1, 2]);
        // No stretch ends where a row group or a piece of memory does.
        let ends = [whole.from, came(7), came(8), came(33), whole.to];
        let (mut looked, mut held) = (0, 0);
        for ends in ends.windows(2) {
            looked += run(&lake, &Ask { from: ends[0], to: ends[1], ..whole.clone() }).looked_at;
            held += lake.view().held(&whole.bodies, ends[0], ends[1]).unwrap().values().sum::<u64>();
        }
        assert_eq!((looked, held), (u64::from(EVENTS), u64::from(EVENTS)), "in files: {files}");
    }
}

#[test]
fn a_row_group_without_the_word_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path(), true);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap().path();
        let mut bytes = std::fs::read(&file).unwrap();
        // All pages, up to where the pieces of text are told.
        let foot = String::from_utf8_lossy(&bytes).split_once("canh.grams").unwrap().1.to_owned();
        let digits = foot.split_once('+').unwrap().0.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
        bytes[4..digits.parse().unwrap()].fill(0xff);
        std::fs::write(&file, bytes).unwrap();
    }
    let view = lake.view();
    let found = |query: &str| view.search(&ask(query, &[0, 1, 2]), &|| None).map(|a| a.total).ok();
    for none in [
        "mimikatz",
        "\"line 9 of\" mimikatz",
        "raw:*mimikatz*",
        "n:mimikatz",
        "x:*mimi?katz*",
        "LINE-MIMIKATZ",
    ] {
        assert_eq!(found(none), Some(0), "{none}");
    }
    for there in ["line", "LINE OR mimikatz", "NOT mimikatz", "raw:/mimikatz/", "mim"] {
        assert_eq!(found(there), None, "{there}: is read");
    }
}

proptest::proptest! {
    // Each makes two tables and writes a file.
    #![proptest_config(proptest::test_runner::Config::with_cases(96))]
    #[test]
    fn a_word_is_found_in_files_as_in_memory(
        lines in proptest::collection::vec("[a-cA-CkKsSiİſ\u{212a}\"\\\\ é]{4,12}", 1..9),
        place in (0_usize..9, 0_usize..8, 4_usize..8),
        cases in proptest::collection::vec(0_usize..3, 8),
    ) {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let lakes = [false, true].map(|files| {
            let lake = Lake::open(dirs[usize::from(files)].path(), Bounds::default()).unwrap();
            let mut feed = Feed::new(lake.fed());
            (0..).zip(&lines).for_each(|(n, line)| push_line(&mut feed, n, line));
            lake.take(feed).unwrap();
            if files {
                lake.convert().unwrap();
            }
            lake
        });
        // Some of a line, its letters in another case.
        let cased = |(c, case): (char, &usize)| match (c, case) {
            ('s' | 'S' | 'ſ', _) => ['s', 'S', 'ſ'][*case],
            ('k' | 'K' | '\u{212a}', _) => ['k', 'K', '\u{212a}'][*case],
            (c, 1) => c.to_ascii_lowercase(),
            (c, 2) => c.to_ascii_uppercase(),
            (c, _) => c,
        };
        let line = lines[place.0 % lines.len()].chars().skip(place.1).take(place.2);
        let word: String = line.zip(&cases).map(cased).collect();
        let quoted = word.replace('\\', "\\\\").replace('"', "\\\"");
        for query in [format!("\"{quoted}\""), format!("m:\"{quoted}\""), format!("m:*{quoted}*")] {
            let Ok(query) = query::read(&query) else { continue };
            let [memory, files] = lakes.each_ref().map(|lake| {
                run(lake, &Ask { query: query.clone(), ..ask("", &[0]) }).total
            });
            proptest::prop_assert_eq!(memory, files, "{:?}", query);
        }
    }
}

#[test]
fn a_damaged_file_of_another_body_is_nothing_to_me() {
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path(), true);
    let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let view = lake.view();
    let group = view.files.iter().find(|f| file.ends_with(f.name.path(std::path::Path::new("")))).unwrap();
    // The pages of the first body lie before those of the others.
    let first = group.groups.iter().find(|g| g.number == 0).unwrap().body;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4..400].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    for n in 0..3 {
        let answer = view.search(&ask("line", &[n]), &|| None);
        assert_eq!(answer.is_err(), body(n) == first, "body {n}");
    }
}

#[test]
fn rows_come_newest_first_page_by_page_and_in_the_order_of_the_log_around_one() {
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path(), true);
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = run(&lake, &Ask { rows: 7, after, count: false, ..ask("", &[0, 1]) });
        let Some(last) = page.rows.last() else { break };
        after = Some(last.key);
        pages.extend(numbers(&page));
    }
    assert_eq!(pages, expected(|n| n % 3 < 2));
    let middle = run(&lake, &ask("n:30", &[0])).rows.remove(0);
    let place = (middle.key.position, middle.key.line);
    let around = |order| Ask { rows: 3, order, count: false, ..ask("", &[0, 1, 2]) };
    assert_eq!(numbers(&run(&lake, &around(Order::Back(crate::source(), place)))), [29, 28, 27]);
    assert_eq!(numbers(&run(&lake, &around(Order::On(crate::source(), place)))), [31, 32, 33]);
}

#[test]
fn time_and_counts_are_right_and_a_search_ends_when_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path(), true);
    let some = Ask { from: came(10), to: came(20), ..ask("", &[0, 1, 2]) };
    let answer = run(&lake, &some);
    assert_eq!(numbers(&answer), (10..20).rev().collect::<Vec<_>>());
    assert_eq!(answer.histogram, [1; 10]);
    let top = &run(&lake, &ask("", &[0, 1, 2])).top[0];
    assert_eq!((top.values[0].clone(), top.different, top.other), (("web00".to_owned(), 9), 7, 0));
    let few = run(&lake, &Ask { rows: 2, ..ask("", &[0, 1, 2]) });
    assert_eq!((few.rows.len(), few.total), (2, u64::from(EVENTS)));
    let over = lake.view().search(&ask("", &[0, 1, 2]), &|| Some(Cut::Time)).unwrap();
    assert_eq!((over.cut, over.total), (Some(Cut::Time), 0), "what is answered is true and not all");
    assert!(lake.view().search(&ask("url:/(/", &[0]), &|| None).is_err());
    assert!(
        lake.view().search(&ask("url:/(\\w{999}){999}/", &[0]), &|| None).is_err(),
        "too large to compile"
    );
}

#[test]
fn what_was_found_is_written_as_the_tables_own_columns() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let dir = tempfile::tempdir().unwrap();
    let lake = lake(dir.path(), true);
    let found = run(&lake, &ask("host:web03", &[0, 2])).rows;
    let mut file = Export::begin(Vec::new(), found.len()).unwrap();
    found.chunks(4).for_each(|page| file.add(page).unwrap());
    let bytes = bytes::Bytes::from(file.finish().unwrap());
    let read = SerializedFileReader::new(bytes).unwrap();
    let rows: Vec<_> = read.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), found.len());
    assert!(found.len() > 4);
    for (row, one) in rows.iter().zip(&found) {
        let n = one.raw.split(' ').nth(1).unwrap();
        let wanted = [
            format!("event.original: \"{}\"", one.raw),
            "host.name: \"web03\"".to_owned(),
            format!("user.name: \"user{n}\""),
            format!("body: \"{}\"", one.body),
            format!("\"n\" -> \"{n}\""),
        ];
        assert!(wanted.iter().all(|w| row.contains(w)), "{wanted:?} in {row}");
    }
    let none = Export::begin(Vec::new(), 0).unwrap().finish().unwrap();
    assert_eq!(SerializedFileReader::new(bytes::Bytes::from(none)).unwrap().metadata().num_row_groups(), 0);
}
