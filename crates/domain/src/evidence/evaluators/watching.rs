//! DUTY and VEND: who is awake, and what providers commit.

use jiff::{SignedDuration, Timestamp};

use super::{Found, answering::reasons, upload};
use crate::{
    evidence::{Known, State},
    fact::{Fact, kinds},
    time::Window,
};

/// Minutes of the window in which somebody was on duty and said so, of all minutes of the body's posts. A covered minute
/// whose check-in is missing is *unknown*. Where a body has no post, or none with a roster published for any part of the
/// window, evidence handed in: there a post is a plan, and whoever handed in papers is not failed for it. Call-outs of
/// missed check-ins and the drill before the window are told beside the minutes and change no state: the minutes do. A
/// test call of a shift that nobody answered does, and so does a shift that went by without an answered one where the order
/// wants one: on the roster, but not shown to be reached, is a part at most.
///
/// `watch-minutes`: watched of all. `watch-past`: handled = minutes uncovered, all = minutes unknown. `watch-posts`:
/// handled = posts held now, all = posts. `watch-empty`: handled = posts without enough people now, all = posts with
/// gaps ahead. `watch-published`: handled = posts with such a roster. `watch-next`: when time alone changes that. `watch-tests`, where
/// test calls are wanted: shifts with an answered one of those that had to have one by now.
pub(super) fn watch(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let known = &within(window, known);
    let (Some(minutes), Some(past), Some(posts), Some(empty), Some(published)) = (
        known.count("watch-minutes"),
        known.count("watch-past"),
        known.count("watch-posts"),
        known.count("watch-empty"),
        known.count("watch-published"),
    ) else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-watch-unknown");
    };
    if posts.all == 0 {
        let mut found = upload(known);
        if found.settled.is_none() && found.handled == 0 {
            found = found.because(None, "evidence-watch-no-post");
        }
        return found;
    }
    if published.handled == 0 {
        return upload(known).because(None, "evidence-watch-no-roster");
    }
    let end = window.map_or(known.due, |w| w.to);
    let begins = window.map(|w| w.from).filter(|from| now < *from);
    let next = [known.times.get("watch-next").copied(), Some(begins.unwrap_or(end)).filter(|at| *at > now)];
    let mut found = Found { next_check: next.into_iter().flatten().min(), ..Found::of(minutes) };
    let published = |f: &Fact| f.kind == kinds::ROSTER_PUBLISHED;
    if begins.is_some() {
        found = Found { handled: 0, ..found }.settled(State::NotYetDue);
        let found = match empty.all {
            0 => reasons(found, known, "evidence-watch-planned", published),
            _ => found.because(None, "evidence-watch-gaps-ahead"),
        };
        return called(found, known);
    }
    let missed = |f: &Fact| f.kind == kinds::CHECK_IN_MISSED;
    if now < end {
        if empty.handled > 0 {
            return found.settled(State::NotMet).because(None, "evidence-watch-empty");
        }
        if posts.handled < posts.all {
            let found = reasons(found.settled(State::Unknown), known, "evidence-watch-silent", missed);
            return called(found, known);
        }
    }
    let running = now < end;
    if past.handled > 0 {
        found = found.because(None, "evidence-watch-uncovered");
    }
    if past.all > 0 {
        found = reasons(found, known, "evidence-watch-unproved", missed);
    }
    let covered = found.because.is_empty();
    let untested = known.count("watch-tests").is_some_and(|tests| tests.handled < tests.all);
    let silent = known.facts.iter().any(|f| came(known, f, "test-call", kinds::CALLOUT_EXPIRED));
    let whole = covered && !untested && !silent;
    if covered {
        let sentence = if running { "evidence-watch-held" } else { "evidence-watch-whole" };
        found = reasons(found, known, sentence, published);
    }
    if untested {
        found = found.because(None, "evidence-watch-untested");
    }
    if known.facts.iter().any(|f| f.kind == kinds::TAKEN_OVER) {
        found = reasons(found, known, "evidence-watch-taken-over", |f| f.kind == kinds::TAKEN_OVER);
    }
    found = called(found, known);
    let state = match (whole, running) {
        (true, true) => State::NotYetDue,
        (true, false) => State::Met,
        // Whoever took a silent watch a moment ago has proved no whole minute yet, and yet somebody is known to be awake.
        (false, true) => State::Partly,
        (false, false) if minutes.handled > 0 => State::Partly,
        (false, _) if past.handled > 0 => State::NotMet,
        (false, _) => State::Unknown,
    };
    found.settled(state)
}

/// A drill so long before the window is one for it: [`crate::roster::terms::Drill`] says when Canh makes its own.
const DRILL_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 14);

/// What is known, without what happened at posts outside of the window. Drills are for a window to come.
fn within(window: Option<Window>, known: &Known) -> Known {
    let mut known = known.clone();
    if let Some(w) = window {
        let drill = |f: &Fact| about(f) == Some("drill") && w.from.duration_since(f.to) <= DRILL_BEFORE;
        known
            .facts
            .retain(|f| !f.subject.starts_with("post:") || (f.from < w.to && (w.from <= f.to || drill(f))));
    }
    known
}

fn about(fact: &Fact) -> Option<&str> {
    fact.value.get("about").and_then(|a| a.as_str())
}

/// Whether that is the last word on a call-out of that reason. Whoever takes one that was given up, or takes one again,
/// has it.
fn came(known: &Known, fact: &Fact, of: &str, kind: &str) -> bool {
    let same = |o: &&Fact| o.value.get("callout") == fact.value.get("callout");
    let ends = |o: &&Fact| [kinds::CALLOUT_TAKEN, kinds::CALLOUT_EXPIRED].contains(&o.kind.as_str());
    let newer = |o: &&Fact| (o.learnt, o.id) > (fact.learnt, fact.id);
    fact.kind == kind
        && about(fact) == Some(of)
        && !known.facts.iter().filter(same).filter(ends).any(|o| newer(&o))
}

/// What came of calling somebody, what is worst first: for missed check-ins, to try whoever has the shift, and to try
/// everybody before the window. A trial that still waits for its answer says nothing yet.
const CALLS: [(&str, &str, &str); 7] = [
    ("check-in", kinds::CALLOUT_EXPIRED, "evidence-watch-unanswered"),
    ("check-in", kinds::CALLOUT_RAISED, "evidence-watch-calling"),
    ("check-in", kinds::CALLOUT_TAKEN, "evidence-watch-answered"),
    ("test-call", kinds::CALLOUT_EXPIRED, "evidence-watch-test-silent"),
    ("test-call", kinds::CALLOUT_TAKEN, "evidence-watch-test-answered"),
    ("drill", kinds::CALLOUT_EXPIRED, "evidence-watch-drill-silent"),
    ("drill", kinds::CALLOUT_TAKEN, "evidence-watch-drill-answered"),
];

/// Says what came of calling somebody.
fn called(mut found: Found, known: &Known) -> Found {
    for (of, kind, sentence) in CALLS {
        let such = |f: &Fact| came(known, f, of, kind);
        if known.facts.iter().any(such) {
            found = reasons(found, known, sentence, such);
        }
    }
    found
}

/// A provider's commitment that covers the whole window, with a licence that outlasts it; beside evidence handed in.
/// Reads facts [`kinds::COMMITTED`] of the body.
pub(super) fn commitment(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let Some(window) = window else { return upload(known) };
    let covers = |f: &&Fact| f.kind == kinds::COMMITTED && f.from <= window.from && window.to <= f.to;
    let Some(fact) = known.facts.iter().filter(covers).max_by_key(|f| (f.learnt, f.id)) else {
        let part = known
            .facts
            .iter()
            .find(|f| f.kind == kinds::COMMITTED && f.from < window.to && window.from < f.to);
        return match part {
            Some(fact) => {
                Found::default().settled(State::Partly).because(Some(fact), "evidence-commitment-part")
            }
            None => upload(known),
        };
    };
    let licence = fact.value.get("licence-to").and_then(|d| d.as_str()).and_then(|d| d.parse().ok());
    match licence {
        Some(last) if crate::time::end_of(last) < window.to => {
            let state = if now < window.to { State::Partly } else { State::NotMet };
            Found::default().settled(state).because(Some(fact), "evidence-commitment-licence-ends")
        }
        Some(_) => Found::default().settled(State::Met).because(Some(fact), "evidence-commitment-whole"),
        None => Found::default().settled(State::Partly).because(Some(fact), "evidence-commitment-no-licence"),
    }
}
