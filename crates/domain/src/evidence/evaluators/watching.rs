//! DUTY and VEND: who is awake, and what providers commit.

use jiff::Timestamp;

use super::{Found, answering::reasons, upload};
use crate::{
    evidence::{Known, State},
    fact::{Fact, kinds},
    time::Window,
};

/// Minutes of the window in which somebody was on duty and said so, of all minutes of the body's posts. A covered minute
/// whose check-in is missing is *unknown*. Where a body has no post, or none with a roster published for any part of the
/// window, evidence handed in: there a post is a plan, and whoever handed in papers is not failed for it. Call-outs of
/// missed check-ins are told beside the minutes and change no state: the minutes do.
///
/// `watch-minutes`: watched of all. `watch-past`: handled = minutes uncovered, all = minutes unknown. `watch-posts`:
/// handled = posts held now, all = posts. `watch-empty`: handled = posts without enough people now, all = posts with
/// gaps ahead. `watch-published`: handled = posts with such a roster. `watch-next`: when time alone changes that.
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
        return match empty.all {
            0 => reasons(found, known, "evidence-watch-planned", published),
            _ => found.because(None, "evidence-watch-gaps-ahead"),
        };
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
    let whole = found.because.is_empty();
    if whole {
        let sentence = if running { "evidence-watch-held" } else { "evidence-watch-whole" };
        found = reasons(found, known, sentence, published);
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

/// What is known, without what happened at posts outside of the window.
fn within(window: Option<Window>, known: &Known) -> Known {
    let mut known = known.clone();
    if let Some(w) = window {
        known.facts.retain(|f| !f.subject.starts_with("post:") || (f.from < w.to && w.from <= f.to));
    }
    known
}

/// What came of calling somebody for missed check-ins: who took it, what nobody took, what is being called now.
fn called(mut found: Found, known: &Known) -> Found {
    let of = |kind: &'static str| {
        move |f: &Fact| f.kind == kind && f.value.get("about").and_then(|a| a.as_str()) == Some("check-in")
    };
    // Whoever takes one that was given up, or takes one again, has the last word.
    let last = |f: &Fact| {
        let same = |o: &&Fact| o.value.get("callout") == f.value.get("callout");
        let ends = |o: &&Fact| [kinds::CALLOUT_TAKEN, kinds::CALLOUT_EXPIRED].contains(&o.kind.as_str());
        let newer = |o: &&Fact| (o.learnt, o.id) > (f.learnt, f.id);
        !known.facts.iter().filter(same).filter(ends).any(|o| newer(&o))
    };
    for (kind, sentence) in [
        (kinds::CALLOUT_EXPIRED, "evidence-watch-unanswered"),
        (kinds::CALLOUT_RAISED, "evidence-watch-calling"),
        (kinds::CALLOUT_TAKEN, "evidence-watch-answered"),
    ] {
        let such = |f: &Fact| of(kind)(f) && last(f);
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
