//! The engine answers as the naive evaluator does, whatever the rules and the events.

use detect::{Matcher, Rule, Scratch, Sources};
use domain::event::{Event, Kind};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::rule;

/// Few letters, so that things meet; among them what folds in odd ways.
fn text() -> impl Strategy<Value = String> {
    vec(
        prop::sample::select(vec!["a", "B", "ab", "abc", "\\", "-", "/x", "Đ", "ſ", "K", "İ", "1", " ", "*"]),
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

fn pattern() -> impl Strategy<Value = String> {
    vec(
        prop::sample::select(vec!["a", "b", "Ab", "abc", "*", "?", r"\\", "-x", "đ", "k", "s", "1", " "]),
        0..5,
    )
    .prop_map(|parts| parts.concat())
}

fn field() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["f", "g", "h"])
}

fn item() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "",
        "|contains",
        "|startswith",
        "|endswith",
        "|contains|all",
        "|cased",
        "|contains|cased",
        "|windash",
        "|windash|contains",
        "|neq",
        "|endswith|cased",
    ]);
    let quoted = |p: &String| format!("'{p}'");
    let like = (field(), words, vec(pattern(), 1..3)).prop_map(move |(field, words, values)| {
        let values: Vec<String> = values.iter().map(quoted).collect();
        format!("{field}{words}: [{}]", values.join(", "))
    });
    let other = (
        field(),
        prop::sample::select(vec![
            "|exists: true",
            "|exists: false",
            ": null",
            "|gt: 0",
            "|lte: 1",
            "|cidr: 10.0.0.0/8",
            "|re: 'abc|ab'",
            "|re: '^a'",
            "|re|i: 'ABC'",
            "|re: '[aA]b?c*'",
            "|fieldref: g",
            "|fieldref|endswith: h",
            ": ''",
        ]),
    )
        .prop_map(|(field, rest)| format!("{field}{rest}"));
    prop_oneof![3 => like, 1 => other]
}

fn a_rule() -> impl Strategy<Value = Rule> {
    let conditions = prop::sample::select(vec![
        "s",
        "s and t",
        "s or t",
        "s and not t",
        "not s",
        "not (s and t)",
        "not (s or not t)",
        "1 of them",
        "all of them",
        "s or not t",
        "k",
        "k and not s",
        "k or s",
    ]);
    (vec(item(), 1..3), vec(item(), 1..3), pattern(), conditions).prop_map(|(s, t, k, condition)| {
        let list = |items: &[String]| {
            // A key stands in a map once.
            let lines: Vec<String> = items.iter().map(|i| format!("    - {i}\n")).collect();
            lines.concat()
        };
        rule(&format!(
            "title: t\ndetection:\n  s:\n{}  t:\n    {}\n  k: ['{k}x']\n  condition: {condition}\n",
            list(&s),
            t[0]
        ))
    })
}

fn an_event() -> impl Strategy<Value = Event> {
    let value = prop_oneof![
        8 => text().prop_map(|t| (t, Kind::Text)),
        1 => Just((String::new(), Kind::Null)),
        1 => Just(("10.1.2.3".to_owned(), Kind::Text)),
    ];
    vec((field(), value), 0..5).prop_map(|fields| {
        let mut event = Event::default();
        for (name, (value, kind)) in fields {
            event.push(name, &value, kind).unwrap();
        }
        event
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engine_and_naive_evaluator_agree(rules in vec(a_rule(), 1..8), events in vec(an_event(), 1..8)) {
        let sources = Sources::builtin();
        let matcher = Matcher::new(rules, &sources).unwrap();
        // One scratch for all events: what it remembers of one must not show in the next.
        let mut scratch = Scratch::default();
        for event in &events {
            let mut fast = matcher.matches(event, &mut scratch).to_vec();
            fast.sort_unstable();
            let slow = detect::naive::matches(matcher.rules(), &sources, matcher.names(), event);
            prop_assert_eq!(fast, slow, "{:?} on {:?}", event, matcher.rules());
        }
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "\\PC{0,200}") {
        let file = detect::rule::read::file(&text);
        prop_assert!(file.problems.iter().all(|p| p.at.line > 0));
        detect::lint::file(&text, &Sources::builtin());
    }
}
