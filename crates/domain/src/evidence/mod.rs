//! Evidence: contract 6. One pure evaluator per duty code turns what is known into a verdict, never a tick.
//!
//! `evaluate(code, rule, window, now, &known) -> Verdict`. Time alone changes verdicts, so each names the
//! instant at which it must be looked at again. Evaluators see counts and a few facts, never ten thousand rows.

mod evaluators;
mod known;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    evaluators::{Evaluator, evaluator},
    known::{Count, FACTS_MAX, Known},
};
use crate::{
    duty::Code,
    fact::kinds,
    id::{Id, kind},
    right::names,
    time::{self, Window},
};

/// How a duty stands. Shown as icon + word + colour, worst first in this order of [`State::rank`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Chưa đến hạn.
    NotYetDue,
    /// Đạt.
    Met,
    /// Một phần n/m.
    Partly,
    /// Chưa đạt.
    NotMet,
    /// Chưa rõ.
    Unknown,
    /// Không thuộc đối tượng.
    NotApplicable,
    /// Được miễn.
    Excused,
}
names!(State {
    NotYetDue = "not-yet-due", Met = "met", Partly = "partly", NotMet = "not-met",
    Unknown = "unknown", NotApplicable = "not-applicable", Excused = "excused",
} "state");

impl State {
    /// Order of *worst first*: 0 is worst.
    pub const fn rank(self) -> u8 {
        match self {
            State::NotMet => 0,
            State::Unknown => 1,
            State::Partly => 2,
            State::NotYetDue => 3,
            State::Excused => 4,
            State::Met => 5,
            State::NotApplicable => 6,
        }
    }
}

/// One reason of a verdict: a sentence (an id which screens translate) and the fact it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The fact; `None` where the reason is that nothing is known.
    pub fact: Option<Id<kind::Fact>>,
    /// Which sentence: `evidence-…` in the locales.
    pub sentence: String,
}

/// What the evidence says of one duty of one body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// *đã xử lý*.
    pub handled: u32,
    /// *tổng số*; 0 where nothing is counted.
    pub all: u32,
    /// Why.
    pub because: Vec<Because>,
    /// When it must be evaluated again though nothing happens; `None` = only when something happens.
    pub next_check: Option<Timestamp>,
}

/// Evaluates one duty of one body at `now`.
///
/// The common rules stand here once: an excuse in force outranks everything; time before the body received
/// the letter never counts against it (see [`due_for`]); before the due time nothing is *not met*.
pub fn evaluate(
    code: &Code,
    rule: Evaluator,
    window: Option<Window>,
    now: Timestamp,
    known: &Known,
) -> Verdict {
    if let Some(verdict) = excused(now, known) {
        return verdict;
    }
    let Some(received) = known.newest(kinds::RECEIVED) else {
        return Verdict {
            state: State::NotYetDue,
            handled: 0,
            all: 0,
            because: vec![Because { fact: None, sentence: "evidence-not-received".into() }],
            next_check: None,
        };
    };
    let known = &Known { due: due_for(known.due, received.from), ..known.clone() };
    let found = evaluators::run(code, rule, window, now, known);
    let overdue = known.due <= now;
    let state = match found.settled {
        Some(state) => state,
        None if found.all > 0 && found.handled >= found.all => State::Met,
        None if found.handled > 0 => State::Partly,
        None if !overdue => State::NotYetDue,
        None if found.undecided => State::Unknown,
        None => State::NotMet,
    };
    let mut because = found.because;
    if because.is_empty() {
        because.push(Because { fact: Some(received.id), sentence: "evidence-only-received".into() });
    }
    let waits = !overdue && state == State::NotYetDue;
    let next_check = [waits.then_some(known.due), found.next_check].into_iter().flatten().min();
    Verdict { state, handled: found.handled, all: found.all, because, next_check }
}

/// When a duty is due for a body that received it then. A body that gets the letter only after the due time has until
/// the end of the day after: time before it received the letter never counts against it.
pub fn due_for(due: Timestamp, received: Timestamp) -> Timestamp {
    if received < due {
        return due;
    }
    time::date(received).tomorrow().map_or(due, time::end_of)
}

/// The newest excuse, unless it was taken back or has ended.
fn excused(now: Timestamp, known: &Known) -> Option<Verdict> {
    let fact = known.newest(kinds::EXCUSED)?;
    if known.newest(kinds::UNEXCUSED).is_some_and(|back| back.learnt >= fact.learnt) {
        return None;
    }
    let until = fact.value.get("until").and_then(|u| u.as_str()).and_then(|u| u.parse::<Timestamp>().ok());
    if until.is_some_and(|u| u <= now) {
        return None;
    }
    let not_applicable = fact.value.get("kind").and_then(|k| k.as_str()) == Some("not-applicable");
    Some(Verdict {
        state: if not_applicable { State::NotApplicable } else { State::Excused },
        handled: 0,
        all: 0,
        because: vec![Because { fact: Some(fact.id), sentence: "evidence-excused".into() }],
        next_check: until,
    })
}
