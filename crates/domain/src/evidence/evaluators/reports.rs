//! RPT: reporting. So far the rounds of quick reports; notices of incidents will be counted beside them once Canh keeps
//! incidents, each as one more count and sentence here.

use super::{Found, pending, upload};
use crate::{
    evidence::{Known, State},
    fact::kinds,
};

/// Rounds confirmed in time of those due so far. Late ones are a part; one that is missing is *not met*, until it is
/// made up for. Where the campaign asks for no rounds, evidence that people hand in counts.
pub(super) fn rounds(known: &Known) -> Found {
    let (Some(rounds), Some(late)) = (known.count("quick-rounds"), known.count("quick-late")) else {
        return upload(known);
    };
    let newest = known.newest(kinds::QUICK_REPORT);
    let missing = rounds.all.saturating_sub(rounds.handled).saturating_sub(late.handled);
    let found = Found { next_check: known.again, ..Found::of(rounds) };
    let found = match (rounds.all, missing, late.handled) {
        (0, ..) => {
            let said = if newest.is_some() { "evidence-quick-first-in" } else { "evidence-quick-none-due" };
            found.settled(State::NotYetDue).because(newest, said)
        }
        (_, 0, 0) => found.settled(State::Met).because(newest, "evidence-quick-in-time"),
        (_, 0, _) => found.settled(State::Partly).because(last_late(known), "evidence-quick-late"),
        _ => found.settled(State::NotMet).because(newest, "evidence-quick-missing"),
    };
    match pending(known) {
        Some(fact) => found.because(Some(fact), "evidence-awaits-review"),
        None => found,
    }
}

/// The newest report that came after its due time.
fn last_late(known: &Known) -> Option<&crate::fact::Fact> {
    let late = |fact: &&crate::fact::Fact| {
        fact.kind == kinds::QUICK_REPORT && fact.value.get("late").and_then(|l| l.as_bool()) == Some(true)
    };
    known.facts.iter().filter(late).max_by_key(|f| (f.learnt, f.id))
}
