//! Files of rules together.

use std::collections::BTreeSet;

use detect::{Ruleset, Sources, rule::read, ruleset::Watch};

const RULE: &str = "title: A\nid: a\nauthor: Ai đó\ndetection: {k: [x], condition: k}\n";
const JOINED: &str = "title: C\nid: c\ncorrelation: {type: event_count, rules: [a], group-by: [host], timespan: 1m, condition: {gte: 2}}\n";

fn watch(off: &[&str], files: &[(&str, &str)]) -> Watch {
    let mut set = Ruleset::without(off.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>());
    for (name, text) in files {
        set.add(name, read::file(text));
    }
    set.watch(&[], &Sources::builtin()).unwrap()
}

fn skipped(watch: &Watch) -> Vec<(&str, &str)> {
    watch.skipped.iter().map(|s| (s.file.as_str(), s.problem.code)).collect()
}

#[test]
fn of_two_files_with_one_id_the_first_is_used_and_the_second_told() {
    let again = RULE.replace("title: A", "title: B");
    let both = watch(&[], &[("one.yml", RULE), ("two.yml", &again)]);
    assert_eq!(skipped(&both), [("two.yml", "id-twice")]);
    let titles: Vec<_> = both.matcher.rules().iter().map(|r| r.about.title.as_str()).collect();
    assert_eq!((titles, both.matcher.rules()[0].about.author.as_str()), (vec!["A"], "Ai đó"));
    // A collection may give all its rules the id of what is global.
    let collection = "action: global\nid: g\ntitle: G\n---\ndetection: {k: [x], condition: k}\n---\ndetection: {k: [y], condition: k}\n";
    assert_eq!(watch(&[], &[("g.yml", collection)]).matcher.rules().len(), 2);
}

#[test]
fn what_is_switched_off_is_left_out_and_what_rests_on_it_is_told() {
    let files =
        [("a.yml", RULE), ("c.yml", JOINED), ("t.yml", "title: T\ndetection: {k: [z], condition: k}\n")];
    let all = watch(&[], &files);
    assert_eq!((all.matcher.rules().len(), all.correlations.len(), all.skipped.len()), (2, 1, 0));
    let less = watch(&["a", "T"], &files);
    assert_eq!((less.matcher.rules().len(), less.correlations.len()), (0, 0));
    assert_eq!(skipped(&less), [("c.yml", "correlation-unknown")]);
    assert!(watch(&["c"], &files).skipped.is_empty());
}

#[test]
fn yaml_of_something_else_is_no_rule() {
    for text in ["on: push\njobs: {}\n", "- 1\n", "id: x\ndescription: y\n"] {
        assert!(read::file(text).is_of_no_rules(), "{text}");
    }
    for text in
        [RULE, "title: x\nlogsource: {product: linux}\n", "a: [", "title: x\ndetections: {}\nlogsource: {}\n"]
    {
        assert!(!read::file(text).is_of_no_rules(), "{text}");
    }
}
