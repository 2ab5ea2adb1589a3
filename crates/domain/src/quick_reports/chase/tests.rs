//! Ten days of a thousand bodies on a virtual clock.

use std::collections::BTreeMap;

use jiff::{
    SignedDuration, Timestamp,
    civil::{date, time},
};
use proptest::prelude::*;

use super::*;
use crate::{
    legal::Legal,
    quick_reports::{Step, rounds},
    time::{Window, zone},
};

/// The shipped rule: a message before, at the due time, after 30 minutes; the head after 60, the superior after 120.
fn shipped() -> Rule {
    let legal = Legal::builtin().unwrap();
    legal.on(date(2027, 2, 6)).quick_reports().unwrap().rule.clone()
}

fn ten_days(rule: &Rule) -> Vec<Round> {
    let window = Window::days(date(2027, 2, 4), date(2027, 2, 13));
    rounds(&[(Timestamp::MIN, rule.clone())], window, &zone())
}

/// What each body heard: (body, round, step) → when.
type Heard = BTreeMap<(usize, usize, usize), Vec<Timestamp>>;

/// Runs the clock minute by minute over all rounds; `answers[body][round]` is when the body confirms, if it does, and
/// `awake` whether Canh runs at that minute.
fn simulate(
    rule: &Rule,
    rounds: &[Round],
    answers: &[Vec<Option<Timestamp>>],
    awake: impl Fn(Timestamp) -> bool,
) -> Heard {
    let mut heard = Heard::new();
    for (r, round) in rounds.iter().enumerate() {
        let mut now = round.opens;
        // As the job does: from one moment to the next one that matters, and now and then in between.
        while live(rule, round, now) {
            if awake(now) {
                for (b, answer) in answers.iter().enumerate() {
                    if answer[r].is_some_and(|at| at <= now) {
                        continue;
                    }
                    let sent: Vec<usize> =
                        (0..rule.chase.len()).filter(|s| heard.contains_key(&(b, r, *s))).collect();
                    for d in due(rule, round, &sent, now) {
                        heard.entry((b, r, d.step)).or_default().push(now);
                    }
                }
            }
            let look_again = after(now, SignedDuration::from_mins(5));
            now = next(rule, round, now).map_or(look_again, |at| at.min(look_again));
        }
    }
    heard
}

/// What must have been said, straight from the rule: a step whose moment came before the answer.
fn expected(
    rule: &Rule,
    rounds: &[Round],
    answers: &[Vec<Option<Timestamp>>],
) -> Vec<(usize, usize, usize, Timestamp)> {
    let mut all = Vec::new();
    for (b, answer) in answers.iter().enumerate() {
        for (r, round) in rounds.iter().enumerate() {
            for (s, step) in rule.chase.iter().enumerate() {
                let at = after(round.due, SignedDuration::from_mins(i64::from(step.minutes)));
                if answer[r].is_none_or(|answered| at < answered) {
                    all.push((b, r, s, at));
                }
            }
        }
    }
    all
}

/// A small generator of our own: a proptest value of 20,000 answers would shrink for hours.
struct Dice(u64);
impl Dice {
    fn next(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % below
    }
}

fn answers(rounds: &[Round], bodies: usize, seed: u64) -> Vec<Vec<Option<Timestamp>>> {
    let mut dice = Dice(seed);
    (0..bodies)
        .map(|_| {
            let punctual = dice.next(100);
            rounds
                .iter()
                .map(|round| match dice.next(100) {
                    // From the opening to four hours after the due time, or never; odd seconds, so that the
                    // answer and a step fall together now and then only.
                    n if n < punctual => {
                        Some(after(round.opens, SignedDuration::from_secs(dice.next(7_200))))
                    }
                    n if n < 90 => Some(after(round.opens, SignedDuration::from_mins(dice.next(360)))),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

#[test]
fn the_shipped_rule_is_the_one_described() {
    let rule = shipped();
    assert_eq!(rule.hours, [time(8, 0, 0, 0), time(16, 0, 0, 0)]);
    let steps: Vec<(Audience, i32)> = rule.chase.iter().map(|s| (s.to, s.minutes)).collect();
    use Audience::*;
    assert!(
        matches!(steps[..], [(Body, before), (Body, 0), (Body, 30), (Head, 60), (Superior, 120)] if before < 0)
    );
    assert!(rule.checked().is_ok());
}

/// A thousand bodies, twenty rounds: each miss is chased exactly as configured, none twice, and nobody who answered.
#[test]
fn a_thousand_bodies_over_ten_days() {
    let rule = shipped();
    let rounds = ten_days(&rule);
    assert_eq!(rounds.len(), 20);
    let answers = answers(&rounds, 1_000, 7);
    let heard = simulate(&rule, &rounds, &answers, |_| true);
    let expected = expected(&rule, &rounds, &answers);
    assert!(expected.len() > 20_000, "the story has misses: {}", expected.len());
    assert_eq!(heard.len(), expected.len());
    for (b, r, s, at) in expected {
        assert_eq!(
            heard.get(&(b, r, s)).map(Vec::as_slice),
            Some(&[at][..]),
            "body {b}, round {r}, step {s}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any rule, any answering: as configured, once.
    #[test]
    fn any_rule_is_followed_to_the_minute(
        seed in any::<u64>(),
        steps in prop::collection::vec((0..3_usize, -60..300_i32), 0..6),
        hour in 1..11_i8,
        grace in 0..90_u32,
    ) {
        let chase = steps.iter().map(|(to, minutes)| Step { to: Audience::ALL[*to], minutes: *minutes }).collect();
        let hours = vec![time(hour, 0, 0, 0), time(hour + 12, 30, 0, 0)];
        let Ok(rule) = (Rule { on: true, hours, opens: 60, grace, chase }).checked() else { return Ok(()) };
        let rounds = ten_days(&rule);
        prop_assert_eq!(rounds.len(), 20);
        let answers = answers(&rounds, 12, seed);
        let heard = simulate(&rule, &rounds, &answers, |_| true);
        let expected = expected(&rule, &rounds, &answers);
        prop_assert_eq!(heard.len(), expected.len());
        for (b, r, s, at) in expected {
            prop_assert_eq!(heard.get(&(b, r, s)).map(Vec::as_slice), Some(&[at][..]));
        }
    }

    /// A standstill at any time: nobody hears a step twice, nobody is chased before its moment, and whoever is still
    /// missing when Canh wakes within the hours of use hears of it once for each audience.
    #[test]
    fn a_standstill_loses_no_miss_and_doubles_nothing(seed in any::<u64>(), start in 0..14_400_i64, minutes in 1..600_i64) {
        let rule = shipped();
        let rounds = ten_days(&rule);
        let answers = answers(&rounds, 6, seed);
        let from = after(rounds[0].opens, SignedDuration::from_mins(start));
        let to = after(from, SignedDuration::from_mins(minutes));
        let heard = simulate(&rule, &rounds, &answers, |now| now < from || now >= to);
        for ((b, r, s), times) in &heard {
            prop_assert_eq!(times.len(), 1, "body {} round {} step {}", b, r, s);
            let at = after(rounds[*r].due, SignedDuration::from_mins(i64::from(rule.chase[*s].minutes)));
            prop_assert!(at <= times[0] && times[0] < after(at, STALE));
            prop_assert!(answers[*b][*r].is_none_or(|answered| times[0] < answered));
        }
        for (b, answer) in answers.iter().enumerate() {
            for r in 0..rounds.len() {
                // The last step, to the superior: unless Canh slept through all the time it was of use.
                let last = rule.chase.len() - 1;
                let at = after(rounds[r].due, SignedDuration::from_mins(i64::from(rule.chase[last].minutes)));
                let woken = if from <= at && at < to { to } else { at };
                // Looks are five minutes apart.
                let seen = after(woken, SignedDuration::from_mins(5));
                if seen < after(at, STALE) && answer[r].is_none_or(|answered| seen < answered) {
                    prop_assert!(heard.contains_key(&(b, r, last)), "body {} round {}", b, r);
                }
            }
        }
    }
}
