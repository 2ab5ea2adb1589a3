//! Each rule of the evaluators, as a story at the minute.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{Count, Evaluator, Known, State, Verdict, evaluate};
use crate::{
    duty::Code,
    fact::{Fact, Source, kinds},
    id::{Id, Uuid},
};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

const DUE: i64 = 100;

struct Story(Known);

impl Story {
    fn new() -> Self {
        Self(Known::nothing(at(DUE))).fact(kinds::RECEIVED, 1, json!({}))
    }
    fn fact(mut self, kind: &str, minute: i64, value: Value) -> Self {
        let n = self.0.facts.len() as u128 + 1;
        self.0.facts.push(Fact {
            id: Id::from_uuid(Uuid::from_u128(n)),
            key: format!("{kind}/{n}"),
            kind: kind.into(),
            body: Id::from_uuid(Uuid::from_u128(9)),
            subject: "task:t".into(),
            from: at(minute),
            to: at(minute),
            learnt: at(minute),
            source: Source::Audit(0),
            value,
        });
        self
    }
    fn count(mut self, name: &'static str, handled: u32, all: u32) -> Self {
        self.0.counts.insert(name, Count { handled, all });
        self
    }
    fn at(&self, rule: Evaluator, minute: i64) -> Verdict {
        evaluate(&Code::new("TEST").unwrap(), rule, None, at(minute), &self.0)
    }
}

#[test]
fn nothing_counts_against_a_body_that_has_not_received_the_letter() {
    let v = evaluate(
        &Code::new("TEST").unwrap(),
        Evaluator::Upload,
        None,
        at(DUE + 50),
        &Known::nothing(at(DUE)),
    );
    assert_eq!(v.state, State::NotYetDue);
}

#[test]
fn an_upload_is_due_then_not_met_and_says_when_to_look_again() {
    let s = Story::new();
    let before = s.at(Evaluator::Upload, 50);
    assert_eq!((before.state, before.next_check), (State::NotYetDue, Some(at(DUE))));
    let after = s.at(Evaluator::Upload, DUE);
    assert_eq!((after.state, after.next_check), (State::NotMet, None));
}

#[test]
fn a_letter_received_after_the_due_time_leaves_until_the_end_of_the_next_day() {
    let mut s = Story::new();
    s.0.facts[0].from = at(DUE + 5);
    // Minute 105 of 1970 is 08:45 of 1 January in Hà Nội; the day after ends at 17:00 UTC of 2 January.
    let end = 24 * 60 + 17 * 60;
    let v = s.at(Evaluator::Upload, DUE + 60);
    assert_eq!((v.state, v.next_check), (State::NotYetDue, Some(at(end))));
    assert_eq!(s.at(Evaluator::Upload, end).state, State::NotMet);
}

#[test]
fn more_machines_known_than_counted_lower_the_state() {
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"})).fact(
        kinds::ACCEPTED,
        60,
        json!({"submission": "a", "handled": 10, "all": 10}),
    );
    assert_eq!(s.at(Evaluator::Upload, 70).state, State::Met);
    let v = s.count("registered-hosts", 0, 15).at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 10, 15));
    assert_eq!(v.because[1].sentence, "evidence-more-machines-known");
}

#[test]
fn accepted_evidence_without_numbers_is_met_and_counts_no_machines() {
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"})).fact(
        kinds::ACCEPTED,
        60,
        json!({"submission": "a"}),
    );
    let v = s.at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.handled, v.all), (State::Met, 0, 0));
}

/// What is known of machines on the day of the stories (1970-01-01).
fn machines(registered: u32, directory: u32, days: u32) -> Option<crate::counts::Comparison> {
    use crate::counts::{Counted, Kind, Rules, Source, compare};
    let day = jiff::civil::date(1970, 1, 1);
    let count = Counted { fact: None, source: Source::Directory, kind: Kind::All, on: day, n: directory };
    let today = day + jiff::Span::new().days(days);
    Some(compare(registered, &[count], today, &Rules::default(), &[]))
}

#[test]
fn registered_3_directory_41_lowers_what_was_accepted() {
    let accepted = |value: Value| {
        let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"}));
        s.fact(kinds::ACCEPTED, 60, value)
    };
    let whole = json!({"submission": "a", "handled": 3, "all": 3});
    let mut s = accepted(whole).count("registered-hosts", 0, 3);
    assert_eq!(s.at(Evaluator::Upload, 70).state, State::Met);
    s.0.machines = machines(3, 41, 0);
    let v = s.at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 3, 41));
    assert_eq!(v.because.last().unwrap().sentence, "evidence-counts-more");
    assert_eq!(v.next_check, Some("1970-04-02T00:00:00+07:00".parse().unwrap()), "the count grows old");
    s.0.machines = machines(3, 41, 91);
    let v = s.at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.all, v.next_check), (State::Met, 3, None));
    assert_eq!(v.because.last().unwrap().sentence, "evidence-counts-stale");

    // Without figures nobody can tell how many of the 41 were handled.
    let mut s = accepted(json!({"submission": "a"}));
    s.0.machines = machines(3, 41, 0);
    assert_eq!((s.at(Evaluator::Upload, 70).state, s.at(Evaluator::Upload, 70).all), (State::Partly, 0));
    s.0.machines = machines(40, 41, 0);
    assert_eq!(s.at(Evaluator::Upload, 70).state, State::Met);

    // Who handled all forty-one has done it, though the register is short.
    let mut s = accepted(json!({"submission": "a", "handled": 41, "all": 41}));
    s.0.machines = machines(3, 41, 0);
    let v = s.at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.all), (State::Met, 41));
    assert_eq!(v.because.last().unwrap().sentence, "evidence-counts-register-short");
}

#[test]
fn an_upload_waiting_for_review_is_unknown_not_failed() {
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"}));
    assert_eq!(s.at(Evaluator::Upload, 60).state, State::NotYetDue);
    assert_eq!(s.at(Evaluator::Upload, DUE + 1).state, State::Unknown);
}

#[test]
fn accepted_evidence_with_a_count_is_partly_met() {
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"})).fact(
        kinds::ACCEPTED,
        60,
        json!({"submission": "a", "handled": 88, "all": 143}),
    );
    let v = s.at(Evaluator::Upload, 70);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 88, 143));
    let s = s.fact(kinds::SUBMITTED, 80, json!({"submission": "b"})).fact(
        kinds::ACCEPTED,
        90,
        json!({"submission": "b", "handled": 143, "all": 143}),
    );
    assert_eq!(s.at(Evaluator::Upload, 95).state, State::Met);
}

#[test]
fn returned_evidence_is_not_met_once_due() {
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"})).fact(
        kinds::RETURNED,
        60,
        json!({"submission": "a", "reason": "illegible"}),
    );
    assert_eq!(s.at(Evaluator::Upload, 70).because[0].sentence, "evidence-returned");
    assert_eq!(s.at(Evaluator::Upload, DUE).state, State::NotMet);
}

#[test]
fn an_excuse_outranks_until_it_ends_or_is_taken_back() {
    let s = Story::new().fact(kinds::EXCUSED, 10, json!({"kind": "excused", "until": at(150).to_string()}));
    let v = s.at(Evaluator::Upload, 120);
    assert_eq!((v.state, v.next_check), (State::Excused, Some(at(150))));
    assert_eq!(s.at(Evaluator::Upload, 150).state, State::NotMet);
    let s = s.fact(kinds::UNEXCUSED, 20, json!({}));
    assert_eq!(s.at(Evaluator::Upload, 120).state, State::NotMet);
    let s = Story::new().fact(kinds::EXCUSED, 10, json!({"kind": "not-applicable"}));
    assert_eq!(s.at(Evaluator::Upload, 9_999).state, State::NotApplicable);
}

#[test]
fn a_contact_needs_two_verified_channels() {
    assert_eq!(Story::new().at(Evaluator::Contact, DUE).state, State::Unknown);
    assert_eq!(Story::new().count("contact-channels", 0, 2).at(Evaluator::Contact, DUE).state, State::NotMet);
    assert_eq!(Story::new().count("contact-channels", 1, 2).at(Evaluator::Contact, 5).state, State::Partly);
    assert_eq!(Story::new().count("contact-channels", 2, 2).at(Evaluator::Contact, 5).state, State::Met);
}

#[test]
fn the_head_acknowledges() {
    assert_eq!(Story::new().at(Evaluator::Acknowledgement, DUE).state, State::NotMet);
    let s = Story::new().fact(kinds::ACKNOWLEDGED, DUE + 5, json!({}));
    assert_eq!(s.at(Evaluator::Acknowledgement, DUE + 6).state, State::Met);
}

#[test]
fn a_cascade_counts_leaves_and_a_leaf_has_none() {
    let leaf = Story::new().count("leaves", 0, 0);
    assert_eq!(leaf.at(Evaluator::Cascade, DUE).state, State::NotApplicable);
    let silent = Story::new().count("leaves", 0, 12);
    assert_eq!(silent.at(Evaluator::Cascade, DUE).state, State::NotMet);
    let passed = Story::new().fact(kinds::PASSED_ON, 5, json!({})).count("leaves", 7, 12);
    let v = passed.at(Evaluator::Cascade, 6);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 7, 12));
}

#[test]
fn a_result_in_time_is_met_and_a_late_one_only_partly() {
    let s = Story::new().fact(kinds::SUBMITTED, DUE, json!({"submission": "a"}));
    assert_eq!(s.at(Evaluator::OnTime, DUE + 1).state, State::Met);
    let s = Story::new().fact(kinds::SUBMITTED, DUE + 1, json!({"submission": "a"}));
    assert_eq!(s.at(Evaluator::OnTime, DUE + 2).state, State::Partly);
    let s = Story::new().fact(kinds::SUBMITTED, 10, json!({"submission": "a"})).fact(
        kinds::RETURNED,
        20,
        json!({"submission": "a"}),
    );
    assert_eq!(s.at(Evaluator::OnTime, DUE).state, State::NotMet);
}

#[test]
fn a_warning_is_triaged() {
    assert_eq!(Story::new().at(Evaluator::Triage, DUE).state, State::NotMet);
    let s = Story::new().fact(kinds::TRIAGED, 5, json!({"affected": false}));
    assert_eq!(s.at(Evaluator::Triage, 6).state, State::Met);
    let s = Story::new().fact(kinds::TRIAGED, 5, json!({"affected": "unknown"}));
    assert_ne!(s.at(Evaluator::Triage, 6).state, State::Met, "cannot tell yet");
}

/// RPT: twelve rounds came due; the state follows the worst of them, the figure those in time.
#[test]
fn rounds_in_time_late_and_missing() {
    let story = |in_time, late, all| {
        Story::new()
            .fact(kinds::QUICK_REPORT, 10, json!({"late": late > 0, "nil": true}))
            .count("quick-rounds", in_time, all)
            .count("quick-late", late, all)
    };
    let judged = |in_time, late, all| {
        let v = story(in_time, late, all).at(Evaluator::Reports, 50);
        (v.state, v.handled, v.all, v.because[0].sentence.clone())
    };
    assert_eq!(judged(0, 0, 0), (State::NotYetDue, 0, 0, "evidence-quick-first-in".into()));
    assert_eq!(judged(12, 0, 12), (State::Met, 12, 12, "evidence-quick-in-time".into()));
    assert_eq!(judged(10, 2, 12), (State::Partly, 10, 12, "evidence-quick-late".into()));
    assert_eq!(judged(10, 1, 12), (State::NotMet, 10, 12, "evidence-quick-missing".into()));
    assert_eq!(judged(0, 0, 1), (State::NotMet, 0, 1, "evidence-quick-missing".into()));
    let mut waits = story(12, 0, 12);
    waits.0.again = Some(at(70));
    assert_eq!(
        waits.at(Evaluator::Reports, 50).next_check,
        Some(at(70)),
        "looked at again at the next due time"
    );
    assert_eq!(
        waits.at(Evaluator::Reports, DUE + 50).state,
        State::Met,
        "past the duty's own due time as well"
    );
}

#[test]
fn without_rounds_reports_are_judged_by_what_is_handed_in() {
    let story = Story::new().fact(kinds::SUBMITTED, 5, json!({"submission": "s"}));
    assert_eq!(story.at(Evaluator::Reports, DUE + 1).state, State::Unknown);
    let story = story.fact(kinds::ACCEPTED, 6, json!({"submission": "s"}));
    assert_eq!(story.at(Evaluator::Reports, DUE + 1).state, State::Met);
}

#[test]
fn without_a_notice_awareness_is_what_people_hand_in() {
    assert_eq!(Story::new().at(Evaluator::Awareness, 50).state, State::NotYetDue);
    assert_eq!(Story::new().at(Evaluator::Awareness, DUE).state, State::NotMet);
    let s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"}));
    assert_eq!(s.at(Evaluator::Awareness, DUE).state, State::Unknown);
    let s = s.fact(kinds::ACCEPTED, 60, json!({"submission": "a"}));
    assert_eq!(s.at(Evaluator::Awareness, DUE).state, State::Met);
}

#[test]
fn notices_count_who_committed_or_passed() {
    let s = Story::new().fact(kinds::NOTICE_TALLY, 10, json!({"handled": 0, "all": 40, "asked": 0}));
    assert_eq!(s.at(Evaluator::Awareness, 20).state, State::NotYetDue);
    assert_eq!(s.at(Evaluator::Awareness, DUE).state, State::NotMet);
    let s = s.fact(kinds::NOTICE_TALLY, 11, json!({"handled": 12, "all": 20, "asked": 20}));
    let v = s.at(Evaluator::Awareness, DUE);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 12, 60));
    let said: Vec<_> = v.because.iter().map(|b| b.sentence.as_str()).collect();
    assert_eq!(said, ["evidence-notice-committed", "evidence-notice-passed"]);
    let s = Story::new().fact(kinds::NOTICE_TALLY, 10, json!({"handled": 40, "all": 40, "asked": 0}));
    assert_eq!(s.at(Evaluator::Awareness, 20).state, State::Met);
}

#[test]
fn who_is_excused_from_a_notice_is_not_waited_for() {
    let s =
        Story::new().fact(kinds::NOTICE_TALLY, 10, json!({"handled": 3, "all": 3, "excused": 2, "asked": 0}));
    assert_eq!(s.at(Evaluator::Awareness, DUE).state, State::Met);
    // Nobody is left: neither met nor not met.
    let s =
        Story::new().fact(kinds::NOTICE_TALLY, 10, json!({"handled": 0, "all": 0, "excused": 2, "asked": 0}));
    let v = s.at(Evaluator::Awareness, DUE);
    assert_eq!((v.state, v.because[0].sentence.as_str()), (State::Excused, "evidence-notice-excused"));
}

#[test]
fn accepted_evidence_beside_a_notice_never_hides_who_is_missing() {
    let s = Story::new()
        .fact(kinds::NOTICE_TALLY, 10, json!({"handled": 0, "all": 40, "asked": 0}))
        .fact(kinds::SUBMITTED, 50, json!({"submission": "a"}))
        .fact(kinds::ACCEPTED, 60, json!({"submission": "a"}));
    let v = s.at(Evaluator::Awareness, DUE);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 0, 40));
}

#[test]
fn a_cascade_with_a_bulletin_needs_its_broadcasts() {
    let leaf = Story::new().count("leaves", 0, 0);
    let asked = leaf.fact(kinds::BULLETIN_TALLY, 10, json!({"handled": 1, "all": 6}));
    let v = asked.at(Evaluator::Cascade, DUE);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 1, 6));
    let silent =
        Story::new().count("leaves", 0, 0).fact(kinds::BULLETIN_TALLY, 10, json!({"handled": 0, "all": 6}));
    assert_eq!(silent.at(Evaluator::Cascade, DUE).state, State::NotMet);
    let above = Story::new().fact(kinds::PASSED_ON, 5, json!({})).count("leaves", 12, 12).fact(
        kinds::BULLETIN_TALLY,
        10,
        json!({"handled": 11, "all": 12}),
    );
    let v = above.at(Evaluator::Cascade, DUE);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 23, 24));
}

#[test]
fn inspections_count_bodies_planned_and_an_overdue_finding_lowers_them() {
    use crate::inspection;
    let mut s = Story::new();
    let mut at_with = |seen: inspection::Known, minute| {
        s.0.inspections = Some(seen);
        s.at(Evaluator::Inspection, minute)
    };
    let below = inspection::Known { below: 3, ..Default::default() };
    assert_eq!(at_with(below, 50).state, State::NotYetDue);
    assert_eq!(at_with(below, DUE + 1).state, State::NotMet, "nothing planned");
    assert_eq!(at_with(inspection::Known::default(), 50).state, State::NotApplicable, "nobody below");
    let some = inspection::Known {
        planned: 3,
        done: 2,
        clear: 1,
        overdue: 1,
        unchecked: 0,
        next_due: Some(at(80)),
        below: 3,
    };
    let v = at_with(some, 50);
    assert_eq!((v.state, v.handled, v.all, v.next_check), (State::Partly, 1, 3, Some(at(80))));
    assert!(v.because.iter().any(|b| b.sentence == "evidence-findings-overdue"));
    assert!(v.because.iter().all(|b| b.sentence != "evidence-findings-unchecked"));
    // What is said to be put right stays open until the inspector has looked.
    let said =
        inspection::Known { planned: 3, done: 3, clear: 2, unchecked: 1, below: 3, ..Default::default() };
    let v = at_with(said, DUE + 1);
    assert_eq!((v.state, v.handled, v.all), (State::Partly, 2, 3));
    assert!(v.because.iter().any(|b| b.sentence == "evidence-findings-unchecked"));
    let all = inspection::Known { planned: 3, done: 3, clear: 3, below: 3, ..Default::default() };
    assert_eq!(at_with(all, 50).state, State::Met);
    // Who plans nothing here may hand in the records.
    let mut s = Story::new().fact(kinds::SUBMITTED, 50, json!({"submission": "a"})).fact(
        kinds::ACCEPTED,
        60,
        json!({"submission": "a"}),
    );
    s.0.inspections = Some(below);
    assert_eq!(s.at(Evaluator::Inspection, 70).state, State::Met);
}

/// A post whose roster is published, all of whose hundred minutes were watched until now.
fn watched(published: u32) -> Story {
    let story = Story::new().count("watch-minutes", 100, 100).count("watch-past", 0, 0);
    let story = story.count("watch-posts", 1, 1).count("watch-empty", 0, 0);
    story.count("watch-published", published, 1)
}

#[test]
fn a_post_without_a_published_roster_is_a_plan_and_papers_count_as_before() {
    let says = |v: &Verdict, id: &str| v.because.iter().any(|b| b.sentence == id);
    let papers = |story: Story| {
        let v = story.at(Evaluator::Watch, DUE - 1);
        assert!(says(&v, "evidence-watch-no-roster") && v.state == State::NotYetDue, "{v:?}");
        let handed = story.fact(kinds::SUBMITTED, 20, json!({})).fact(kinds::ACCEPTED, 30, json!({}));
        handed.at(Evaluator::Watch, DUE + 1)
    };
    // Nobody is on duty there, and nothing of it is held against who handed in papers.
    let empty =
        watched(0).count("watch-minutes", 0, 100).count("watch-past", 100, 0).count("watch-empty", 1, 0);
    assert_eq!(
        empty.at(Evaluator::Watch, DUE + 1).state,
        State::NotMet,
        "without papers it is not met once due"
    );
    let v = papers(empty);
    assert_eq!(v.state, State::Met, "{v:?}");
    assert!(says(&v, "evidence-watch-no-roster"), "and it says why the roster says nothing: {v:?}");
    // A published roster is believed, papers or not.
    let silent = watched(1).count("watch-minutes", 0, 100).count("watch-past", 0, 100);
    let handed = silent.fact(kinds::SUBMITTED, 20, json!({})).fact(kinds::ACCEPTED, 30, json!({}));
    let v = handed.at(Evaluator::Watch, DUE + 1);
    assert_eq!(v.state, State::Unknown, "{v:?}");
    assert!(!says(&v, "evidence-watch-no-roster"));
}

#[test]
fn a_silent_watch_that_somebody_took_this_minute_is_no_longer_unknown() {
    let taken = watched(1).count("watch-minutes", 0, 100).count("watch-past", 0, 3);
    assert_eq!(taken.at(Evaluator::Watch, DUE - 1).state, State::Partly);
    assert_eq!(taken.at(Evaluator::Watch, DUE + 1).state, State::Unknown, "over, and nothing was proved");
    let silent = taken.count("watch-posts", 0, 1);
    assert_eq!(silent.at(Evaluator::Watch, DUE - 1).state, State::Unknown);
}

#[test]
fn what_came_of_calling_somebody_stands_beside_the_minutes() {
    let told = |story: &Story| {
        let v = story.at(Evaluator::Watch, DUE + 1);
        assert_eq!(v.state, State::Met, "calls change no state: {v:?}");
        let of = |b: &&super::super::Because| b.fact.is_some();
        v.because.iter().filter(of).map(|b| b.sentence.clone()).collect::<Vec<_>>()
    };
    let of = |callout: &str| json!({ "callout": callout, "about": "check-in" });
    let other = json!({ "callout": "d", "about": "drill" });
    let story = watched(1).fact(kinds::CALLOUT_RAISED, 20, other);
    assert_eq!(told(&story), [""; 0], "a drill says nothing of the watch");
    let story = story.fact(kinds::CALLOUT_RAISED, 30, of("a"));
    assert_eq!(told(&story), ["evidence-watch-calling"]);
    let story = story.fact(kinds::CALLOUT_EXPIRED, 40, of("a")).fact(kinds::CALLOUT_RAISED, 50, of("b"));
    assert_eq!(told(&story), ["evidence-watch-unanswered", "evidence-watch-calling"]);
    let story = story.fact(kinds::CALLOUT_TAKEN, 60, of("b")).fact(kinds::CALLOUT_TAKEN, 61, of("a"));
    assert_eq!(told(&story), ["evidence-watch-answered", "evidence-watch-answered"], "in the end both");
    let drill = json!({ "callout": "d", "about": "drill" });
    let story = story.fact(kinds::CALLOUT_TAKEN, 70, drill);
    assert_eq!(told(&story).last().unwrap(), "evidence-watch-drill-answered");
    let story = story.fact(kinds::CALLOUT_EXPIRED, 80, json!({ "callout": "e", "about": "drill" }));
    assert!(told(&story).contains(&"evidence-watch-drill-silent".to_owned()));
}

#[test]
fn a_test_call_that_nobody_answers_makes_a_watched_window_a_part() {
    let of = |callout: &str| json!({ "callout": callout, "about": "test-call" });
    let says = |v: &Verdict, id: &str| v.because.iter().any(|b| b.sentence == id);
    let story = watched(1).fact(kinds::CALLOUT_RAISED, 20, of("a")).fact(kinds::CALLOUT_TAKEN, 30, of("a"));
    let v = story.at(Evaluator::Watch, DUE + 1);
    assert!(v.state == State::Met && says(&v, "evidence-watch-test-answered"), "{v:?}");
    let story = story.fact(kinds::CALLOUT_RAISED, 40, of("b"));
    assert_eq!(story.at(Evaluator::Watch, DUE + 1).state, State::Met, "still being called");
    let story = story.fact(kinds::CALLOUT_EXPIRED, 50, of("b"));
    let v = story.at(Evaluator::Watch, DUE + 1);
    assert!(v.state == State::Partly && says(&v, "evidence-watch-test-silent"), "{v:?}");
    let v = story.fact(kinds::CALLOUT_TAKEN, 60, of("b")).at(Evaluator::Watch, DUE + 1);
    assert!(v.state == State::Met && !says(&v, "evidence-watch-test-silent"), "answered in the end: {v:?}");
}

#[test]
fn a_shift_that_went_by_without_an_answered_test_call_makes_a_watched_window_a_part() {
    let says = |v: &Verdict| v.because.iter().any(|b| b.sentence == "evidence-watch-untested");
    let told = |handled, all, at| {
        let v = watched(1).count("watch-tests", handled, all).at(Evaluator::Watch, at);
        (v.state, says(&v), (v.handled, v.all))
    };
    assert_eq!(told(0, 0, DUE + 1), (State::Met, false, (100, 100)), "no shift had to have one");
    assert_eq!(told(3, 3, DUE + 1), (State::Met, false, (100, 100)));
    assert_eq!(told(2, 3, DUE + 1), (State::Partly, true, (100, 100)));
    assert_eq!(told(2, 3, DUE - 1), (State::Partly, true, (100, 100)), "also while the window runs");
    // What is worse stays worse.
    let silent =
        watched(1).count("watch-tests", 0, 1).count("watch-minutes", 0, 100).count("watch-past", 0, 100);
    assert_eq!(silent.at(Evaluator::Watch, DUE + 1).state, State::Unknown);
}
