//! Each shape, whole and broken.

mod hostile;

use domain::indicator::Kind;

use super::*;

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn taken(text: &str) -> (Vec<(Kind, String)>, Report) {
    let guard = Guard::new(vec!["gov.vn".into()], vec![]).watching();
    let mut all = Vec::new();
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let report = read(text, &guard, now, &mut |e| all.push((e.indicator.kind, e.indicator.value))).unwrap();
    (all, report)
}

fn kinds(text: &str) -> Vec<Kind> {
    taken(text).0.into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn one_a_line_with_remarks_and_faults_at_their_lines() {
    let text =
        format!("# danh sách\nevil[.]example.com\n{SHA256}  203.0.113.9 # C2\nso.gov.vn\nevil.example.com\n");
    let (all, report) = taken(&text);
    assert_eq!(all.iter().map(|(k, _)| *k).collect::<Vec<_>>(), [Kind::Domain, Kind::Sha256, Kind::Address]);
    assert_eq!((report.shape, report.taken, report.merged, report.faults), (Shape::Text, 3, 1, 1));
    assert_eq!((report.problems[0].place, report.problems[0].why), (4, Why::Protected));
}

#[test]
fn a_table_by_the_names_of_its_columns() {
    let text = format!(
        "# xuất ngày\ntype;value;valid_until\ndomain;evil[.]example.com;2030-01-01\nhash;{SHA256};\nip;203.0.113.1;2020-01-01\nip;x y;\nip;203.0.113.2;mai\n"
    );
    let (all, report) = taken(&text);
    assert_eq!(all.len(), 2);
    assert_eq!((report.shape, report.passed, report.faults), (Shape::Table, 1, 2));
    assert_eq!(report.problems.iter().map(|p| p.place).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(kinds("md5,sha256\n098f6bcd4621d373cade4e832627b4f6,\"\"\n"), [Kind::Md5]);
}

#[test]
fn misp_in_each_of_its_wrappings() {
    let attributes = format!(
        r#"[{{"type":"filename|sha256","value":"a.exe|{SHA256}","to_ids":true}},
            {{"type":"ip-dst|port","value":"203.0.113.9|443","to_ids":true}},
            {{"type":"hostname","value":"c2.evil.example.com","to_ids":false}},
            {{"type":"mutex","value":"x","to_ids":true}},
            {{"type":"url","value":"http://evil.example.com/x","to_ids":true,"deleted":true}},
            {{"type":"domain","value":"not a domain","to_ids":true}}]"#
    );
    let event = format!(
        r#"{{"Event":{{"info":"x","Attribute":{attributes},"Object":[{{"name":"o","Attribute":[{{"type":"md5","value":"098f6bcd4621d373cade4e832627b4f6"}}]}}]}}}}"#
    );
    for text in [event.clone(), format!("[{event}]"), format!(r#"{{"response":[{event}]}}"#)] {
        let (all, report) = taken(&text);
        assert_eq!(
            all.iter().map(|(k, _)| *k).collect::<Vec<_>>(),
            [Kind::Sha256, Kind::Address, Kind::Md5],
            "{text}"
        );
        assert_eq!((report.shape, report.passed, report.faults), (Shape::Misp, 3, 1));
        assert_eq!(report.problems[0].place, 6);
    }
    assert_eq!(kinds(&format!(r#"{{"response":{{"Attribute":{attributes}}}}}"#)).len(), 2);
}

#[test]
fn a_stix_bundle_by_its_patterns() {
    let pattern = |p: &str, more: &str| {
        format!(r#"{{"type":"indicator","id":"indicator--1","pattern_type":"stix","pattern":"{p}"{more}}}"#)
    };
    let objects = [
        pattern(&format!("[file:hashes.'SHA-256' = '{SHA256}']"), ""),
        pattern(
            "[ipv4-addr:value = '203.0.113.9' OR domain-name:value IN ('a.example.com', 'b.example.com')]",
            "",
        ),
        pattern("[url:value = 'http://x.example.com/?a=\\\\'b'] OR [ipv6-addr:value='2001:db8::1']", ""),
        pattern("[file:name = 'a.exe' AND file:size = 3]", ""),
        pattern("[mutex:name = 'x']", ""),
        pattern("[domain-name:value = 'old.example.com']", r#","valid_until":"2020-01-01T00:00:00Z""#),
        pattern("[domain-name:value = 'gone.example.com']", r#","revoked":true"#),
        r#"{"type":"malware","name":"x"}"#.to_owned(),
    ];
    let text = format!(r#"{{"type":"bundle","id":"bundle--1","objects":[{}]}}"#, objects.join(","));
    let (all, report) = taken(&text);
    assert_eq!(
        all.iter().map(|(k, _)| *k).collect::<Vec<_>>(),
        [Kind::Sha256, Kind::Address, Kind::Domain, Kind::Domain, Kind::Url, Kind::Address]
    );
    assert_eq!((report.shape, report.passed, report.faults), (Shape::Stix, 3, 1));
    assert_eq!(report.problems[0].place, 4);
}

#[test]
fn what_is_no_list_says_so() {
    let guard = Guard::default();
    for text in ["{\"a\":", "{\"a\":1}", "[{}]"] {
        assert!(read(text, &guard, Timestamp::UNIX_EPOCH, &mut |_| {}).is_err(), "{text}");
    }
}
