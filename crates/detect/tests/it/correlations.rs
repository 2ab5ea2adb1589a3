//! Correlations: hits at their times, what comes out.

use detect::rule::read;
use detect::{Correlator, Matcher, Ruleset, Scratch, Sources};
use jiff::{SignedDuration, Timestamp};

use crate::support::event;

struct Bench {
    matcher: Matcher,
    correlator: Correlator,
    scratch: Scratch,
}

const RULES: &str = "title: a\nname: a\ndetection: {s: {what: a}, condition: s}\n---\ntitle: b\nname: b\ndetection: {s: {what: b}, condition: s}\n---\n";

impl Bench {
    fn new(correlations: &str) -> Bench {
        let mut set = Ruleset::default();
        let file = read::file(&format!("{RULES}{correlations}"));
        assert_eq!(file.refused, 0, "{:?}", file.problems);
        set.add("x", file);
        let watch = set.watch(&[], &Sources::builtin()).unwrap();
        assert!(watch.skipped.is_empty(), "{:?}", watch.skipped);
        let correlator = Correlator::new(watch.correlations, &watch.matcher);
        Bench { matcher: watch.matcher, correlator, scratch: Scratch::default() }
    }

    /// The figures found when an event comes at a second.
    fn at(&mut self, second: i64, fields: &[(&str, &str)]) -> Vec<(usize, f64)> {
        let event = event(fields);
        let hits = self.matcher.matches(&event, &mut self.scratch).to_vec();
        let mut out = Vec::new();
        for rule in hits {
            out.extend(self.correlator.feed(&self.matcher, rule, &event, time(second), 7));
        }
        out.into_iter().map(|f| (f.correlation, f.figure)).collect()
    }
}

fn time(second: i64) -> Timestamp {
    "2026-02-16T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

fn correlation(kind: &str, rest: &str) -> String {
    format!("title: c\nname: c\ncorrelation:\n  type: {kind}\n  group-by: [user]\n  timespan: 1m\n{rest}")
}

const A: (&str, &str) = ("what", "a");
const AN: (&str, &str) = ("user", "an");

#[test]
fn events_are_counted_by_group_within_the_span() {
    let mut bench = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {gte: 3}\n"));
    assert!(bench.at(0, &[A, AN]).is_empty() && bench.at(1, &[A, ("user", "binh")]).is_empty());
    assert!(bench.at(2, &[A, AN]).is_empty());
    assert_eq!(bench.at(3, &[A, AN]), [(0, 3.0)]);
    assert!(bench.at(4, &[A, AN]).is_empty(), "told once within the span");
    assert!(bench.at(5, &[A]).is_empty(), "without what it is grouped by it is of no group");
    let mut slow = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {gte: 3}\n"));
    for second in [0, 40, 80, 120] {
        assert!(slow.at(second, &[A, AN]).is_empty(), "never three within a minute");
    }
    assert!(
        bench.correlator.is_silent(0) && !bench.correlator.is_silent(1),
        "rule a is only for the correlation"
    );
}

#[test]
fn values_are_counted_summed_and_averaged() {
    let of = |kind: &str, bound: &str| {
        correlation(kind, &format!("  rules: [a]\n  condition: {{field: n, {bound}}}\n"))
    };
    let run = |text: &str| {
        let mut bench = Bench::new(text);
        let values = ["1", "1", "5", "9"];
        (0..4)
            .map(|s| bench.at(s, &[A, AN, ("n", values[s as usize])]).first().map(|f| f.1))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(&of("value_count", "gte: 3")), [None, None, None, Some(3.0)]);
    assert_eq!(run(&of("value_sum", "gt: 6")), [None, None, Some(7.0), None]);
    assert_eq!(run(&of("value_avg", "gte: 4")), [None, None, None, Some(4.0)]);
    assert_eq!(run(&of("value_median", "gte: 3")), [None, None, None, Some(3.0)]);
    assert_eq!(run(&of("value_percentile", "gte: 9, percentile: 100")), [None, None, None, Some(9.0)]);
}

#[test]
fn rules_come_together_in_any_order_or_theirs() {
    let b = ("what", "b");
    let mut any = Bench::new(&correlation("temporal", "  rules: [a, b]\n"));
    assert!(any.at(0, &[b, AN]).is_empty());
    assert_eq!(any.at(1, &[A, AN]), [(0, 2.0)]);
    let mut ordered = Bench::new(&correlation("temporal_ordered", "  rules: [a, b]\n"));
    assert!(ordered.at(0, &[b, AN]).is_empty() && ordered.at(1, &[A, AN]).is_empty());
    assert_eq!(ordered.at(2, &[b, AN]), [(0, 2.0)]);
    let mut late = Bench::new(&correlation("temporal", "  rules: [a, b]\n"));
    assert!(late.at(0, &[A, AN]).is_empty() && late.at(61, &[b, AN]).is_empty(), "not within the minute");
    let mut either = Bench::new(&correlation("temporal", "  rules: [a, b]\n  condition: a and not b\n"));
    assert_eq!(either.at(0, &[A, AN]), [(0, 1.0)]);
}

#[test]
fn aliases_name_a_field_differently_in_each_rule() {
    let text = "title: c\ncorrelation:\n  type: temporal\n  rules: [a, b]\n  group-by: [who]\n  timespan: 1m\n  aliases:\n    who: {a: user, b: account}\n";
    let mut bench = Bench::new(text);
    assert!(
        bench.at(0, &[A, AN]).is_empty() && bench.at(1, &[("what", "b"), ("account", "binh")]).is_empty()
    );
    assert_eq!(bench.at(2, &[("what", "b"), ("account", "an")]).len(), 1);
}

#[test]
fn correlations_rest_on_correlations() {
    let many = correlation("event_count", "  rules: [a]\n  condition: {gte: 2}\n");
    let chain = "---\ntitle: d\nname: d\ncorrelation:\n  type: temporal_ordered\n  rules: [c, b]\n  group-by: [user]\n  timespan: 5m\n";
    let mut bench = Bench::new(&format!("{many}{chain}"));
    bench.at(0, &[A, AN]);
    assert_eq!(bench.at(1, &[A, AN]), [(0, 2.0)]);
    assert_eq!(bench.at(2, &[("what", "b"), AN]), [(1, 2.0)]);
}

#[test]
fn too_few_are_told_when_the_span_has_passed() {
    let mut bench = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {lt: 2}\n"));
    assert!(bench.at(0, &[A, AN]).is_empty() && bench.correlator.tick(time(60)).is_empty());
    let found = bench.correlator.tick(time(61));
    assert_eq!((found.len(), found[0].reference, found[0].last), (1, 7, time(0)));
    assert!(bench.correlator.tick(time(200)).is_empty(), "told once");
}

#[test]
fn of_too_few_each_span_begins_with_the_first_hit_after_the_one_before() {
    let mut bench = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {lt: 2}\n"));
    // A span from 0 with two, one from 70 with one, one from 200 with two: the second is told by whatever comes later.
    let told: Vec<_> = [0, 50, 70, 200, 210].map(|second| bench.at(second, &[A, AN])).concat();
    assert_eq!(told, [(0, 1.0)]);
    assert!(bench.correlator.tick(time(400)).is_empty());
}

#[test]
fn what_rests_on_too_few_is_fed_by_time_too() {
    let few = correlation("event_count", "  rules: [a]\n  condition: {lt: 2}\n");
    let chain = "---\ntitle: d\nname: d\ncorrelation:\n  type: temporal\n  rules: [c, b]\n  group-by: [user]\n  timespan: 5m\n";
    let mut bench = Bench::new(&format!("{few}{chain}"));
    bench.at(0, &[A, AN]);
    bench.at(10, &[("what", "b"), AN]);
    let found: Vec<usize> = bench.correlator.tick(time(61)).iter().map(|f| f.correlation).collect();
    assert_eq!(found, [0, 1]);
}

#[test]
fn time_that_passes_takes_nothing_from_what_is_being_counted() {
    let mut bench = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {gte: 3}\n"));
    for second in [0, 55, 58] {
        let found = bench.at(second, &[A, AN]);
        assert!(found.len() == usize::from(second == 58));
        bench.correlator.tick(time(second));
    }
    let mut late = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {gte: 3}\n"));
    late.at(0, &[A, AN]);
    late.at(55, &[A, AN]);
    late.correlator.tick(time(65));
    assert!(late.at(66, &[A, AN]).is_empty(), "the first is too old");
    assert_eq!(late.at(67, &[A, AN]), [(0, 3.0)], "the second was not forgotten with it");
}

#[test]
fn the_state_survives_a_restart() {
    let text = correlation("event_count", "  rules: [a]\n  condition: {gte: 3}\n");
    let mut first = Bench::new(&text);
    first.at(0, &[A, AN]);
    first.at(1, &[A, AN]);
    let state = first.correlator.state();
    let mut second = Bench::new(&text);
    second.correlator.resume(state);
    assert_eq!(second.at(2, &[A, AN]), [(0, 3.0)]);
}

#[test]
fn memory_is_bounded_and_what_is_forgotten_counted() {
    let mut bench = Bench::new(&correlation("event_count", "  rules: [a]\n  condition: {gte: 99999}\n"));
    let event = event(&[A, AN]);
    for second in 0..i64::try_from(detect::correlate::ENTRIES).unwrap() + 5 {
        let at = time(0) + SignedDuration::from_millis(second);
        bench.correlator.feed(&bench.matcher, 0, &event, at, 0);
    }
    assert_eq!(bench.correlator.forgotten(), 5);
}

#[test]
fn of_an_event_that_is_gone_its_values_are_enough() {
    let chained = "title: d\nname: d\ncorrelation:\n  type: event_count\n  rules: [c]\n  group-by: [user]\n  timespan: 10m\n  condition: {gte: 1}\n";
    let text = correlation("value_count", "  rules: [a, b]\n  condition: {field: file, gte: 2}\n");
    let mut bench = Bench::new(&format!("{text}---\n{chained}"));
    assert_eq!(bench.correlator.fields(), ["file", "user"]);
    assert_eq!(bench.correlator.span(), 660, "its own minute and the ten of what rests on it");
    assert!(bench.correlator.is_fed(0) && bench.correlator.is_fed(1) && !bench.correlator.is_fed(2));
    let mut fed = |file: &'static str, second| {
        let value = move |field: &str| match field {
            "user" => Some("an".to_owned()),
            "file" => Some(file.to_owned()),
            _ => None,
        };
        let found = bench.correlator.feed_values(0, &value, time(second), 7);
        found.into_iter().map(|f| (f.correlation, f.figure)).collect::<Vec<_>>()
    };
    assert!(fed("x", 0).is_empty() && fed("x", 1).is_empty());
    assert_eq!(fed("y", 2), [(0, 2.0), (1, 1.0)]);
}
