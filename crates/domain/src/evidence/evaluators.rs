//! The evaluators. Later issues replace some by better ones: a change here and in the legal pack, nowhere else.

mod answering;
mod awareness;
mod flaws;
mod hunting;
mod monitoring;
mod reports;
mod sharing;
mod watching;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Because, Count, Known, State};
use crate::{
    counts::Comparison,
    duty::Code,
    fact::{Fact, kinds},
    id::{Id, kind},
    time::{self, Window},
};

/// Which evaluator judges a duty; named in the legal pack, so that it is data which code uses which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluator {
    /// Evidence handed in by a person and accepted by the superior. Reads count `registered-hosts` and, of duties that
    /// count machines, [`Known::machines`].
    Upload,
    /// CONT: a named contact with two verified channels, reached by the last daily test. Reads count `contact-channels`.
    Contact,
    /// LEAD: the head acknowledged.
    Acknowledgement,
    /// CASC: every leaf below acknowledged. Reads count `leaves`.
    Cascade,
    /// SELF: the result arrived before the due time.
    OnTime,
    /// WARN: the letter or warning was read and triaged. Reads count `triage-hosts`.
    Triage,
    /// RPT: the rounds of quick reports. Reads counts `quick-rounds` and `quick-late`.
    Reports,
    /// AWAR: who of a body's recipients of notices committed (and passed the quiz), beside evidence handed in.
    Awareness,
    /// INSP: every body whose visit was planned is inspected, and every finding past its due day is closed by the inspector. Reads [`Known::inspections`];
    /// where no visit is planned, evidence handed in.
    Inspection,
    /// CMPL: the register of requests. Reads counts `requests`, `requests-owed`, `requests-judged` and time
    /// `requests-next`.
    Requests,
    /// ISPF: the entries of filter requests. Reads counts `items`, `items-owed`, `items-judged` and time `items-next`.
    Filtering,
    /// ISPD: minutes known up of all minutes of the window. Reads counts `line-minutes`, `line-past`, `lines-now` and
    /// time `lines-next`.
    Lines,
    /// DUTY: minutes watched of all minutes of the body's posts. Reads counts `watch-minutes`, `watch-past`, `watch-posts`,
    /// `watch-empty`, `watch-published`, `watch-tests` and time `watch-next`; where no post has a roster of the window, evidence handed in.
    Watch,
    /// SHAR: on every day of the window everybody whose channels are tested was reached; without a test, evidence handed
    /// in.
    Sharing,
    /// VREV: hosts judged on fresh inventory. Reads counts `review-hosts`, `flaw-unclear` and [`Known::machines`]; where no host
    /// was judged, evidence handed in.
    Review,
    /// VFIX: hosts on which all is mended. Reads counts `fix-hosts`, `judged-hosts`, `flaw-unclear`; where no host was judged,
    /// evidence handed in.
    Fixing,
    /// VEND: a provider's commitment, its licence and their window.
    Commitment,
    /// MON: minutes each registered system was heard, alerts taken in time. Reads counts `mon-minutes`, `mon-past`,
    /// `mon-systems`, `mon-sourced`, `mon-late` and time `mon-next`; where no system has a source, evidence handed in.
    Monitoring,
    /// LOGS: systems whose logs are kept as long as their level asks. Reads counts `logs-systems`, `logs-unknown` and time
    /// `logs-next`; where no system has a source, evidence handed in.
    Retention,
    /// AVC: machines anti-malware consoles speak of. Reads counts `avc-hosts`, `avc-heard`, time `avc-next` and
    /// [`Known::machines`]; where no console speaks, evidence handed in.
    Consoles,
    /// HUNT: hunts concluded lately. Reads count `hunt-done` and time `hunt-next`; where none was, evidence handed in.
    Hunting,
}

/// The evaluator by its name in the legal pack.
pub fn evaluator(name: &str) -> Option<Evaluator> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// What an evaluator found, before the common rules of [`super::evaluate`] make it a verdict.
#[derive(Default)]
pub(super) struct Found {
    pub handled: u32,
    pub all: u32,
    /// A state the evaluator decides by itself.
    pub settled: Option<State>,
    /// Something was handed in on which nobody has decided: not *not met*, but *unknown*.
    pub undecided: bool,
    pub because: Vec<Because>,
    pub next_check: Option<Timestamp>,
}

impl Found {
    fn of(count: Count) -> Self {
        Self { handled: count.handled, all: count.all, ..Self::default() }
    }
    fn because(mut self, fact: Option<&Fact>, sentence: &str) -> Self {
        self.because.push(Because { fact: fact.map(|f| f.id), sentence: sentence.to_owned() });
        self
    }
    fn because_of(mut self, fact: Option<Id<kind::Fact>>, sentence: &str) -> Self {
        self.because.push(Because { fact, sentence: sentence.to_owned() });
        self
    }
    /// Adds what another source counted.
    fn and(mut self, count: Count) -> Self {
        (self.handled, self.all) = (self.handled + count.handled, self.all + count.all);
        self
    }
    fn settled(mut self, state: State) -> Self {
        self.settled = Some(state);
        self
    }
}

pub(super) fn run(_: &Code, rule: Evaluator, window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    match rule {
        Evaluator::Upload => upload(known),
        Evaluator::Contact => contact(known),
        Evaluator::Acknowledgement => acknowledgement(known),
        Evaluator::Cascade => cascade(known),
        Evaluator::OnTime => on_time(known),
        Evaluator::Triage => triage(known),
        Evaluator::Reports => reports::rounds(known),
        Evaluator::Awareness => awareness::awareness(known),
        Evaluator::Inspection => inspection(known),
        Evaluator::Requests => answering::asked(&answering::REQUESTS, window, now, known),
        Evaluator::Filtering => answering::asked(&answering::ITEMS, window, now, known),
        Evaluator::Lines => answering::lines(window, now, known),
        Evaluator::Watch => watching::watch(window, now, known),
        Evaluator::Sharing => sharing::sharing(window, now, known),
        Evaluator::Review => flaws::review(known),
        Evaluator::Fixing => flaws::fixing(known),
        Evaluator::Commitment => watching::commitment(window, now, known),
        Evaluator::Monitoring => monitoring::monitoring(window, now, known),
        Evaluator::Retention => monitoring::retention(known),
        Evaluator::Consoles => monitoring::consoles(known),
        Evaluator::Hunting => hunting::hunting(known),
    }
}

/// Evidence counts once the superior accepted it; with *handled/all* when the body gave them.
fn upload(known: &Known) -> Found {
    let (accepted, returned) = (known.newest(kinds::ACCEPTED), known.newest(kinds::RETURNED));
    let pending = pending(known);
    if let Some(fact) = accepted {
        let found = accepted_count(fact, known);
        return match pending {
            Some(newer) => found.because(Some(newer), "evidence-awaits-review"),
            None => found,
        };
    }
    if let Some(fact) = pending {
        return Found { undecided: true, ..Found::default() }.because(Some(fact), "evidence-awaits-review");
    }
    match returned {
        Some(fact) => Found::default().because(Some(fact), "evidence-returned"),
        None => Found::default().because(None, "evidence-none"),
    }
}

/// *handled/all* of accepted evidence. The *all* is not only what the body says: where more machines are known to be
/// its own, by the register or by a fresh independent count, those are the *all*, and the gap shows.
fn accepted_count(fact: &Fact, known: &Known) -> Found {
    let more = known.machines.as_ref().and_then(Comparison::more);
    let found = match (counted(fact), more) {
        (None, None) => Found::default().settled(State::Met).because(Some(fact), "evidence-accepted"),
        // Accepted without figures while nobody knows how many machines there are: a part, whatever it says.
        (None, Some(line)) => Found::default()
            .settled(State::Partly)
            .because(Some(fact), "evidence-accepted")
            .because_of(line.fact, "evidence-counts-more"),
        (Some(given), more) => {
            let mut found = Found::of(given).because(Some(fact), "evidence-accepted");
            if let Some(registered) = known.count("registered-hosts").filter(|r| r.all > given.all) {
                found = Found { all: registered.all, ..found }.because(None, "evidence-more-machines-known");
            }
            match known.machines.as_ref().and_then(|m| m.beyond(found.all)) {
                Some(line) => {
                    Found { all: line.machines, ..found }.because_of(line.fact, "evidence-counts-more")
                }
                None => match more {
                    Some(line) => found.because_of(line.fact, "evidence-counts-register-short"),
                    None => found,
                },
            }
        }
    };
    let Some(machines) = &known.machines else { return found };
    let next_check = machines.stale_on.map(time::start_of);
    let found = Found { next_check, ..found };
    if machines.stale() { found.because(None, "evidence-counts-stale") } else { found }
}

/// The newest submission on which no decision has been learnt since.
fn pending(known: &Known) -> Option<&Fact> {
    let submitted = known.newest(kinds::SUBMITTED)?;
    let decided = [kinds::ACCEPTED, kinds::RETURNED].iter().filter_map(|k| known.newest(k)).any(|d| {
        d.learnt >= submitted.learnt && d.value.get("submission") == submitted.value.get("submission")
    });
    (!decided).then_some(submitted)
}

/// *handled/all* as given with the evidence; `None` where nothing is counted.
fn counted(fact: &Fact) -> Option<Count> {
    let number =
        |key| fact.value.get(key).and_then(serde_json::Value::as_u64).and_then(|n| u32::try_from(n).ok());
    match (number("handled"), number("all")) {
        (Some(handled), Some(all)) if all > 0 => Some(Count { handled: handled.min(all), all }),
        _ => None,
    }
}

/// Two verified channels of one named person; fewer is a part.
fn contact(known: &Known) -> Found {
    let Some(count) = known.count("contact-channels") else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-contact-unknown");
    };
    let sentence = match count.handled {
        0 => "evidence-contact-none",
        n if n < count.all => "evidence-contact-one-channel",
        _ => "evidence-contact-verified",
    };
    sharing::contact(known, Found::of(count).because(known.newest(kinds::CHANNEL_VERIFIED), sentence))
}

fn acknowledgement(known: &Known) -> Found {
    match known.oldest(kinds::ACKNOWLEDGED) {
        Some(fact) => Found::default().settled(State::Met).because(Some(fact), "evidence-acknowledged"),
        None => match known.newest(kinds::READ) {
            Some(read) => Found::default().because(Some(read), "evidence-read-not-acknowledged"),
            None => Found::default().because(None, "evidence-not-acknowledged"),
        },
    }
}

/// All leaves below acknowledged, and every broadcast of a bulletin that was asked for has its receipt. A body without
/// sub-bodies and without a bulletin has nothing to pass on.
fn cascade(known: &Known) -> Found {
    awareness::with_bulletins(known, leaves(known))
}

fn leaves(known: &Known) -> Found {
    match known.count("leaves") {
        None => Found { undecided: true, ..Found::default() }.because(None, "evidence-cascade-unknown"),
        Some(Count { all: 0, .. }) => {
            Found::default().settled(State::NotApplicable).because(None, "evidence-no-sub-bodies")
        }
        Some(count) => match known.newest(kinds::PASSED_ON) {
            Some(fact) => Found::of(count).because(Some(fact), "evidence-leaves-acknowledged"),
            // Sub-bodies may also have been addressed directly by the same order.
            None if count.handled > 0 => Found::of(count).because(None, "evidence-leaves-acknowledged"),
            None => Found::of(count).because(None, "evidence-not-passed-on"),
        },
    }
}

/// What counts is that it arrived in time and was not returned since; late is a part, not a whole.
fn on_time(known: &Known) -> Found {
    let Some(first) = known.oldest(kinds::SUBMITTED) else {
        return Found::default().because(None, "evidence-none");
    };
    if let (Some(returned), None) = (known.newest(kinds::RETURNED), pending(known))
        && known.newest(kinds::ACCEPTED).is_none_or(|a| a.learnt < returned.learnt)
    {
        return Found::default().because(Some(returned), "evidence-returned");
    }
    if first.from <= known.due {
        Found::default().settled(State::Met).because(Some(first), "evidence-arrived-in-time")
    } else {
        Found::default().settled(State::Partly).because(Some(first), "evidence-arrived-late")
    }
}

fn triage(known: &Known) -> Found {
    // "Cannot tell yet" is no triage: no data never means fine.
    let told = |f: &&Fact| f.value.get("affected").and_then(|a| a.as_str()) != Some("unknown");
    match (known.newest(kinds::TRIAGED).filter(told), known.newest(kinds::READ)) {
        (Some(fact), _) => Found::default().settled(State::Met).because(Some(fact), "evidence-triaged"),
        (None, _) if flaws::triaged(known) => {
            Found::default().settled(State::Met).because(None, "evidence-triaged-by-machine")
        }
        (None, Some(read)) => Found::default().because(Some(read), "evidence-read-not-triaged"),
        (None, None) => Found::default().because(None, "evidence-not-triaged"),
    }
}

/// Planned bodies that are inspected and have no finding past its due day that is not closed, of those planned. Who plans no visits may still hand in
/// records of them; who has nobody below has nobody to inspect.
fn inspection(known: &Known) -> Found {
    let Some(seen) = known.inspections else { return upload(known) };
    if seen.planned == 0 {
        let handed_in = upload(known);
        let nothing = handed_in.settled.is_none() && !handed_in.undecided && handed_in.all == 0;
        return match (nothing, seen.below) {
            (false, _) => handed_in,
            (true, 0) => {
                Found::default().settled(State::NotApplicable).because(None, "evidence-no-sub-bodies")
            }
            (true, _) => Found::default().because(None, "evidence-inspections-none"),
        };
    }
    let last = known.newest(kinds::INSPECTED);
    let found = Found { handled: seen.clear, all: seen.planned, ..Found::default() };
    let found = match last {
        Some(fact) => found.because(Some(fact), "evidence-inspections-done"),
        None => found.because(None, "evidence-inspections-planned"),
    };
    let found = if seen.overdue > 0 { found.because(None, "evidence-findings-overdue") } else { found };
    let found = if seen.unchecked > 0 { found.because(None, "evidence-findings-unchecked") } else { found };
    Found { next_check: seen.next_due, ..found }
}

#[cfg(test)]
mod tests;
