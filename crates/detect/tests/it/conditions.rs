//! Conditions, selections, collections, filters.

use detect::rule::read::{self, Document};
use detect::{Matcher, Ruleset, Scratch, Sources};

use crate::support::{event, is, meets, rule};

#[test]
fn maps_are_and_lists_are_or() {
    let rule = "s:\n  a: 1\n  b: [x, y]\ncondition: s";
    assert!(is(rule, &[("a", "1"), ("b", "Y")]));
    assert!(!is(rule, &[("a", "1"), ("b", "z")]) && !is(rule, &[("b", "x")]));
    assert!(is("s:\n  - a: 1\n  - b: 2\ncondition: s", &[("b", "2")]));
}

#[test]
fn not_and_or_bind_as_they_should() {
    let of = |condition: &str| format!("a: {{x: 1}}\nb: {{y: 1}}\nc: {{z: 1}}\ncondition: {condition}");
    let (x, y, z) = (("x", "1"), ("y", "1"), ("z", "1"));
    assert!(is(&of("a or b and c"), &[x]), "and binds closer");
    assert!(!is(&of("(a or b) and c"), &[x]) && is(&of("(a or b) and c"), &[y, z]));
    assert!(is(&of("not a and b"), &[y]) && !is(&of("not a and b"), &[x, y]));
    assert!(is(&of("not (a and b)"), &[x]) && is(&of("not not a"), &[x]));
    assert!(is(&of("NOT a AND b"), &[y]));
    assert!(is(&of("not a"), &[]), "nothing points to it, and it holds");
}

#[test]
fn one_and_all_of_names() {
    let of = |condition: &str| {
        format!("sel_a: {{x: 1}}\nsel_b: {{y: 1}}\n_hidden: {{z: 1}}\ncondition: {condition}")
    };
    assert!(is(&of("1 of sel_*"), &[("y", "1")]) && !is(&of("all of sel_*"), &[("y", "1")]));
    assert!(is(&of("all of sel_*"), &[("y", "1"), ("x", "1")]));
    assert!(!is(&of("1 of them"), &[("z", "1")]), "an underscore hides from `them`");
    assert!(is(&of("any of them"), &[("x", "1")]));
    assert!(is(&of("1 of *hid*"), &[("z", "1")]));
}

#[test]
fn several_conditions_are_any() {
    let text = "a: {x: 1}\nb: {y: 1}\ncondition:\n  - a\n  - b";
    assert!(is(text, &[("y", "1")]) && is(text, &[("x", "1")]) && !is(text, &[]));
}

#[test]
fn keywords_stand_anywhere() {
    assert!(is("k: [foo, 'b*r']\ncondition: k", &[("any", "x FOO y")]));
    assert!(is("k: [foo, 'b*r']\ncondition: k", &[("any", "some b--r there")]));
    assert!(is("k:\n  '|all': [foo, bar]\ncondition: k", &[("a", "foo"), ("b", "bar")]));
    assert!(!is("k:\n  '|all': [foo, bar]\ncondition: k", &[("a", "foo")]));
}

#[test]
fn a_logsource_keeps_other_events_out() {
    let rule = rule(
        "title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s: {Image|endswith: '\\a.exe'}\n  condition: s\n",
    );
    let sysmon = ("Channel", "Microsoft-Windows-Sysmon/Operational");
    assert!(meets(&rule, &event(&[sysmon, ("EventID", "1"), ("Image", r"C:\a.exe")])));
    assert!(!meets(&rule, &event(&[sysmon, ("EventID", "3"), ("Image", r"C:\a.exe")])));
    assert!(meets(
        &rule,
        &event(&[("Channel", "Security"), ("EventID", "4688"), ("NewProcessName", r"C:\a.exe")])
    ));
    assert!(
        meets(
            &rule,
            &event(&[
                ("winlog.channel", "Microsoft-Windows-Sysmon/Operational"),
                ("winlog.event_id", "1"),
                ("winlog.event_data.Image", r"C:\A.EXE"),
            ])
        ),
        "as Winlogbeat sends it"
    );
}

#[test]
fn fields_with_a_blank_go_without_it_in_rules() {
    assert!(is("s: {ThreatName|endswith: EICAR}\ncondition: s", &[("Threat Name", "Virus:EICAR")]));
}

#[test]
fn a_global_document_lies_under_those_after_it() {
    let file = read::file(
        "action: global\ntitle: g\nlevel: high\ndetection:\n  condition: s\n---\ndetection:\n  s: {a: 1}\n---\naction: reset\n---\ntitle: own\ndetection:\n  s: {b: 1}\n  condition: s\n",
    );
    assert_eq!((file.documents.len(), file.refused), (2, 0), "{:?}", file.problems);
    let Document::Rule(first) = &file.documents[0] else { panic!() };
    assert_eq!((first.about.title.as_str(), first.about.level), ("g", detect::Level::High));
    assert!(meets(first, &event(&[("a", "1")])));
}

#[test]
fn a_filter_excepts_what_is_known_here() {
    let rules = "title: r\nid: one\nlogsource: {product: linux}\ndetection:\n  s: {a: 1}\n  condition: s\n";
    let filter = "title: f\nlogsource: {product: linux}\nfilter:\n  rules: [one]\n  known: {user|startswith: adm_}\n  condition: not known\n";
    let mut set = Ruleset::default();
    set.add("r", read::file(rules));
    set.add("f", read::file(filter));
    let watch = set.watch(&[], &Sources::builtin()).unwrap();
    let mut scratch = Scratch::default();
    let mut hit = |fields: &[(&str, &str)]| {
        let mut event = event(fields);
        event.set_source("linux", "");
        !watch.matcher.matches(&event, &mut scratch).is_empty()
    };
    assert!(hit(&[("a", "1"), ("user", "an")]) && !hit(&[("a", "1"), ("user", "ADM_an")]));
}

#[test]
fn a_hit_says_which_fields_matched_and_why() {
    let rule = crate::support::any_log(
        "s: {Image|endswith: [x.exe, '\\cmd.exe'], User: an}\nf: {b: 1}\ncondition: s and not f",
    );
    let matcher = Matcher::new(vec![rule], &Sources::builtin()).unwrap();
    let event = event(&[("Image", r"C:\CMD.exe"), ("User", "An")]);
    let because = matcher.explain(0, &event);
    let told: Vec<(&str, &str, &str)> =
        because.iter().map(|b| (b.field.as_str(), b.value.as_str(), b.asked.as_str())).collect();
    assert_eq!(told, [("Image", r"C:\CMD.exe", r"*\cmd.exe"), ("User", "An", "an")]);
    assert_eq!(because[0].selection, "s");
}
