//! What pipelines do to rules.

use detect::pipeline::{Kept, Pipeline, apply};

use crate::support::{any_log, event, meets};

fn kept(pipeline: &str, detection: &str) -> Kept {
    apply(&[Pipeline::read(pipeline).unwrap()], any_log(detection))
}

fn is(pipeline: &str, detection: &str, fields: &[(&str, &str)]) -> bool {
    match kept(pipeline, detection) {
        Kept::Rule(rule) => meets(&rule, &event(fields)),
        Kept::Refused(_, problem) => panic!("{problem}"),
    }
}

const RENAME: &str = "name = 'x'\n[[transformations]]\ntype = 'field_name_mapping'\nmapping = { Image = 'process.executable', User = ['user.name', 'winlog.user.name'] }\n";

#[test]
fn fields_get_other_names() {
    let rule = "s: {Image|endswith: a.exe}\ncondition: s";
    assert!(is(RENAME, rule, &[("process.executable", "a.exe")]) && !is(RENAME, rule, &[("Image", "a.exe")]));
    let rule = "s: {User: an}\ncondition: s";
    assert!(is(RENAME, rule, &[("winlog.user.name", "an")]) && is(RENAME, rule, &[("user.name", "an")]));
    let rule = "s: {Other|fieldref: Image}\ncondition: s";
    assert!(is(RENAME, rule, &[("Other", "x"), ("process.executable", "x")]));
}

#[test]
fn conditions_are_added_and_items_dropped() {
    let add =
        "name = 'x'\n[[transformations]]\ntype = 'add_condition'\nconditions = { index = ['win', 'sec'] }\n";
    let rule = "s: {a: 1}\ncondition: s";
    assert!(is(add, rule, &[("a", "1"), ("index", "SEC")]) && !is(add, rule, &[("a", "1"), ("index", "x")]));
    let drop = "name = 'x'\n[[transformations]]\ntype = 'drop_detection_item'\nfields = ['b']\n";
    assert!(is(drop, "s: {a: 1, b: 2}\ncondition: s", &[("a", "1")]));
}

#[test]
fn placeholders_are_put_in_or_the_rule_refused() {
    let rule = "s:\n  User|expand: '%admins%'\ncondition: s";
    let vars =
        "name = 'x'\nvars = { admins = ['an', 'binh*'] }\n[[transformations]]\ntype = 'value_placeholders'\n";
    assert!(
        is(vars, rule, &[("User", "Binh2")])
            && is(vars, rule, &[("User", "an")])
            && !is(vars, rule, &[("User", "x")])
    );
    let within = "s:\n  p|expand|endswith: '\\%admins%\\x'\ncondition: s";
    assert!(is(vars, within, &[("p", r"c:\an\x")]));
    let any = "name = 'x'\n[[transformations]]\ntype = 'wildcard_placeholders'\n";
    assert!(is(any, rule, &[("User", "anybody")]));
    let Kept::Refused(_, problem) = kept("name = 'x'", rule) else { panic!("nobody put it in") };
    assert_eq!((problem.code, problem.what.as_str()), ("placeholder", "admins"));
}

#[test]
fn values_change_and_rules_may_be_refused() {
    let replace = "name = 'x'\n[[transformations]]\ntype = 'replace_string'\nregex = '^HKLM'\nreplacement = 'HKEY_LOCAL_MACHINE'\n";
    assert!(is(replace, "s: {k|startswith: 'HKLM\\a'}\ncondition: s", &[("k", r"hkey_local_machine\a\b")]));
    let map = "name = 'x'\n[[transformations]]\ntype = 'map_string'\nmapping = { High = ['S-1-16-12288', 'High'] }\n";
    assert!(is(map, "s: {l: High}\ncondition: s", &[("l", "s-1-16-12288")]));
    let fail = "name = 'x'\n[[transformations]]\ntype = 'rule_failure'\nmessage = 'not here'\nrules = [{ has_field = 'a' }]\n";
    assert!(matches!(kept(fail, "s: {a: 1}\ncondition: s"), Kept::Refused(..)));
    assert!(matches!(kept(fail, "s: {b: 1}\ncondition: s"), Kept::Rule(_)));
    assert!(Pipeline::read("name = 'x'\n[[transformations]]\ntype = 'nothing_such'\n").is_err());
}
