//! Rules and events in a line.

use detect::rule::read::{self, Document};
use detect::{Matcher, Rule, Scratch, Sources};
use domain::event::{Event, Kind};

/// The one rule of a text.
pub fn rule(text: &str) -> Rule {
    let file = read::file(text);
    assert!(file.refused == 0, "{:?}", file.problems);
    match file.documents.into_iter().next() {
        Some(Document::Rule(rule)) => rule,
        other => panic!("no rule: {other:?}"),
    }
}

/// A rule of selections and a condition, of any log.
pub fn any_log(detection: &str) -> Rule {
    let indented: Vec<String> = detection.lines().map(|l| format!("  {l}")).collect();
    rule(&format!("title: t\ndetection:\n{}\n", indented.join("\n")))
}

/// An event of fields; `null` is nothing.
pub fn event(fields: &[(&str, &str)]) -> Event {
    let mut out = Event::default();
    for (name, value) in fields {
        let kind = if *value == "null" { Kind::Null } else { Kind::Text };
        out.push(name, if *value == "null" { "" } else { value }, kind).unwrap();
    }
    out
}

/// Whether an event meets a rule: what the engine says, which must be what the naive evaluator says.
pub fn meets(rule: &Rule, event: &Event) -> bool {
    let sources = Sources::builtin();
    let matcher = Matcher::new(vec![rule.clone()], &sources).unwrap();
    let mut scratch = Scratch::default();
    let fast = matcher.matches(event, &mut scratch).to_vec();
    let slow = detect::naive::matches(matcher.rules(), &sources, matcher.names(), event);
    assert_eq!(fast, slow, "engine and naive evaluator on {event:?}");
    !fast.is_empty()
}

/// Whether a detection meets an event of these fields.
pub fn is(detection: &str, fields: &[(&str, &str)]) -> bool {
    meets(&any_log(detection), &event(fields))
}
