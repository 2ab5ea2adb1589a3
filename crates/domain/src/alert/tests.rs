//! Who is woken at three, and why.

use super::*;
use crate::id::Uuid;

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn found(rule: &str, host: &str, severity: Severity) -> Finding {
    Finding {
        rule: rule.into(),
        title: rule.into(),
        about: String::new(),
        severity: Some(severity),
        body: id(1),
        system: Some(id(5)),
        source: id(9),
        host: host.into(),
        user: String::new(),
        address: String::new(),
        group: vec![],
        at: at(0),
        because: vec![],
        raw: String::new(),
        place: (0, 0),
    }
}

fn pages(effects: &[Effect]) -> Vec<(Id<kind::Body>, Severity)> {
    let page = |e: &Effect| match e {
        Effect::Page { body, severity, .. } => Some((*body, *severity)),
        _ => None,
    };
    effects.iter().filter_map(page).collect()
}

fn raised(effects: &[Effect]) -> Vec<(String, Severity, Vec<Raised>, usize)> {
    let one = |e: &Effect| match e {
        Effect::Raise { rule, severity, why, findings, .. } => {
            Some((rule.clone(), *severity, why.clone(), findings.len()))
        }
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

#[test]
fn what_an_analyst_would_look_at_together_is_one_alert() {
    let findings = [
        found("a", "web01", Severity::Medium),
        found("a", "WEB01", Severity::Medium),
        found("b", "web01", Severity::Low),
    ];
    let effects = decide(&findings, &Standing::default(), &OnCall::new(), at(0));
    assert_eq!(
        raised(&effects),
        [("a".into(), Severity::Medium, vec![], 2), ("b".into(), Severity::Low, vec![], 1)]
    );
    assert_eq!(pages(&effects), []);
}

#[test]
fn a_correlation_is_grouped_by_what_it_grouped_by() {
    let one = |address: &str| Finding {
        group: vec![("source.ip".into(), address.into())],
        ..found("guess", "web01", Severity::Medium)
    };
    let effects = decide(&[one("1.1.1.1"), one("2.2.2.2")], &Standing::default(), &OnCall::new(), at(0));
    assert_eq!(raised(&effects).len(), 2);
}

#[test]
fn at_a_holiday_an_important_system_wakes_whoever_watches_above() {
    let mut standing = Standing::default();
    let findings = [found("a", "web01", Severity::Medium)];
    standing.systems.insert(id(5), Weight { level: Level::new(3), important: false });
    let on_call = OnCall::from([(id(1), id(2))]);
    let effects = decide(&findings, &standing, &on_call, at(0));
    assert_eq!(raised(&effects), [("a".into(), Severity::High, vec![Raised::System], 1)]);
    assert_eq!(pages(&effects), [(id(2), Severity::High)]);
    standing.bodies.insert(id(1), Lately { window: true, alerts: 0 });
    let effects = decide(&findings, &standing, &on_call, at(0));
    assert_eq!(raised(&effects), [("a".into(), Severity::Critical, vec![Raised::System, Raised::Window], 1)]);
    let low = decide(&[found("a", "web01", Severity::Low)], &standing, &on_call, at(0));
    assert_eq!((raised(&low)[0].1, pages(&low).len()), (Severity::Low, 0), "nobody is woken for what is low");
}

#[test]
fn an_open_alert_takes_more_and_wakes_nobody_again_until_it_swells() {
    let key = found("a", "web01", Severity::High).key();
    let open = Open { id: id(7), key, severity: Severity::High, events: 3, last_at: at(-60) };
    let standing = Standing { open: vec![open], ..Standing::default() };
    let one = [found("a", "web01", Severity::High)];
    let effects = decide(&one, &standing, &OnCall::new(), at(0));
    let add = Effect::Add { alert: id(7), severity: Severity::High, why: vec![], findings: vec![0] };
    assert_eq!(effects, [add]);
    let many = vec![found("a", "web01", Severity::High); 200];
    let effects = decide(&many, &standing, &OnCall::new(), at(0));
    assert!(matches!(&effects[0], Effect::Add { severity: Severity::Critical, .. }));
    assert_eq!(pages(&effects), [(id(1), Severity::Critical)]);
    let effects = decide(&one, &standing, &OnCall::new(), at(GROUP_HOURS * 60));
    assert_eq!(raised(&effects).len(), 1, "a day later it is a new one");
}

#[test]
fn what_is_silenced_is_counted_until_its_end() {
    let silence = |field: &str, value: &str| Suppression {
        id: id(4),
        body: id(1),
        rule: "a".into(),
        field: field.into(),
        value: value.into(),
        until: at(10),
    };
    let findings = [found("a", "web01", Severity::High), found("a", "web02", Severity::High)];
    let standing = Standing { suppressions: vec![silence("host", "WEB01")], ..Standing::default() };
    let effects = decide(&findings, &standing, &OnCall::new(), at(0));
    assert_eq!(raised(&effects).len(), 1);
    assert_eq!(effects.last(), Some(&Effect::Silence { suppression: id(4), findings: 1 }));
    assert_eq!(raised(&decide(&findings, &standing, &OnCall::new(), at(10))).len(), 2, "it is over");
    let any = Standing { suppressions: vec![silence("", "")], ..Standing::default() };
    assert_eq!(decide(&findings, &any, &OnCall::new(), at(0)).len(), 1);
}

#[test]
fn a_storm_is_one_alert_and_one_call() {
    let findings: Vec<Finding> = (0..500).map(|n| found("a", &format!("pc{n}"), Severity::High)).collect();
    let effects = decide(&findings, &Standing::default(), &OnCall::new(), at(0));
    let raised = raised(&effects);
    assert_eq!(raised.len(), STORM_ALERTS + 1);
    assert_eq!(raised.last().unwrap(), &(STORM_RULE.to_owned(), Severity::High, vec![], 480));
    let mut standing = Standing::default();
    standing.bodies.insert(id(1), Lately { window: false, alerts: STORM_ALERTS });
    let effects = decide(&findings, &standing, &OnCall::new(), at(0));
    assert_eq!((pages(&effects).len(), effects.len()), (1, 2));
}

#[test]
fn what_only_informs_is_no_alert() {
    let only = Finding { severity: None, ..found("a", "web01", Severity::Low) };
    assert_eq!(decide(&[only], &Standing::default(), &OnCall::new(), at(0)), []);
}
