//! CMPL, ISPF and ISPD: what was asked between letters, and whether the lines held.
//!
//! A register speaks only of what was entered. While the window runs, an empty one proves nothing and the duty is *not
//! yet due*; once it is over, "no request was recorded" is a statement about the register, and it says so.

use jiff::Timestamp;

use super::Found;
use crate::{
    evidence::{Because, Known, State},
    fact::{Fact, kinds},
    time::Window,
};

/// So many facts are named as reasons; the count says how many there are.
const REASONS_MAX: usize = 10;

/// Where [`asked`] finds its figures and what it says.
pub(super) struct Words {
    /// Handled of all.
    all: &'static str,
    /// `handled`: past their due time and owed; `all`: owed.
    owed: &'static str,
    /// `handled`: done late; `all`: said to be impossible, not yet accepted.
    judged: &'static str,
    /// When the next of what is owed is due.
    next: &'static str,
    unknown: &'static str,
    none_yet: &'static str,
    none: &'static str,
    overdue: &'static str,
    open: &'static str,
    late: &'static str,
    impossible: &'static str,
    done: &'static str,
}

pub(super) const REQUESTS: Words = Words {
    all: "requests",
    owed: "requests-owed",
    judged: "requests-judged",
    next: "requests-next",
    unknown: "evidence-requests-unknown",
    none_yet: "evidence-requests-none-yet",
    none: "evidence-requests-none",
    overdue: "evidence-requests-overdue",
    open: "evidence-requests-open",
    late: "evidence-requests-late",
    impossible: "evidence-requests-impossible",
    done: "evidence-requests-done",
};

pub(super) const ITEMS: Words = Words {
    all: "items",
    owed: "items-owed",
    judged: "items-judged",
    next: "items-next",
    unknown: "evidence-items-unknown",
    none_yet: "evidence-items-none-yet",
    none: "evidence-items-none",
    overdue: "evidence-items-overdue",
    open: "evidence-items-open",
    late: "evidence-items-late",
    impossible: "evidence-items-impossible",
    done: "evidence-items-done",
};

/// Handled of all that was asked in the window. One overdue is *not met*; late is a part, not a whole; impossible waits
/// for who asked to accept it.
pub(super) fn asked(words: &Words, window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let (Some(all), Some(owed), Some(judged)) =
        (known.count(words.all), known.count(words.owed), known.count(words.judged))
    else {
        return Found { undecided: true, ..Found::default() }.because(None, words.unknown);
    };
    let end = ends(window, known);
    let next = [known.times.get(words.next).copied(), (now < end).then_some(end)].into_iter().flatten().min();
    let found = Found { next_check: next, ..Found::of(all) };
    if all.all == 0 {
        return if now < end {
            found.settled(State::NotYetDue).because(None, words.none_yet)
        } else {
            found.settled(State::Met).because(None, words.none)
        };
    }
    if owed.handled > 0 {
        return reasons(found.settled(State::NotMet), known, words.overdue, |f| overdue(f, known, now));
    }
    if owed.all > 0 {
        let state = if all.handled > 0 { State::Partly } else { State::NotYetDue };
        return reasons(found.settled(state), known, words.open, |f| f.kind == kinds::REQUEST_ASKED);
    }
    let answered = |f: &Fact| f.kind == kinds::REQUEST_ANSWERED;
    if judged.all > 0 {
        let state = if all.handled > 0 { State::Partly } else { State::Unknown };
        return reasons(found.settled(state), known, words.impossible, answered);
    }
    if judged.handled > 0 {
        return reasons(found.settled(State::Partly), known, words.late, answered);
    }
    reasons(found.settled(State::Met), known, words.done, answered)
}

/// Minutes known up of all minutes of all lines. Nobody's word for a minute is *unknown*, never up.
pub(super) fn lines(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    // `line-past`: handled = minutes down, all = minutes of which nobody knows. `lines-now`: handled = known up now,
    // all = lines.
    let (Some(minutes), Some(past), Some(at_present)) =
        (known.count("line-minutes"), known.count("line-past"), known.count("lines-now"))
    else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-lines-unknown");
    };
    if at_present.all == 0 {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-lines-none");
    }
    let end = ends(window, known);
    let ahead = window.map(|w| w.from).filter(|from| now < *from);
    let next = [known.times.get("lines-next").copied(), Some(ahead.unwrap_or(end)).filter(|at| *at > now)];
    let found = Found { next_check: next.into_iter().flatten().min(), ..Found::of(minutes) };
    if ahead.is_some() {
        return Found { handled: 0, ..found }.settled(State::NotYetDue).because(None, "evidence-lines-ahead");
    }
    let outage = |f: &Fact| f.kind == kinds::LINE_OUT;
    if now < end {
        let down = known.count("lines-down").unwrap_or_default();
        if down.handled > 0 {
            return reasons(found.settled(State::NotMet), known, "evidence-lines-down", outage);
        }
        if at_present.handled < at_present.all {
            return found.settled(State::Unknown).because(None, "evidence-lines-silent");
        }
        return reasons(found.settled(State::NotYetDue), known, "evidence-lines-up", |f| {
            f.kind == kinds::LINE_REPORTED
        });
    }
    if minutes.handled == 0 && past.handled == 0 {
        return found.settled(State::Unknown).because(None, "evidence-lines-silent");
    }
    let mut found = found;
    if past.handled > 0 {
        found = reasons(found, known, "evidence-lines-outages", outage);
    }
    if past.all > 0 {
        found = found.because(None, "evidence-lines-gaps");
    }
    if found.because.is_empty() {
        return reasons(found.settled(State::Met), known, "evidence-lines-whole", |f| {
            f.kind == kinds::LINE_REPORTED
        });
    }
    let state = if minutes.handled > 0 { State::Partly } else { State::NotMet };
    found.settled(state)
}

/// When the register can be said to be complete.
fn ends(window: Option<Window>, known: &Known) -> Timestamp {
    window.map_or(known.due, |w| w.to)
}

/// Whether that is the asking of a request that is overdue: by its due time, and no answer closed it since.
fn overdue(fact: &Fact, known: &Known, now: Timestamp) -> bool {
    let due = fact.value.get("due").and_then(|d| d.as_str()).and_then(|d| d.parse::<Timestamp>().ok());
    let answer = known
        .facts
        .iter()
        .filter(|f| {
            f.subject == fact.subject
                && [kinds::REQUEST_ANSWERED, kinds::REQUEST_RETURNED].contains(&f.kind.as_str())
        })
        .max_by_key(|f| (f.learnt, f.id));
    let open = answer.is_none_or(|f| {
        f.kind == kinds::REQUEST_RETURNED || f.value.get("outcome").and_then(|o| o.as_str()) == Some("partly")
    });
    fact.kind == kinds::REQUEST_ASKED && due.is_some_and(|due| due <= now) && open
}

/// Adds the sentence with each of the newest facts it rests on, or without one where none was fetched.
pub(super) fn reasons(mut found: Found, known: &Known, sentence: &str, of: impl Fn(&Fact) -> bool) -> Found {
    let mut facts: Vec<&Fact> = known.facts.iter().filter(|f| of(f)).collect();
    facts.sort_by_key(|f| std::cmp::Reverse((f.learnt, f.id)));
    let mut because: Vec<Because> = facts
        .iter()
        .take(REASONS_MAX)
        .map(|f| Because { fact: Some(f.id), sentence: sentence.to_owned() })
        .collect();
    if because.is_empty() {
        because.push(Because { fact: None, sentence: sentence.to_owned() });
    }
    found.because.extend(because);
    found
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::{
        duty::Code,
        evidence::{Count, Evaluator, Verdict, evaluate},
        fact::Source,
        id::{Id, Uuid},
    };

    fn t(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
    }
    const END: i64 = 100;

    fn fact(n: u128, kind: &str, at: i64, value: serde_json::Value) -> Fact {
        Fact {
            id: Id::from_uuid(Uuid::from_u128(n)),
            key: n.to_string(),
            kind: kind.into(),
            body: Id::from_uuid(Uuid::from_u128(1)),
            subject: "request:1".into(),
            from: t(at),
            to: t(at),
            learnt: t(at),
            source: Source::Audit(1),
            value,
        }
    }

    fn count(handled: u32, all: u32) -> Count {
        Count { handled, all }
    }

    fn judge(rule: Evaluator, now: i64, counts: &[(&'static str, Count)], facts: &[Fact]) -> Verdict {
        let mut known = Known::nothing(t(END));
        known.facts = vec![fact(900, kinds::RECEIVED, 0, json!({}))];
        known.facts.extend_from_slice(facts);
        known.counts.extend(counts.iter().copied());
        known.times.insert("requests-next", t(now) + SignedDuration::from_hours(5));
        let window = Some(Window { from: t(0), to: t(END) });
        evaluate(&Code::new("CMPL").unwrap(), rule, window, t(now), &known)
    }
    fn register(now: i64, all: Count, owed: Count, judged: Count, facts: &[Fact]) -> Verdict {
        let counts = [("requests", all), ("requests-owed", owed), ("requests-judged", judged)];
        judge(Evaluator::Requests, now, &counts, facts)
    }
    fn first(verdict: &Verdict) -> (State, &str) {
        (verdict.state, verdict.because[0].sentence.as_str())
    }

    #[test]
    fn an_empty_register_says_something_only_when_the_window_is_over() {
        let zero = Count::default();
        let during = register(50, zero, zero, zero, &[]);
        assert_eq!(first(&during), (State::NotYetDue, "evidence-requests-none-yet"));
        assert_eq!(during.next_check, Some(t(55)));
        let after = register(END, zero, zero, zero, &[]);
        assert_eq!(first(&after), (State::Met, "evidence-requests-none"));
        assert_eq!(
            judge(Evaluator::Requests, END, &[], &[]).state,
            State::Unknown,
            "not looked up is not none"
        );
    }

    #[test]
    fn one_overdue_is_not_met_and_is_named() {
        let asked = fact(1, kinds::REQUEST_ASKED, 1, json!({"due": t(40).to_string()}));
        let v = register(50, count(4, 5), count(1, 1), count(0, 0), std::slice::from_ref(&asked));
        assert_eq!(first(&v), (State::NotMet, "evidence-requests-overdue"));
        assert_eq!((v.because[0].fact, v.handled, v.all), (Some(asked.id), 4, 5));
        // Answered in time, returned since: owed again.
        let answered = fact(2, kinds::REQUEST_ANSWERED, 30, json!({"outcome": "done"}));
        let returned = fact(3, kinds::REQUEST_RETURNED, 35, json!({}));
        let facts = [asked.clone(), answered.clone(), returned];
        assert_eq!(
            register(50, count(0, 1), count(1, 1), count(0, 0), &facts).because[0].fact,
            Some(asked.id)
        );
        assert_eq!(
            register(50, count(0, 1), count(1, 1), count(0, 0), &[asked, answered]).because[0].fact,
            None,
            "an answered one is no reason"
        );
    }

    #[test]
    fn what_is_owed_late_or_impossible_is_not_the_whole() {
        let state = |all, owed, judged| register(END + 1, all, owed, judged, &[]).state;
        assert_eq!(state(count(3, 3), count(0, 0), count(0, 0)), State::Met);
        assert_eq!(state(count(2, 3), count(0, 1), count(0, 0)), State::Partly);
        assert_eq!(
            state(count(0, 1), count(0, 1), count(0, 0)),
            State::NotYetDue,
            "its own time has not come"
        );
        assert_eq!(state(count(2, 3), count(0, 0), count(0, 1)), State::Partly);
        assert_eq!(state(count(0, 1), count(0, 0), count(0, 1)), State::Unknown, "who asked has to say");
        assert_eq!(state(count(3, 3), count(0, 0), count(1, 0)), State::Partly);
    }

    fn net(now: i64, minutes: Count, past: Count, now_up: Count, down: u32) -> Verdict {
        let counts = [
            ("line-minutes", minutes),
            ("line-past", past),
            ("lines-now", now_up),
            ("lines-down", count(down, now_up.all)),
        ];
        judge(Evaluator::Lines, now, &counts, &[])
    }

    #[test]
    fn a_line_nobody_vouches_for_is_unknown() {
        let all = 6_000;
        let zero = Count::default();
        assert_eq!(
            first(&net(-1, count(0, all), zero, count(0, 1), 0)),
            (State::NotYetDue, "evidence-lines-ahead")
        );
        assert_eq!(net(50, count(3_000, all), zero, count(1, 1), 0).state, State::NotYetDue);
        assert_eq!(
            first(&net(50, count(3_000, all), zero, count(0, 1), 1)),
            (State::NotMet, "evidence-lines-down")
        );
        assert_eq!(
            first(&net(50, count(10, all), zero, count(0, 1), 0)),
            (State::Unknown, "evidence-lines-silent")
        );
        assert_eq!(net(50, zero, zero, zero, 0).state, State::NotYetDue, "no line entered, window not over");
    }

    #[test]
    fn only_a_window_without_gaps_is_met() {
        let all = 6_000;
        let zero = Count::default();
        let up = count(1, 1);
        assert_eq!(net(END, count(all, all), zero, up, 0).state, State::Met);
        let gap = net(END, count(all - 60, all), count(0, 60), up, 0);
        assert_eq!(first(&gap), (State::Partly, "evidence-lines-gaps"));
        let out = net(END, count(all - 60, all), count(60, 0), up, 0);
        assert_eq!(first(&out), (State::Partly, "evidence-lines-outages"));
        assert_eq!(net(END, count(0, all), count(0, all), up, 0).state, State::Unknown);
        assert_eq!(net(END, count(0, all), count(all, 0), up, 0).state, State::NotMet);
        assert_eq!(first(&net(END, zero, zero, zero, 0)), (State::Unknown, "evidence-lines-none"));
    }
}
