//! A flaw on a machine: how it comes, goes and comes back, and by when it must be mended.
//!
//! Closed only by a newer inventory: whatever else changes — an advisory, a list that is no longer reported — leaves it
//! open or takes it back, but mends nothing.

mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use rules::{Grade, Rules, due};

use crate::right::names;

/// At most so many characters of a reason or of what a workaround is.
pub const WORDS_MAX: usize = 1000;

/// How a flaw stands on a machine, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The machine has it.
    Affected,
    /// What mends it is installed, and not in effect.
    NotEffective,
    /// Nobody can tell from what was reported.
    Unknown,
    /// It had it, and is mended.
    Fixed,
    /// It never had it, or nobody says any more that it does.
    NotAffected,
}
names!(State {
    Affected = "affected", NotEffective = "not-effective", Unknown = "unknown", Fixed = "fixed",
    NotAffected = "not-affected",
} "state of a flaw");

impl State {
    /// Whether it must be dealt with.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, State::Affected | State::NotEffective)
    }
}

/// A flaw on a machine as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How.
    pub state: State,
    /// At which revision of the machine's inventory that was judged.
    pub revision: u64,
    /// When it was first found open there; none if it never was.
    pub first_seen: Option<Timestamp>,
    /// Since when it is mended.
    pub fixed_at: Option<Timestamp>,
    /// How often it came back.
    pub reopened: u32,
}

/// What happened to it, for its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Found.
    Found,
    /// Mended.
    Fixed,
    /// Back again.
    Reopened,
    /// No longer said of the machine, though nothing of the machine changed.
    TakenBack,
}
names!(Turn { Found = "found", Fixed = "fixed", Reopened = "reopened", TakenBack = "taken-back" } "turn of a flaw");

/// How it stands after a judgement of the inventory `revision`, and what that makes happen.
#[must_use]
pub fn next(
    before: Option<Standing>,
    judged: State,
    revision: u64,
    now: Timestamp,
) -> (Standing, Option<Turn>) {
    let Some(before) = before else {
        let first_seen = judged.is_open().then_some(now);
        let fresh = Standing { state: judged, revision, first_seen, fixed_at: None, reopened: 0 };
        return (fresh, judged.is_open().then_some(Turn::Found));
    };
    let newer = revision > before.revision;
    let same = Standing { state: judged, revision, ..before };
    match (before.state.is_open(), judged) {
        // Open stays open, in whichever way.
        (true, State::Affected | State::NotEffective) => (same, None),
        // A list that is no longer reported mends nothing.
        (true, State::Unknown) => (Standing { state: before.state, ..same }, None),
        // The machine changed: mended, or what had the flaw is gone.
        (true, State::Fixed | State::NotAffected) if newer => {
            (Standing { state: State::Fixed, fixed_at: Some(now), ..same }, Some(Turn::Fixed))
        }
        // Only what is said of the flaw changed.
        (true, State::Fixed | State::NotAffected) => {
            (Standing { state: State::NotAffected, ..same }, Some(Turn::TakenBack))
        }
        (false, State::Affected | State::NotEffective) => match before.first_seen {
            Some(_) => {
                let back = Standing { fixed_at: None, reopened: before.reopened.saturating_add(1), ..same };
                (back, Some(Turn::Reopened))
            }
            None => (Standing { first_seen: Some(now), ..same }, Some(Turn::Found)),
        },
        // What was taken back was not mended either, however often it is looked at.
        (false, State::Fixed)
            if before.state == State::NotAffected && before.first_seen.is_some() && !newer =>
        {
            (Standing { state: State::NotAffected, ..same }, None)
        }
        // What was mended stays mended while nothing says otherwise.
        (false, State::Unknown | State::NotAffected)
            if before.state == State::Fixed && before.first_seen.is_some() =>
        {
            (Standing { state: State::Fixed, ..same }, None)
        }
        (false, _) => (same, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    fn run(steps: &[(State, u64)]) -> (Standing, Vec<Turn>) {
        let (mut standing, mut turns) = (None, Vec::new());
        for (n, (state, revision)) in steps.iter().enumerate() {
            let (after, turn) = next(standing, *state, *revision, at(n as i64));
            turns.extend(turn);
            standing = Some(after);
        }
        (standing.unwrap(), turns)
    }

    #[test]
    fn only_a_newer_inventory_closes() {
        use State::*;
        let (it, turns) = run(&[(Affected, 1), (Fixed, 2)]);
        assert_eq!((it.state, it.first_seen, it.fixed_at), (Fixed, Some(at(0)), Some(at(1))));
        assert_eq!(turns, [Turn::Found, Turn::Fixed]);
        let (it, turns) = run(&[(Affected, 1), (NotAffected, 1)]);
        assert_eq!((it.state, it.fixed_at), (NotAffected, None), "an advisory changed: nothing was mended");
        assert_eq!(turns, [Turn::Found, Turn::TakenBack]);
        let (it, turns) = run(&[(Affected, 1), (Fixed, 1), (Fixed, 1)]);
        assert_eq!((it.state, turns.len()), (NotAffected, 2), "looked at again, it is still taken back");
        let (it, turns) = run(&[(Affected, 1), (NotAffected, 2)]);
        assert_eq!((it.state, turns.len()), (Fixed, 2), "what had the flaw is gone from the machine");
        let (it, turns) = run(&[(Affected, 1), (Unknown, 2)]);
        assert_eq!((it.state, turns.len()), (Affected, 1), "a list that is no longer reported mends nothing");
    }

    #[test]
    fn the_same_again_does_nothing_and_a_regression_reopens() {
        use State::*;
        let (it, turns) = run(&[(Affected, 1), (Affected, 1), (NotEffective, 2), (Affected, 3)]);
        assert_eq!((turns, it.first_seen, it.reopened), (vec![Turn::Found], Some(at(0)), 0));
        let (it, turns) = run(&[(Affected, 1), (Fixed, 2), (Unknown, 3), (Affected, 4)]);
        assert_eq!(turns, [Turn::Found, Turn::Fixed, Turn::Reopened]);
        assert_eq!((it.reopened, it.fixed_at, it.first_seen), (1, None, Some(at(0))));
        let (it, turns) = run(&[(Unknown, 1), (Fixed, 2)]);
        assert_eq!((it.state, it.fixed_at, turns.len()), (Fixed, None, 0), "never found open: no turn");
    }
}
