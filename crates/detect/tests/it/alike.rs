//! The engine answers as the naive evaluator does, whatever the rules and the events.

use detect::{Matcher, Rule, Scratch, Sources};
use domain::event::{Column, Event, Kind};
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
    prop::sample::select(vec!["f", "g", "h", "user.name"])
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
        "s and k",
        "s and not k",
        "k or not s",
    ]);
    let all = prop::sample::select(vec!["|contains", "|all", "|contains|all"]);
    // Groups that share fields, some of which an event does not belong to.
    let sources = prop::sample::select(vec![
        "",
        "logsource: {product: windows, service: security}\n",
        "logsource: {product: windows, category: process_creation}\n",
        "logsource: {product: linux, service: sshd}\n",
    ]);
    let k = (pattern(), pattern(), all);
    (vec(item(), 1..3), vec(item(), 1..3), k, conditions, sources).prop_map(|(s, t, k, condition, source)| {
        let (one, other, all) = k;
        let list = |items: &[String]| {
            // A key stands in a map once.
            let lines: Vec<String> = items.iter().map(|i| format!("    - {i}\n")).collect();
            lines.concat()
        };
        rule(&format!(
            "title: t\n{source}detection:\n  s:\n{}  t:\n    {}\n  k: {{'{all}': ['{one}x', '*{other}a*', '*b*']}}\n  condition: {condition}\n",
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
    let kinds = prop::sample::select(vec![
        ("", "", &[][..]),
        ("windows", "", &[("Channel", "Security"), ("EventID", "4688")]),
        ("windows", "", &[("Channel", "security"), ("EventID", "1")]),
        ("windows", "", &[("EventID", "1"), ("Channel", "Microsoft-Windows-Sysmon/Operational")]),
        ("linux", "sshd", &[]),
    ]);
    (vec((field(), value), 0..5), kinds, any::<bool>()).prop_map(
        |(fields, (product, dataset, kind), user)| {
            let mut event = Event::default();
            event.set_source(product, dataset);
            for (name, value) in kind {
                event.push(name, value, Kind::Text).unwrap();
            }
            for (name, (value, kind)) in fields {
                let field = event.push(name, &value, kind).unwrap();
                if user {
                    event.point(Column::User, field);
                }
            }
            event
        },
    )
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
