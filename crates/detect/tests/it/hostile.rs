//! Whatever is called a rule: it is read or refused with a place, linted, matched and correlated, and nothing panics or
//! goes round in circles. The seed is fixed: what fails, fails for everybody.

use std::{path::Path, sync::LazyLock};

use detect::{Correlator, Ruleset, Scratch, Sources, lint, rule::read};
use domain::event::{Event, Kind};
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};

/// Our own rules and their events.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut dirs = vec![Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules")).to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { dirs.push(path) } else { all.push(path) }
        }
    }
    all.sort();
    let texts: Vec<String> = all.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    assert!(texts.len() > 100, "the rules are there");
    texts
});

/// What breaks readers of YAML, patterns, conditions and correlations.
const PIECES: [&str; 34] = [
    "\n",
    "\n  ",
    ": ",
    "- ",
    "\"",
    "'",
    "|",
    ">",
    "&a ",
    "*a",
    "!!int ",
    "{",
    "}",
    "[",
    "]",
    "---\n",
    "\t",
    "#",
    "\\",
    "*",
    "?",
    "|re|i: '('",
    "|re: '(a+)+$'",
    "|re: '.{99999}'",
    "|cidr: 999.0.0.0/99",
    "|base64offset|contains: ",
    "|fieldref: ",
    "|expand: '%x%'",
    "|exists: maybe",
    "condition: 1 of them and not (",
    "condition: all of *|count() > 1",
    "timespan: 999999999999999d",
    "gte: 1e309",
    "correlation:\n  type: temporal\n  rules: [self]\n  timespan: 1m\nname: self",
];

fn changed(text: &str, edits: &[(usize, &str, usize)]) -> String {
    let mut text = text.to_owned();
    for (at, piece, cut) in edits {
        let at = text.floor_char_boundary(at % (text.len() + 1));
        let end = text.ceil_char_boundary((at + cut).min(text.len()));
        text.replace_range(at..end, piece);
    }
    text
}

/// Does with a text all that is done with rules.
fn used(text: &str) {
    let sources = Sources::builtin();
    let file = read::file(text);
    let lines = text.lines().count() + 1;
    for problem in lint::file(text, &sources).iter().chain(&file.problems) {
        assert!(problem.at.line as usize <= lines, "{problem}: beyond the text of {lines} lines");
    }
    let _ = detect::cases::read(text);
    let mut set = Ruleset::default();
    set.add("x.yml", file);
    let Ok(watch) = set.watch(&[], &sources) else { return };
    let mut correlator = Correlator::new(watch.correlations, &watch.matcher);
    let _ = (correlator.span(), correlator.fields());
    let mut scratch = Scratch::default();
    let at = |n: i64| Timestamp::from_second(1_800_000_000 + n).unwrap();
    for n in 0..20 {
        let mut event = Event::default();
        for name in ["Image", "CommandLine", "source.ip", "event.action", "message", "user.name"] {
            event.push(name, ["a\\b.exe", "", "203.0.113.9", "\u{0}ſ%27"][n % 4], Kind::Text);
        }
        let n = i64::try_from(n).unwrap();
        let hits = watch.matcher.matches(&event, &mut scratch).to_vec();
        for rule in hits {
            let _ = watch.matcher.explain(rule, &event);
            let found = correlator.feed(&watch.matcher, rule, &event, at(n), 1);
            assert!(found.len() <= 1_000, "correlations that feed each other end");
        }
    }
    let _ = correlator.tick(at(10_000));
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn rules_somebody_changed_are_read_or_refused(
        from in any::<usize>(), edits in vec((any::<usize>(), select(PIECES.to_vec()), 0..30_usize), 0..6),
    ) {
        used(&changed(&TEXTS[from % TEXTS.len()], &edits));
    }

    #[test]
    fn any_text_is_read_or_refused(pieces in vec(prop_oneof![
        select(PIECES.to_vec()).prop_map(str::to_owned),
        select(vec!["title: x\n", "logsource: {}\n", "detection:\n", "  a:\n", "    x: y\n", "  condition: a\n", "filter:\n"])
            .prop_map(str::to_owned),
        "\\PC{0,12}",
    ], 0..40)) {
        used(&pieces.concat());
    }
}

/// One thing over and over: what nests or multiplies is refused before it costs.
#[test]
fn repetition_is_bounded() {
    let rule = |body: &str| format!("title: x\nlogsource: {{product: linux}}\ndetection:\n{body}\n");
    let bombs =
        (0..20).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}, *a{m}]\n", m = n + 1)).collect::<String>();
    for text in [
        rule(&format!("  a: {{x: y}}\n  condition: {}a{}", "(".repeat(20_000), ")".repeat(20_000))),
        rule(&format!("  a: {{x: y}}\n  condition: {}a", "not ".repeat(20_000))),
        rule(&format!("  a: {{x: y}}\n  condition: a{}", " and a".repeat(20_000))),
        rule(&format!("  a: {{x: '{}'}}\n  condition: a", "*a".repeat(20_000))),
        rule(&format!("  a: {{x|re: '{}'}}\n  condition: a", "(a{0,200}){0,200}".repeat(3))),
        format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("{}x", "- ".repeat(20_000)),
        bombs,
        "---\n".repeat(20_000),
        // Each rests on the other, and on itself.
        "title: a\nname: a\ncorrelation: {type: temporal, rules: [a, b], timespan: 1m}\n---\n\
         title: b\nname: b\ncorrelation: {type: temporal, rules: [a, b], timespan: 1m}\n"
            .to_owned(),
    ] {
        used(&text);
    }
}
