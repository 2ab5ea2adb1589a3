//! SHAR and CONT: whether the channels that were named reach anybody, by the daily tests.

use jiff::{Timestamp, civil::Date};

use super::{Found, upload};
use crate::{
    evidence::{Count, Known, State},
    fact::{Fact, kinds},
    time::{self, Window},
};

/// What a day's test says.
struct Day<'a> {
    day: Date,
    fact: &'a Fact,
    whole: bool,
    /// Nobody of those who gave the order was reached.
    cut_off: bool,
}

fn number(fact: &Fact, name: &str) -> u64 {
    fact.value.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0)
}

/// The tests, of one day the newest, oldest day first.
fn tests(known: &Known) -> Vec<Day<'_>> {
    let mut days: Vec<Day<'_>> = Vec::new();
    let mut facts: Vec<&Fact> = known.facts.iter().filter(|f| f.kind == kinds::CHANNELS_TESTED).collect();
    facts.sort_by_key(|f| (f.learnt, f.id));
    for fact in facts {
        let day = fact.value.get("day").and_then(|d| d.as_str()).and_then(|d| d.parse().ok());
        let Some(day) = day else { continue };
        let people = number(fact, "people");
        let cut_off = number(fact, "superiors") > 0 && number(fact, "superiors-reached") == 0;
        let whole = people > 0 && number(fact, "reached") >= people && !cut_off;
        let one = Day { day, fact, whole, cut_off };
        days.retain(|d| d.day != day);
        days.push(one);
    }
    days.sort_by_key(|d| d.day);
    days
}

/// Days of the window on which everybody tested was reached by one channel at least, and somebody of those who gave the order, of all its days. A day that is over
/// without a test is *unknown*.
pub(super) fn sharing(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let tests = tests(known);
    let Some(window) = window.filter(|w| w.from < w.to && !tests.is_empty()) else { return upload(known) };
    let first = time::date(window.from);
    let last = time::date(window.to.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(window.to));
    let (mut all, mut good, mut missing, mut bad) = (0, 0, 0, None);
    let mut next = None;
    for day in first.series(jiff::Span::new().days(1)).take_while(|d| *d <= last) {
        all += 1;
        match tests.iter().find(|t| t.day == day) {
            Some(test) if test.whole => good += 1,
            Some(test) => bad = Some(test),
            None if time::end_of(day) <= now => missing += 1,
            None => next = next.or(Some(time::end_of(day))),
        }
    }
    let running = now < window.to;
    let next = [next, Some(window.to).filter(|_| running)].into_iter().flatten().min();
    let mut found = Found { next_check: next, ..Found::of(Count { handled: good, all }) };
    if now < window.from {
        return found
            .settled(State::NotYetDue)
            .because(tests.last().map(|t| t.fact), "evidence-channels-before");
    }
    if let Some(test) = bad {
        let why = if test.cut_off { "evidence-channels-cut-off" } else { "evidence-channels-unreached" };
        found = found.because(Some(test.fact), why);
    }
    if missing > 0 {
        found = found.because(None, "evidence-channels-day-missing");
    }
    let whole = found.because.is_empty();
    if whole {
        found = found.because(tests.last().map(|t| t.fact), "evidence-channels-reached");
    }
    let state = match (whole, running) {
        (true, true) => State::NotYetDue,
        (true, false) => State::Met,
        (false, _) if good > 0 => State::Partly,
        (false, _) if bad.is_some() => State::NotMet,
        (false, _) => State::Unknown,
    };
    found.settled(state)
}

/// A contact whom the last test did not reach is a part at most, however many channels were verified once.
pub(super) fn contact(known: &Known, found: Found) -> Found {
    let tests = tests(known);
    let Some(test) = tests.iter().rfind(|t| number(t.fact, "contacts") > 0) else { return found };
    if number(test.fact, "contacts-reached") > 0 {
        return found.because(Some(test.fact), "evidence-contact-reached");
    }
    let handled = found.handled.min(found.all.saturating_sub(1));
    Found { handled, ..found }.because(Some(test.fact), "evidence-contact-unreached")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        fact::Source,
        id::{Id, Uuid},
    };

    fn at(text: &str) -> Timestamp {
        format!("{text}+07:00").parse().unwrap()
    }

    fn window() -> Window {
        Window { from: at("2027-02-05T17:00"), to: at("2027-02-08T08:00") }
    }

    /// A test of a day: so many people reached, of three; one contact, reached or not.
    fn known(tests: &[(&str, u32, u32)]) -> Known {
        let mut known = Known::nothing(window().to);
        for (n, (day, reached, contact)) in tests.iter().enumerate() {
            let when = at(&format!("{day}T09:00"));
            known.facts.push(Fact {
                id: Id::from_uuid(Uuid::from_u128(n as u128 + 1)),
                key: n.to_string(),
                kind: kinds::CHANNELS_TESTED.into(),
                body: Id::from_uuid(Uuid::from_u128(9)),
                subject: "body:9".into(),
                from: when,
                to: when,
                learnt: when.checked_add(jiff::SignedDuration::from_secs(n as i64)).unwrap(),
                source: Source::Audit(0),
                value: json!({ "day": day, "people": 3, "reached": reached, "contacts": 1, "contacts-reached": contact }),
            });
        }
        known
    }

    fn said(tests: &[(&str, u32, u32)], now: &str) -> (Option<State>, u32, u32) {
        let found = sharing(Some(window()), at(now), &known(tests));
        (found.settled, found.handled, found.all)
    }

    const ALL: [(&str, u32, u32); 4] =
        [("2027-02-05", 3, 1), ("2027-02-06", 3, 1), ("2027-02-07", 3, 1), ("2027-02-08", 3, 1)];

    #[test]
    fn every_day_of_the_window_wants_its_test() {
        assert_eq!(said(&ALL, "2027-02-08T08:00"), (Some(State::Met), 4, 4));
        assert_eq!(said(&ALL[..2], "2027-02-06T10:00"), (Some(State::NotYetDue), 2, 4));
        assert_eq!(
            said(&ALL[..2], "2027-02-07T23:59"),
            (Some(State::NotYetDue), 2, 4),
            "the day is not over"
        );
        assert_eq!(said(&ALL[..2], "2027-02-08T00:00"), (Some(State::Partly), 2, 4), "a day without a test");
    }

    #[test]
    fn somebody_nobody_reaches_shows_and_a_later_test_of_the_day_makes_it_good() {
        let bad = [("2027-02-05", 2, 1)];
        assert_eq!(said(&bad, "2027-02-05T18:00"), (Some(State::NotMet), 0, 4));
        let better = [("2027-02-05", 2, 1), ("2027-02-05", 3, 1)];
        assert_eq!(said(&better, "2027-02-05T18:00"), (Some(State::NotYetDue), 1, 4));
    }

    #[test]
    fn a_day_on_which_nobody_above_is_reached_does_not_count() {
        let mut known = known(&ALL[..1]);
        let now = at("2027-02-05T18:00");
        known.facts[0].value["superiors"] = json!(2);
        known.facts[0].value["superiors-reached"] = json!(1);
        assert_eq!(sharing(Some(window()), now, &known).settled, Some(State::NotYetDue));
        known.facts[0].value["superiors-reached"] = json!(0);
        let found = sharing(Some(window()), now, &known);
        assert_eq!((found.settled, found.because.len()), (Some(State::NotMet), 1));
    }

    #[test]
    fn without_a_test_it_is_what_was_handed_in() {
        let found = sharing(Some(window()), at("2027-02-06T10:00"), &known(&[]));
        assert_eq!((found.settled, found.because.len()), (None, 1));
    }

    #[test]
    fn a_contact_whom_the_last_test_did_not_reach_is_a_part() {
        let two = || Found::of(Count { handled: 2, all: 2 });
        assert_eq!(contact(&known(&ALL), two()).handled, 2);
        let lost = [ALL[0], ("2027-02-06", 3, 0)];
        assert_eq!(contact(&known(&lost), two()).handled, 1);
        assert_eq!(contact(&known(&[]), two()).because.len(), 0);
    }
}
