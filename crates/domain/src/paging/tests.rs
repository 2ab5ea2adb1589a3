use jiff::Timestamp;

use super::*;
use crate::{
    id::{Id, Uuid, kind},
    right::Role,
};

type Person = Id<kind::Person>;

fn person(n: u128) -> Person {
    Id::from_uuid(Uuid::from_u128(n))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn step(after_minutes: u16, targets: &[Target]) -> Step {
    Step { after_minutes, only: Hours::Always, targets: targets.to_vec() }
}

fn policy(steps: Vec<Step>, repeats: u8) -> Policy {
    Policy { name: "P".into(), steps, repeats, pause_minutes: 30, lapse_minutes: Some(20) }
}

fn reach(people: &[(Target, &[u128])]) -> Reach {
    let people = people.iter().map(|(t, p)| (*t, p.iter().map(|n| person(*n)).collect())).collect();
    Reach { people, working: false }
}

fn three_tiers(repeats: u8) -> Policy {
    let steps = vec![step(0, &[Target::Same]), step(5, &[Target::Deputy(None)]), step(15, &[Target::Head])];
    policy(steps, repeats)
}

fn call(step: u16, round: u8, people: &[u128]) -> Effect {
    Effect::Call { step, round, people: people.iter().map(|n| person(*n)).collect() }
}

#[test]
fn steps_are_taken_at_their_minutes_again_and_then_it_is_over() {
    let (p, r) = (
        three_tiers(1),
        reach(&[(Target::Same, &[1]), (Target::Deputy(None), &[2]), (Target::Head, &[3, 4])]),
    );
    let mut state = State::new(at(0));
    let mut log = Vec::new();
    let mut now = at(0);
    loop {
        let turn = next(&p, state, &r, now);
        let minute = now.duration_since(at(0)).as_mins();
        log.extend(turn.effects.into_iter().map(|e| (minute, e)));
        state = turn.state;
        let Some(at) = turn.next else { break };
        now = at;
    }
    let wanted = [
        (0, call(0, 0, &[1])),
        (5, call(1, 0, &[2])),
        (15, call(2, 0, &[3, 4])),
        (45, Effect::Round { round: 1 }),
        (45, call(0, 1, &[1])),
        (50, call(1, 1, &[2])),
        (60, call(2, 1, &[3, 4])),
        (90, Effect::Expired),
    ];
    assert_eq!(log, wanted);
    assert_eq!(state.standing, Standing::Expired);
}

#[test]
fn a_step_that_reaches_nobody_pulls_the_next_and_other_hours_do_not() {
    let mut p = three_tiers(0);
    let r = reach(&[(Target::Same, &[1]), (Target::Head, &[3])]);
    let first = next(&p, State::new(at(0)), &r, at(0));
    let turn = next(&p, first.state, &r, at(5));
    assert_eq!(turn.effects, [Effect::Nobody { step: 1, round: 0 }, call(2, 0, &[3])]);
    p.steps[1].only = Hours::Working;
    let turn = next(&p, first.state, &r, at(5));
    assert_eq!(turn.effects, [Effect::PassedOver { step: 1, round: 0 }]);
    assert_eq!(turn.next, Some(at(15)));
}

#[test]
fn who_slept_through_steps_takes_each_once_and_calls_nobody_twice() {
    let p = three_tiers(1);
    let r = reach(&[(Target::Same, &[1]), (Target::Deputy(None), &[1, 2]), (Target::Head, &[3])]);
    let turn = next(&p, State::new(at(0)), &r, at(20));
    assert_eq!(turn.effects, [call(0, 0, &[1]), call(1, 0, &[2]), call(2, 0, &[3])]);
    assert_eq!(turn.next, Some(at(45)));
    let again = next(&p, turn.state, &r, at(20));
    assert!(again.effects.is_empty());
}

#[test]
fn what_was_taken_lapses_without_progress_and_can_be_passed_on() {
    let p = three_tiers(0);
    let r = reach(&[(Target::Same, &[1]), (Target::Deputy(None), &[2]), (Target::Head, &[3])]);
    let mut state = next(&p, State::new(at(0)), &r, at(0)).state;
    assert!(acknowledge(&mut state, at(3)));
    assert!(!acknowledge(&mut state, at(4)), "nobody takes it twice");
    let quiet = next(&p, state, &r, at(22));
    assert_eq!((quiet.effects.len(), quiet.next), (0, Some(at(23))));
    let lapsed = next(&p, state, &r, at(23));
    assert_eq!(lapsed.effects, [Effect::Lapsed, call(0, 0, &[1])]);
    assert!(escalate(&p, &mut state, at(4)));
    let passed = next(&p, state, &r, at(4));
    assert_eq!((passed.effects, passed.next), (vec![call(1, 0, &[2])], Some(at(14))));
    let mut last = State { taken: 3, ..state };
    assert!(!escalate(&p, &mut last, at(4)), "nobody is left");
}

#[test]
fn targets_are_words() {
    let id = "01936d2c-7c1b-7000-8000-000000000001";
    for text in ["same", "on-duty", "deputy", "next", "head", "above", "role:head"] {
        assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
    }
    for text in [format!("on-duty:{id}"), format!("person:{id}"), format!("role:duty-officer:{id}")] {
        assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
    }
    for text in ["", "nobody", "person", "person:x", "same:1", "role:king", "head:1", "next:1:2"] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
    assert_eq!("role:head".parse(), Ok(Target::Role(Role::Head, None)));
}

#[test]
fn a_policy_that_cannot_work_is_not_kept() {
    assert_eq!(three_tiers(1).check(), Ok(()));
    assert_eq!(policy(vec![], 0).check(), Err("policy-no-step"));
    assert_eq!(policy(vec![step(0, &[])], 0).check(), Err("policy-targets"));
    let turned = vec![step(5, &[Target::Head]), step(0, &[Target::Same])];
    assert_eq!(policy(turned, 0).check(), Err("policy-order"));
    let hasty = Policy { pause_minutes: 1, ..three_tiers(0) };
    assert_eq!(hasty.check(), Err("policy-minutes"));
}

#[test]
fn the_nearest_body_decides_then_the_reason_then_the_severity() {
    let rule = |name: &str, about: &[About], from| Rule {
        about: about.to_vec(),
        from,
        policy: Policy { name: name.into(), ..three_tiers(0) },
    };
    let rules = [
        (1, rule("above", &[About::Monitor], Severity::Low)),
        (0, rule("any", &[], Severity::Low)),
        (0, rule("bad", &[], Severity::High)),
        (0, rule("test", &[About::TestCall], Severity::Low)),
    ];
    let name = |about, severity| choose(&rules, about, severity).map(|r| r.policy.name.as_str());
    assert_eq!(name(About::Monitor, Severity::Low), Some("any"));
    assert_eq!(name(About::Monitor, Severity::Critical), Some("bad"));
    assert_eq!(name(About::TestCall, Severity::Critical), Some("test"));
    assert_eq!(choose(&rules[..1], About::CheckIn, Severity::High), None);
}

mod tet;
