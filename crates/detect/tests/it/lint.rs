//! What the linter finds, where, and what it would write instead.

use detect::{Problem, Sources, lint};

fn all(text: &str) -> Vec<Problem> {
    lint::file(text, &Sources::builtin())
}

fn find(text: &str, code: &str) -> Problem {
    let all = all(text);
    all.iter().find(|p| p.code == code).unwrap_or_else(|| panic!("no {code} in {all:?}")).clone()
}

fn rule(detection: &str) -> String {
    format!(
        "title: t\nid: 5c1f0b9e-3c0e-4a56-9c62-1f1c5b0d7a11\nlevel: low\nlogsource: {{product: windows}}\ndetection:\n{detection}\n"
    )
}

#[test]
fn a_good_rule_has_nothing_wrong() {
    assert_eq!(all(&rule("  s: {Image: x}\n  condition: s")), []);
}

#[test]
fn mistyped_words_are_named_with_their_place() {
    let p = find(&rule("  s:\n    Image|contain: x\n  condition: s"), "modifier");
    assert_eq!((p.at.line, p.at.column, p.instead.as_str()), (7, 5, "Image|contains"));
    let p = find(&rule("  sel: {a: 1}\n  condition: sel and not fliter"), "condition-name");
    assert_eq!((p.at.line, p.at.column, p.what.as_str()), (7, 26, "fliter"));
    let p = find(&rule("  selection: {a: 1}\n  condition: selectoin"), "condition-name");
    assert_eq!(p.instead, "selection");
    let p = find("title: t\nlevle: high\ndetection: {s: {a: 1}, condition: s}\n", "key");
    assert_eq!((p.at.line, p.instead.as_str()), (2, "level"));
    assert_eq!(find(&rule("  s: {a: 1}\n  condition: 2 of s*"), "condition-count").instead, "1 of s*");
}

#[test]
fn what_cannot_work_is_an_error() {
    for (detection, code) in [
        ("  s: {a|re: '(x'}\n  condition: s", "regex"),
        ("  s: {a|cidr: 10.0.0.0/99}\n  condition: s", "cidr"),
        ("  s: {a|gt: many}\n  condition: s", "number"),
        ("  s: {a: []}\n  condition: s", "empty-list"),
        ("  s: {a: 1}\n  condition: s | count() > 5", "condition-pipe"),
        ("  s: {a: 1}\n  condition: (s", "condition-open"),
        ("  s: {a: 1}\n  condition: s and", "condition-end"),
        ("  s: {a: 1}\n  condition: all of x*", "condition-none"),
        ("  s: {a: 1}", "condition-missing"),
        ("  s: {a|base64: 'x*'}\n  condition: s", "encoded-wildcard"),
        ("  s: {a: {b: 1}}\n  condition: s", "value-nested"),
    ] {
        assert_eq!(find(&rule(detection), code).weight, detect::Weight::Error, "{code}");
    }
    assert_eq!(find("a: [", "yaml").weight, detect::Weight::Error);
}

#[test]
fn what_may_not_be_meant_is_a_warning() {
    assert_eq!(find(&rule("  s: {a: 1}\n  f: {b: 1}\n  condition: s"), "selection-unused").what, "f");
    assert_eq!(find(&rule("  s: {a: '*'}\n  condition: s"), "wildcard-alone").instead, "a|exists: true");
    find(&rule("  s: {a|contains|all: x}\n  condition: s"), "all-of-one");
    find(&rule("  s: {a: [x, y, x]}\n  condition: s"), "value-twice");
    find("title: t\ndetection: {s: {a: 1}, condition: s}\n", "logsource");
    find(
        "title: t\nid: x\nlogsource: {product: nobody}\ndetection: {s: {a: 1}, condition: s}\n",
        "logsource-unknown",
    );
}
