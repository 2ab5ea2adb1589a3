//! Ten days of Tết: 200 bodies, three tiers, random rosters, outages and answers. The engine, driven by the times it
//! asks for, must say the same as a reference that looks at every minute.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const MINUTES: i64 = 10 * 24 * 60;
const BODIES: u64 = 200;
/// Call-outs of one body in ten days.
const EACH: u64 = 3;

/// A cheap generator: the same seed gives the same Tết.
#[derive(Clone, Copy)]
struct Dice(u64);

impl Dice {
    /// A number below `n` for those circumstances.
    fn roll(self, n: u64, of: &[u64]) -> u64 {
        let mut x = self.0 ^ 0x9e37_79b9_7f4a_7c15;
        for v in of {
            x = (x ^ v).wrapping_mul(0xff51_afd7_ed55_8ccd);
            x ^= x >> 33;
        }
        (x.wrapping_mul(0xc4ce_b9fe_1a85_ec53) >> 33) % n
    }
}

/// Who is behind a target of a body at a minute: one turn of eight hours in ten is empty, one in seven has two.
fn behind(dice: Dice, body: u64, tier: u64, minute: i64) -> Vec<Person> {
    let turn = minute.unsigned_abs() / 480;
    let first = u128::from(1 + body * 100 + tier * 10 + turn % 5);
    match dice.roll(70, &[1, body, tier, turn]) {
        0..7 => vec![],
        7..17 => vec![person(first), person(first + 5)],
        _ => vec![person(first)],
    }
}

fn tiers() -> [(u64, Target); 3] {
    [(0, Target::OnDuty(None)), (1, Target::Deputy(None)), (2, Target::Above)]
}

fn around(dice: Dice, body: u64, minute: i64) -> Reach {
    let people = tiers().into_iter().map(|(n, t)| {
        // The province watches for everybody.
        let of = if n == 2 { 999 } else { body };
        (t, behind(dice, of, n, minute))
    });
    Reach { people: people.collect(), working: (90..600).contains(&(minute % 1440)) }
}

/// How long that person takes to answer a call; `None`: does not, or no channel of theirs works.
fn answers(dice: Dice, who: Person, minute: i64) -> Option<i64> {
    let who = who.uuid().as_u128() as u64;
    let outage = dice.roll(5, &[2, who, minute.unsigned_abs() / 360]) == 0;
    let asleep = dice.roll(5, &[3, who, minute.unsigned_abs()]) < 3;
    (!outage && !asleep).then(|| 1 + dice.roll(25, &[4, who, minute.unsigned_abs()]).cast_signed())
}

fn plan(dice: Dice) -> Policy {
    let mut steps: Vec<Step> = tiers().iter().zip([0, 5, 15]).map(|((_, t), m)| step(m, &[*t])).collect();
    if dice.roll(2, &[5]) == 0 {
        steps[1].only = Hours::Off;
    }
    steps.push(step(30, &[Target::Above, Target::Deputy(None)]));
    let lapse_minutes = (dice.roll(2, &[6]) == 0).then_some(40);
    Policy {
        name: "Tết".into(), steps, repeats: dice.roll(3, &[7]) as u8, pause_minutes: 25, lapse_minutes
    }
}

type Log = Vec<(i64, String)>;

/// One call-out by the engine: from one time it asks for, or one answer, to the next.
fn by_engine(dice: Dice, policy: &Policy, body: u64, from: i64) -> Log {
    let (mut state, mut log, mut waiting) =
        (State::new(at(from)), Log::new(), BTreeMap::<i64, Person>::new());
    let mut minute = from;
    loop {
        let turn = next(policy, state, &around(dice, body, minute), at(minute));
        state = turn.state;
        for effect in &turn.effects {
            if let Effect::Call { people, .. } = effect {
                for p in people {
                    if let Some(after) = answers(dice, *p, minute) {
                        waiting.entry(minute + after).or_insert(*p);
                    }
                }
            }
            log.push((minute, say(effect)));
        }
        let asked = turn.next.map(|t| t.duration_since(at(0)).as_mins());
        let answer = waiting.first_key_value().map(|(m, _)| *m);
        let Some(then) = asked.into_iter().chain(answer).min() else { return log };
        minute = then;
        if minute > from + MINUTES {
            return log;
        }
        if let Some(p) = waiting.remove(&minute)
            && acknowledge(&mut state, at(minute))
        {
            log.push((minute, format!("taken {p}")));
            // Two in three see it through.
            if policy.lapse_minutes.is_none() || dice.roll(3, &[8, body, minute.unsigned_abs()]) > 0 {
                state.standing = Standing::Resolved;
            }
        }
    }
}

fn say(effect: &Effect) -> String {
    match effect {
        Effect::Call { step, round, people } => format!("call {step} of {round}: {people:?}"),
        Effect::Nobody { step, round } => format!("nobody {step} of {round}"),
        Effect::PassedOver { step, round } => format!("passed {step} of {round}"),
        Effect::Round { round } => format!("round {round}"),
        Effect::Lapsed => "lapsed".into(),
        Effect::Expired => "expired".into(),
    }
}

/// The same by looking at every minute, with counters instead of times.
fn by_minutes(dice: Dice, policy: &Policy, body: u64, from: i64) -> Log {
    let mut log = Log::new();
    let mut waiting: BTreeMap<i64, Person> = BTreeMap::new();
    let (mut step, mut round) = (0_usize, 0_u8);
    // Minutes still to wait for the next step, or for the end of the round.
    let mut wait = i64::from(policy.steps[0].after_minutes);
    let mut taken: Option<i64> = None;
    for minute in from..=from + MINUTES {
        if let Some(p) = waiting.remove(&minute)
            && taken.is_none()
        {
            log.push((minute, format!("taken {p}")));
            if policy.lapse_minutes.is_none() || dice.roll(3, &[8, body, minute.unsigned_abs()]) > 0 {
                return log;
            }
            taken = Some(0);
        }
        if let Some(idle) = &mut taken {
            if *idle < i64::from(policy.lapse_minutes.unwrap()) {
                *idle += 1;
                continue;
            }
            log.push((minute, "lapsed".into()));
            (taken, step, round, wait) = (None, 0, 0, i64::from(policy.steps[0].after_minutes));
        }
        let here = around(dice, body, minute);
        let mut called: Vec<Person> = Vec::new();
        while wait == 0 {
            let Some(s) = policy.steps.get(step) else {
                if round < policy.repeats {
                    round += 1;
                    (step, wait) = (0, i64::from(policy.steps[0].after_minutes));
                    called.clear();
                    log.push((minute, format!("round {round}")));
                    continue;
                }
                log.push((minute, "expired".into()));
                return log;
            };
            let apart = policy
                .steps
                .get(step + 1)
                .map_or(policy.pause_minutes, |n| n.after_minutes - s.after_minutes);
            wait = i64::from(apart);
            let people: Vec<Person> = s.targets.iter().flat_map(|t| here.people[t].clone()).collect();
            let wrong_hours = s.only == Hours::Off && here.working;
            if wrong_hours {
                log.push((minute, format!("passed {step} of {round}")));
            } else if people.is_empty() {
                log.push((minute, format!("nobody {step} of {round}")));
                if step + 1 < policy.steps.len() {
                    wait = 0;
                }
            } else {
                let mut fresh = Vec::new();
                for p in people {
                    if !called.contains(&p) {
                        called.push(p);
                        fresh.push(p);
                        if let Some(after) = answers(dice, p, minute) {
                            waiting.entry(minute + after).or_insert(p);
                        }
                    }
                }
                log.push((minute, format!("call {step} of {round}: {fresh:?}")));
            }
            step += 1;
        }
        wait -= 1;
    }
    log
}

fn holiday(seed: u64) -> usize {
    let dice = Dice(seed);
    let policy = plan(dice);
    policy.check().unwrap();
    let mut events = 0;
    for body in 0..BODIES {
        for n in 0..EACH {
            let from = dice.roll(MINUTES.unsigned_abs(), &[9, body, n]).cast_signed();
            let engine = by_engine(dice, &policy, body, from);
            assert_eq!(engine, by_minutes(dice, &policy, body, from), "body {body}, minute {from}");
            let reached = engine.iter().any(|(_, e)| e.starts_with("taken"));
            let ended = engine.last().is_some_and(|(_, e)| e == "expired");
            assert!(reached || ended, "somebody has it or it is shown that nobody does: {engine:?}");
            let mut calls: Vec<_> = engine.iter().filter(|(_, e)| e.starts_with("call")).collect();
            let all = calls.len();
            calls.dedup();
            assert_eq!(calls.len(), all, "no step is taken twice");
            events += engine.len();
        }
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    #[allow(clippy::disallowed_methods)] // the time it takes is told, not asserted
    fn nothing_is_missed_or_doubled(seed in any::<u64>()) {
        let began = std::time::Instant::now();
        let events = holiday(seed);
        eprintln!("a Tết of {BODIES} bodies: {events} events in {:?}, reference and all", began.elapsed());
    }
}
