//! Whatever is called a list: taken, told or refused, never a panic. The seed is fixed.

use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};

use super::*;

/// One of each shape, small.
const LISTS: [&str; 5] = [
    "# x\nevil[.]example.com\n203.0.113.9 # C2\n2001:db8::/32\nhxxp://a.example.com/b?c=d\n098f6bcd4621d373cade4e832627b4f6\n",
    "type;value;valid_until\ndomain;evil.example.com;2030-01-01\nip;203.0.113.1;\n\"ip\";\"203.0.113.2\";\"mai\"\n",
    r#"{"Event":{"info":"x","Attribute":[{"type":"ip-dst|port","value":"203.0.113.9|443","to_ids":true}],"Object":[{"Attribute":[{"type":"md5","value":"098f6bcd4621d373cade4e832627b4f6"}]}]}}"#,
    r#"{"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","pattern_type":"stix","pattern":"[ipv4-addr:value = '203.0.113.9' OR domain-name:value IN ('a.example.com', 'b.example.com')]","valid_until":"2030-01-01T00:00:00Z"}]}"#,
    "[2001:db8::1]:443\n[.]com\n*.evil.example.com\n",
];
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    ";",
    "\n",
    "\r",
    "\0",
    "\t",
    "\u{feff}",
    "ſ",
    "xn--",
    "://",
    "/129",
    "999.999.999.999",
    " AND ",
    " OR [",
    "hxxps[:]//[::1]:99999/%zz",
];

fn used(text: &str) {
    let guard = Guard::new(vec!["gov.vn".into()], vec![]).watching();
    let mut told = 0;
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    if let Ok(report) = read(text, &guard, now, &mut |entry| {
        assert!(!entry.indicator.value.is_empty());
        told += 1;
    }) {
        assert_eq!(report.taken, told, "what is told as taken was taken");
        assert!(report.problems.len() <= PROBLEMS && report.problems.len() <= report.faults);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500, failure_persistence: None, rng_seed: RngSeed::Fixed(6), ..ProptestConfig::default()
    })]

    #[test]
    fn lists_somebody_changed_are_read_or_refused(
        from in 0..LISTS.len(), edits in vec((any::<usize>(), select(PIECES.to_vec()), 0..20_usize), 0..8),
    ) {
        let mut text = LISTS[from].to_owned();
        for (at, piece, cut) in edits {
            let at = text.floor_char_boundary(at % (text.len() + 1));
            let end = text.ceil_char_boundary((at + cut).min(text.len()));
            text.replace_range(at..end, piece);
        }
        used(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        used(&text);
    }
}

/// One thing over and over.
#[test]
fn repetition_is_bounded() {
    let stix = |pattern: &str| {
        format!(
            r#"{{"type":"bundle","objects":[{{"type":"indicator","pattern_type":"stix","pattern":"{pattern}"}}]}}"#
        )
    };
    for text in [
        format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "{\"Event\":".repeat(100_000), "}".repeat(100_000)),
        stix(&"(".repeat(100_000)),
        stix(&format!("[{}ipv4-addr:value = '1.1.1.1']", "NOT ".repeat(50_000))),
        stix(&"[ipv4-addr:value = '203.0.113.9'] OR ".repeat(20_000)),
        format!("type,value\n{}", "\"".repeat(200_000)),
        format!("{}.example.com", "a.".repeat(100_000)),
        "/".repeat(200_000),
        "\n".repeat(200_000),
    ] {
        used(&text);
    }
}
