//! The engine's one step: what is to be done about a call-out now, and when to look again.
//!
//! Late is never double: an engine that slept through several steps takes each of them once, all at once, and calls
//! nobody twice in one turn; rounds it slept through are not made up for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Hours, Policy, Standing, Step, Target};
use crate::id::{Id, kind};

type Person = Id<kind::Person>;

/// Where a call-out stands, as far as the engine is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Open, taken, over.
    pub standing: Standing,
    /// When this round began.
    pub since: Timestamp,
    /// How many of its steps were taken.
    pub taken: u16,
    /// Which round; the first is 0.
    pub round: u8,
    /// When whoever took it last gave a sign of progress.
    pub touched: Timestamp,
}

impl State {
    /// A new one.
    pub const fn new(since: Timestamp) -> Self {
        Self { standing: Standing::Open, since, taken: 0, round: 0, touched: since }
    }
}

/// Who is behind the policy's targets now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// By target.
    pub people: BTreeMap<Target, Vec<Person>>,
    /// Whether these are working hours.
    pub working: bool,
}

/// What is to be done, and written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Effect {
    /// Call these, each once.
    Call {
        /// Which step, from 0.
        step: u16,
        /// Of which round.
        round: u8,
        /// Whom.
        people: Vec<Person>,
    },
    /// A step reached nobody; the next is taken at once.
    Nobody {
        /// Which step.
        step: u16,
        /// Of which round.
        round: u8,
    },
    /// A step is for other hours.
    PassedOver {
        /// Which step.
        step: u16,
        /// Of which round.
        round: u8,
    },
    /// The steps begin anew.
    Round {
        /// Which round.
        round: u8,
    },
    /// Whoever took it gave no sign of progress: it is open again.
    Lapsed,
    /// Every step was taken and nobody took it.
    Expired,
}

/// What a turn comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Where it stands now.
    pub state: State,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// When to look again; `None`: only when somebody acts.
    pub next: Option<Timestamp>,
}

/// What is to be done about a call-out at `now`.
pub fn next(policy: &Policy, state: State, reach: &Reach, now: Timestamp) -> Turn {
    let mut turn = Turn { state, effects: Vec::new(), next: None };
    let mut called = BTreeSet::new();
    loop {
        let s = &mut turn.state;
        let at = match s.standing {
            Standing::Resolved | Standing::Expired => break,
            Standing::Acknowledged => match policy.lapse_minutes {
                Some(minutes) => plus(s.touched, minutes),
                None => break,
            },
            Standing::Open => match policy.steps.get(usize::from(s.taken)) {
                Some(step) => plus(s.since, step.after_minutes),
                None => round_ends(policy, s),
            },
        };
        if at > now {
            turn.next = Some(at);
            break;
        }
        let effect = match (s.standing, policy.steps.get(usize::from(s.taken))) {
            (Standing::Acknowledged, _) => {
                *s = State { standing: Standing::Open, since: now, taken: 0, round: 0, touched: now };
                called.clear();
                Effect::Lapsed
            }
            (_, Some(step)) => take(policy, s, step, reach, &mut called),
            (_, None) if s.round < policy.repeats => {
                *s = State { since: now, taken: 0, round: s.round + 1, ..*s };
                called.clear();
                Effect::Round { round: s.round }
            }
            (_, None) => {
                s.standing = Standing::Expired;
                Effect::Expired
            }
        };
        turn.effects.push(effect);
    }
    turn
}

/// Takes one step. One that reaches nobody pulls the next to its own minute.
fn take(policy: &Policy, s: &mut State, step: &Step, reach: &Reach, called: &mut BTreeSet<Person>) -> Effect {
    let (number, round) = (s.taken, s.round);
    s.taken += 1;
    let fits = match step.only {
        Hours::Always => true,
        Hours::Working => reach.working,
        Hours::Off => !reach.working,
    };
    if !fits {
        return Effect::PassedOver { step: number, round };
    }
    let found = step.targets.iter().filter_map(|t| reach.people.get(t)).flatten();
    let all: Vec<Person> = found.copied().collect();
    if all.is_empty() {
        if let Some(next) = policy.steps.get(usize::from(s.taken)) {
            s.since = minus(s.since, next.after_minutes.saturating_sub(step.after_minutes));
        }
        return Effect::Nobody { step: number, round };
    }
    let people = all.into_iter().filter(|p| called.insert(*p)).collect();
    Effect::Call { step: number, round, people }
}

/// Somebody takes it; `false` when it is taken already or over, which changes nothing.
pub fn acknowledge(state: &mut State, now: Timestamp) -> bool {
    if state.standing != Standing::Open {
        return false;
    }
    state.standing = Standing::Acknowledged;
    state.touched = now;
    true
}

/// Somebody passes it on: the next step is due now; `false` when it is over or nobody is left to call.
pub fn escalate(policy: &Policy, state: &mut State, now: Timestamp) -> bool {
    if state.standing.is_over() {
        return false;
    }
    let (taken, since) = match policy.steps.get(usize::from(state.taken)) {
        Some(step) => (state.taken, minus(now, step.after_minutes)),
        None if state.round < policy.repeats => {
            state.round += 1;
            (0, policy.steps.first().map_or(now, |s| minus(now, s.after_minutes)))
        }
        None => return false,
    };
    *state = State { standing: Standing::Open, taken, since, ..*state };
    true
}

/// When a round whose steps were all taken is over.
fn round_ends(policy: &Policy, state: &State) -> Timestamp {
    let last = policy.steps.last().map_or(0, |s| s.after_minutes);
    plus(plus(state.since, last), policy.pause_minutes)
}

fn plus(at: Timestamp, minutes: u16) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}

fn minus(at: Timestamp, minutes: u16) -> Timestamp {
    at.checked_sub(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MIN)
}
