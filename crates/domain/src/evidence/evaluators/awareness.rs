//! AWAR, and the bulletin half of CASC: what machines counted, beside what people hand in.

use serde_json::Value;

use super::{Count, Found, Known, State, upload};
use crate::fact::{
    Fact,
    kinds::{ACCEPTED, BULLETIN_TALLY, NOTICE_TALLY},
};

/// Who committed, of all recipients of the body's notices but those excused with a reason; a quiz counts those who passed it. Evidence handed in (a
/// meeting, a list signed on paper) is enough where there was no notice; where there was one, accepted evidence never
/// hides who has not committed: the figures stay.
pub(super) fn awareness(known: &Known) -> Found {
    let mut notices = facts(known, NOTICE_TALLY).peekable();
    if notices.peek().is_none() {
        return upload(known);
    }
    let mut found = Found::default();
    let mut excused = false;
    for fact in notices {
        let some = |key| fact.value.get(key).and_then(Value::as_u64).unwrap_or(0) > 0;
        let count = counted(fact);
        let sentence = match (count.all, some("excused"), some("asked")) {
            (0, true, _) => "evidence-notice-excused",
            (.., true) => "evidence-notice-passed",
            _ => "evidence-notice-committed",
        };
        excused |= some("excused");
        found = found.and(count).because(Some(fact), sentence);
    }
    if found.all == 0 && excused {
        // Everybody the notices went to is on leave or the like: nobody is left who could have done it.
        found = found.settled(State::Excused);
    }
    let missing = found.handled < found.all;
    match known.newest(ACCEPTED) {
        // Somebody with the right to looked at it: not nothing, but not all either.
        Some(fact) if missing || found.all == 0 => {
            let state = if found.all == 0 { State::Met } else { State::Partly };
            found.because(Some(fact), "evidence-accepted").settled(state)
        }
        Some(fact) => found.because(Some(fact), "evidence-accepted"),
        None => found,
    }
}

/// Adds the broadcasts of bulletins to what is known of the leaves.
pub(super) fn with_bulletins(known: &Known, leaves: Found) -> Found {
    let mut bulletins = facts(known, BULLETIN_TALLY).peekable();
    if bulletins.peek().is_none() {
        return leaves;
    }
    // Not applicable was only for want of anything to pass on.
    let mut found = match leaves.settled {
        Some(State::NotApplicable) => Found::default(),
        _ => leaves,
    };
    for fact in bulletins {
        let count = counted(fact);
        let sentence = if count.handled < count.all {
            "evidence-bulletin-missing"
        } else {
            "evidence-bulletin-broadcast"
        };
        found = found.and(count).because(Some(fact), sentence);
    }
    found
}

fn facts<'a>(known: &'a Known, kind: &'static str) -> impl Iterator<Item = &'a Fact> {
    known.facts.iter().filter(move |f| f.kind == kind)
}

fn counted(fact: &Fact) -> Count {
    let number =
        |key| fact.value.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let all = number("all");
    Count { handled: number("handled").min(all), all }
}
