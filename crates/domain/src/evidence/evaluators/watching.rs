//! DUTY and VEND: who is awake, and what providers commit.

use jiff::Timestamp;

use super::{Found, answering::reasons, upload};
use crate::{
    evidence::{Known, State},
    fact::{Fact, kinds},
    time::Window,
};

/// Minutes of the window in which somebody was on duty and said so, of all minutes of the body's posts. A covered minute
/// whose check-in is missing is *unknown*. Where a body has no post, evidence handed in.
///
/// `watch-minutes`: watched of all. `watch-past`: handled = minutes uncovered, all = minutes unknown. `watch-posts`:
/// handled = posts held now, all = posts. `watch-empty`: handled = posts without enough people now, all = posts with
/// gaps ahead. `watch-next`: when time alone changes that.
pub(super) fn watch(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let (Some(minutes), Some(past), Some(posts), Some(empty)) = (
        known.count("watch-minutes"),
        known.count("watch-past"),
        known.count("watch-posts"),
        known.count("watch-empty"),
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
            return reasons(found.settled(State::Unknown), known, "evidence-watch-silent", missed);
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
    let state = match (whole, running) {
        (true, true) => State::NotYetDue,
        (true, false) => State::Met,
        (false, _) if minutes.handled > 0 => State::Partly,
        (false, _) if past.handled > 0 => State::NotMet,
        (false, _) => State::Unknown,
    };
    found.settled(state)
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
