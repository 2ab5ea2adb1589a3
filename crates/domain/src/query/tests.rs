use super::{Name, Part, Pattern, Query, Test, read};
use crate::event::Column;

fn text(t: &str) -> Query {
    Query::Text(Pattern(vec![Part::Text(t.into())]))
}
fn is(name: Name, t: &str) -> Query {
    Query::Field(name, Test::Is(Pattern(vec![Part::Text(t.into())])))
}
fn host(t: &str) -> Query {
    is(Name::Columns(vec![Column::Host]), t)
}

#[test]
fn words_side_by_side_are_all_meant_and_or_binds_less() {
    assert_eq!(read("  ").unwrap(), Query::All);
    assert_eq!(read("*").unwrap(), Query::All);
    assert_eq!(read("a b").unwrap(), Query::And(vec![text("a"), text("b")]));
    assert_eq!(read("a AND b").unwrap(), read("a b").unwrap());
    assert_eq!(read("a OR b c").unwrap(), Query::Or(vec![text("a"), Query::And(vec![text("b"), text("c")])]));
    assert_eq!(
        read("(a OR b) c").unwrap(),
        Query::And(vec![Query::Or(vec![text("a"), text("b")]), text("c")])
    );
    assert_eq!(read("NOT a -b").unwrap(), read("-a NOT b").unwrap());
    assert_eq!(read("\"failed password\"").unwrap(), text("failed password"));
    assert_eq!(read("ORACLE android").unwrap(), Query::And(vec![text("ORACLE"), text("android")]));
}

#[test]
fn fields_have_short_names_long_names_and_their_own() {
    assert_eq!(read("host:web01").unwrap(), host("web01"));
    assert_eq!(read("HOST.name:\"web01\"").unwrap(), host("web01"));
    assert_eq!(read("TargetUserName:an").unwrap(), is(Name::Own("TargetUserName".into()), "an"));
    assert_eq!(read("host:(a b OR c)").unwrap(), Query::Or(vec![host("a"), host("b"), host("c")]));
    assert!(matches!(read("user:*").unwrap(), Query::Field(_, Test::Exists)));
    assert!(matches!(read("ip:10.0.0.0/8").unwrap(), Query::Field(_, Test::Net(_))));
    assert!(matches!(read("url:/a\\/b\\d+/").unwrap(), Query::Field(_, Test::Regex(t, 5)) if t == "a/b\\d+"));
    assert_eq!(
        read("file:*.p?f").unwrap(),
        Query::Field(
            Name::Columns(vec![Column::File]),
            Test::Is(Pattern(vec![Part::Any, Part::Text(".p".into()), Part::One, Part::Text("f".into())]))
        )
    );
    for plain in ["C:\\Windows\\x.exe", "http://x.vn/a", "::1"] {
        assert_eq!(read(plain).unwrap(), text(plain), "{plain}");
    }
}

#[test]
fn ranges_hold_numbers_as_numbers_and_texts_as_texts() {
    let holds = |query: &str, value: &str| match read(query).unwrap() {
        Query::Field(_, Test::Range(from, to)) => Test::range_holds(from.as_ref(), to.as_ref(), value),
        other => panic!("{other:?}"),
    };
    assert!(holds("port:>=1024", "1024") && !holds("port:>1024", "1024") && holds("port:<1024", "80"));
    assert!(holds("code:[4624 TO 4634]", "4634") && !holds("code:[4624 TO 4634}", "4634"));
    assert!(holds("code:[* TO 5]", "3") && !holds("code:[3 TO *]", "abc") && !holds("port:>9", "10x"));
    assert!(holds("x:[an TO binh]", "Bao") && !holds("x:[an TO binh]", "cuong"));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (query, code, at) in [
        ("\"abc", "unclosed", 1),
        ("a (b", "unclosed", 3),
        ("a) b", "unopened", 2),
        ("host:", "no-value", 1),
        ("a host: b", "no-value", 3),
        ("OR a", "alone", 1),
        ("a OR", "alone", 3),
        ("a AND", "alone", 3),
        ("NOT", "alone", 1),
        ("port:[1 5]", "range", 6),
        ("port:>", "range", 6),
        ("ip:10.0.0.0/99", "network", 4),
        ("url:/abc", "unclosed", 5),
        ("url:(//)", "regex", 6),
        ("\"\"", "empty", 1),
    ] {
        let fault = read(query).unwrap_err();
        assert_eq!((fault.code, fault.at), (code, at), "{query}: {fault:?}");
    }
    assert_eq!(read(&"(".repeat(5_000)).unwrap_err().code, "long");
    assert_eq!(read(&"(".repeat(100)).unwrap_err().code, "deep");
    assert_eq!(read(&"NOT ".repeat(100)).unwrap_err().code, "deep");
    assert_eq!(read(&"a ".repeat(500)).unwrap_err().code, "many");
}

proptest::proptest! {
    #[test]
    fn anything_is_read_or_refused(text in "[a-zA-Z0-9:()\\[\\]{}\"\\\\/*?<>=. -]{0,60}|\\PC{0,40}") {
        if let Err(fault) = read(&text) {
            proptest::prop_assert!((1..=text.chars().count() + 1).contains(&fault.at), "{fault:?}");
        }
    }
}
