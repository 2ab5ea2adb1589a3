//! HUNT by hunts that were concluded.

use super::{Found, upload};
use crate::{
    evidence::{Count, Known},
    fact::kinds,
};

/// A hunt concluded within the term, by the body or for it by one above whose hunt had the body's events before it.
/// `hunt-done`: handled = concluded lately, all = all there are. `hunt-next`: when the last of them is too long ago. Where
/// none was concluded, evidence handed in.
pub(super) fn hunting(known: &Known) -> Found {
    let Some(done) = known.count("hunt-done") else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-hunt-unknown");
    };
    if done.handled == 0 {
        let sentence = if done.all == 0 { "evidence-hunt-none" } else { "evidence-hunt-open" };
        return upload(known).because(None, sentence);
    }
    let next_check = known.times.get("hunt-next").copied();
    let found = Found { next_check, ..Found::of(Count { handled: 1, all: 1 }) };
    found.because(known.newest(kinds::HUNTED), "evidence-hunt-concluded")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{
        duty::Code,
        evidence::{Evaluator, State, Verdict, evaluate},
        fact::{Fact, Source},
        id::{Id, Uuid},
        time::Window,
    };

    fn t(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
    }
    fn fact(kind: &str, value: serde_json::Value) -> Fact {
        Fact {
            id: Id::from_uuid(Uuid::from_u128(7)),
            key: kind.into(),
            kind: kind.into(),
            body: Id::from_uuid(Uuid::from_u128(1)),
            subject: "hunt:1".into(),
            from: t(-50),
            to: t(-50),
            learnt: t(-50),
            source: Source::Audit(1),
            value,
        }
    }
    fn judge(done: Option<(u32, u32)>, facts: &[Fact]) -> Verdict {
        let mut known = Known::nothing(t(100));
        known.facts = vec![fact(kinds::RECEIVED, json!({}))];
        known.facts.extend_from_slice(facts);
        known.counts.extend(done.map(|(handled, all)| ("hunt-done", Count { handled, all })));
        let window = Some(Window { from: t(0), to: t(100) });
        evaluate(&Code::new("HUNT").unwrap(), Evaluator::Hunting, window, t(200), &known)
    }

    #[test]
    fn a_hunt_concluded_lately_is_enough_and_opens_to_it() {
        let v = judge(Some((1, 3)), &[fact(kinds::HUNTED, json!({"outcome": "clean"}))]);
        assert_eq!((v.state, v.because[0].fact.is_some()), (State::Met, true));
    }

    #[test]
    fn without_one_papers_count_and_an_open_one_is_none() {
        let v = judge(Some((0, 2)), &[]);
        assert_eq!(
            (v.state, v.because.last().unwrap().sentence.as_str()),
            (State::NotMet, "evidence-hunt-open")
        );
        assert_eq!(judge(Some((0, 0)), &[]).because.last().unwrap().sentence, "evidence-hunt-none");
        let given = [
            fact(kinds::SUBMITTED, json!({"submission": "a"})),
            fact(kinds::ACCEPTED, json!({"submission": "a"})),
        ];
        assert_eq!(judge(Some((0, 0)), &given).state, State::Met);
        assert_eq!(judge(None, &[]).state, State::Unknown, "not looked up");
    }
}
