//! Every modifier.

use detect::rule::encode::base64;

use crate::support::is;

fn one(item: &str, fields: &[(&str, &str)]) -> bool {
    is(&format!("s:\n  {item}\ncondition: s"), fields)
}

#[test]
fn places_in_a_text() {
    assert!(one("a|contains: foo", &[("a", "xFOOy")]) && !one("a|contains: foo", &[("a", "fo")]));
    assert!(one("a|startswith: foo", &[("a", "FOOy")]) && !one("a|startswith: foo", &[("a", "xfoo")]));
    assert!(one("a|endswith: foo", &[("a", "xFoo")]) && !one("a|endswith: foo", &[("a", "foox")]));
    assert!(one("a: foo", &[("a", "FOO")]) && !one("a: foo", &[("a", "foox")]));
    assert!(one("a: 'f*o?'", &[("a", "fxxxoy")]) && !one("a: 'f*o?'", &[("a", "fxo")]));
    assert!(one("a: 'đường'", &[("a", "ĐƯỜNG")]));
}

#[test]
fn all_cased_neq() {
    assert!(one("a|contains|all: [x, y]", &[("a", "yx")]) && !one("a|contains|all: [x, y]", &[("a", "x")]));
    assert!(one("a|cased: Foo", &[("a", "Foo")]) && !one("a|cased: Foo", &[("a", "foo")]));
    assert!(
        one("a|contains|cased: Foo", &[("a", "aFoo")]) && !one("a|contains|cased: Foo", &[("a", "afoo")])
    );
    assert!(one("a|neq: [x, y]", &[("a", "z")]) && !one("a|neq: [x, y]", &[("a", "y")]));
}

#[test]
fn null_exists_and_empty() {
    assert!(one("a: null", &[]) && one("a: null", &[("a", "null")]) && !one("a: null", &[("a", "x")]));
    assert!(one("a: ''", &[("a", "")]) && !one("a: ''", &[]));
    assert!(one("a|exists: true", &[("a", "")]) && !one("a|exists: true", &[]));
    assert!(one("a|exists: false", &[]) && !one("a|exists: false", &[("a", "1")]));
    assert!(one("a: '*'", &[("a", "x")]) && !one("a: '*'", &[]));
}

#[test]
fn numbers_addresses_times() {
    assert!(
        one("a|gte: 10", &[("a", "10")])
            && !one("a|gt: 10", &[("a", "10")])
            && one("a|lt: 1.5", &[("a", "-3")])
    );
    assert!(!one("a|lte: 10", &[("a", "x")]) && one("a|gt: 15", &[("a", "0x10")]));
    assert!(one("a|cidr: [10.0.0.0/8, 'fe80::/10']", &[("a", "10.1.2.3")]));
    assert!(!one("a|cidr: 10.0.0.0/8", &[("a", "11.1.2.3")]));
    assert!(
        one("a|hour: 22", &[("a", "2026-02-16T22:10:00Z")])
            && !one("a|hour: 22", &[("a", "2026-02-16T21:10:00Z")])
    );
    assert!(one("a|hour|gte: 22", &[("a", "2026-02-16 23:10:00")]));
    assert!(one("a|month: 2", &[("a", "2026-02-16T22:10:00+07:00")]));
}

#[test]
fn regular_expressions() {
    assert!(one(r"a|re: 'net\s+user'", &[("a", "x net  user")]));
    assert!(!one(r"a|re: 'net\s+user'", &[("a", "NET user")]), "case matters");
    assert!(one(r"a|re|i: 'net\s+user'", &[("a", "NET user")]));
    assert!(one(r"a|re: '^[a-z]{3}$'", &[("a", "abc")]) && !one(r"a|re: '^[a-z]{3}$'", &[("a", "abcd")]));
    assert!(one("a|re|s: 'a.b'", &[("a", "a\nb")]) && !one("a|re: 'a.b'", &[("a", "a\nb")]));
    assert!(one("a|re|m: '^b'", &[("a", "a\nb")]) && !one("a|re: '^b'", &[("a", "a\nb")]));
}

#[test]
fn encodings() {
    assert!(one("a|base64|contains: foobar", &[("a", "xx Zm9vYmFy yy")]));
    for before in ["", "x", "xy"] {
        let text = base64(format!("{before}IEX (New-Object Net)").as_bytes());
        assert!(one("a|base64offset|contains: 'IEX (New-Object'", &[("a", &text)]), "{text}");
    }
    let wide: Vec<u8> = "Invoke".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(one("a|wide|base64offset|contains: Invoke", &[("a", &base64(&wide))]));
    assert!(one("a|utf16le|base64offset|contains: Invoke", &[("a", &base64(&wide))]));
    let big: Vec<u8> = "Invoke".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(one("a|utf16be|base64|contains: Invoke", &[("a", &base64(&big))]));
    assert!(one("a|windash|contains: ' -enc'", &[("a", "p /enc x")]));
    assert!(one("a|windash|contains: ' -enc'", &[("a", "p \u{2013}enc x")]));
    assert!(one("a|windash|contains|all: [' -a', ' -b']", &[("a", "p /a -b")]));
    assert!(!one("a|windash|contains|all: [' -a', ' -b']", &[("a", "p /a")]));
}

#[test]
fn one_field_and_another() {
    assert!(
        one("a|fieldref: b", &[("a", "X"), ("b", "x")]) && !one("a|fieldref: b", &[("a", "x"), ("b", "y")])
    );
    assert!(!one("a|fieldref: b", &[("a", "x")]), "what is not there is like nothing");
    assert!(one("a|fieldref|startswith: b", &[("a", "xyz"), ("b", "xy")]));
    assert!(one("a|fieldref|endswith: b", &[("a", "xyz"), ("b", "yz")]));
    assert!(one("a|fieldref|contains: b", &[("a", "xyz"), ("b", "y")]));
}

#[test]
fn any_value_of_a_list_will_do() {
    assert!(one("a: x", &[("a", "w"), ("a", "x")]));
    assert!(one("a|contains|all: [x, y]", &[("a", "x"), ("a", "y")]));
    assert!(one("a|re: 'q+z'", &[("a", "w"), ("a", "qqz")]));
}
